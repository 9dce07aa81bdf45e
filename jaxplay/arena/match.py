"""A match on the host, move by move: for players that cannot be compiled, such as other programs.

The rules are those of the arena: each opening is played from both seats, with the same luck.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.arena.arena import Player, check_match
from jaxplay.arena.result import ArenaResult, summarise
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, random_action, sample_outcome

HostAct = Callable[[Any, tuple[int, ...], Array], int]
"""`(state, history, key) -> action`.

`history` holds all actions and chance outcomes from the first state to `state`, so that a program
with rules of its own can follow the game.
"""


class HostPlayer(NamedTuple):
    """Who plays: a Python function."""

    name: str
    act: HostAct


class _Line(NamedTuple):
    """A game so far."""

    state: Any
    history: tuple[int, ...]
    returns: np.ndarray
    """`(P,)` float32."""
    plies: int


def on_host(player: Player) -> HostPlayer:
    """A player of the arena, asked for one move at a time."""
    program = jax.jit(player.act)

    def act(state: Any, history: tuple[int, ...], key: Array) -> int:
        return int(program(player.params, key, jax.tree.map(lambda x: x[None], state))[0])

    return HostPlayer(player.name, act)


def play_match(
    game: Game[Any],
    first: HostPlayer,
    second: HostPlayer,
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
) -> ArenaResult:
    """Play `num_games` games one after the other and count.

    Args:
        game: for two players.
        first: whose result it is.
        second: the opponent.
        num_games: an even number: half of the games from each seat.
        key: all randomness of openings and chance, and what players get.
        opening_plies: random legal moves before the players take over; see `arena`.

    Raises:
        UserError: not a game for two, an odd number of games, or an illegal action.
    """
    check_match(game, 2, num_games)
    lines = []
    for pair in range(num_games // 2):
        key_opening, key_game = jax.random.split(jax.random.fold_in(key, pair))
        opening = _opening(game, opening_plies, key_opening)
        lines += [_play(game, players, opening, key_game) for players in ((first, second), (second, first))]
    truncated = np.array([not line.state.terminated for line in lines])
    returns = np.stack([line.returns for line in lines])
    returns[truncated & game.zero_sum] = 0
    plies = np.array([line.plies for line in lines])
    return summarise((first.name, second.name), np.arange(num_games) % 2, returns, plies, truncated)


def _opening(game: Game[Any], num_plies: int, key: Array) -> _Line:
    """Random moves that do not end the game."""
    key_init, key_plies = jax.random.split(key)
    line = _Line(game.init(key_init), (), np.zeros(game.num_players, np.float32), 0)
    line = _past_chance(game, line, key_init)
    for i in range(num_plies):
        key_move, key_luck = jax.random.split(jax.random.fold_in(key_plies, i))
        move = int(_random_action(line.state.legal_action_mask, key_move))
        after = _decide(game, line, move, key_luck)
        line = line if after.state.terminated else after
    return line


def _play(game: Game[Any], players: tuple[HostPlayer, HostPlayer], line: _Line, key: Array) -> _Line:
    """Play a game to its end; `players` by seat."""
    while not line.state.terminated and line.plies < game.max_plies:
        key_luck, key_act = jax.random.split(jax.random.fold_in(key, line.plies))
        player = players[int(line.state.current_player)]
        action = player.act(line.state, line.history, key_act)
        if not (0 <= action < game.num_actions and line.state.legal_action_mask[action]):
            raise UserError(f"player {player.name!r} chose the illegal action {action}")
        line = _decide(game, line, action, key_luck)
    return line


def _decide(game: Game[Any], line: _Line, action: int, key: Array) -> _Line:
    """Play one decision and the chance that follows it."""
    return _past_chance(game, _step(game, line, action)._replace(plies=line.plies + 1), key)


def _past_chance(game: Game[Any], line: _Line, key: Array) -> _Line:
    """Draw chance outcomes until a player is to move or the game is over."""
    count = 0
    while line.state.current_player == CHANCE and not line.state.terminated:
        outcome = _outcome(game, line.state, jax.random.fold_in(key, count))
        line, count = _step(game, line, int(outcome)), count + 1
    return line


def _step(game: Game[Any], line: _Line, action: int) -> _Line:
    state = _next(game, line.state, np.int32(action))
    return _Line(state, (*line.history, action), line.returns + np.asarray(state.rewards), line.plies)


@partial(jax.jit, static_argnums=0)
def _next(game: Game[Any], state: Any, action: Array) -> Any:
    return game.step(state, action)


@partial(jax.jit, static_argnums=0)
def _outcome(game: Game[Any], state: Any, key: Array) -> Array:
    return sample_outcome(game.chance_probs(state), key)


_random_action = jax.jit(random_action)
