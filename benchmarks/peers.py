"""Matches against OpenSpiel's tree search with random rollouts."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax

from jaxplay.arena.host import on_host, play_match
from jaxplay.arena.strength import opening_plies
from jaxplay.benchmarks.open_spiel_peer import mcts_bot
from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.players import Contender

SAME = ("connect_four", "tic_tac_toe")
"""Games that OpenSpiel has under the same name, with the same actions."""


def rows(
    game: Game[Any],
    contenders: Sequence[Contender],
    *,
    peer_simulations: int,
    num_games: int,
    seed: int,
) -> Iterator[dict[str, Any]]:
    """A row for each player: its match against the bot, both seats of each opening.

    Args:
        game: one that OpenSpiel has too.
        contenders: its players.
        peer_simulations: of the bot, one rollout each.
        num_games: an even number.
        seed: of openings and players.

    Raises:
        UserError: another game, a mixture of players, or no OpenSpiel.
    """
    name = _name(game)
    for contender in contenders:
        result = play_match(
            game,
            [on_host(contender.single()), mcts_bot(name, peer_simulations, seed=seed)],
            num_games=num_games,
            key=jax.random.key(seed),
            opening_plies=opening_plies(game),
        )
        low, high = result.interval()
        yield {
            "player": result.first,
            "opponent": result.second,
            "games": num_games,
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
