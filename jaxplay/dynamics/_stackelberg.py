"""Leaders who commit and followers who answer: equilibria by linear programs, and leaders who learn.

A leader commits to a mixture of its actions, the follower answers with its best action (of several the one
that the leader likes most). For each answer one linear program finds the best mixture that makes it an
answer (Conitzer and Sandholm, Computing the optimal strategy to commit to, EC 2006).

A leader who does not know the follower's payoffs learns them from answers. A follower who knows how the
leader learns (an omniscient one) gains by answering as if its payoffs were others: it can make any mixture
and answer look like an equilibrium that gives the leader what it can force by itself (Birmpas et al.,
Optimally deceiving a learning leader in Stackelberg games, 2020, https://arxiv.org/abs/2006.06566).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from jaxplay.errors import UserError

Follower = Callable[[np.ndarray], int]
"""`mixture of the leader (N,) -> the action that it answers with`."""

TIE = 1e-9
"""Answers whose payoffs differ by less, in units of the largest, are equal: the leader's favourite counts."""


class Commitment(NamedTuple):
    """What a leader commits to.

    Attributes:
        mixture: `(N,)`.
        answer: the follower's action.
        leader: what the leader earns.
        follower: what the follower earns.
    """

    mixture: np.ndarray
    answer: int
    leader: float
    follower: float


class Deception(NamedTuple):
    """How a follower gains by playing as if its payoffs were others.

    Attributes:
        payoffs: `(N, M)`, those that it pretends to have.
        commitment: what the leader commits to then; `follower` by the true payoffs.
    """

    payoffs: np.ndarray
    commitment: Commitment


class Lesson(NamedTuple):
    """What a leader learned.

    Attributes:
        commitment: the best mixture that it found, and what that earns.
        rounds: how many mixtures it tried.
        regret: what it earned less, over these rounds, than by the commitment in each.
    """

    commitment: Commitment
    rounds: int
    regret: float


def stackelberg(leader: np.ndarray, follower: np.ndarray) -> Commitment:
    """The strong Stackelberg equilibrium.

    Args:
        leader: `(N, M)`, what the leader earns by its action and the answer.
        follower: `(N, M)`, what the follower earns.

    Raises:
        UserError: the tables are empty, of different shapes or not finite.
    """
    leader, follower = _checked(leader, follower)
    found = []
    for answer in range(leader.shape[1]):
        others = follower - follower[:, [answer]]
        mixture = _best_mixture(leader[:, answer], others.T, np.zeros(leader.shape[1]))
        if mixture is not None:
            value = float(mixture @ leader[:, answer])
            found.append(Commitment(mixture, answer, value, float(mixture @ follower[:, answer])))
    return max(found, key=lambda commitment: commitment.leader)


def deception(leader: np.ndarray, follower: np.ndarray) -> Deception:
    """What a follower can gain by pretending, if the leader believes its answers.

    Args:
        leader: see `stackelberg`.
        follower: see `stackelberg`; the true payoffs.

    Raises:
        UserError: see `stackelberg`.
    """
    leader, follower = _checked(leader, follower)
    forced = _maximin(leader)
    found = []
    for answer in range(leader.shape[1]):
        mixture = _best_mixture(follower[:, answer], -leader[:, [answer]].T, np.array([-forced]))
        if mixture is not None:
            earned = float(mixture @ leader[:, answer]), float(mixture @ follower[:, answer])
            found.append(Commitment(mixture, answer, *earned))
    best = max(found, key=lambda commitment: commitment.follower)
    return Deception(_pretended(leader, best), best)


def best_responder(leader: np.ndarray, payoffs: np.ndarray) -> Follower:
    """A follower who answers best by `payoffs`, its own or pretended ones; ties as the leader likes."""
    leader, payoffs = _checked(leader, payoffs)
    slack = TIE * max(float(np.abs(payoffs).max()), 1.0)

    def answer(mixture: np.ndarray) -> int:
        worth = mixture @ payoffs
        return int(np.argmax(np.where(worth >= worth.max() - slack, mixture @ leader, -np.inf)))

    return answer


