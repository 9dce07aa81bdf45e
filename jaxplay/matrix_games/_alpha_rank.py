"""Alpha-rank: how long evolution dwells on each strategy (Omidshafiei et al. 2019).

A population of m players all play one strategy, until a mutant with another strategy takes over. The
probabilities of that make a Markov chain over strategies; alpha-rank is its stationary distribution. It is
computed in logarithms and without a subtraction, so that no selection is too strong for float32.
"""

import math

import jax
import jax.numpy as jnp
from jax import Array
from jax.nn import logsumexp

from jaxplay.errors import UserError
from jaxplay.matrix_games.checks import as_payoff
from jaxplay.matrix_games.mixtures import everyone


def alpha_rank(
    payoff: Array,
    mask: Array | None = None,
    *,
    alpha: float = 10.0,
    population_size: int = 50,
    noise: float = 1e-3,
) -> Array:
    """`(N,)`: the stationary distribution of a single population.

    Args:
        payoff: `(N, N)` float32, what the row earns against the column.
        mask: `(N,)` bool, the strategies that exist; by default all do. If none does, all weights are zero.
        alpha: the strength of selection, in units of one over payoff. With `math.inf`, mutants that earn more
            against the residents than the residents against them always take over.
        population_size: m, at least 2; it has no effect where `alpha` is infinite.
        noise: the probability that the worse strategy takes over where `alpha` is infinite.

    Raises:
        UserError: wrong shapes, payoffs that are not finite, or options out of bounds.
    """
    payoff = as_payoff(payoff, mask, mask, symmetric=True)
    if not alpha >= 0 or population_size < 2:
        given = f"alpha is {alpha} and population_size {population_size}"
        raise UserError(f"{given}; allowed: alpha 0 or more, population_size 2 or more")
    mask = everyone(mask, payoff.shape[0])
    # Strategies that exist come first, because the elimination ends at index 0.
    order = jnp.argsort(~mask, stable=True)
    payoff, exists = payoff[order][:, order], mask[order]
    rates = (
        _log_infinite(payoff, noise) if math.isinf(alpha) else _log_fixation(payoff, alpha, population_size)
    )
    other = ~jnp.eye(payoff.shape[0], dtype=bool)
    rates = jnp.where(exists[:, None] & exists[None] & other, rates, -jnp.inf)
    return jnp.zeros_like(payoff[0]).at[order].set(jnp.where(exists, _stationary(rates), 0.0))


def _log_fixation(payoff: Array, alpha: float, size: int) -> Array:
    """`(N, N)`: log probability that one mutant (column) takes over a population of residents (row)."""
    mutant, resident = payoff.T, payoff  # each against the other
    twins = jnp.diagonal(payoff)
    mutants, residents = twins[None], twins[:, None]  # each against its like

    def add(carry: tuple[Array, Array], number: Array) -> tuple[tuple[Array, Array], None]:
        exponent, total = carry
        gain = (number - 1) * mutants + (size - number) * mutant
        loss = number * resident + (size - number - 1) * residents
        exponent = exponent - alpha * (gain - loss) / (size - 1)
        return (exponent, jnp.logaddexp(total, exponent)), None

    start = jnp.zeros_like(payoff)
    numbers = jnp.arange(1, size, dtype=payoff.dtype)
    return -jax.lax.scan(add, (start, start), numbers)[0][1]


def _log_infinite(payoff: Array, noise: float) -> Array:
    """`(N, N)`: log probability of the change from row to column under the strongest selection."""
    better = jnp.sign(payoff.T - payoff)
    return jnp.log(jnp.where(better == 0, 0.5, jnp.where(better > 0, 1.0 - noise, noise)))


def _stationary(rates: Array) -> Array:
    """`(N,)`: the stationary distribution of a chain with log rates `(N, N)`, -inf on the diagonal.

    By the elimination of Grassmann, Taksar and Heyman (1985): the last state is left out, and the rates of
    the others become those of the chain watched only while it is elsewhere. Then the states are put back one
    by one.
    """
    size = rates.shape[0]
    index = jnp.arange(size)

    def leave(step: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        rates, out = carry
        last = size - 1 - step
        from_last = jnp.where(index < last, rates[last], -jnp.inf)
        total = logsumexp(from_last)
        total = jnp.where(jnp.isfinite(total), total, 0.0)  # a state that does not exist
        around = rates[:, last][:, None] + (from_last - total)[None]
        return jnp.logaddexp(rates, around), out.at[last].set(total)

    rates, out = jax.lax.fori_loop(0, size - 1, leave, (rates, jnp.zeros((size,), rates.dtype)))

    def back(state: Array, log_mass: Array) -> Array:
        inflow = jnp.where(index < state, log_mass + rates[:, state], -jnp.inf)
        return log_mass.at[state].set(logsumexp(inflow) - out[state])

    log_mass = jnp.where(index == 0, 0.0, -jnp.inf).astype(rates.dtype)
    log_mass = jax.lax.fori_loop(1, size, back, log_mass)
    return jax.nn.softmax(log_mass)
