"""What random games were like: their length and width, who won, what is odd; and one of them in words."""

from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.play import Move

SHOWN = 40
"""Moves of a game that are told; of a longer one the first and the last half of them."""
TOLERANCE = 1e-4
"""Of sums of float32 rewards."""
NEAR = 0.01
"""How far from its bounds, as a share of what lies between them, a return may stay before it is odd."""
LOOSE = 16
"""How many times as long as the longest game seen `max_plies` may be before it is odd."""


class Statistics(NamedTuple):
    """What was seen of random games that came to their end.

    Attributes:
        games: How many these are.
        unfinished: Games that had begun and were not over; where they are many, the others were short ones.
        mean_plies: Decisions in a game, on average.
        most_plies: Decisions in the longest game.
        branching: Legal actions at a decision, on average.
        wins: For each player the share of games in which it earned more than everybody else.
        draws: Share of the games of several players in which all earned the same.
        mean_returns: What each player earned in a game, on average.
        least_return: The least that a player earned in a game.
        greatest_return: The most that a player earned in a game.
    """

    games: int
    unfinished: int
    mean_plies: float
    most_plies: int
    branching: float
    wins: tuple[float, ...]
    draws: float
    mean_returns: tuple[float, ...]
    least_return: float
    greatest_return: float


def measure(game: Game[Any], moves: Move) -> Statistics | None:
    """Statistics of `moves`, `(num_steps, LANES)`; None where no game came to its end."""
    ended = moves.after.terminated
    if not ended.any():
        return None
    decides = moves.lane.state.current_player != CHANCE
    plies = (moves.lane.decisions + decides)[ended]
    returns = moves.returns[ended]
    best = returns.max(axis=1, keepdims=True)
    ahead = returns >= best - TOLERANCE * max(1.0, float(np.abs(best).max()))
    alone = game.num_players == 1
    wins = (ahead & (ahead.sum(axis=1, keepdims=True) == 1)).mean(axis=0) if not alone else ()
    return Statistics(
        games=int(ended.sum()),
        unfinished=int((~ended[-1]).sum()),
        mean_plies=float(plies.mean()),
        most_plies=int(plies.max()),
        branching=float(moves.lane.state.legal_action_mask[decides].sum(axis=-1).mean()),
        wins=tuple(map(float, wins)),
        draws=0.0 if alone else float(ahead.all(axis=1).mean()),
        mean_returns=tuple(map(float, returns.mean(axis=0))),
        least_return=float(returns.min()),
        greatest_return=float(returns.max()),
    )


def find_oddities(game: Game[Any], moves: Move, seen: Statistics | None) -> list[str]:
    """What breaks no law, and yet may be a mistake, a sentence each."""
    odd = []
    first = jax.tree.map(lambda x: x[moves.lane.age == 0], strip(moves.lane.state))
    if any((leaf != leaf[:1]).any() for leaf in jax.tree.leaves(first)):
        odd.append("init depends on its key: searches and solvers see one deal of what is no chance node")
    if seen is None:
        return odd
    slack = NEAR * (game.max_return - game.min_return)
    if seen.greatest_return < game.max_return - slack:
        odd.append(f"max_return is {game.max_return:g}; no player earned more than {seen.greatest_return:g}")
    if seen.least_return > game.min_return + slack:
        odd.append(f"min_return is {game.min_return:g}; no player earned less than {seen.least_return:g}")
    if not game.zero_sum and game.num_players > 1 and _adds_up_to_zero(moves, slack):
        odd.append("zero_sum is False; the returns of all games added up to zero")
    longest = max(seen.most_plies, int(moves.lane.decisions.max()))
    if longest * LOOSE < game.max_plies:
        odd.append(f"max_plies is {game.max_plies}; the longest game had {longest} decisions")
    return odd


def _adds_up_to_zero(moves: Move, slack: float) -> bool:
    returns = moves.returns[moves.after.terminated]
    return bool((abs(returns.sum(axis=1)) <= slack).all() and (returns != 0).any())


def tell_game(game: Game[Any], moves: Move) -> str:
    """The shortest game that came to its end: its moves, the last position, and how it ended, in words.

    Empty where none did. Whether it was won by who should have won, nobody but the author can say.
    """
    ended = np.argwhere(moves.after.terminated)
    if not len(ended):
        return ""
    step, lane = map(int, ended[np.argmin(moves.lane.age[moves.after.terminated])])
    begin = step - int(moves.lane.age[step, lane])
    told = [_tell_move(game, moves, place, lane) for place in range(begin, step + 1)]
    if len(told) > SHOWN:
        told[SHOWN // 2 : -SHOWN // 2] = [f"... {len(told) - SHOWN} more ..."]
    last = strip(jax.tree.map(lambda x: x[step, lane], moves.after))
    return "\n".join(
        [", ".join(told), game.render(last), tell_result(game, np.asarray(moves.returns[step, lane]))]
    )


def _tell_move(game: Game[Any], moves: Move, step: int, lane: int) -> str:
    state = strip(jax.tree.map(lambda x: x[step, lane], moves.lane.state))
    mover, action = int(state.current_player), int(moves.action[step, lane])
    if mover == CHANCE:
        return f"chance: {game.outcome_to_string(state, action)}"
    return f"player {mover}: {game.move_to_string(state, action)}"


def tell_result(game: Game[Any], returns: np.ndarray) -> str:
    """Who has won, and what everybody earned."""
    earned = ", ".join(f"player {player} earned {x:+g}" for player, x in enumerate(returns.tolist()))
    if game.num_players == 1:
        return earned
    ahead = np.flatnonzero(returns >= returns.max() - TOLERANCE)
    if len(ahead) == game.num_players:
        return f"{'a draw' if game.zero_sum else 'everybody earned the same'}: {earned}"
    names = " and ".join(f"player {player}" for player in ahead)
    return f"{names} {'wins' if len(ahead) == 1 else 'win'}: {earned}"
