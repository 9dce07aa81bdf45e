"""Matches on the host, move by move: for players that cannot be compiled, such as other programs.

The rules are those of the arena: with the same key, openings and chance are too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.arena._seating import as_result, find_seats
from jaxplay.arena.entrants import GivenUpError, HostPlayer, Player
from jaxplay.arena.result import ArenaResult
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.rollout.host import HostEpisode
from jaxplay.rollout.sanity import broken_by_games, check_laws
from jaxplay.rollout.seats import Results, match_keys

Keep = Callable[[HostEpisode, tuple[str, ...]], None]
"""Is given a game that is over, and the names of who sat on its seats."""


def on_host(player: Player) -> HostPlayer:
    """A player of the arena, asked for one move at a time."""
    program = jax.jit(player.act)

    def act(state: Any, history: tuple[int, ...], key: Array) -> int:
        return int(program(player.params, key, jax.tree.map(lambda x: x[None], state))[0])

    return HostPlayer(player.name, act)


def play_match(
    game: Game[Any],
    players: Sequence[HostPlayer],
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
    keep: Keep | None = None,
) -> ArenaResult:
    """Play `num_games` games one after the other and count; see `jaxplay.arena.match`.

    Args:
        game: for any number of players or teams.
        players: who meet.
        num_games: a multiple of the number of players.
        key: all randomness of openings and chance, and what players get.
        opening_plies: random legal moves before the players take over.
        keep: is given each game.

    Raises:
        UserError: the wrong number of players or games, an illegal action, or returns that break the laws.
    """
    seats = find_seats(game, len(players), num_games)
    keys, key_act = match_keys(jax.random.fold_in(key, 0), num_games, len(players))
    episodes = []
    for number, held in enumerate(seats):
        key_opening, key_chance = keys[number // len(players)]
        episode = HostEpisode(game, key_opening, key_chance, opening_plies)
        _play(episode, [players[entrant] for entrant in held], jax.random.fold_in(key_act, number))
        episodes.append(episode)
        if keep is not None:
            keep(episode, tuple(players[entrant].name for entrant in held))
    earned = np.stack(
        [episode.earned if episode.given_up is None else episode.returns for episode in episodes]
    )
    cut = np.array([episode.truncated for episode in episodes])
    check_laws(game, broken_by_games(game, jnp.asarray(earned), jnp.asarray(~cut)))
    returns = np.stack([episode.returns for episode in episodes])
    plies = np.array([episode.num_moves for episode in episodes])
    ended = Results(returns, plies, cut, np.zeros(len(players), np.int32), {})
    return as_result(game, [player.name for player in players], seats, [ended])


def _play(episode: HostEpisode, players: Sequence[HostPlayer], key: Array) -> None:
    """Play a game to its end; `players` by seat."""
    while not episode.over:
        player, key_act = players[episode.player], jax.random.fold_in(key, episode.num_moves)
        try:
            action = player.act(episode.state, episode.history, key_act)
        except GivenUpError as given:
            episode.give_up(episode.player, given.why)
            return
        if action not in episode.legal():
            raise UserError(f"player {player.name!r} chose the illegal action {action}")
        episode.play(action)
