"""Magnetic mirror descent on realization plans, with the dilated entropy (Sokota et al. 2023).

Source: https://arxiv.org/abs/2206.05825. One iteration maximizes, for each player, what its plan x earns
against the others, less `alpha` times its distance from the magnet, less `1 / step` times its distance from
the plan before. Both distances are Bregman divergences of the dilated entropy
`psi(x) = sum over sequences of x log(policy)`, so that the new policy is a softmax in each information set,
found from the last ones backwards.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.solve._sequence_form import Policies, SequenceForm
from jaxplay.solve.solver import Solver, SolverState, averaged, begin
from jaxplay.solve.treeplex import Treeplex, softmax


def mmd(
    form: SequenceForm,
    *,
    alpha: float = 0.05,
    step: float | None = None,
    anneal: float = 0.0,
    refresh_every: int = 0,
) -> Solver:
    """Magnetic mirror descent: the last iterate converges, to an equilibrium of a regularized game.

    Args:
        form: the game.
        alpha: the weight of the magnet; 0: plain mirror descent, of which only the average converges.
        step: the step size; None: `alpha` divided by the square of the greatest payoff of a pair of
            sequences, weighted by chance, which is safe.
        anneal: in iteration t both `alpha` and the step are divided by `t**anneal`, so that the regularized
            game tends to the game itself; 0.5 is usual.
        refresh_every: after so many iterations the magnet becomes the policy of then, which takes the
            bias away too; 0: it stays where the dilated entropy is greatest.

    Raises:
        UserError: `alpha` is 0 or less and no step is given, or a number is negative.
    """
    size = _step(form, alpha, step)

    def init(dtype: Any = jnp.float32, policies: Policies | None = None) -> SolverState:
        state = begin(form, lambda first: tuple(jnp.zeros(p.shape, p.dtype) for p in first), dtype, policies)
        return state._replace(averages=state.plans, total=state.total + 1)

    def update(state: SolverState) -> SolverState:
        t = (state.iteration + 1).astype(state.total.dtype)
        weight, rate = alpha * t**-anneal, size * t**-anneal
        moved = [_moved(form, player, state, weight, rate) for player in range(form.num_players)]
        policies = tuple(moved)
        magnets = state.memory
        if refresh_every > 0:
            due = (state.iteration + 1) % refresh_every == 0
            places = zip(form.treeplexes, policies, magnets, strict=True)
            magnets = tuple(jnp.where(due, _slope(t_, p), m) for t_, p, m in places)
        total = state.total + 1
        plans = form.plans(policies)
        pairs = zip(state.averages, plans, strict=True)
        averages = tuple(averaged(mean, plan, 1 / total) for mean, plan in pairs)
        return SolverState(state.iteration + 1, policies, plans, averages, total, magnets)

    return Solver(form, init, update)


def regularized_gap(form: SequenceForm, policies: Policies, alpha: float) -> Array:
    """`()`: the sum of the players' gains by a best response in the game regularized by `alpha`.

    Two-player zero-sum games only; 0 at the fixed point of `mmd`.
    """
    plans, gap = form.plans(policies), jnp.zeros(())
    for player, treeplex in enumerate(form.treeplexes):
        _, best = treeplex.smoothed(form.gains(player, plans) / alpha)
        gap = gap + alpha * best + alpha * _entropy(plans[player], policies[player])
    return gap


def _step(form: SequenceForm, alpha: float, step: float | None) -> float:
    if not (alpha >= 0 and np.isfinite(alpha)):
        raise UserError(f"mmd: alpha={alpha}; allowed: at least 0")
    if step is None and alpha == 0:
        raise UserError("mmd: alpha=0 needs a step; allowed: step above 0")
    size = alpha / max(np.abs(ends.weights).max() for ends in form.ends) ** 2 if step is None else step
    if not (size > 0 and np.isfinite(size)):
        raise UserError(f"mmd: step={step}; allowed: above 0")
    return float(size)


def _moved(form: SequenceForm, player: int, state: SolverState, alpha: Array, step: Array) -> Array:
    """`(S,)`: the policy of one player after one step."""
    treeplex, policy = form.treeplexes[player], state.policies[player]
    gains = form.gains(player, state.plans)
    pull = _slope(treeplex, policy) / step + alpha * state.memory[player]
    q, _ = treeplex.smoothed(gains.at[1:].add(pull) / (alpha + 1 / step))
    return treeplex.each(softmax, q)


def _slope(treeplex: Treeplex, policy: Array) -> Array:
    """`(S,)`: the gradient of the dilated entropy by plans: `log(policy) + 1` less what follows."""
    tiny = jnp.finfo(policy.dtype).tiny
    follows = jnp.asarray(treeplex.followers, policy.dtype)
    return jnp.where(treeplex.legal, jnp.log(jnp.maximum(policy, tiny)) + 1 - follows, 0)


def _entropy(plan: Array, policy: Array) -> Array:
    """`()`: the dilated (negative) entropy."""
    return (plan[1:] * jnp.log(jnp.where(policy > 0, policy, 1))).sum()
