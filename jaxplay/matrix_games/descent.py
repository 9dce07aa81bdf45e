"""Nash equilibria of zero-sum matrix games by mirror descent, which needs matrix products only.

It is for populations in the thousands, where the linear systems of `nash` are expensive, and for solutions
that follow payoffs which hardly change. One step moves the logits `z` by payoffs `A p` and shrinks them,
`z <- (1 - s t) z + s A p`, at step size s and temperature t: magnetic mirror descent with a uniform
magnet (Sokota et al. 2023). The payoffs are those against the opponent's next mixture as foreseen from
the last one, which allows a step of 1/2 at any temperature (Cen, Wei and Chi 2021). The temperature is
`1 / (s k)` at step k.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.matrix_games.checks import as_mixture, as_payoff
from jaxplay.matrix_games.mixtures import TINY, dot, everyone, present, softmax, uniform

NUM_STEPS = 10_000
"""So many steps end with an exploitability of about 1e-4 of the largest payoff in the mean, 6e-3 in the worst
game."""
STEP_SIZE = 0.5
"""The step size, in units of one over the largest payoff."""
LEAST = 1e-6
"""The share of the uniform mixture in a start, so that strategies without weight can gain it."""


def mirror_descent(
    payoff: Array,
    mask: Array | None = None,
    *,
    start: Array | None = None,
    num_steps: int = NUM_STEPS,
    warm_steps: int = 0,
) -> Array:
    """`(N,)`: the Nash equilibrium of greatest entropy of a symmetric game, more or less.

    Args:
        payoff: `(N, N)` float32, antisymmetric.
        mask: `(N,)` bool, the strategies that exist; by default all do. If none does, all weights are zero.
        start: `(N,)`, the solution of a game like this one; by default the uniform mixture.
        num_steps: the number of steps. The last temperature is `2 / (warm_steps + num_steps)` times the
            largest payoff.
        warm_steps: the number of steps that `start` counts for: the temperature begins where they would end.
            This saves steps where payoffs changed by thousandths; where they changed by more, begin with 0.

    Raises:
        UserError: wrong shapes, or numbers that are not finite.
    """
    payoff = as_payoff(payoff, mask, mask, symmetric=True)
    if start is not None:
        start = as_mixture("start", start, payoff.shape[0])
    mask = everyone(mask, payoff.shape[0])
    payoff = present(payoff, mask, mask)
    payoff = payoff / jnp.maximum(jnp.abs(payoff).max(), TINY)

    def gains(logits: Array) -> Array:
        return dot(payoff, softmax(logits, mask))

    mixture = uniform(mask) if start is None else (1.0 - LEAST) * start + LEAST * uniform(mask)
    logits = jnp.where(mask, jnp.log(jnp.maximum(mixture, TINY)), 0.0)
    return softmax(_descend(gains, logits, num_steps, warm_steps), mask)


def _descend(gains: Callable[[Array], Array], logits: Array, num_steps: int, warm_steps: int) -> Array:
    """`(N,)`: the last logits."""

    def step(carry: tuple[Array, Array], number: Array) -> tuple[Any, None]:
        logits, foreseen = carry
        kept = (1.0 - 1.0 / (number + 1.0)) * logits
        ahead = gains(kept + STEP_SIZE * foreseen)
        after = kept + STEP_SIZE * ahead
        return (after - after.max(), ahead), None  # a shift changes no mixture

    numbers = warm_steps + jnp.arange(num_steps, dtype=jnp.float32)
    return jax.lax.scan(step, (logits, gains(logits)), numbers)[0][0]
