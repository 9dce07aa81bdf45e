"""Dense layers that multiply in bfloat16 and sum in float32, forward and backward."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax


@jax.custom_vjp
def half_product(x: Array, kernel: Array) -> Array:
    """`x @ kernel` of float32, with factors rounded to bfloat16 and sums in float32.

    Its gradients are such products too. JAX's own rules would multiply a float32 cotangent with a bfloat16
    kernel, which processors do as slowly as float32 alone.

    Args:
        x: `(..., inputs)`. The gradient of the kernel is one product of a batch `(N, inputs)`, but under
            `vmap` a sum of one matrix for each.
        kernel: `(inputs, outputs)`.
    """
    return _dot(x, kernel, x.ndim - 1, 0)


def _forward(x: Array, kernel: Array) -> tuple[Array, tuple[Array, Array]]:
    return half_product(x, kernel), (x.astype(jnp.bfloat16), kernel.astype(jnp.bfloat16))


def _backward(saved: tuple[Array, Array], cotangent: Array) -> tuple[Array, Array]:
    x, kernel = saved
    inputs, outputs = kernel.shape
    of_kernel = _dot(x.reshape(-1, inputs), cotangent.reshape(-1, outputs), 0, 0)
    return _dot(cotangent, kernel, cotangent.ndim - 1, 1), of_kernel


half_product.defvjp(_forward, _backward)


def _dot(left: Array, right: Array, left_axis: int, right_axis: int) -> Array:
    half = left.astype(jnp.bfloat16), right.astype(jnp.bfloat16)
    axes = (((left_axis,), (right_axis,)), ((), ()))
    return lax.dot_general(*half, axes, preferred_element_type=jnp.float32)


def dense(inputs: int, outputs: int, *, bfloat16: bool, rngs: nnx.Rngs, **options: Any) -> nnx.Linear:
    """A dense layer, of float32 parameters, inputs and outputs.

    Args:
        inputs: units that come in.
        outputs: units that go out.
        bfloat16: whether it multiplies in bfloat16.
        rngs: of the parameters.
        options: others of `nnx.Linear`.
    """
    product = _as_dot_general if bfloat16 else lax.dot_general
    return nnx.Linear(inputs, outputs, dot_general=product, rngs=rngs, **options)


def _as_dot_general(x: Array, kernel: Array, axes: Any, **options: Any) -> Array:
    return half_product(x, kernel)
