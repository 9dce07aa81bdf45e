"""The compiled step: positions a second, and what network and rules alone would allow.

`step` is the whole of `Training.step` (self-play, replay and gradient steps) with the ring full enough to
learn; `selfplay` leaves learning out; `alone` evaluates and steps as often as self-play does, without tree.
The share of `matmul` counts the products of gradient steps too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax

from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.limits import Flops, flops_of, total
from jaxplay.benchmarks.search import alone
from jaxplay.benchmarks.settings import Games
from jaxplay.learners import Learner, Setting, build_learner
from jaxplay.networks import build_network
from jaxplay.presets import preset
from jaxplay.rollout import Rollout, Roster, rollout, shared
from jaxplay.struct import replace
from jaxplay.training import TrainState, make_game, make_training


@dataclass(frozen=True)
class Options(Games):
    """What is measured.

    Attributes:
        games: Games to measure, each with its preset.
    """

    games: tuple[str, ...] = ("connect_four",)


def suites(options: Options) -> Iterator[list[Case]]:
    """One suite for each game, with its `cpu` preset."""
    for name in options.games:
        yield _cases(name, "quick" if options.quick else "cpu")


def _cases(name: str, preset_name: str) -> list[Case]:
    config = preset(name, preset_name).training
    game, training = make_game(config), make_training(config)
    state = _ready(jax.jit(training.init)(jax.random.key(0)))
    network = build_network(config.network, game)
    learner = build_learner(config.learner, Setting(config, game, network))
    plays = rollout(game, shared(learner.policy(network.on(game))), config.selfplay, endings=learner.endings)
    matches = jax.tree.map(lambda x: x[0], state.matches[0])
    evaluations = (config.search.num_simulations + 1) * config.selfplay.num_plies
    only = alone(game, network.on(game), evaluations)
    params, key = state.learners[0].ema, jax.random.key(1)
    arguments = {
        "step": (training.step, (state,)),
        "selfplay": (plays.play, (Roster(params), matches, key)),
        "alone": (only, (params, key, matches.episodes.state)),
    }
    positions = config.selfplay.num_matches * config.selfplay.num_plies
    played = flops_of(only, *arguments["alone"][1])
    step = total(played, _learned(learner, plays, state))
    flops = {"step": step, "selfplay": played, "alone": played}
    sizes = {"num_matches": config.selfplay.num_matches, "num_simulations": config.search.num_simulations}
    return [
        Case(
            f"{name}/{which}",
            run,
            given,
            float(positions),
            "position",
            limit_by=f"{name}/alone",
            flops=flops[which],
            sizes=sizes,
        )
        for which, (run, given) in arguments.items()
    ]


def _learned(learner: Learner, plays: Rollout, state: TrainState) -> Flops:
    """Of the gradient steps of a step."""
    own, matches = state.learners[0], jax.tree.map(lambda x: x[0], state.matches[0])
    made = jax.eval_shape(plays.play, Roster(own.ema), matches, jax.random.key(0)).trajectory
    shards = jax.tree.map(lambda x: jax.ShapeDtypeStruct((1, *x.shape), x.dtype), made)
    return flops_of(learner.update, own, shards, jax.random.key(0))


def _ready(state: TrainState) -> TrainState:
    """The state with its ring marked full, so that gradient steps are taken."""
    learner: Any = state.learners[0]
    rows = learner.memory.game.shape[1]
    memory = replace(learner.memory, filled=learner.memory.filled + rows)
    return replace(state, learners=(replace(learner, memory=memory),))