def learn_commitment(leader: np.ndarray, answer: Follower, *, tolerance: float = 1e-6) -> Lesson:
    """A leader of two actions who learns from answers alone what to commit to.

    Mixtures that make an action the answer form an interval. So where two mixtures have different answers
    the leader tries the one between them, down to `tolerance`; where they have the same, nothing is hidden.

    Args:
        leader: `(2, M)`, what the leader earns.
        answer: the follower.
        tolerance: the length at which an interval is not divided any more.

    Raises:
        UserError: the leader has another number of actions, or its payoffs are not finite.
    """
    leader, _ = _checked(leader, leader)
    if len(leader) != 2:
        raise UserError(f"learn_commitment: the leader has {len(leader)} actions; allowed: 2")
    tried: dict[float, int] = {}

    def ask(share: float) -> int:
        tried[share] = answer(np.array([1 - share, share]))
        return tried[share]

    intervals = [(0.0, 1.0, ask(0.0), ask(1.0))]
    while intervals:
        low, high, first, last = intervals.pop()
        if first != last and high - low > tolerance:
            middle = (low + high) / 2
            here = ask(middle)
            intervals += [(low, middle, first, here), (middle, high, here, last)]
    worth = {share: float((1 - share) * leader[0, b] + share * leader[1, b]) for share, b in tried.items()}
    best = max(worth, key=worth.__getitem__)
    mixture = np.array([1 - best, best])
    commitment = Commitment(mixture, tried[best], worth[best], float("nan"))
    return Lesson(commitment, len(tried), sum(worth[best] - value for value in worth.values()))


def _pretended(leader: np.ndarray, target: Commitment) -> np.ndarray:
    """`(N, M)`: payoffs by which the target is the leader's equilibrium.

    All other answers hurt the leader as much as they can; the target's answer is given where it earns the
    leader no more than the target does. Where it earned more, what the leader can force is the least of all
    answers, so that another answer gives it no more than the target.
    """
    payoffs = -leader.copy()
    others = np.delete(np.arange(leader.shape[1]), target.answer)
    worst = (target.mixture @ leader[:, others]).min() if len(others) else 0.0
    steepness = 1e3 * max(float(np.ptp(leader)), 1.0)
    payoffs[:, target.answer] = steepness * (target.leader - leader[:, target.answer]) - worst
    return payoffs


def _best_mixture(gains: np.ndarray, rows: np.ndarray, bounds: np.ndarray) -> np.ndarray | None:
    """`(N,)`: the mixture x of greatest `gains x` with `rows x <= bounds`; None: there is none."""
    size = len(gains)
    done = linprog(-gains, rows, bounds, np.ones((1, size)), np.ones(1), bounds=(0, None))
    if not done.success:
        return None
    mixture = np.maximum(done.x, 0)
    return mixture / mixture.sum()


def _maximin(leader: np.ndarray) -> float:
    """What the leader can force whatever the answer."""
    size, answers = leader.shape
    rows = np.hstack([-leader.T, np.ones((answers, 1))])
    goal = np.append(np.zeros(size), -1.0)
    total = np.append(np.ones(size), 0.0)[None]
    limits = [(0, None)] * size + [(None, None)]
    return -float(linprog(goal, rows, np.zeros(answers), total, np.ones(1), bounds=limits).fun)


def _checked(leader: np.ndarray, follower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    leader, follower = np.asarray(leader, float), np.asarray(follower, float)
    if leader.ndim != 2 or leader.shape != follower.shape or not leader.size:
        raise UserError(f"payoffs have shapes {leader.shape} and {follower.shape}; allowed: (N, M) twice")
    if not (np.isfinite(leader).all() and np.isfinite(follower).all()):
        raise UserError("payoffs hold numbers that are not finite; allowed: finite ones")
    return leader, follower
