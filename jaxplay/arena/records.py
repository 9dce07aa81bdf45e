"""Games move by move, as they are shown and kept."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from jaxplay.arena.arena import Player, check_match
from jaxplay.arena.batches import Choose, in_batches
from jaxplay.arena.result import ArenaResult, summarise
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, random_action, sample_outcome

CHANCE_ACTIONS = 8
"""Chance outcomes that fit into a record for each decision; a game with more of them is cut."""


class Record(NamedTuple):
    """One game from its first state."""

    actions: tuple[int, ...]
    """Decisions and chance outcomes in order."""
    moves: tuple[str, ...]
    """The same in the game's notation; an outcome of chance is in brackets."""
    returns: tuple[float, ...]
    """Sum of rewards of each player."""
    terminated: bool
    """False: cut at the bound of plies."""
    final: str
    """The last position, drawn."""


def record_games(
    game: Game[Any], choose: Choose, key: Array, num_games: int, opening_plies: ArrayLike = 0
) -> list[Record]:
    """Let a player meet itself.

    Args:
        game: what is played.
        choose: who plays, for all seats.
        key: all randomness.
        num_games: games at once.
        opening_plies: random decisions before the player takes over, `()` or `(num_games,)` int; one that
            would end the game is not made.
    """
    opening = np.broadcast_to(np.asarray(opening_plies), num_games)
    return _record(game, choose, key, opening, 1)[0]


def record_match(
    game: Game[Any], first: Player, second: Player, key: Array, num_games: int, opening_plies: int = 0
) -> tuple[ArenaResult, list[Record]]:
    """Let two players meet by the rules of the arena, and keep all games.

    Args:
        game: for two.
        first: whose result it is; in seat 0 in games 0, 2, 4, ..., in seat 1 in the others.
        second: the opponent.
        key: all randomness of openings, chance and players.
        num_games: an even number; games 2 i and 2 i + 1 have the same opening and the same luck.
        opening_plies: random decisions before the players take over.

    Raises:
        UserError: not a game for two, an odd number of games, or an illegal action.
    """
    check_match(game, 2, num_games)
    opening = np.full(num_games, opening_plies)
    records, plies = _record(game, _in_turn(game, (first, second), num_games), key, opening, 2)
    truncated = np.array([not record.terminated for record in records])
    returns = np.array([record.returns for record in records])
    returns[truncated & game.zero_sum] = 0.0
    seat = np.arange(num_games) % 2
    return summarise((first.name, second.name), seat, returns, plies, truncated), records


