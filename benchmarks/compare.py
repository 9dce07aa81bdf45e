"""What got slower from one file of results to another, beyond the noise.

Two runs of a case are two samples of rates, a handful each, with outliers to one side: somebody else used the
machine. So nothing is assumed but that the samples differ by a factor. The factor is estimated by the median
of all quotients of a rate after and a rate before (Hodges and Lehmann 1963), and its interval is the set of
factors that the rank test of Mann and Whitney (1947) does not refuse: exact for small samples, and
indifferent to how far off an outlier is. The confidence holds for all cases of a file together: each of n
cases gets an interval of confidence `1 - (1 - c) / n` (Bonferroni). Two samples of 7 decide up to 85 cases at
95 %, and of 11 bear an outlier each; with too few repeats a case is undecided, never slower.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from jaxplay.benchmarks.records import Samples, samples
from jaxplay.errors import UserError

CONFIDENCE = 0.95
LEAST = 2.0
"""Percent. Less may be the place of code in memory, which one process keeps and another does not."""
SLOWER, FASTER, ALIKE, UNDECIDED = "slower", "faster", "alike", "undecided"


class Change(NamedTuple):
    """One case before and after.

    Attributes:
        name: of the benchmark and the case, and its sizes.
        before: the median.
        after: the median.
        speed: how many times as fast it became.
        low: of the interval of `speed`.
        high: of the interval of `speed`.
        verdict: `slower`, `faster`, `alike`, or `undecided`, with too few repeats to tell.
    """

    name: str
    before: float
    after: float
    speed: float
    low: float
    high: float
    verdict: str


class Comparison(NamedTuple):
    """Two files of results.

    Attributes:
        changes: of the cases of both.
        left_out: names of those that only one of them has.
    """

    changes: list[Change]
    left_out: list[str]


def compare(
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
    *,
    confidence: float = CONFIDENCE,
    least: float = LEAST,
) -> Comparison:
    """What changed; of several records of a case the last counts.

    Args:
        before: records.
        after: records.
        confidence: that no case is called slower, or faster, which is not.
        least: percent by which the speed must have changed to be called so.

    Raises:
        UserError: the files have no case in common.
    """
    old, new = (_by_key(records) for records in (before, after))
    both = [key for key in old if key in new]
    if not both:
        raise UserError("the files have no case in common, of the same sizes")
    risk = (1.0 - confidence) / len(both)
    changes = [_change(old[key], new[key], risk, least / 100.0) for key in both]
    return Comparison(changes, [" ".join(key) for key in {**old, **new} if (key in old) != (key in new)])


def _by_key(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], Samples]:
    found = (samples(record) for record in records)
    return {each.key: each for each in found if each is not None}


def _change(before: Samples, after: Samples, risk: float, least: float) -> Change:
    speed, low, high = _quotient(before, after, risk)
    verdict = ALIKE
    if low == 0.0:
        verdict = UNDECIDED
    elif high < 1.0 and speed <= 1.0 - least:
        verdict = SLOWER
    elif low > 1.0 and speed >= 1.0 + least:
        verdict = FASTER
    medians = statistics.median(before.values), statistics.median(after.values)
    return Change(" ".join(before.key), *medians, speed, low, high, verdict)


def _quotient(before: Samples, after: Samples, risk: float) -> tuple[float, float, float]:
    """The estimate and the interval of the factor of speed; 0 and infinity where nothing can be told."""
    sign = 1.0 if before.more_is_better else -1.0
    logs = sorted(sign * (math.log(y) - math.log(x)) for x in before.values for y in after.values)
    estimate = math.exp(statistics.median(logs))
    rank = rejected(before.repeats, after.repeats, risk)
    if rank == 0:
        return estimate, 0.0, math.inf
    whole = all(len(each.values) == each.repeats for each in (before, after))
    first = rank - 1 if whole else 0  # of the extremes alone only the widest interval is known
    return estimate, math.exp(logs[first]), math.exp(logs[-1 - first])


@cache
def rejected(first: int, second: int, risk: float) -> int:
    """How many of the smallest values of Mann and Whitney's statistic have a chance of half the risk at most.

    Args:
        first: size of one sample.
        second: of the other.
        risk: of a mistake, both sides together.
    """
    chances, total, found = _counts(first, second), math.comb(first + second, first), 0.0
    for number, count in enumerate(chances):
        found += count / total
        if 2.0 * found > risk:
            return number
    return len(chances)


def _counts(first: int, second: int) -> Sequence[int]:
    """In how many orders of two samples the statistic is 0, 1, 2, ...: a Gaussian binomial coefficient."""
    counts = [1]
    for i in range(1, first + 1):
        counts = _divided(_times(counts, second + i), i)
    return counts


def _times(counts: list[int], power: int) -> list[int]:
    """A polynomial times `1 - x ** power`."""
    made = counts + [0] * power
    for i, count in enumerate(counts):
        made[i + power] -= count
    return made


def _divided(counts: list[int], power: int) -> list[int]:
    """A polynomial divided by `1 - x ** power`, without rest."""
    made = list(counts)
    for i in range(power, len(made)):
        made[i] += made[i - power]
    return made[: len(made) - power]
