"""Learning from gains that come late: delayed dual averaging, with optimism, and the banker's schedule.

Delayed dual averaging (Hsieh et al. 2022, https://arxiv.org/abs/2012.11579) plays by all gains that have
arrived; the optimistic form expects the newest of them once for each round that is still on its way, and
once for the round to come:

    policy = mirror(rate / sqrt(t) (arrived + optimism (pending + 1) newest))
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.feedback import Gradient
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.optimistic import beginning
from jaxplay.dynamics.table import Space
from jaxplay.errors import UserError


def delayed_dual_averaging(
    rate: float = 0.5, *, optimism: float = 1.0, decay: float = 0.5, start: float = 0.0
) -> Method:
    """Dual averaging of what has arrived; takes `Gradient`, late or not.

    Args:
        rate: divided by the number of rounds to the power of `decay`.
        optimism: how much of the missing gains is foreseen; 0: plain.
        decay: 1/2 needs no knowledge of the number of rounds.
        start: see `jaxplay.dynamics.og_plus`.

    Raises:
        UserError: a number is out of bounds.
    """
    if not (rate > 0 and optimism >= 0 and 0 <= decay <= 1):
        told = f"rate={rate}, optimism={optimism}, decay={decay}"
        raise UserError(
            f"delayed_dual_averaging: {told}; allowed: rate above 0, optimism at least 0, decay 0 to 1"
        )

    def update(space: Space, player: Player, signal: Gradient) -> Player:
        base = player.memory.after(signal.gains)
        dtype = signal.gains.dtype
        foreseen = optimism * (signal.pending + 1).astype(dtype) * signal.newest
        size = rate * (base.number + 1).astype(dtype) ** -decay
        return Player(space.mirror(base.first + size * (base.total + foreseen)), base)

    return Method(beginning(start), update)


class Account(NamedTuple):
    """The banker's books.

    Attributes:
        savings: `()`, the weight that came back and can be invested again.
        dual: the dual points that it came back with, times their weights, in one sum.
        weights: `(M,)`, the weight of each round that is on its way.
        duals: `(M, 1 + S)`, its dual point, times its weight.
        number: `()` int32, rounds so far.
        waited: `()`, the sum over rounds of one more than were on their way.
    """

    savings: Array
    dual: Array
    weights: Array
    duals: Array
    number: Array
    waited: Array


def banker(rate: float = 1.0, *, longest: int) -> Method:
    """Mirror descent by the banker's schedule, for delays that nobody knows; takes `Gradient`.

    Each round has a weight, the inverse of its step size. It is withdrawn from the weights of rounds whose
    gains have arrived, with the points that they led to, and what is missing is borrowed at the starting
    point. So steps are as large as the gains on their way allow, at every moment, without knowing how long
    they will take.

    Source: Huang, Dai and Huang, Banker online mirror descent, 2023, https://arxiv.org/abs/2301.10500.

    Args:
        rate: the step size is `rate (pending + 1) / sqrt(sum over rounds of (pending + 1))`.
        longest: the longest delay that the feedback can have, which says how large the books are.

    Raises:
        UserError: a number is out of bounds.
    """
    if not (rate > 0 and np.isfinite(rate) and longest >= 0):
        raise UserError(f"banker: rate={rate}, longest={longest}; allowed: rate above 0, longest at least 0")
    size = longest + 1

    def init(space: Space, key: Array, dtype: Any = jnp.float32) -> Player:
        start = jnp.zeros_like(space.origin(dtype))
        nothing = jnp.zeros(size, dtype)
        books = Account(nothing[0], start, nothing, jnp.tile(start, (size, 1)), jnp.int32(0), nothing[0])
        return _invested(space, books, jnp.int32(0), rate)

    def update(space: Space, player: Player, signal: Gradient) -> Player:
        books = player.memory
        if signal.rounds.shape != books.weights.shape:
            told = f"longest={longest}; the longest delay is {len(signal.rounds) - 1}"
            raise UserError(f"banker: {told}; allowed: the same")
        back = signal.rounds[:, None]
        books = books._replace(
            savings=books.savings + jnp.where(signal.rounds, books.weights, 0).sum(),
            dual=books.dual + jnp.where(back, books.duals + signal.each, 0).sum(axis=0),
        )
        return _invested(space, books, signal.pending, rate)

    return Method(init, update)


def _invested(space: Space, books: Account, pending: Array, rate: float) -> Player:
    """The next policy, and the books after its weight was withdrawn and borrowed."""
    here = (pending + 1).astype(books.dual.dtype)
    waited = books.waited + here
    weight = jnp.sqrt(waited) / (rate * here)
    share = jnp.minimum(weight / jnp.maximum(books.savings, 1e-30), 1)
    borrowed = (weight - share * books.savings) * space.origin(books.dual.dtype)
    taken, place = share * books.dual, books.number % len(books.weights)
    dual = taken + borrowed
    after = Account(
        savings=books.savings * (1 - share),
        dual=books.dual - taken,
        weights=books.weights.at[place].set(weight),
        duals=books.duals.at[place].set(dual),
        number=books.number + 1,
        waited=waited,
    )
    return Player(space.mirror(dual / weight), after)
