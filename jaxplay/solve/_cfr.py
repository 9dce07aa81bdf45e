"""Counterfactual regret minimization in sequence form, with any rule of regret."""

from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.solve._sequence_form import Policies, SequenceForm
from jaxplay.solve.regrets import Rule, discounted, matching, matching_plus, predictive_plus
from jaxplay.solve.solver import Solver, SolverState, averaged, begin, swapped
from jaxplay.solve.treeplex import in_proportion


def cfr(form: SequenceForm, rule: Rule | None = None, *, alternating: bool = True) -> Solver:
    """Counterfactual regret minimization (Zinkevich et al. 2007), for any number of players.

    The average converges to an equilibrium of two-player zero-sum games.

    Args:
        form: the game.
        rule: of regret; None: `regrets.matching()`.
        alternating: the players move one after another, each against what the others have become, as in
            OpenSpiel; else all at once.
    """
    chosen = rule or matching()

    def init(dtype: Any = jnp.float32, policies: Policies | None = None) -> SolverState:
        return begin(
            form,
            lambda first: tuple(chosen.init(jnp.zeros(policy.shape, policy.dtype)) for policy in first),
            dtype,
            policies,
        )

    def update(state: SolverState) -> SolverState:
        t = (state.iteration + 1).astype(state.total.dtype)
        weight = chosen.weight(t)
        total = state.total + weight
        after = state._replace(iteration=state.iteration + 1, total=total)
        for player in range(form.num_players):
            seen = after if alternating else state
            after = _turn(form, chosen, player, seen, after, t, weight / total)
        return after

    return Solver(form, init, update)


def _turn(
    form: SequenceForm, rule: Rule, player: int, seen: SolverState, after: SolverState, t: Array, share: Array
) -> SolverState:
    """One player learns from its regrets against the others of `seen`."""
    treeplex, policy = form.treeplexes[player], seen.policies[player]
    q, _ = treeplex.values(form.gains(player, seen.plans), policy)

    def learn(memory: Any, policy: Array, q: Array, uniform: Array, legal: Array) -> tuple[Any, Array]:
        regrets = q - (policy * q).sum(axis=0, keepdims=True)
        memory = rule.observe(memory, jnp.where(legal, regrets, 0), t)
        return memory, in_proportion(rule.weights(memory), uniform, legal)

    memory, learned = treeplex.each(learn, after.memory[player], policy, q, treeplex.uniform(q.dtype))
    average = averaged(after.averages[player], after.plans[player], share)
    return after._replace(
        policies=swapped(after.policies, player, learned),
        plans=swapped(after.plans, player, treeplex.plan(learned)),
        averages=swapped(after.averages, player, average),
        memory=swapped(after.memory, player, memory),
    )


def cfr_plus(form: SequenceForm) -> Solver:
    """CFR+ (Tammelin 2014, https://arxiv.org/abs/1407.5042)."""
    return cfr(form, matching_plus())


def linear_cfr(form: SequenceForm) -> Solver:
    """Linear CFR: iteration t counts t, in regrets and average (Brown and Sandholm 2019)."""
    return cfr(form, discounted(1.0, 1.0, 1.0))


def discounted_cfr(
    form: SequenceForm, *, alpha: float = 1.5, beta: float = 0.0, gamma: float = 2.0
) -> Solver:
    """Discounted CFR (Brown and Sandholm 2019); see `regrets.discounted`."""
    return cfr(form, discounted(alpha, beta, gamma))


def predictive_cfr_plus(form: SequenceForm) -> Solver:
    """Predictive CFR+ with quadratic averaging (Farina, Kroer and Sandholm 2021)."""
    return cfr(form, predictive_plus())
