"""Leagues made up for tests, and plain loops that say what matchmaking must come to."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.league import (
    INITIAL,
    LEAGUE_EXPLOITER,
    MAIN_AGENT,
    MAIN_EXPLOITER,
    Matchmaker,
    Payoff,
    Standings,
    new_payoff,
)

NOW = 2**31 - 1


def made_up(
    rng: np.random.Generator, kinds: tuple[int, ...] = (MAIN_AGENT, MAIN_EXPLOITER), num_slots: int = 8
) -> Standings:
    """Random standings; some slots are empty, some scores equal, some extreme."""
    num_learners = len(kinds)
    size = num_learners + num_slots
    score = np.round(16 * rng.beta(0.7, 0.5, (size, size))) / 16  # equal ones, none at a threshold
    score = np.triu(score, 1) + np.tril(1 - score.T, -1) + np.eye(size) / 2
    parent = rng.integers(0, num_learners, num_slots)
    present = rng.random(num_slots) < rng.choice([0.2, 0.6, 1.0])
    kind = np.array(kinds)[parent]
    born = rng.permutation(num_slots)
    if present[0]:
        kind[0], parent[0], born[0] = INITIAL, -1, -1
    learners = np.arange(num_learners)
    return _standings(
        num_learners,
        score=score,
        games=np.full((size, size), 50.0),
        advantage=2 * score - 1,
        present=np.append(learners >= 0, present),
        frozen=np.append(learners < 0, present),
        kind=np.append(kinds, kind),
        parent=np.append(learners, parent),
        born=np.append(np.full(num_learners, NOW), born),
    )


def with_scores(learner_scores: Any, born: Any = None, kinds: tuple[int, ...] = (MAIN_AGENT,)) -> Standings:
    """Learner 0 against as many of its frozen copies as there are scores."""
    scores = np.asarray(learner_scores, np.float32)
    num_learners, size = len(kinds), len(kinds) + len(scores)
    score = np.full((size, size), 0.5, np.float32)
    score[0, num_learners:], score[num_learners:, 0] = scores, 1 - scores
    learners = np.arange(num_learners)
    age = np.arange(len(scores)) if born is None else np.asarray(born)
    return _standings(
        num_learners,
        score=score,
        games=np.full((size, size), 100.0),
        advantage=2 * score - 1,
        present=np.ones(size, bool),
        frozen=np.arange(size) >= num_learners,
        kind=np.append(kinds, np.full(len(scores), MAIN_AGENT)),
        parent=np.append(learners, np.zeros(len(scores), int)),
        born=np.append(np.full(num_learners, NOW), age),
    )


def _standings(num_learners: int, **facts: np.ndarray) -> Standings:
    """Facts in the types that the engine has them in; made without compiling anything."""
    types = {"f": np.float32, "i": np.int32, "b": np.bool_}
    leaves = {name: jnp.asarray(x.astype(types[x.dtype.kind])) for name, x in facts.items()}
    return Standings(**leaves, num_learners=num_learners)


def together(many: list[Standings]) -> Standings:
    """Standings with one more leading axis, for `jax.vmap`."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *many)


def updated(matchmaker: Matchmaker, state: Any, standings: Standings, fresh: Payoff | None = None) -> Any:
    """The state of a matchmaker after a step, compiled as one program; without `fresh` no game was played."""
    size = standings.present.shape[0]
    return jax.jit(matchmaker.update)(state, standings, new_payoff(size) if fresh is None else fresh)


def opponents(
    matchmaker: Matchmaker, standings: Standings, learner: int = 0, state: Any = None
) -> np.ndarray:
    """The probabilities of a matchmaker, compiled as one program; without `state` from its first state."""
    if state is None:
        state = matchmaker.init(standings.num_learners, standings.present.shape[0])
    return np.asarray(jax.jit(matchmaker.opponents)(state, standings, jnp.int32(learner)))


# Plain Python, player by player, after the pseudocode published with AlphaStar.


def pfsp(scores: list[float], weight: Callable[[float], float]) -> list[float]:
    weights = [weight(x) for x in scores]
    total = sum(weights)
    return [w / total for w in weights] if total >= 1e-10 else [1 / len(scores)] * len(scores)


def drop_monotonic_suffix(scores: list[float]) -> list[float]:
    for i in range(len(scores) - 1, 0, -1):
        if scores[i - 1] < scores[i]:
            return scores[: i + 1]
    return []


class Plain:
    """A league's standings as one learner sees them."""

    def __init__(self, standings: Standings, learner: int):
        facts = [np.asarray(x) for x in (standings.frozen, standings.kind, standings.parent, standings.born)]
        self.frozen, self.kind, self.parent, self.born = facts
        self.score = [float(x) for x in np.asarray(standings.score)[learner]]
        self.learner, self.num_learners = learner, standings.num_learners
        self.probs = np.zeros(len(self.score))

    def add(self, share: float, players: list[int], weight: Callable[[float], float]) -> None:
        for player, p in zip(players, pfsp([self.score[j] for j in players], weight), strict=True):
            self.probs[player] += share * p

    def those(self, holds: Callable[[int], bool]) -> list[int]:
        """Frozen players, oldest first."""
        found = [j for j in range(len(self.score)) if self.frozen[j] and holds(j)]
        return sorted(found, key=lambda j: self.born[j])

    def main_agents(self) -> list[int]:
        return [j for j in range(self.num_learners) if self.kind[j] == MAIN_AGENT]

    def self_play(self, share: float, agent: int, limit: float) -> None:
        copies = self.those(lambda j: self.parent[j] == agent)
        if self.score[agent] > limit or not copies:
            self.probs[agent] += share
        else:
            self.add(share, copies, lambda x: x * (1 - x))

    def verify(self, share: float, agent: int) -> bool:
        exploiters = self.those(lambda j: self.kind[j] == MAIN_EXPLOITER)
        if exploiters and min(self.score[j] for j in exploiters) < 0.3:
            self.add(share, exploiters, lambda x: (1 - x) ** 2)
            return True
        copies = self.those(lambda j: self.parent[j] == agent)
        kept = copies[: len(drop_monotonic_suffix([self.score[j] for j in copies]))]
        if kept and min(self.score[j] for j in kept) < 0.7:
            self.add(share, kept, lambda x: (1 - x) ** 2)
            return True
        return False

    def main_agent(self) -> np.ndarray:
        everyone = self.those(lambda j: True)
        if everyone:
            self.add(0.5, everyone, lambda x: (1 - x) ** 2)
        else:
            self.probs[self.learner] += 0.5
        agents = self.main_agents()
        for agent in agents:
            if not self.verify(0.15 / len(agents), agent):
                self.self_play(0.15 / len(agents), agent, 0.3)
            self.self_play(0.35 / len(agents), agent, 0.3)
        return self.probs

    def main_exploiter(self) -> np.ndarray:
        agents = self.main_agents()
        for agent in agents:
            self.self_play(1 / len(agents), agent, 0.2)
        return self.probs

    def league_exploiter(self) -> np.ndarray:
        everyone = self.those(lambda j: True)
        if everyone:
            self.add(1.0, everyone, lambda x: min(0.5, 1 - x))
        else:
            self.probs[self.learner] = 1.0
        return self.probs


KINDS_OF_LEAGUES = [
    (MAIN_AGENT,),
    (MAIN_AGENT, MAIN_EXPLOITER, LEAGUE_EXPLOITER),
    (MAIN_AGENT, MAIN_EXPLOITER, MAIN_AGENT),
]
