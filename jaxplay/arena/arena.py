"""The arena: two players meet in many games at once, all of them in one compiled loop.

Each opening is played twice with seats swapped, and both games of such a pair meet the same luck at
the same ply.
"""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.arena.entrants import Meeting, Mixture, Player, draw_meetings
from jaxplay.arena.loop import Setup, play_by_ply, play_games
from jaxplay.arena.result import ArenaResult, summarise
from jaxplay.errors import UserError
from jaxplay.game import Game

__all__ = ["Player", "arena", "check_match"]

DRAWS = 2**31 - 1
"""What the key of a match is folded with for draws of mixtures; no part of a match has this number."""


def arena(
    game: Game[Any],
    first: Player | Mixture,
    second: Player | Mixture | None = None,
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
    max_batch: int = 1024,
    by_ply: bool = False,
) -> ArenaResult:
    """Play `num_games` games and count.

    Args:
        game: for one or two players.
        first: whose result it is.
        second: the opponent; None in a one-player game. Of a mixture, each member plays its share of the
            openings, rounded up or down.
        num_games: in a game for two, an even number: half of the games from each seat.
        key: all randomness of openings, chance and players.
        opening_plies: random legal moves before the players take over. A move that would end the game
            is not played, which makes its opening shorter.
        max_batch: most games at once; more are played one batch after the other.
        by_ply: the host runs the loop. The result is the same; it compiles faster where a player meets
            several others, and runs a little slower.

    Raises:
        UserError: the wrong number of players for the game, an odd number of games, or a player
            that chose an illegal action.
    """
    players = (first,) if second is None else (first, second)
    check_match(game, len(players), num_games)
    meetings = draw_meetings(players, num_games, jax.random.fold_in(key, DRAWS))
    size = _batch_size(-(-num_games // len(meetings)), max_batch, len(players))
    parts = []
    for i, part in enumerate(_parts(meetings, size)):
        parts.append(_play(game, part, size, opening_plies, jax.random.fold_in(key, i), by_ply))
    returns, plies, truncated = (np.concatenate(x) for x in zip(*parts, strict=True))
    seat = np.arange(num_games) % len(players)
    names = (first.name, None if second is None else second.name)
    return summarise(names, seat, returns, plies, truncated)


def check_match(game: Game[Any], num_players: int, num_games: int) -> None:
    """Refuse a match that cannot be played.

    Raises:
        UserError: see `arena`.
    """
    if game.num_players not in (1, 2):
        raise UserError(f"the arena is for one or two players; this game has {game.num_players}")
    if num_players != game.num_players:
        raise UserError(f"this game has {game.num_players} players, {num_players} given")
    if num_games < 1 or num_games % game.num_players:
        raise UserError(f"num_games {num_games} is not a positive multiple of {game.num_players}")


def _batch_size(num_games: int, max_batch: int, num_players: int) -> int:
    """Games at once: equal parts, each a whole number of pairs."""
    parts = -(-num_games // max(max_batch, num_players))
    return -(-num_games // (parts * num_players)) * num_players


def _parts(meetings: list[Meeting], size: int) -> Iterator[Meeting]:
    """The games of `meetings`, at most `size` at once."""
    for meeting in meetings:
        for start in range(0, meeting.num_games, size):
            yield meeting._replace(num_games=min(size, meeting.num_games - start))


def _same_program(first: Player, second: Player) -> bool:
    """Whether the players differ in the values of their parameters only."""

    def form(player: Player) -> Any:
        return jax.tree.map(lambda x: (jnp.shape(x), jnp.result_type(x)), player.params)

    return first.act is second.act and form(first) == form(second)


def _play(
    game: Game[Any], part: Meeting, size: int, opening_plies: int, key: Array, by_ply: bool
) -> tuple[np.ndarray, ...]:
    """Returns `(G, P)`, plies `(G,)` and truncated `(G,)` of one batch of games, in a loop for `size`."""
    players, num_games = part
    acts = tuple(p.act for p in players)
    merged = len(players) == 2 and _same_program(*players)
    setup = Setup(game, acts, merged, size, opening_plies)
    params = tuple(p.params for p in players)
    play = play_by_ply if by_ply else play_games
    *games, illegal = jax.device_get(play(setup, params, key, num_games))
    for player, count in zip(players, illegal, strict=True):
        if count:
            raise UserError(f"player {player.name!r} chose {count} illegal actions")
    return tuple(x[:num_games] for x in games)
