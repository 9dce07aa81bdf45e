"""Matches: entrants meet in many games at once, all of them in one compiled loop.

Each opening is played once for each entrant, with seats rotated, and these games have the same chance at the
same ply.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.arena._seating import as_result, find_seats
from jaxplay.arena.entrants import Entrant, HostPlayer, Meeting, Mixture, Player, as_entry, sample_meetings
from jaxplay.arena.host import Keep, on_host, play_match
from jaxplay.arena.result import ArenaResult
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.rollout.sanity import check_laws
from jaxplay.rollout.seats import Results, Rules, Seating, play_by_ply, play_on_device

MIXTURES = 2**31 - 1
"""What the key of a match is folded with to sample members of mixtures; no part has this number."""


def match(
    game: Game[Any],
    players: Sequence[Entrant],
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
    max_batch: int = 1024,
    by_ply: bool = False,
    keep: Keep | None = None,
) -> ArenaResult:
    """Let players meet in `num_games` games, and count.

    Args:
        game: for any number of players or teams.
        players: who meet: one for each team, who then plays all seats of the team; or one for each seat. Of a
            mixture, each member plays its share of the openings, rounded up or down.
        num_games: a multiple of the number of players: each has each seat, or team, equally often.
        key: all randomness of openings, chance and players.
        opening_plies: random legal moves before the players take over. A move that would end the game
            is not played, which makes its opening shorter.
        max_batch: most games at once; more are played one batch after the other.
        by_ply: the host runs the loop. The result is the same; it compiles faster where a player meets
            several others, and runs a little slower.
        keep: is given each game and who sat on its seats. The games are then played one after the other on
            the host, as they are wherever a `HostPlayer` takes part.

    Raises:
        UserError: the wrong number of players for the game or of games, an illegal action, or returns that
            break the laws of games.
    """
    entries = [as_entry(player) for player in players]
    if keep is not None or any(isinstance(entry, HostPlayer) for entry in entries):
        hosted = [_on_host(entry) for entry in entries]
        settings: dict[str, Any] = {"num_games": num_games, "key": key, "opening_plies": opening_plies}
        return play_match(game, hosted, keep=keep, **settings)
    seats = find_seats(game, len(entries), num_games)
    compiled = tuple(entry for entry in entries if not isinstance(entry, HostPlayer))
    meetings = sample_meetings(compiled, num_games, jax.random.fold_in(key, MIXTURES))
    size = _batch_size(-(-num_games // len(meetings)), max_batch, len(entries))
    parts = []
    for number, part in enumerate(_parts(meetings, seats, size, opening_plies)):
        parts.append(play_part(game, part, size, jax.random.fold_in(key, number), by_ply=by_ply))
    return as_result(game, [entry.name for entry in entries], seats, parts)


def _on_host(entry: Player | Mixture | HostPlayer) -> HostPlayer:
    """A player as one that is asked for one move at a time.

    Raises:
        UserError: a mixture, whose members are sampled for games that are played together.
    """
    if isinstance(entry, HostPlayer):
        return entry
    if isinstance(entry, Mixture):
        raise UserError(f"{entry.name} is a mixture; on the host only single players play: name its members")
    return on_host(entry)


class Part(NamedTuple):
    """Games that are played at once.

    Attributes:
        players: that meet, E.
        seats: `(M, P)` int32, which of them sits on each seat.
        opening_plies: `(M,)` int.
        wanted: `(M,)` bool, games that are played.
    """

    players: tuple[Player, ...]
    seats: np.ndarray
    opening_plies: np.ndarray
    wanted: np.ndarray


def play_part(game: Game[Any], part: Part, size: int, key: Array, *, by_ply: bool, **options: Any) -> Results:
    """How the games of `part` ended, on the host.

    Args:
        game: that is played.
        part: who plays.
        size: games that the loop is compiled for, at least as many.
        key: all randomness.
        by_ply: see `match`.
        options: of `jaxplay.rollout.seats.play_by_ply`.

    Raises:
        UserError: an illegal action, or returns that break the laws of games.
    """
    filled = np.minimum(np.arange(size), len(part.seats) - 1)
    wanted = part.wanted[filled] & (np.arange(size) < len(part.seats))
    seats, opening_plies = part.seats[filled], part.opening_plies[filled]
    seating = Seating(jnp.asarray(seats), jnp.asarray(opening_plies), jnp.asarray(wanted))
    rules = Rules(game, len(part.players), int(part.opening_plies.max()))
    acts, params = tuple(p.act for p in part.players), tuple(p.params for p in part.players)
    play = play_by_ply if by_ply else play_on_device
    results = jax.device_get(play(rules, acts, params, key, seating, **options))
    check_laws(game, results.broken)
    for player, count in zip(part.players, results.illegal, strict=True):
        if count:
            raise UserError(f"player {player.name!r} chose {count} illegal actions")
    count = len(part.seats)
    cut = (results.returns[:count], results.plies[:count], results.truncated[:count])
    return Results(*cut, results.illegal, results.broken)


def _batch_size(num_games: int, max_batch: int, num_entrants: int) -> int:
    """Games at once: equal parts, each with whole openings."""
    parts = -(-num_games // max(max_batch, num_entrants))
    return -(-num_games // (parts * num_entrants)) * num_entrants


def _parts(meetings: Sequence[Meeting], seats: np.ndarray, size: int, opening_plies: int) -> Iterator[Part]:
    """The games of `meetings`, at most `size` at once."""
    begin = 0
    for meeting in meetings:
        end = begin + meeting.num_games
        for start in range(begin, end, size):
            held = seats[start : min(start + size, end)]
            yield Part(meeting.players, held, np.full(len(held), opening_plies), np.full(len(held), True))
        begin = end
