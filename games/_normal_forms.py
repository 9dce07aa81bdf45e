"""Named matrix games: payoffs as in OpenSpiel where it has the game."""

import itertools
from typing import Any, NamedTuple

import numpy as np

Payoffs = tuple[Any, ...]
"""Nested tuples: a level for each player's action, then a number for each player."""


class NormalForm(NamedTuple):
    """A game in which everybody acts once, at the same time.

    Attributes:
        payoffs: `payoffs[a][b][i]` is what player `i` gets if player 0 does `a` and player 1 does `b`.
        actions: names.
        teams: team of each player; empty: every player is its own team.
    """

    payoffs: Payoffs
    actions: tuple[str, ...]
    teams: tuple[int, ...] = ()

    @property
    def dilemma(self) -> tuple[int, int] | tuple[()]:
        """The actions that are to cooperate and to defect; empty where there are none.

        There are in a table of two players with two actions that is the same for both, and in which it is
        better if both do the one, which is to cooperate, than if both do the other.
        """
        table = np.array(self.payoffs)
        if table.shape != (2, 2, 2) or (table[..., 0] != table[..., 1].T).any():
            return ()
        first, second = table[0, 0, 0], table[1, 1, 0]
        return () if first == second else (0, 1) if first > second else (1, 0)


def _zero_sum(*rows: tuple[float, ...]) -> Payoffs:
    """What player 0 gains player 1 loses."""
    return tuple(tuple((x, -x) for x in row) for row in rows)


def _team_matching_pennies() -> Payoffs:
    """Heads is 0, tails 1; players 0 and 1 against 2 and 3."""
    table = np.zeros((2, 2, 2, 2, 4))
    for a, b, c, d in itertools.product(range(2), repeat=4):
        agreed = int(a == b) - int(c == d)
        gain = agreed if agreed or a != b else (1 if a == c else -1)
        table[a, b, c, d] = gain, gain, -gain, -gain
    return as_tuples(table)


def as_tuples(payoffs: Any) -> Payoffs:
    """Nested lists, tuples or an array as nested tuples of floats. Raises ValueError if they are ragged."""
    return _nested(np.asarray(payoffs, np.float32).tolist())


def _nested(values: Any) -> Any:
    return tuple(map(_nested, values)) if isinstance(values, list) else values


NAMED = {
    "rock_paper_scissors": NormalForm(
        _zero_sum((0, -1, 1), (1, 0, -1), (-1, 1, 0)), ("rock", "paper", "scissors")
    ),
    "matching_pennies": NormalForm(_zero_sum((1, -1), (-1, 1)), ("heads", "tails")),
    "prisoners_dilemma": NormalForm((((5, 5), (0, 10)), ((10, 0), (1, 1))), ("cooperate", "defect")),
    "stag_hunt": NormalForm((((2, 2), (0, 1)), ((1, 0), (1, 1))), ("stag", "hare")),
    "chicken": NormalForm((((0, 0), (4, 1)), ((1, 4), (3, 3))), ("dare", "chicken")),
    "battle_of_the_sexes": NormalForm((((3, 2), (0, 0)), ((0, 0), (2, 3))), ("bach", "stravinsky")),
    "coordination": NormalForm((((1, 1), (0, 0)), ((0, 0), (1, 1))), ("left", "right")),
    "team_matching_pennies": NormalForm(_team_matching_pennies(), ("heads", "tails"), (0, 0, 1, 1)),
}
"""By name."""
