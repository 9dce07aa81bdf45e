"""Optimistic gradient with separated rates: OG+ and OptDA+, which bear noise (Hsieh et al. 2022).

Source: No-regret learning in games with noisy feedback: faster rates and adaptivity via learning rate
separation, https://arxiv.org/abs/2206.06015. A player plays a step ahead of its base point, by the last
gains, and the base moves by what was earned there:

    ahead = mirror(base + extrapolation_t last gains),   base += rate_t gains at `ahead`     (OG+)
    ahead = mirror(rate_t total + extrapolation_t last gains),   total += gains at `ahead`   (OptDA+)

Under noise in proportion to the gains both converge where `rate` is far below `extrapolation`; equal rates,
which are optimal without noise, diverge. OptDA+ with equal rates on a simplex is optimistic hedge, without
extrapolation it is hedge. In vector spaces OG+ with constant rates is OptDA+.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.feedback import Gradient
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.table import Space
from jaxplay.errors import UserError


class Base(NamedTuple):
    """What optimistic players remember.

    Attributes:
        first: where the base began, of OG+ where it is; in the coordinates of gains.
        total: the sum of gains so far.
        number: `()` int32, rounds so far.
    """

    first: Array
    total: Array
    number: Array

    def after(self, gains: Array) -> "Base":
        """One round later."""
        return Base(self.first, self.total + gains, self.number + 1)


class Rates(NamedTuple):
    """How far to look ahead and to move, both falling with time t = 1, 2, ...

    Attributes:
        extrapolation: at the beginning.
        rate: at the beginning.
        extrapolation_decay: the first is divided by `t**extrapolation_decay`.
        rate_decay: the second by `t**rate_decay`.
    """

    extrapolation: float
    rate: float
    extrapolation_decay: float = 0.0
    rate_decay: float = 0.0

    def at(self, number: Array, dtype: Any) -> tuple[Array, Array]:
        """Both after so many rounds."""
        t = (number + 1).astype(dtype)
        return self.extrapolation * t**-self.extrapolation_decay, self.rate * t**-self.rate_decay


def og_plus(
    extrapolation: float = 0.3,
    rate: float = 0.02,
    *,
    extrapolation_decay: float = 0.0,
    rate_decay: float = 0.0,
    start: float = 0.0,
) -> Method:
    """OG+: the base moves by each round's rate; takes `Gradient`.

    Args:
        extrapolation: how far ahead of the base is played, times the last gains.
        rate: how far the base moves.
        extrapolation_decay: see `Rates`; 1/4 and 1/2 are for noise that does not vanish.
        rate_decay: see `Rates`.
        start: the standard deviation of the coordinates of a random base to begin with.

    Raises:
        UserError: a number is negative.
    """
    rates = checked_rates("og_plus", Rates(extrapolation, rate, extrapolation_decay, rate_decay))

    def update(space: Space, player: Player, signal: Gradient) -> Player:
        _, moves = rates.at(player.memory.number, signal.gains.dtype)
        base = player.memory.after(signal.gains)
        base = base._replace(first=base.first + moves * signal.gains)
        ahead, _ = rates.at(base.number, signal.gains.dtype)
        return Player(space.mirror(base.first + ahead * signal.newest), base)

    return Method(beginning(start), update)


def opt_da_plus(
    extrapolation: float = 0.3,
    rate: float = 0.02,
    *,
    extrapolation_decay: float = 0.0,
    rate_decay: float = 0.0,
    start: float = 0.0,
) -> Method:
    """OptDA+: all past gains count by the newest rate; takes `Gradient`.

    Args:
        extrapolation: see `og_plus`.
        rate: what the sum of all gains is multiplied by.
        extrapolation_decay: see `og_plus`.
        rate_decay: see `og_plus`.
        start: see `og_plus`.

    Raises:
        UserError: a number is negative.
    """
    rates = checked_rates("opt_da_plus", Rates(extrapolation, rate, extrapolation_decay, rate_decay))

    def update(space: Space, player: Player, signal: Gradient) -> Player:
        base = player.memory.after(signal.gains)
        ahead, moves = rates.at(base.number, signal.gains.dtype)
        return Player(space.mirror(base.first + moves * base.total + ahead * signal.newest), base)

    return Method(beginning(start), update)


def hedge(rate: float, *, optimistic: bool = True, start: float = 0.0) -> Method:
    """Hedge on a simplex, and its form on trees: OptDA+ with equal rates, or without looking ahead.

    Args:
        rate: of both.
        optimistic: whether the last gains are expected once more.
        start: see `og_plus`.
    """
    return opt_da_plus(rate if optimistic else 0.0, rate, start=start)


def beginning(start: float) -> Callable[..., Player]:
    """How players begin: at the mirror of a random point, `start` the deviation of its coordinates."""

    def init(space: Space, key: Array, dtype: Any = jnp.float32) -> Player:
        origin = space.origin(dtype)
        first = origin + start * jax.random.normal(key, origin.shape, dtype)
        return Player(space.mirror(first), Base(first, jnp.zeros_like(first), jnp.int32(0)))

    return init


def checked_rates(name: str, rates: Rates) -> Rates:
    """Rates that are finite and not negative.

    Raises:
        UserError: they are not.
    """
    if not all(value >= 0 and np.isfinite(value) for value in rates):
        told = ", ".join(f"{key}={value}" for key, value in rates._asdict().items())
        raise UserError(f"{name}: {told}; allowed: numbers of at least 0")
    return rates
