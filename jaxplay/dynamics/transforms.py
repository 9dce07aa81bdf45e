"""OG+ and OptDA+ as transformations of optax, for players whose parameters are any pytree.

The parameters are the points that are played, a step ahead of the base; gradients are those of losses.
With constant rates OG+ is `optax.optimistic_gradient_descent` with `alpha` for the rate and `beta` for the
extrapolation, but for its first step; see `jaxplay.dynamics.optimistic` for both methods.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.dynamics.optimistic import Rates, checked_rates


class OGPlusState(NamedTuple):
    """What `scale_by_og_plus` remembers.

    Attributes:
        last: gradients of the step before.
        number: `()` int32, steps so far.
    """

    last: Any
    number: Array


class OptDAPlusState(NamedTuple):
    """What `opt_da_plus_transform` remembers.

    Attributes:
        first: the parameters at the beginning.
        total: the sum of all gradients.
        number: `()` int32, steps so far.
    """

    first: Any
    total: Any
    number: Array


def og_plus_transform(
    extrapolation: float = 0.3,
    rate: float = 0.02,
    *,
    extrapolation_decay: float = 0.0,
    rate_decay: float = 0.0,
) -> optax.GradientTransformation:
    """OG+ with separated rates.

    Args:
        extrapolation: see `jaxplay.dynamics.og_plus`.
        rate: see `jaxplay.dynamics.og_plus`.
        extrapolation_decay: see `jaxplay.dynamics.og_plus`.
        rate_decay: see `jaxplay.dynamics.og_plus`.

    Raises:
        UserError: a number is negative.
    """
    rates = checked_rates("og_plus", Rates(extrapolation, rate, extrapolation_decay, rate_decay))

    def init(params: Any) -> OGPlusState:
        return OGPlusState(jax.tree.map(jnp.zeros_like, params), jnp.int32(0))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, OGPlusState]:
        before, moves = rates.at(state.number, jnp.float32)
        after, _ = rates.at(state.number + 1, jnp.float32)

        def step(new: Array, old: Array) -> Array:
            return (before * old - (moves + after) * new).astype(new.dtype)

        moved = jax.tree.map(step, updates, state.last)
        return moved, OGPlusState(updates, state.number + 1)

    return optax.GradientTransformation(init, update)


def opt_da_plus_transform(
    extrapolation: float = 0.3,
    rate: float = 0.02,
    *,
    extrapolation_decay: float = 0.0,
    rate_decay: float = 0.0,
) -> optax.GradientTransformation:
    """OptDA+ with separated rates; its updates need the parameters.

    Args:
        extrapolation: see `jaxplay.dynamics.opt_da_plus`.
        rate: see `jaxplay.dynamics.opt_da_plus`.
        extrapolation_decay: see `jaxplay.dynamics.opt_da_plus`.
        rate_decay: see `jaxplay.dynamics.opt_da_plus`.

    Raises:
        UserError: a number is negative.
    """
    rates = checked_rates("opt_da_plus", Rates(extrapolation, rate, extrapolation_decay, rate_decay))

    def init(params: Any) -> OptDAPlusState:
        return OptDAPlusState(params, jax.tree.map(jnp.zeros_like, params), jnp.int32(0))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, OptDAPlusState]:
        if params is None:
            raise ValueError("opt_da_plus_transform needs params: update(updates, state, params)")
        total = jax.tree.map(jnp.add, state.total, updates)
        ahead, moves = rates.at(state.number + 1, jnp.float32)

        def step(first: Array, summed: Array, new: Array, now: Array) -> Array:
            return (first - moves * summed - ahead * new - now).astype(now.dtype)

        moved = jax.tree.map(step, state.first, total, updates, params)
        return moved, OptDAPlusState(state.first, total, state.number + 1)

    return optax.GradientTransformation(init, update)
