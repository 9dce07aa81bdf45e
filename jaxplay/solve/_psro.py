"""Policy-space response oracles with exact best responses (Lanctot et al. 2017), and double oracle.

Each player has a population of pure policies. An iteration solves the matrix game of the populations, finds
each player's best response to the other's mixture, and adds it. With a Nash equilibrium as the solution this
is the double oracle algorithm (McMahan, Gordon and Blum 2003), which ends in an equilibrium of the game.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.matrix_games import nash, projected_replicator
from jaxplay.matrix_games import uniform as evenly
from jaxplay.solve._sequence_form import Plans, Policies, SequenceForm
from jaxplay.solve.solver import Solver, SolverState, begin
from jaxplay.struct import pytree, replace

SolveMeta = Callable[[Array, Array], tuple[Array, Array]]
"""`payoff (M, M) to the first player, members (M,) bool -> a mixture (M,) for each player`."""

CAPACITY = 128
"""The default number of members of a population."""


@pytree
class Populations:
    """What `psro` remembers.

    Attributes:
        plans: for each player the realization plans of its members, `(M, sequences)`.
        payoff: `(M, M)`, what player 0 earns by each of its members against each of player 1's.
        size: `()` int32, members of each.
        mixtures: for each player the solution that was last answered, `(M,)`.
    """

    plans: Plans
    payoff: Array
    size: Array
    mixtures: tuple[Array, Array]


def by_nash() -> SolveMeta:
    """Solve by a Nash equilibrium of greatest entropy, nearly."""

    def solve(payoff: Array, members: Array) -> tuple[Array, Array]:
        found = nash(payoff, members, members)
        return found.row, found.column

    return solve


def by_replicator(*, num_steps: int = 10_000, dt: float = 0.01) -> SolveMeta:
    """Solve by the mean of projected replicator dynamics."""

    def solve(payoff: Array, members: Array) -> tuple[Array, Array]:
        found = projected_replicator(payoff, members, members, num_steps=num_steps, dt=dt)
        return found.mean_row, found.mean_column

    return solve


def by_uniform() -> SolveMeta:
    """All members equally often: fictitious play by pure policies."""

    def solve(payoff: Array, members: Array) -> tuple[Array, Array]:
        return evenly(members), evenly(members)

    return solve


def psro(form: SequenceForm, meta: SolveMeta | None = None, *, capacity: int = CAPACITY) -> Solver:
    """PSRO with exact best responses; the average is the mixture of the populations.

    Args:
        form: a two-player zero-sum game.
        meta: solves the populations' game; None: `by_nash()`, which makes it the double oracle algorithm.
        capacity: the largest number of members, the first (uniform play) included. Once it is reached,
            nothing changes any more.

    Raises:
        UserError: the game is not one for two with a zero sum, or the capacity is below 2.
    """
    if form.num_players != 2 or not form.game.zero_sum:
        raise UserError("psro needs a two-player zero-sum game")
    if capacity < 2:
        raise UserError(f"psro: capacity={capacity}; allowed: at least 2")
    chosen = meta or by_nash()

    def init(dtype: Any = jnp.float32, policies: Policies | None = None) -> SolverState:
        state = begin(form, lambda first: (), dtype, policies)
        plans = tuple(jnp.zeros((capacity, len(plan)), dtype).at[0].set(plan) for plan in state.plans)
        value = (form.gains(0, state.plans) * state.plans[0]).sum()
        first = jnp.zeros(capacity, dtype).at[0].set(1)
        memory = Populations(
            plans, jnp.zeros((capacity, capacity), dtype).at[0, 0].set(value), jnp.int32(1), (first, first)
        )
        return state._replace(averages=state.plans, total=state.total + 1, memory=memory)

    def update(state: SolverState) -> SolverState:
        best = tuple(t.greedy(form.gains(p, state.averages)) for p, t in enumerate(form.treeplexes))
        plans = form.plans(best)
        memory = _joined(form, state.memory, plans)
        members = jnp.arange(capacity) < memory.size
        mixtures = tuple(m.astype(plans[0].dtype) for m in chosen(memory.payoff, members))
        averages = tuple(m @ members for m, members in zip(mixtures, memory.plans, strict=True))
        memory = replace(memory, mixtures=mixtures)
        return SolverState(state.iteration + 1, best, plans, averages, state.total + 1, memory)

    return Solver(form, init, update)


def _joined(form: SequenceForm, memory: Populations, plans: Plans) -> Populations:
    """The populations with one more member each, while there is room."""
    capacity, at = memory.payoff.shape[0], memory.size
    here = np.arange(capacity) == at
    joined = tuple(
        jnp.where(here[:, None], plan[None], members)
        for plan, members in zip(plans, memory.plans, strict=True)
    )
    row = -(joined[1] @ form.gains(1, plans))
    column = joined[0] @ form.gains(0, plans)
    payoff = jnp.where(here[:, None], row[None], memory.payoff)
    payoff = jnp.where(here[None], column[:, None], payoff)
    return replace(memory, plans=joined, payoff=payoff, size=jnp.minimum(at + 1, capacity))
