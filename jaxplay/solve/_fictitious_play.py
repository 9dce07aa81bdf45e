"""Fictitious play in realization plans (Heinrich, Lanctot and Silver 2015, algorithm 1)."""

from typing import Any

import jax.numpy as jnp

from jaxplay.solve._sequence_form import Policies, SequenceForm
from jaxplay.solve.solver import Solver, SolverState, averaged, begin


def fictitious_play(form: SequenceForm) -> Solver:
    """Everybody plays best against the average of the others so far; the first is uniform play."""

    def init(dtype: Any = jnp.float32, policies: Policies | None = None) -> SolverState:
        state = begin(form, lambda first: (), dtype, policies)
        return state._replace(averages=state.plans, total=state.total + 1)

    def update(state: SolverState) -> SolverState:
        total = state.total + 1
        best = tuple(t.greedy(form.gains(player, state.averages)) for player, t in enumerate(form.treeplexes))
        plans = form.plans(best)
        pairs = zip(state.averages, plans, strict=True)
        averages = tuple(averaged(mean, plan, 1 / total) for mean, plan in pairs)
        return SolverState(state.iteration + 1, best, plans, averages, total, ())

    return Solver(form, init, update)
