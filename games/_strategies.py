"""Scripted strategies for repeated matrix games: opponents to train against and to measure with.

Each is a function `(game, state, key) -> action` of one state, for the player to move. Which action is to
cooperate and which to defect the table of the game tells (`NormalForm.dilemma`). In the first round they
cooperate, unless they say otherwise.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError, nearest
from jaxplay.games._normal_forms import NAMED

COOPERATE, DEFECT = 0, 1
"""Places in `NormalForm.dilemma`."""
GENEROSITY = 1 / 3
"""How often `generous_tit_for_tat` forgives: best at the payoffs 5, 3, 1, 0 (Nowak and Sigmund 1992)."""

Strategy = Callable[[Any, Any, Array], Array]


def _last(game: Any, state: Any) -> tuple[Array, Array]:
    """What the player to move and the next one did in the last round, `()` int8 each; -1 in the first."""
    mover = state.current_player
    return state.past[-1][mover], state.past[-1][(mover + 1) % game.num_players]


def _choice(game: Any, defects: Array | bool) -> Array:
    """`()` int32: to defect, or to cooperate."""
    return jnp.where(defects, *(jnp.int32(game.form.dilemma[i]) for i in (DEFECT, COOPERATE)))


def cooperate(game: Any, state: Any, key: Array) -> Array:
    """Always cooperate."""
    return _choice(game, False)


def defect(game: Any, state: Any, key: Array) -> Array:
    """Always defect."""
    return _choice(game, True)


def tit_for_tat(game: Any, state: Any, key: Array) -> Array:
    """Do what the opponent did in the last round (Axelrod 1984)."""
    return _choice(game, _last(game, state)[1] == game.form.dilemma[DEFECT])


def suspicious_tit_for_tat(game: Any, state: Any, key: Array) -> Array:
    """Tit for tat that begins with a defection: whoever forgives it finds a cooperator."""
    return jnp.where(state.round == 0, defect(game, state, key), tit_for_tat(game, state, key))


def tit_for_two_tats(game: Any, state: Any, key: Array) -> Array:
    """Defect only after the opponent has defected in the last two rounds (Axelrod 1984)."""
    opponent = (state.current_player + 1) % game.num_players
    last = state.past[-2:, opponent] == game.form.dilemma[DEFECT]
    return _choice(game, last.all() & (last.size == 2))


def generous_tit_for_tat(game: Any, state: Any, key: Array) -> Array:
    """Tit for tat that forgives a third of the time (Nowak and Sigmund 1992)."""
    forgives = jax.random.uniform(key) < GENEROSITY
    return jnp.where(forgives, cooperate(game, state, key), tit_for_tat(game, state, key))


def grim_trigger(game: Any, state: Any, key: Array) -> Array:
    """Cooperate until the opponent has defected in a round that is remembered; then defect."""
    opponent = (state.current_player + 1) % game.num_players
    return _choice(game, (state.past[:, opponent] == game.form.dilemma[DEFECT]).any())


def win_stay_lose_shift(game: Any, state: Any, key: Array) -> Array:
    """Cooperate if both did the same in the last round, which is to change after a bad one (Pavlov, 1993)."""
    mine, theirs = _last(game, state)
    return _choice(game, mine != theirs)


def alternate(game: Any, state: Any, key: Array) -> Array:
    """The first two actions in turn: fair in the battle of the sexes; to cooperate first in a dilemma."""
    first, second = game.form.dilemma or (0, 1)
    return jnp.where(state.round % 2 == 0, jnp.int32(first), jnp.int32(second))


STRATEGIES: dict[str, Strategy] = {
    strategy.__name__: strategy
    for strategy in (
        cooperate,
        defect,
        tit_for_tat,
        suspicious_tit_for_tat,
        tit_for_two_tats,
        generous_tit_for_tat,
        grim_trigger,
        win_stay_lose_shift,
        alternate,
    )
}
"""By name."""


@functools.cache
def scripted(game: Any, strategy: str | Strategy) -> Callable[[Any, Array, Any], Array]:
    """A strategy as a player: `act(params, key, states)` gives an action for each of a batch of states.

    Args:
        game: a matrix game of two players, whose table says what it is to cooperate.
        strategy: the name of one of `STRATEGIES`, or a function like them.

    Returns:
        `(params, key, states (B, ...)) -> (B,) int32`; it has no parameters, so that `params` may be None.

    Raises:
        UserError: no such strategy, not two players, or a table in which nobody can cooperate.
    """
    if isinstance(strategy, str) and strategy not in STRATEGIES:
        raise UserError(f"no strategy {strategy!r}{nearest(strategy, STRATEGIES)}")
    if game.num_players != 2:
        raise UserError(f"strategies are for two players; this game has {game.num_players}")
    chosen = STRATEGIES[strategy] if isinstance(strategy, str) else strategy
    if not game.form.dilemma and chosen is not alternate:
        known = ", ".join(name for name, form in NAMED.items() if form.dilemma)
        raise UserError(
            f"strategies need a table in which to cooperate, better for both than to defect; allowed: {known}"
        )

    def act(params: Any, key: Array, states: Any) -> Array:
        keys = jax.random.split(key, states.current_player.shape[0])
        return jax.vmap(lambda state, key: chosen(game, state, key))(states, keys)

    return act
