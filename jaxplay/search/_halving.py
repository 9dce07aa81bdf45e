"""Sequential halving (Karnin et al. 2013): how many visits the edge has that a simulation takes.

In each phase the remaining actions get equally many visits, then the better half remains, until two are
left, which go on by turns.
"""

from typing import Any

import numpy as np


def halving(most: int, considered: Any, budget: Any, simulation: Any, numpy: Any = np) -> Any:
    """Visits that the edge must have which a simulation takes; integers that are broadcast.

    Args:
        most: the most actions at the beginning.
        considered: actions at the beginning.
        budget: simulations that the schedule is made for.
        simulation: number of the simulation, from 0.
        numpy: the module of the arguments' arrays, `numpy` or `jax.numpy`.
    """
    halvings = most.bit_length()
    phases = sum((considered > 2**power) * np.int32(1) for power in range(halvings))
    remaining, first, level = considered, 0 * budget, 0 * budget
    visits = simulation + 0 * (considered + budget)
    for _ in range(halvings):
        each = numpy.maximum(1, budget // numpy.maximum(phases * remaining, 1))
        here = (considered > 1) & (simulation >= first)
        visits = numpy.where(here, level + (simulation - first) // numpy.maximum(remaining, 1), visits)
        first, level = first + each * remaining, level + each
        remaining = numpy.maximum(2, remaining // 2)
    return visits


def halving_table(max_considered: int, num_simulations: int) -> np.ndarray:
    """`(max_considered + 1, num_simulations)` int32: row m is `halving` of m actions."""
    considered = np.arange(max_considered + 1, dtype=np.int32)[:, None]
    simulation = np.arange(num_simulations, dtype=np.int32)[None]
    return halving(max_considered, considered, np.int32(num_simulations), simulation)


def rounds(visits: np.ndarray) -> list[tuple[int, int]]:
    """`(width, repeats)` of the rounds of a row of the halving table: all simulations at one visit count."""
    widths = np.bincount(visits)
    changes = np.flatnonzero(np.diff(widths)) + 1
    return [(int(part[0]), len(part)) for part in np.split(widths, changes)]


def calls(visits: np.ndarray, one_by_one: bool) -> list[tuple[int, np.ndarray]]:
    """The calls of the evaluator that follow a row of the halving table.

    Args:
        visits: the row.
        one_by_one: whether the actions of a round are simulated one after another.

    Returns:
        `(width, numbers)` for each run of calls of one width, the simulations of an element in a call:
        `(n, 2)` int32, the number of the round of each of n calls, and how many of its actions went before.
    """
    if one_by_one:
        place = np.arange(len(visits)) - np.searchsorted(visits, visits)
        return [(1, np.stack([visits, place], axis=1).astype(np.int32))]
    parts, first = [], 0
    for width, repeats in rounds(visits):
        number = np.arange(first, first + repeats, dtype=np.int32)
        parts.append((width, np.stack([number, np.zeros_like(number)], axis=1)))
        first += repeats
    return parts
