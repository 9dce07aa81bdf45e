"""What a step's matches come to, and what learners make of them; some act only every so many steps."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league import Payoff, tally_lanes
from jaxplay.learners import Learner, LearnerState
from jaxplay.rollout import MatchState, Rolled, Roster, Trajectory
from jaxplay.training.matches import roster_of
from jaxplay.training.parts import Parts
from jaxplay.training.seating import params_of
from jaxplay.training.state import Metrics, TrainState
from jaxplay.training.turns import at_its_turn, nothing, unknown, who_acts

Party = tuple[Roster, MatchState, Array]
"""The learner's own part of a roster, its matches, and their key."""


class Played(NamedTuple):
    """What a step's matches of one learner, or of the referees, came to.

    Attributes:
        matches: leading axis of shards.
        trajectory: leading axis of shards.
        totals: sums over all shards.
        payoff: the games of this step, of all shards; None in plain self-play.
    """

    matches: MatchState
    trajectory: Trajectory
    totals: dict[str, Array]
    payoff: Payoff | None


def play_all(
    parts: Parts,
    state: TrainState,
    matches: Sequence[MatchState],
    acts: Sequence[Array | None],
    key: Array,
) -> list[Played]:
    """The matches of all learners, and of the referees; of those whose turn it is not, none is played on.

    Learners of one program run through it one after the other, which saves its compilation.
    """
    groups: dict[Hashable, list[int]] = {}
    for index in range(len(parts.rollouts)):
        is_member = index < len(parts.members)
        groups.setdefault(parts.members[index].program_key if is_member else index, []).append(index)
    found: dict[int, Played] = {}
    for group in groups.values():
        program = partial(_play, _player(parts, state, group[0]))
        parties = [(_own(parts, state, i), matches[i], jax.random.fold_in(key, i)) for i in group]
        if len(group) == 1:
            found[group[0]] = program((acts[group[0]], parties[0]))
            continue
        turn = who_acts([acts[i] for i in group]) if any(acts[i] is not None for i in group) else None
        stacked = jax.lax.map(program, (turn, jax.tree.map(lambda *each: jnp.stack(each), *parties)))
        for place, index in enumerate(group):
            found[index] = jax.tree.map(lambda leaf, at=place: leaf[at], stacked)
    return [found[index] for index in range(len(parts.rollouts))]


def _play(play: Callable[[Party], Played], turn: tuple[Array | None, Party]) -> Played:
    """What a party plays where it is its turn; else its matches stay, and nothing else happened."""

    def idle(party: Party, shapes: Played) -> Played:
        return nothing(shapes)._replace(matches=party[1])

    return at_its_turn(turn[0], play, idle, turn[1])


def learn(
    learner: Learner, acts: Array | None, state: LearnerState, made: Trajectory, key: Array
) -> tuple[LearnerState, Metrics]:
    """What a learner learns where it is its turn; else it stays, and its metrics are nan."""

    def update(facts: tuple[LearnerState, Trajectory, Array]) -> tuple[LearnerState, Metrics]:
        return learner.update(*facts)

    return at_its_turn(acts, update, lambda facts, shapes: (facts[0], unknown(shapes[1])), (state, made, key))


def _own(parts: Parts, state: TrainState, index: int) -> Roster:
    """A learner's own part of its roster; of referees nothing."""
    if index >= len(parts.members):
        return Roster(())
    learner = state.learners[index]
    params = parts.learners[index].acting(learner)
    return roster_of(parts.members[index], params, learner.in_generation)


def _player(parts: Parts, state: TrainState, index: int) -> Callable[[Party], Played]:
    """The program of the matches of learner `index`, or of the referees."""
    live = []
    if parts.live_opponents:
        live = [made.acting(learner) for made, learner in zip(parts.learners, state.learners, strict=True)]
    referees, league = index >= len(parts.members), state.league

    def one_shard(roster: Roster, matches: MatchState, key: Array) -> tuple[Rolled, Payoff | None]:
        if league is None or matches.lanes is None:
            return parts.rollouts[index].play(roster, matches, key), None
        people, lanes = league.population, matches.lanes
        roster = roster._replace(others=params_of(people, live, lanes.opponent))
        if referees:
            roster = roster._replace(own=params_of(people, live, lanes.player))
        rolled = parts.rollouts[index].play(roster, matches, key)
        assert rolled.results is not None
        number = len(parts.members) + people.present.shape[0]
        return rolled, tally_lanes(number, lanes.player, lanes.opponent, *rolled.results)

    def play(party: Party) -> Played:
        roster, matches, key = party
        shards = parts.shards
        rolled, payoff = shards.map(lambda m, k: one_shard(roster, m, k), matches, shards.keys(key))
        totals, payoff = shards.sum((rolled.totals, payoff))
        return Played(rolled.matches, rolled.trajectory, totals, payoff)

    return play
