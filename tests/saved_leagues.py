"""Leagues on disk whose networks are drawn at random, for tests of what loads them."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from saved_runs import random_params
from small_runs import TRAINING

from jaxplay.checkpoint import Checkpoints, FrozenPlayer, create_run, player_name, save_payoff, save_player
from jaxplay.checkpoint.payoff import LeagueTable
from jaxplay.config import LeagueConfig, RunConfig
from jaxplay.learners import LearnerState
from jaxplay.struct import replace
from jaxplay.training import TrainState, learner_names

LEAGUE = replace(TRAINING, league=LeagueConfig())
FROZEN = ("initial", "main-1", "main_exploiter-1", "main-2", "main-3")
"""Frozen at steps 0, 10, 20, 30 and 40; the seeds of their networks are 0, 1, 2, 3 and 4."""
NASH = {"main-3": 0.5, "main-1": 0.3, "main_exploiter-1": 0.2}


def advantage() -> np.ndarray:
    """`(5, 5)`: a cycle of three whose solution is `NASH`; the others lose to all of these."""
    table = np.zeros((5, 5))
    weight = [NASH.get(name, 0.0) for name in FROZEN]
    first, second, third = 1, 2, 4
    for one, two, other in ((first, second, third), (second, third, first), (third, first, second)):
        table[one, two], table[two, one] = weight[other], -weight[other]
    for one in (first, second, third):
        for two in (0, 3):
            table[one, two], table[two, one] = 0.9, -0.9
    return table


def save_league(folder: Path, step: int = 45) -> Path:
    """A league of three learners at `step` (the seeds of their networks: 100, 101 and 102)."""
    create_run(folder, RunConfig(training=LEAGUE, evaluate_simulations=4))
    learners = tuple(
        LearnerState(
            params=None,
            ema=random_params(LEAGUE, 100 + i),
            opt_state=None,
            memory=None,
            updates=jnp.int32(0),
            began=jnp.int32(0),
        )
        for i in range(len(learner_names(LEAGUE)))
    )
    checkpoints = Checkpoints(folder)
    checkpoints.save(TrainState(learners, (), None, jax.random.key(0), jnp.int32(step)))
    checkpoints.wait()
    for seed, name in enumerate(FROZEN):
        parent, _, generation = name.partition("-")
        facts = FrozenPlayer(name, parent, parent if generation else None, int(generation or 0), 10 * seed)
        assert facts.name == player_name(facts.parent, facts.generation)
        save_player(folder, facts, random_params(LEAGUE, seed))
    save_payoff(folder, table(step))
    return folder


def table(step: int) -> LeagueTable:
    """The payoff of the three learners, who are even with all, and of the frozen."""
    names = (*learner_names(LEAGUE), *FROZEN)
    payoff = np.zeros((len(names), len(names)))
    payoff[-len(FROZEN) :, -len(FROZEN) :] = advantage()
    return made_up(step, names, payoff, 50.0 * np.ones_like(payoff))


def made_up(step: int, names: tuple[str, ...], payoff: np.ndarray, games: np.ndarray) -> LeagueTable:
    """A table in which nothing is drawn and seats do not matter."""
    score = (1 + payoff) / 2
    each = np.stack([score * games, 0 * games, (1 - score) * games], axis=-1) / 2
    returns, outcomes = np.stack([payoff, payoff], axis=-1), np.stack([each, each], axis=2)
    return LeagueTable(step, names, games, score, payoff, returns, outcomes)
