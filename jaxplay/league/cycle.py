"""The league after each step of training: games are counted, learners frozen, opponents chosen anew.

Everything is one pytree of fixed sizes, and one step is cheap beside a step of training: nothing depends
on how many players there are but tables of N x N numbers and one write into the stacked parameters.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league.matchmaking import Meta
from jaxplay.league.payoff import DECAY, Payoff, absorb, new_payoff, rearrange
from jaxplay.league.population import Population, free_slot, freeze, new_population
from jaxplay.league.roles import Role, ready, resets, restart
from jaxplay.league.standings import Standings, standings
from jaxplay.struct import pytree, replace


@pytree
class LeagueState:
    """Everything that a league changes.

    Attributes:
        population: the frozen players.
        payoff: of N = L + C players, learners first.
        since: `(L,)` int32, steps since each learner was frozen or started.
        generations: `(L,)` int32, how many copies of each learner were frozen.
        memory: of the rules of matchmaking, one for each that is another.
        step: `()` int32.
    """

    population: Population
    payoff: Payoff
    since: Array
    generations: Array
    memory: tuple[Any, ...]
    step: Array


class Changes(NamedTuple):
    """What one step changed.

    Attributes:
        slot: `(L,)` int32, where each learner was frozen; C: it was not.
        evicted: `(L,)` bool, whether somebody had to leave that slot.
        reset: `(L,)` bool: the learner must start anew.
        source: `(L,)` int32, the slot whose parameters it starts from then.
    """

    slot: Array
    evicted: Array
    reset: Array
    source: Array


class League(NamedTuple):
    """A league of L learners and C slots; all functions are pure.

    Attributes:
        init: `params of an agent that has learned nothing -> LeagueState`.
        opponents: `LeagueState -> (L, N)` probabilities, rows as the learners' matches shall be.
        advance: `LeagueState, fresh Payoff, params of each learner, key -> LeagueState, Changes`; `fresh`
            are the games of this step alone. Whoever calls it gives learners that must start anew their
            parameters, and clears their optimizers and memories.
        standings: `LeagueState -> Standings`.
    """

    init: Callable[[Any], LeagueState]
    opponents: Callable[[LeagueState], Array]
    advance: Callable[[LeagueState, Payoff, Sequence[Any], Array], tuple[LeagueState, Changes]]
    standings: Callable[[LeagueState], Standings]


def make_league(
    roles: Sequence[Role], metas: Sequence[Meta], num_slots: int, *, decay: float = DECAY
) -> League:
    """A league by its rules.

    Args:
        roles: of the L learners.
        metas: their matchmaking. Learners with the same rule, the very same object, share its memory: so a
            game of frozen players is solved once for all of them.
        num_slots: C, at least 2.
        decay: of the payoff table.

    Raises:
        ValueError: the numbers of roles and rules differ, or there are too few slots.
    """
    if len(roles) != len(metas):
        raise ValueError(f"{len(roles)} roles and {len(metas)} rules of matchmaking")
    if num_slots < 2:
        raise ValueError(f"num_slots is {num_slots}; allowed: 2 or more")
    rules = list(dict.fromkeys(metas))
    num_learners = len(roles)
    num_players = num_learners + num_slots

    def init(params: Any) -> LeagueState:
        state = LeagueState(
            population=new_population(params, num_slots),
            payoff=new_payoff(num_players),
            since=jnp.zeros((num_learners,), jnp.int32),
            generations=jnp.zeros((num_learners,), jnp.int32),
            memory=tuple(rule.init(num_learners, num_players) for rule in rules),
            step=jnp.int32(0),
        )
        return _remember(state, new_payoff(num_players), jnp.zeros((num_learners,), bool))

    def look(state: LeagueState) -> Standings:
        return standings(state.payoff, state.population, [role.kind for role in roles])

    def opponents(state: LeagueState) -> Array:
        facts = look(state)
        memory = [state.memory[rules.index(meta)] for meta in metas]
        rows = zip(metas, memory, range(num_learners), strict=True)
        return jnp.stack([meta.opponents(known, facts, jnp.int32(i)) for meta, known, i in rows])

    def advance(
        state: LeagueState, fresh: Payoff, params: Sequence[Any], key: Array
    ) -> tuple[LeagueState, Changes]:
        state = replace(
            state, payoff=absorb(state.payoff, fresh, decay), since=state.since + 1, step=state.step + 1
        )
        facts = look(state)
        freezing = [ready(role, facts, i, state.since[i], decay) for i, role in enumerate(roles)]
        state, slot, evicted = _freeze_all(state, facts, jnp.stack(freezing), params)
        frozen = slot < num_slots
        keys = jax.random.split(key, num_learners)
        reset = jnp.stack([resets(role, keys[i]) for i, role in enumerate(roles)]) & frozen
        state = replace(
            state,
            payoff=rearrange(state.payoff, _origin(slot, reset, num_players)),
            since=jnp.where(frozen, 0, state.since),
        )
        facts = look(state)
        source = jnp.stack([restart(role, facts) for role in roles])
        return _remember(state, fresh, reset), Changes(slot, evicted, reset, source)

    def _freeze_all(
        state: LeagueState, facts: Standings, freezing: Array, params: Sequence[Any]
    ) -> tuple[LeagueState, Array, Array]:
        """One learner after the other; `slot` and `evicted` `(L,)`."""
        agents = facts.main_agents.astype(jnp.float32)
        beaten = (agents @ facts.score / jnp.maximum(agents.sum(), 1.0))[num_learners:]
        population, generations = state.population, state.generations
        # Whoever reads a state once a step, one step late, must find everybody who was frozen in between.
        taken = population.present & (population.born >= state.step - 1)
        slots, evicted = [], []
        for i, role in enumerate(roles):
            slot = jnp.where(freezing[i], free_slot(population, beaten, generations, taken), num_slots)
            evicted.append(jnp.append(population.present, values=False)[slot])
            population = freeze(population, slot, params[i], role.kind, i, state.step, generations[i] + 1)
            generations = generations.at[i].add(slot < num_slots)
            taken = taken.at[slot].set(True, mode="drop")
            slots.append(slot)
        state = replace(state, population=population, generations=generations)
        return state, jnp.stack(slots), jnp.stack(evicted)

    def _remember(state: LeagueState, fresh: Payoff, anew: Array) -> LeagueState:
        facts = look(state)
        updated = [rule.update(m, facts, fresh) for rule, m in zip(rules, state.memory, strict=True)]
        memory = [rule.forget(m, anew) for rule, m in zip(rules, updated, strict=True)]
        return replace(state, memory=tuple(memory))

    return League(init, opponents, advance, look)


def _origin(slot: Array, reset: Array, num_players: int) -> Array:
    """`(N,)` int32: whose games each player has now, see `rearrange`.

    A copy inherits the games of its learner; a learner that starts anew has none.
    """
    learner = jnp.arange(slot.shape[0], dtype=jnp.int32)
    origin = jnp.arange(num_players, dtype=jnp.int32)
    origin = origin.at[slot.shape[0] + slot].set(learner, mode="drop")
    return origin.at[learner].set(jnp.where(reset, -1, learner))
