"""The league after each step of training: it counts games, freezes learners and chooses new opponents.

Everything is one pytree of fixed sizes, and one step is cheap beside a step of training: nothing depends
on how many players there are but tables of N x N numbers and one write into the stacked parameters.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings, standings
from jaxplay.league.matchmaking import Matchmaker
from jaxplay.league.payoff import DECAY, Payoff, add_games, new_payoff, rearrange
from jaxplay.league.population import Population, free_slot, freeze, new_population
from jaxplay.league.roles import Role, ready, resets, restart
from jaxplay.struct import pytree, replace


@pytree
class LeagueState:
    """Everything that a league changes.

    Attributes:
        population: the frozen players.
        payoff: the games of N = L + C players, learners first.
        since: `(L,)` int32, steps in which each learner learned since it was frozen or started.
        generations: `(L,)` int32, how many copies of each learner were frozen.
        matchmaking: the state of each different matchmaker, in the order of the learners.
        step: `()` int32, steps of the league so far.
    """

    population: Population
    payoff: Payoff
    since: Array
    generations: Array
    matchmaking: tuple[Any, ...]
    step: Array


class Changes(NamedTuple):
    """What one step changed.

    Attributes:
        slot: `(L,)` int32, the slot in which each learner was frozen; C for a learner that was not.
        evicted: `(L,)` bool, whether another player had to leave that slot.
        reset: `(L,)` bool, whether the learner must start anew.
        source: `(L,)` int32, the slot whose parameters it starts from in that case.
    """

    slot: Array
    evicted: Array
    reset: Array
    source: Array


class Advance(Protocol):
    """See `League`."""

    def __call__(
        self,
        state: LeagueState,
        fresh: Payoff,
        params: Sequence[Any],
        key: Array,
        learned: Array | None = None,
    ) -> tuple[LeagueState, Changes]:
        """The league after a step."""
        ...


class League(NamedTuple):
    """A league of L learners and C slots; all functions are pure.

    Attributes:
        init: `params of an agent that has learned nothing -> LeagueState`.
        opponents: `LeagueState -> (L, N)` probabilities of the opponents of each learner, a row each.
        advance: `LeagueState, fresh Payoff, params of each learner, key, learned -> LeagueState, Changes`;
            `fresh` holds the games of this step alone, `learned` `(L,)` bool says who learned in it; None:
            everybody. The caller gives learners that must start anew their
            parameters, and clears their optimizers and replay.
        standings: `LeagueState -> Standings`.
    """

    init: Callable[[Any], LeagueState]
    opponents: Callable[[LeagueState], Array]
    advance: Advance
    standings: Callable[[LeagueState], Standings]


def make_league(
    roles: Sequence[Role], matchmakers: Sequence[Matchmaker], num_slots: int, *, decay: float = DECAY
) -> League:
    """A league of L learners and C slots for frozen players.

    Args:
        roles: when each of the L learners is frozen, and what it does then.
        matchmakers: the matchmaker of each learner. Learners with the very same object share its state, so
            that a game of frozen players is solved once for all of them.
        num_slots: C, at least 2.
        decay: what one game of a pair leaves of the weight of its earlier games in the payoff table.

    Raises:
        ValueError: the numbers of roles and matchmakers differ, or there are too few slots.
    """
    if len(roles) != len(matchmakers):
        raise ValueError(f"{len(roles)} roles and {len(matchmakers)} matchmakers")
    if num_slots < 2:
        raise ValueError(f"num_slots is {num_slots}; allowed: 2 or more")
    different = list(dict.fromkeys(matchmakers))
    num_learners = len(roles)
    num_players = num_learners + num_slots

    def init(params: Any) -> LeagueState:
        state = LeagueState(
            population=new_population(params, num_slots),
            payoff=new_payoff(num_players),
            since=jnp.zeros((num_learners,), jnp.int32),
            generations=jnp.zeros((num_learners,), jnp.int32),
            matchmaking=tuple(one.init(num_learners, num_players) for one in different),
            step=jnp.int32(0),
        )
        return _update_matchmakers(state, new_payoff(num_players), jnp.zeros((num_learners,), bool))

    def look(state: LeagueState) -> Standings:
        return standings(state.payoff, state.population, [role.kind for role in roles])

    def opponents(state: LeagueState) -> Array:
        facts = look(state)
        states = [state.matchmaking[different.index(one)] for one in matchmakers]
        rows = zip(matchmakers, states, range(num_learners), strict=True)
        return jnp.stack([one.opponents(its_state, facts, jnp.int32(i)) for one, its_state, i in rows])

    def advance(
        state: LeagueState,
        fresh: Payoff,
        params: Sequence[Any],
        key: Array,
        learned: Array | None = None,
    ) -> tuple[LeagueState, Changes]:
        payoff = add_games(state.payoff, fresh, decay)
        since = state.since + (1 if learned is None else learned)
        state = replace(state, payoff=payoff, since=since, step=state.step + 1)
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
        return _update_matchmakers(state, fresh, reset), Changes(slot, evicted, reset, source)

    def _freeze_all(
        state: LeagueState, facts: Standings, freezing: Array, params: Sequence[Any]
    ) -> tuple[LeagueState, Array, Array]:
        """Freeze one learner after the other; also `slot` and `evicted`, `(L,)`."""
        agents = facts.main_agents.astype(jnp.float32)
        beaten = (agents @ facts.score / jnp.maximum(agents.sum(), 1.0))[num_learners:]
        population, generations = state.population, state.generations
        # A reader that sees a state once a step, one step late, must find every player frozen in between.
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

    def _update_matchmakers(state: LeagueState, fresh: Payoff, restarted: Array) -> LeagueState:
        facts, pairs = look(state), zip(different, state.matchmaking, strict=True)
        updated = [one.forget(one.update(s, facts, fresh), restarted) for one, s in pairs]
        return replace(state, matchmaking=tuple(updated))

    return League(init, opponents, advance, look)


def _origin(slot: Array, reset: Array, num_players: int) -> Array:
    """`(N,)` int32: whose games each player has after a step, see `rearrange`.

    A copy inherits the games of its learner; a learner that starts anew has none.
    """
    learner = jnp.arange(slot.shape[0], dtype=jnp.int32)
    origin = jnp.arange(num_players, dtype=jnp.int32)
    origin = origin.at[slot.shape[0] + slot].set(learner, mode="drop")
    return origin.at[learner].set(jnp.where(reset, -1, learner))
