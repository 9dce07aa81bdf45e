"""What self-play does to the root's prior: temperature and noise."""

import jax
import jax.numpy as jnp
from jax import Array


def gamma_draws(key: Array, shape_parameter: Array) -> Array:
    """Gamma variates of shape `shape_parameter` (any shape), a tenth of the cost of an exact draw.

    `Gamma(a) = Gamma(a + 1) U^(1/a)`, and `Gamma(a + 1)` by the cube of a normal (Wilson and Hilferty
    1931), whose first two moments are right to about 1 % for `a >= 0`.
    """
    key_normal, key_uniform = jax.random.split(key)
    a = shape_parameter + 1.0
    normal = jax.random.normal(key_normal, shape_parameter.shape)
    cube = jnp.maximum(1.0 - 1.0 / (9.0 * a) + normal / (3.0 * jnp.sqrt(a)), 0.0) ** 3
    uniform = jax.random.uniform(key_uniform, shape_parameter.shape, minval=1e-7)
    return a * cube * uniform ** (1.0 / shape_parameter)


def temper(prior: Array, temperature: float) -> Array:
    """`(B, E)`: priors to the power of `1 / temperature`, their sum one again; above 1 they are flatter.

    `prior` is negative where an edge does not exist, and stays so.
    """
    exists = prior >= 0.0
    power = jnp.where(exists, jnp.maximum(prior, 0.0) ** (1.0 / temperature), 0.0)
    return jnp.where(exists, power / jnp.maximum(power.sum(-1, keepdims=True), 1e-30), prior)


def mix_dirichlet(key: Array, prior: Array, fraction: float, concentration: float) -> Array:
    """`(B, E)`: priors with Dirichlet noise of total mass `fraction` on existing edges only.

    Args:
        key: consumed.
        prior: `(B, E)`, negative where an edge does not exist.
        fraction: share of the noise, epsilon of AlphaZero.
        concentration: sum of the Dirichlet's parameters, shared equally by the existing edges.
    """
    exists = prior >= 0.0
    count = jnp.maximum(exists.sum(-1, keepdims=True), 1)
    alpha = jnp.broadcast_to(concentration / count.astype(jnp.float32), prior.shape)
    draws = jnp.where(exists, gamma_draws(key, alpha) + 1e-20, 0.0)
    noise = draws / jnp.maximum(draws.sum(-1, keepdims=True), 1e-20)
    return jnp.where(exists, (1.0 - fraction) * prior + fraction * noise, prior)
