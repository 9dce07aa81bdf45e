"""Games move by move, as they are shown and kept: played in the arena, then told by a replay on the host."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from jaxplay.arena._match import Part, play_part
from jaxplay.arena._seating import as_result, find_seats
from jaxplay.arena.entrants import Player
from jaxplay.arena.result import ArenaResult
from jaxplay.game import Game
from jaxplay.rollout.host import HostEpisode
from jaxplay.rollout.seats import Results, match_keys
from jaxplay.rollout.sides import side_of_seats


class Record(NamedTuple):
    """One game from its first state."""

    actions: tuple[int, ...]
    """Decisions and chance outcomes in order."""
    moves: tuple[str, ...]
    """The same in the game's notation; an outcome of chance is in brackets."""
    returns: tuple[float, ...]
    """The result of each player: zero in a zero-sum game that was cut."""
    terminated: bool
    """False: cut at the bound of plies."""
    final: str
    """The last position, drawn."""


def record_games(
    game: Game[Any],
    player: Player,
    key: Array,
    num_games: int,
    opening_plies: ArrayLike = 0,
    *,
    size: int | None = None,
) -> list[Record]:
    """Let a player meet itself.

    Args:
        game: what is played.
        player: who plays, on all seats.
        key: all randomness.
        num_games: games at once.
        opening_plies: random decisions before the player takes over, `()` or `(num_games,)` int; one that
            would end the game is not made.
        size: of the match whose compiled functions play these games, at least `num_games` times its players.

    Raises:
        UserError: an illegal action, or returns that break the laws of games.
    """
    sides = int(side_of_seats(game).max()) + 1  # a game is the first of so many with one opening
    seats = np.zeros((sides * num_games, game.num_players), np.int32)
    plies = np.repeat(np.broadcast_to(np.asarray(opening_plies), num_games), sides)
    part = Part((player,) * sides, seats, plies, np.arange(len(seats)) % sides == 0)
    return _play(game, part, size or len(seats), key)[1]


def record_match(
    game: Game[Any],
    players: Sequence[Player],
    key: Array,
    num_games: int,
    opening_plies: int = 0,
) -> tuple[ArenaResult, list[Record]]:
    """Let players meet as in `jaxplay.arena.match`, all games at once, and keep them.

    Args:
        game: for any number of players or teams.
        players: who meet; no mixtures.
        key: all randomness of openings, chance and players.
        num_games: a multiple of the number of players.
        opening_plies: random decisions before the players take over.

    Raises:
        UserError: see `jaxplay.arena.match`.
    """
    seats = find_seats(game, len(players), num_games)
    plies, wanted = np.full(num_games, opening_plies), np.full(num_games, True)
    part = Part(tuple(players), seats, plies, wanted)
    results, records = _play(game, part, num_games, jax.random.fold_in(key, 0))
    return as_result(game, [player.name for player in players], seats, [results]), records


def _play(game: Game[Any], part: Part, size: int, key: Array) -> tuple[Results, list[Record]]:
    """Play the games of `part`, and tell them."""
    log: list[tuple[Array, Array]] = []
    watch = lambda actions, moved: log.append((actions, moved))  # noqa: E731
    results = play_part(game, part, size, key, by_ply=True, watch=watch)
    keys, _ = match_keys(key, size, len(part.players))
    plies = jax.device_get(log)
    records = []
    for number in np.flatnonzero(part.wanted):
        key_opening, key_chance = keys[number // len(part.players)]
        episode = HostEpisode(game, key_opening, key_chance, int(part.opening_plies[number]))
        for actions, moved in plies:
            if moved[number]:
                episode.play(int(actions[number]))
        records.append(_record(episode))
    return results, records


def _record(episode: HostEpisode) -> Record:
    """A game that is over."""
    returns, ended = tuple(map(float, episode.returns)), bool(episode.state.terminated)
    final = episode.game.render(episode.state)
    return Record(episode.history, tuple(episode.names()), returns, ended, final)
