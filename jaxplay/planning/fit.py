"""How many matches side by side fit into memory, all else being equal."""

import dataclasses

from jaxplay.config import TrainingConfig
from jaxplay.planning.plan import make_plan

MOST = 2**24
"""Matches; nobody plays more."""


def largest_matches(config: TrainingConfig, memory: float) -> int | None:
    """The greatest power of two times the shards of `selfplay.num_matches` that fits, by its plan.

    The memory of a step grows evenly with the matches, so two plans tell where it is full; a third plan
    of that size is what counts.

    Args:
        config: of the training.
        memory: bytes that there are.

    Returns:
        None where the number of matches belongs to other settings too, as in leagues.
    """
    if config.league is not None or config.exploiter is not None:
        return None
    unit = config.num_shards
    few, many = (planned(config, unit * count) for count in (256, 1024))
    each = max((many - few) / (768 * unit), 1.0)
    guess = 256 * unit + max(memory - few, 0.0) / each
    count = _power_of_two(min(guess, MOST) / unit)
    while count > 1 and planned(config, unit * count) > memory:
        count //= 2
    return unit * count


def planned(config: TrainingConfig, matches: int) -> int:
    """Bytes of the plan with so many matches."""
    selfplay = dataclasses.replace(config.selfplay, num_matches=matches)
    return make_plan(dataclasses.replace(config, selfplay=selfplay)).total


def _power_of_two(number: float) -> int:
    """The greatest power of two that is at most `number` (1 for less)."""
    return 1 << max(0, int(number).bit_length() - 1)
