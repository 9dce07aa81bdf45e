"""What is refused of tables and vectors: wrong shapes, and outside `jit` numbers that are not finite."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from jaxplay.errors import UserError


def as_numbers(name: str, values: Any) -> np.ndarray:
    """`values` as float64.

    Raises:
        UserError: they are no array of numbers.
    """
    try:
        return np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise UserError(f"{name} is no array of numbers: {error}") from None


def finite(name: str, values: Any, where: Any = True) -> np.ndarray:
    """`values` as float64, all of them finite `where` they count.

    Raises:
        UserError: they are not.
    """
    values = as_numbers(name, values)
    bad = np.argwhere(~np.isfinite(values) & where)
    if len(bad):
        place = tuple(bad[0].tolist())
        at = f" at {list(place)}" if place else ""
        raise UserError(f"{name} is {values[place]}{at}; allowed: finite numbers")
    return values


def has_shape(name: str, shape: tuple[int, ...], allowed: str, *, holds: bool = True) -> None:
    """Refuse an empty shape, or one of which `holds` is False.

    Raises:
        UserError: it is refused; `allowed` tells what is not.
    """
    if not holds or 0 in shape:
        raise UserError(f"{name} has shape {tuple(shape)}; allowed: {allowed}")


def square(name: str, values: Any, least: int = 1) -> np.ndarray:
    """`(N, N)` float64: `values`, finite, of `least` or more rows.

    Raises:
        UserError: they are not.
    """
    values = as_numbers(name, values)
    holds = values.ndim == 2 and values.shape[0] == values.shape[1] and len(values) >= least
    has_shape(name, values.shape, f"(N, N) with N from {least}", holds=holds)
    return finite(name, values)


def as_payoff(payoff: Any, rows: Array | None, columns: Array | None, *, symmetric: bool = False) -> Array:
    """`(N, M)` float32: payoffs, finite where rows and columns exist; `symmetric`: N is M.

    Raises:
        UserError: they are not; under `jit`, only shapes are looked at.
    """
    table = jnp.asarray(as_numbers("payoff", payoff) if _is_known(payoff) else payoff, jnp.float32)
    holds = table.ndim == 2 and (not symmetric or table.shape[0] == table.shape[1])
    has_shape("payoff", table.shape, "(N, N)" if symmetric else "(N, M)", holds=holds)
    for name, mask, size in zip(("rows", "columns"), (rows, columns), table.shape, strict=True):
        if mask is not None:
            has_shape(name, jnp.shape(mask), f"({size},)", holds=jnp.shape(mask) == (size,))
    if _is_known(payoff, rows, columns):
        there = True if rows is None else np.asarray(rows)[:, None]
        exists = there & (True if columns is None else np.asarray(columns))
        finite("payoff", payoff, exists)
    return table


def as_mixture(name: str, values: Any, size: int) -> Array:
    """`(size,)`: `values`, finite.

    Raises:
        UserError: they are not; under `jit`, only the shape is looked at.
    """
    has_shape(name, jnp.shape(values), f"({size},)", holds=jnp.shape(values) == (size,))
    if _is_known(values):
        finite(name, values)
    return jnp.asarray(values)


def _is_known(*values: Any) -> bool:
    """Whether all values are there to be looked at: none is traced."""
    return not any(isinstance(value, Tracer) for value in values)
