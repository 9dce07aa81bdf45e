"""Matches against OpenSpiel's tree search with random rollouts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from jaxplay.arena.host import on_host, play_match
from jaxplay.arena.strength import opening_plies
from jaxplay.benchmarks.open_spiel_peer import mcts_bot
from jaxplay.benchmarks.settings import whole
from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.players import Contender

SAME = ("connect_four", "tic_tac_toe")
"""Games that OpenSpiel has under the same name, with the same actions."""


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        peer_sims: Simulations of the peer's searches, one rollout each.
        num_games: Games of each match, an even number.
        seed: Seed of openings and players.
    """

    peer_sims: int = whole(1000, 1, 10_000_000)
    num_games: int = whole(100, 1, 10_000_000)
    seed: int = whole(0, 0, 2**32 - 1)


def rows(
    game: Game[Any],
    contenders: Sequence[Contender],
    options: Options,
) -> Iterator[dict[str, Any]]:
    """A row for each player: its match against the bot, both seats of each opening.

    Args:
        game: one that OpenSpiel has too.
        contenders: its players.
        options: of the matches.

    Raises:
        UserError: another game, a mixture of players, or no OpenSpiel.
    """
    name = _name(game)
    for contender in contenders:
        result = play_match(
            game,
            [on_host(contender.single()), mcts_bot(name, options.peer_sims, seed=options.seed)],
            num_games=options.num_games,
            key=jax.random.key(options.seed),
            opening_plies=opening_plies(game),
        )
        low, high = result.interval()
        yield {
            "player": result.first,
            "opponent": result.second,
            "games": options.num_games,
            "score": result.score,
            "low": low,
            "high": high,
            "points_first": result.wins[0] + result.draws[0] / 2,
            "points_second": result.wins[1] + result.draws[1] / 2,
        }


def _name(game: Game[Any]) -> str:
    for name in SAME:
        if game == make(name):
            return name
    raise UserError(f"{game} has no match in OpenSpiel here; allowed: {', '.join(SAME)}")