def _in_turn(game: Game[Any], players: tuple[Player, Player], num_games: int) -> Choose:
    """Each player is asked about the games in which it is to move."""
    ask = [in_batches(player, num_games // 2) for player in players]
    seat = np.arange(num_games) % 2

    def choose(key: Array, states: Any) -> np.ndarray:
        actions = np.zeros(num_games, np.int32)
        for number, player in enumerate(players):
            mover = states.current_player
            rows = np.flatnonzero(~states.terminated & (mover != CHANCE) & ((mover - seat) % 2 == number))
            if rows.size:
                part = jax.tree.map(lambda leaf, rows=rows: leaf[rows], states)
                actions[rows] = ask[number](jax.random.fold_in(key, number), part)
                if not part.legal_action_mask[np.arange(rows.size), actions[rows]].all():
                    raise UserError(f"player {player.name!r} chose an illegal action")
        return actions

    return choose


def _record(
    game: Game[Any], choose: Choose, key: Array, opening: np.ndarray, alike: int
) -> tuple[list[Record], np.ndarray]:
    """Games, and the decisions `(G,)` made in each; so many in a row are `alike` in opening and luck."""
    num_games = len(opening)
    key_begin, key_play = jax.random.split(key)
    states = jax.device_get(_begin(game, _keys(key_begin, num_games, alike)))
    lines = [_Line((), (), states.rewards[i]) for i in range(num_games)]
    plies, tried = np.zeros(num_games, int), np.zeros(num_games, int)
    most = game.max_plies * (CHANCE_ACTIONS if game.num_chance_outcomes else 1) + opening.max(initial=0)
    for count in range(most):
        alive = ~states.terminated & (plies < game.max_plies)
        if not alive.any():
            break
        at_random, by_chance = tried < opening, states.current_player == CHANCE
        key_now = jax.random.fold_in(key_play, count)
        chosen = _choose(game, choose, key_now, states, at_random, alike)
        before = states
        states, moved = jax.device_get(_step(game, states, chosen, alive, at_random & ~by_chance))
        plies, tried = plies + (moved & ~by_chance), tried + (alive & ~by_chance)
        for i in map(int, np.flatnonzero(moved)):
            action = int(chosen[i])
            name = _name(game, _one(before, i), action, by_chance=bool(by_chance[i]))
            lines[i] = lines[i].after(action, name, states.rewards[i])
    return [line.record(game, _one(states, i)) for i, line in enumerate(lines)], plies


def _name(game: Game[Any], state: Any, action: int, *, by_chance: bool) -> str:
    """A move; an outcome of chance in brackets."""
    return f"({game.outcome_to_string(state, action)})" if by_chance else game.move_to_string(state, action)


def _keys(key: Array, num_games: int, alike: int) -> Array:
    """`(G,)`: so many in a row are `alike`."""
    return jnp.repeat(jax.random.split(key, num_games // alike), alike)


def _one(states: Any, i: int) -> Any:
    """One of a batch of states."""
    return jax.tree.map(lambda leaf: leaf[i], states)


class _Line(NamedTuple):
    """A game so far."""

    actions: tuple[int, ...]
    moves: tuple[str, ...]
    returns: np.ndarray

    def after(self, action: int, move: str, rewards: np.ndarray) -> "_Line":
        return _Line((*self.actions, action), (*self.moves, move), self.returns + rewards)

    def record(self, game: Game[Any], last: Any) -> Record:
        """The finished record; `last` is the state that the game came to."""
        returns = tuple(map(float, self.returns))
        return Record(self.actions, self.moves, returns, bool(last.terminated), game.render(last))


def _choose(
    game: Game[Any], choose: Choose, key: Array, states: Any, at_random: np.ndarray, alike: int
) -> np.ndarray:
    """`(G,)` int32: what the player, the opening or chance does in each state."""
    key_choose, key_draw = jax.random.split(key)
    drawn, outcome = jax.device_get(_draw(game, _keys(key_draw, len(at_random), alike), states))
    chosen = np.where(at_random, drawn, choose(key_choose, states))
    return np.where(states.current_player == CHANCE, outcome, chosen).astype(np.int32)


@partial(jax.jit, static_argnums=0)
def _begin(game: Game[Any], keys: Array) -> Any:
    return jax.vmap(game.init)(keys)


@partial(jax.jit, static_argnums=0)
def _draw(game: Game[Any], keys: Array, states: Any) -> tuple[Array, Array]:
    """`(G,)` int32 each: a random action, and an outcome of chance."""
    drawn = jax.vmap(random_action)(states.legal_action_mask[:, : game.num_actions], keys)
    if game.num_chance_outcomes == 0:
        return drawn, drawn
    return drawn, jax.vmap(sample_outcome)(jax.vmap(game.chance_probs)(states), keys)


@partial(jax.jit, static_argnums=0)
def _step(game: Game[Any], states: Any, actions: Array, alive: Array, opening: Array) -> tuple[Any, Array]:
    """The next states where games are `alive` and an `opening` does not end by it, and where that is."""

    def one(state: Any, action: Array, alive: Array, opening: Array) -> Any:
        after = game.step(state, action)
        moved = alive & ~(opening & after.terminated)
        return jax.tree.map(lambda a, b: jnp.where(moved, a, b), after, state), moved

    return jax.vmap(one)(states, actions, alive, opening)
