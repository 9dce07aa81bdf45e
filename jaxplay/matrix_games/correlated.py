"""Correlated play of normal-form games, for any number of players: checks, and the fairest mixtures.

A joint distribution over the actions of all is a *correlated equilibrium* if nobody gains by a rule that
answers each recommended action with another one (Aumann 1974), and a *coarse* one if nobody gains by an
action chosen before the recommendation (Moulin and Vial 1978).
"""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.matrix_games.checks import has_shape
from jaxplay.matrix_games.dynamics import project
from jaxplay.matrix_games.mixtures import TINY

Kind = Literal["ce", "cce"]
"""Correlated equilibria, or coarse ones."""

NUM_STEPS = 2000
"""Steps after which the greatest gain of the fairest mixtures of 3 x 3 games is below 1e-4 of the payoffs."""


def swap_gains(payoffs: Array, joint: Array) -> tuple[Array, ...]:
    """For each player `(A, A)`: what it gains in all by playing the column where the row is recommended.

    Args:
        payoffs: `(A0, ..., P)`, what each player earns.
        joint: `(A0, ...)`, the probabilities of the actions of all.

    Raises:
        UserError: the shapes do not fit.
    """
    num_players = payoffs.ndim - 1
    fits = payoffs.shape == (*joint.shape, num_players) and num_players > 0
    has_shape("payoffs", payoffs.shape, f"{(*joint.shape, joint.ndim)}", holds=fits)
    gains = []
    for player in range(num_players):
        own = jnp.moveaxis(payoffs[..., player], player, 0).reshape(joint.shape[player], -1)
        told = jnp.moveaxis(joint, player, 0).reshape(joint.shape[player], -1)
        earned = jnp.matmul(told, own.T, precision="highest")
        gains.append(earned - jnp.diagonal(earned)[:, None])
    return tuple(gains)


def correlated_gaps(payoffs: Array, joint: Array) -> Array:
    """`(P,)`: what each player gains by the best answers to recommendations; 0 at an equilibrium."""
    return jnp.stack([gains.max(axis=1).sum() for gains in swap_gains(payoffs, joint)])


def coarse_gaps(payoffs: Array, joint: Array) -> Array:
    """`(P,)`: what each player gains by the best fixed action; at most 0 at a coarse equilibrium."""
    return jnp.stack([gains.sum(axis=0).max() for gains in swap_gains(payoffs, joint)])


def maximum_gini(
    payoffs: Array,
    masks: tuple[Array, ...] | None = None,
    *,
    kind: Kind = "cce",
    slack: float = 0.0,
    num_steps: int = NUM_STEPS,
) -> Array:
    """`(A0, ...)`: the (coarse) correlated equilibrium of least sum of squares, the meta-solver of JPSRO.

    It is unique, as like the uniform distribution as can be, and found by Nesterov's gradient steps on its
    dual, where the distribution of given prices is a projection on a simplex.

    Source: Marris et al., Multi-agent training beyond zero-sum with correlated equilibrium meta-solvers, ICML
    2021, https://arxiv.org/abs/2106.09435.

    Args:
        payoffs: `(A0, ..., P)`, what each player earns.
        masks: for each player `(A,)` bool, the actions that exist; None: all.
        kind: `ce` or `cce`.
        slack: by how much players may gain, in units of the largest payoff.
        num_steps: gradient steps.

    Raises:
        UserError: there is no such kind, or the shapes do not fit.
    """
    if kind not in ("ce", "cce"):
        raise UserError(f"kind={kind!r}; allowed: 'ce' or 'cce'")
    exists = _existing(payoffs, masks)
    table = jnp.where(exists[..., None], payoffs, 0.0)
    table = table / jnp.maximum(jnp.abs(table).max(), TINY)
    kept = tuple(exists.any(axis=_others(exists.ndim, p)) for p in range(exists.ndim))

    def gains(flat: Array) -> list[Array]:
        """What each deviation to an action that exists gains."""
        found = swap_gains(table, flat.reshape(exists.shape))
        if kind == "cce":
            return [jnp.where(mask, g.sum(axis=0), 0.0) for g, mask in zip(found, kept, strict=True)]
        return [jnp.where(mask[None], g, 0.0) for g, mask in zip(found, kept, strict=True)]

    start = project(jnp.ones(exists.size) / exists.size, exists.reshape(-1))
    return _dual_ascent(gains, start, exists.reshape(-1), slack, num_steps).reshape(exists.shape)


def _others(num: int, player: int) -> tuple[int, ...]:
    return tuple(other for other in range(num) if other != player)


def _existing(payoffs: Array, masks: tuple[Array, ...] | None) -> Array:
    """`(A0, ...)` bool: the joint actions that exist."""
    exists = jnp.ones(payoffs.shape[:-1], bool)
    for player, mask in enumerate(masks or ()):
        shape = [1] * exists.ndim
        shape[player] = -1
        exists = exists & mask.reshape(shape)
    return exists


def _dual_ascent(
    gains: Callable[[Array], list[Array]], start: Array, exists: Array, slack: float, num_steps: int
) -> Array:
    """`(N,)`: the distribution of least sum of squares of which no gain is above `slack`."""
    _, pull_back = jax.vjp(gains, start)

    def mixture(prices: list[Array]) -> Array:
        return project(-pull_back(prices)[0], exists)

    size = 1 / jnp.maximum(_square_of_norm(gains, pull_back, start), TINY)

    def step(carry: tuple[list[Array], list[Array], Array], _: None) -> tuple[tuple, None]:
        prices, ahead, momentum = carry
        grown = gains(mixture(ahead))
        after = [jnp.maximum(a + size * (g - slack), 0) for a, g in zip(ahead, grown, strict=True)]
        # Momentum that points downhill is dropped (O'Donoghue and Candes 2015).
        uphill = sum(((a - x) * (x - p)).sum() for a, x, p in zip(ahead, after, prices, strict=True))
        momentum = jnp.where(uphill > 0, 1.0, momentum)
        larger = (1 + jnp.sqrt(1 + 4 * momentum**2)) / 2
        share = (momentum - 1) / larger
        pairs = zip(after, prices, strict=True)
        return (after, [x + share * (x - p) for x, p in pairs], larger), None

    zeros = [jnp.zeros_like(g) for g in gains(start)]
    (prices, _, _), _ = jax.lax.scan(step, (zeros, zeros, jnp.float32(1.0)), None, length=num_steps)
    return mixture(prices)


def _square_of_norm(gains: Callable[[Array], list[Array]], pull_back: Callable, start: Array) -> Array:
    """`()`: an upper estimate of the largest eigenvalue of the gains' map with its transpose."""

    def step(vector: Array, _: None) -> tuple[Array, Array]:
        image = pull_back(gains(vector))[0]
        norm = jnp.linalg.norm(image)
        return image / jnp.maximum(norm, TINY), norm

    tilted = start + jnp.linspace(0.1, 1.0, start.size) * jnp.cos(jnp.arange(start.size, dtype=start.dtype))
    _, norms = jax.lax.scan(step, tilted / jnp.linalg.norm(tilted), None, length=20)
    return 1.1 * norms[-1]
