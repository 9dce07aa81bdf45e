"""Rules of regret: how one information set turns the values of its actions into a policy.

A rule is what counterfactual regret minimization varies: a new one is one function that returns a `Rule`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array


class Rule(NamedTuple):
    """Pure functions of arrays that have a number for each action, of many information sets at once.

    Attributes:
        init: `zeros -> memory`.
        observe: `memory, regrets, t () -> memory`: what each action would have earned more than the
            policy, weighted by the others' reach, in iteration t = 1, 2, ...
        weights: `memory -> weights`: the policy is in proportion to them where they are above zero.
        weight: `t () -> ()`: what iteration t counts in the average.
    """

    init: Callable[[Array], Any]
    observe: Callable[[Any, Array, Array], Any]
    weights: Callable[[Any], Array]
    weight: Callable[[Array], Array]


def _one(t: Array) -> Array:
    return jnp.ones_like(t)


def matching() -> Rule:
    """Regret matching (Hart and Mas-Colell 2000), as in CFR (Zinkevich et al. 2007)."""
    return Rule(lambda zeros: zeros, lambda total, regrets, t: total + regrets, lambda total: total, _one)


def matching_plus() -> Rule:
    """Regret matching+, as in CFR+ (Tammelin 2014): no debts, and the average by t."""
    return Rule(
        lambda zeros: zeros,
        lambda total, regrets, t: jnp.maximum(total + regrets, 0),
        lambda total: total,
        lambda t: t,
    )


def discounted(alpha: float = 1.5, beta: float = 0.0, gamma: float = 2.0) -> Rule:
    """Discounted regret matching (Brown and Sandholm 2019, https://arxiv.org/abs/1809.04040).

    Args:
        alpha: positive regrets are multiplied by `t**alpha / (t**alpha + 1)` after iteration t.
        beta: negative ones by `t**beta / (t**beta + 1)`; minus infinity: by 0.
        gamma: iteration t counts `t**gamma` in the average. 1, 1, 1 is linear CFR.
    """

    def observe(total: Array, regrets: Array, t: Array) -> Array:
        total, up, down = total + regrets, t**alpha, t**beta
        return total * jnp.where(total > 0, up / (up + 1), down / (down + 1))

    return Rule(lambda zeros: zeros, observe, lambda total: total, lambda t: t**gamma)


def predictive_plus() -> Rule:
    """Predictive regret matching+ (Farina, Kroer and Sandholm 2021, https://arxiv.org/abs/2007.14358).

    The last regrets are expected once more; the average is by t squared.
    """

    def observe(memory: tuple[Array, Array], regrets: Array, t: Array) -> tuple[Array, Array]:
        return jnp.maximum(memory[0] + regrets, 0), regrets

    return Rule(lambda zeros: (zeros, zeros), observe, lambda memory: memory[0] + memory[1], lambda t: t * t)
