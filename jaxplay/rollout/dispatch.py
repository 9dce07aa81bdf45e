"""Who evaluates what: the parameters that play in a rollout, and how positions are handed to them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from jax import Array

from jaxplay.evaluator import Params
from jaxplay.policies import Decision, Memory, Policy
from jaxplay.rollout.lanes import LaneState
from jaxplay.rollout.matches import EpisodeState
from jaxplay.struct import pytree


class Roster(NamedTuple):
    """The parameters that play in one call of a rollout.

    Attributes:
        own: of the learner; of referees those of the first players, stacked `(K, ...)`.
        others: of the opponents, stacked `(K, ...)`, one for each lane; None in plain self-play.
        signal_weight: `()` float32, how much the learner's searches heed what a modelled opponent thinks
            (`jaxplay.search.Signal`); None without a signal.
    """

    own: Params
    others: Params = None
    signal_weight: Array | None = None


@pytree
class MatchState:
    """Matches of one learner, between two moves.

    Attributes:
        episodes: the games.
        lanes: who meets whom; None where one set of parameters plays everywhere.
    """

    episodes: EpisodeState
    lanes: LaneState | None = None


class Turn(NamedTuple):
    """One ply's decisions of M matches.

    Attributes:
        decision: leaves `(M, ...)`; of no meaning where nobody moved.
        memory: of the policy.
        moved: `(M,)` bool, who found a place; None: everybody, as for the next two.
        learns: `(M,)` bool, whose policy is to be learned.
        teaches_value: `(M,)` bool, whose value is to be learned.
    """

    decision: Decision
    memory: Memory
    moved: Array | None = None
    learns: Array | None = None
    teaches_value: Array | None = None


class Dispatch(NamedTuple):
    """Which positions go to which parameters, in batches of fixed size.

    Attributes:
        act: `Roster, key, MatchState, memory -> Turn`.
        lanes: `() -> LaneState`, those of the first move; None of those where there are none.
        begin: `Roster, states -> memory`, as `Policy.begin`.
        follow: `memory, actions, states -> memory`, as `Policy.follow`.
    """

    act: Callable[[Roster, Array, MatchState, Memory], Turn]
    lanes: Callable[[], LaneState] | None
    begin: Callable[[Roster, Any], Memory]
    follow: Callable[[Memory, Array, Any], Memory]


def shared(policy: Policy) -> Dispatch:
    """One set of parameters moves everywhere: plain self-play, without sorting and without waiting."""

    def act(roster: Roster, key: Array, matches: MatchState, memory: Memory) -> Turn:
        episodes = matches.episodes
        return Turn(*policy.act(roster.own, key, episodes.state, episodes.ply, memory))

    return Dispatch(act, None, lambda roster, states: policy.begin(roster.own, states), policy.follow)
