"""What a tabular solver is: a pair of pure functions, and how it is run."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.solve._sequence_form import Plans, Policies, SequenceForm


class SolverState(NamedTuple):
    """What every solver carries from one iteration to the next, arrays only.

    Attributes:
        iteration: `()` int32, of the iterations done.
        policies: what the players play next.
        plans: their realization plans.
        averages: the mean plans of the iterations done, by the solver's weights.
        total: `()`, the sum of those weights.
        memory: the solver's own, such as regrets.
    """

    iteration: Array
    policies: Policies
    plans: Plans
    averages: Plans
    total: Array
    memory: Any


class Solver(NamedTuple):
    """Pure functions, for `jit` and `vmap`.

    Attributes:
        form: the game.
        init: `dtype -> SolverState`, or with a policy for each player to begin with.
        update: one iteration.
    """

    form: SequenceForm
    init: Callable[..., SolverState]
    update: Callable[[SolverState], SolverState]

    def current(self, state: SolverState) -> Array:
        """`(I, A)`: the last iterate as a table."""
        return self.form.table(state.policies)

    def average(self, state: SolverState) -> Array:
        """`(I, A)`: the average, in realization plans, as a table; uniform where it never comes."""
        players = zip(self.form.treeplexes, state.averages, strict=True)
        return self.form.table(tuple(t.policy(plan) for t, plan in players))

    def run(self, state: SolverState, iterations: int) -> SolverState:
        """So many iterations as one compiled program."""
        return _run(self.update, state, jnp.int32(iterations))


@partial(jax.jit, static_argnums=0)
def _run(update: Callable[[SolverState], SolverState], state: SolverState, iterations: Array) -> SolverState:
    return jax.lax.fori_loop(0, iterations, lambda _, carried: update(carried), state)


def begin(
    form: SequenceForm,
    memory: Callable[[Policies], Any],
    dtype: Any = jnp.float32,
    policies: Policies | None = None,
) -> SolverState:
    """The state before the first iteration.

    Args:
        form: the game.
        memory: what the solver remembers, by the first policies.
        dtype: of all numbers.
        policies: the first ones; None: uniform.
    """
    first = form.uniform(dtype) if policies is None else policies
    plans = form.plans(first)
    return SolverState(
        iteration=jnp.int32(0),
        policies=first,
        plans=plans,
        averages=tuple(jnp.zeros_like(plan) for plan in plans),
        total=jnp.zeros((), dtype),
        memory=memory(first),
    )


def averaged(average: Array, plan: Array, share: Array) -> Array:
    """A mean plan with one more, whose weight is `share` of all so far."""
    return average + share * (plan - average)


def swapped(items: tuple[Any, ...], place: int, item: Any) -> tuple[Any, ...]:
    """`items` with another one at `place`."""
    return (*items[:place], item, *items[place + 1 :])
