"""Whose turn it is: learners and referees may act only every so many steps."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array


def turns(every: Sequence[int], step: Array) -> list[Array | None]:
    """Who acts in a step; None: always.

    Those who act as seldom as each other take turns, so that steps take about as long as each other.

    Args:
        every: steps from one in which each acts to the next.
        step: `()` int32, of the run.
    """
    found: list[Array | None] = []
    for place, steps in enumerate(every):
        before = sum(other == steps for other in every[:place])
        found.append(None if steps == 1 else (step - before) % steps == 0)
    return found


def who_acts(acts: Sequence[Array | None]) -> Array:
    """Of what `turns` found, as one array of flags."""
    return jnp.stack([jnp.bool_(True) if turn is None else turn for turn in acts])


def at_its_turn(
    acts: Array | None, act: Callable[[Any], Any], idle: Callable[[Any, Any], Any], facts: Any
) -> Any:
    """`act(facts)` where it is its turn, else `idle(facts, what it would have come to)`.

    Args:
        acts: `()` bool; None: always.
        act: what is done.
        idle: `facts, shapes of act(facts) -> ` the same tree.
        facts: arrays.
    """
    if acts is None:
        return act(facts)
    return jax.lax.cond(acts, act, lambda facts: idle(facts, jax.eval_shape(act, facts)), facts)


def nothing(shapes: Any) -> Any:
    """Zeros of these shapes."""
    return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)


def unknown(shapes: Any) -> Any:
    """Metrics of what did not happen: nan."""
    return jax.tree.map(lambda leaf: jnp.full(leaf.shape, jnp.nan, leaf.dtype), shapes)
