"""Equilibria from a fixed set of comparisons: what the data must cover (Zhang et al. 2024).

Data are pairs of joint actions of a zero-sum game of two, and which of the two was preferred for player 0
(Bradley and Terry's model). A reward is fitted, and each player trusts it as far as the data go: it plays
the equilibrium of the least reward that the data allow it. That finds the equilibrium if the data cover it
and all deviations of one player alone. Data that cover the equilibrium only cannot do it: two games that
they do not tell apart have different equilibria.

Source: Multi-agent reinforcement learning from human feedback: data coverage and algorithmic techniques,
2024, https://arxiv.org/abs/2409.00717.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

from jaxplay.errors import UserError


class Data(NamedTuple):
    """Comparisons.

    Attributes:
        pairs: `(n, 2)` int, joint actions as `a M + b`.
        first: `(n,)` bool, whether the first of the pair was preferred.
    """

    pairs: np.ndarray
    first: np.ndarray


class Estimate(NamedTuple):
    """What comparisons say about rewards; they have no zero, so the most compared joint action has 0.

    Attributes:
        rewards: `(N, M)`, of player 0.
        doubt: `(N, M)`, how far rewards may be off; the largest possible difference where nothing is known.
    """

    rewards: np.ndarray
    doubt: np.ndarray


def compare(rewards: np.ndarray, pairs: np.ndarray, seed: int) -> Data:
    """Comparisons of given pairs of joint actions.

    Args:
        rewards: `(N, M)`, what player 0 receives and player 1 pays.
        pairs: `(n, 2)` int, joint actions as `a M + b`.
        seed: of the answers.
    """
    flat = np.asarray(rewards, float).reshape(-1)
    odds = expit(flat[pairs[:, 0]] - flat[pairs[:, 1]])
    return Data(pairs, np.random.default_rng(seed).random(len(pairs)) < odds)


def unilateral_pairs(shape: tuple[int, int], actions: tuple[int, int], number: int) -> np.ndarray:
    """`(n, 2)`: a pair of actions compared with all deviations of one player, each `number` times."""
    home = actions[0] * shape[1] + actions[1]
    rows = [a * shape[1] + actions[1] for a in range(shape[0]) if a != actions[0]]
    columns = [actions[0] * shape[1] + b for b in range(shape[1]) if b != actions[1]]
    return np.repeat([(home, other) for other in rows + columns], number, axis=0)


def fit(data: Data, shape: tuple[int, int], *, ridge: float = 1e-3, confidence: float = 2.0) -> Estimate:
    """The likeliest rewards, and how far they may be off.

    Args:
        data: the comparisons.
        shape: `(N, M)`.
        ridge: keeps rewards of which nothing is known at 0.
        confidence: standard deviations that doubt holds.

    Raises:
        UserError: there are no data, or joint actions that do not exist.
    """
    size = shape[0] * shape[1]
    if not len(data.pairs) or data.pairs.min() < 0 or data.pairs.max() >= size:
        raise UserError(
            f"pairs: {len(data.pairs)}; allowed: one or more, of joint actions from 0 to {size - 1}"
        )
    codes, inverse = np.unique(data.pairs[:, 0] * size + data.pairs[:, 1], return_inverse=True)
    count = np.bincount(inverse)
    share = np.bincount(inverse, data.first) / count
    design = np.eye(size)[codes // size] - np.eye(size)[codes % size]
    rewards, information = np.zeros(size), np.zeros((size, size))
    for _ in range(50):
        odds = expit(design @ rewards)
        information = (design.T * (count * odds * (1 - odds))) @ design + ridge * np.eye(size)
        slope = design.T @ (count * (share - odds)) - ridge * rewards
        rewards = rewards + np.linalg.solve(information, slope)
    home = int(np.bincount(data.pairs.reshape(-1), minlength=size).argmax())
    apart = np.eye(size) - np.eye(size)[home]
    variance = np.einsum("ij,jk,ik->i", apart, np.linalg.inv(information), apart)
    known = _connected(data.pairs, size, home)
    doubt = np.where(known, confidence * np.sqrt(variance), np.inf)
    return Estimate((rewards - rewards[home]).reshape(shape), doubt.reshape(shape))


def cautious_equilibrium(estimate: Estimate, span: float) -> tuple[np.ndarray, np.ndarray]:
    """`(N,)` and `(M,)`: each player's best mixture by the worst rewards that the data allow it.

    Args:
        estimate: what is known.
        span: the largest possible difference of two rewards.
    """
    low = np.where(np.isinf(estimate.doubt), -span, np.maximum(estimate.rewards - estimate.doubt, -span))
    high = np.where(np.isinf(estimate.doubt), span, np.minimum(estimate.rewards + estimate.doubt, span))
    return _maximin(low), _maximin(-high.T)


def nash_gap(rewards: np.ndarray, row: np.ndarray, column: np.ndarray) -> float:
    """What both players gain by best responses (NashConv, twice the exploitability)."""
    return float((rewards @ column).max() - (row @ rewards).min())


def _connected(pairs: np.ndarray, size: int, home: int) -> np.ndarray:
    """`(size,)` bool: joint actions that comparisons tie to `home`, over others or at once."""
    known = np.arange(size) == home
    for _ in range(size):
        touched = known[pairs].any(axis=1)
        known[pairs[touched].reshape(-1)] = True
    return known


def _maximin(payoff: np.ndarray) -> np.ndarray:
    """`(N,)`: the mixture of rows that earns most whatever the column."""
    size, columns = payoff.shape
    rows = np.hstack([-payoff.T, np.ones((columns, 1))])
    goal, total = np.append(np.zeros(size), -1.0), np.append(np.ones(size), 0.0)[None]
    limits = [(0, None)] * size + [(None, None)]
    found = linprog(goal, rows, np.zeros(columns), total, np.ones(1), bounds=limits)
    mixture = np.maximum(found.x[:-1], 0)
    return mixture / mixture.sum()
