"""What a league costs beside plain self-play, in positions a second of the compiled step.

Every case makes `STEPS` steps of training in one program, with rings full enough to learn. `selfplay` is one
learner by itself. `main`, `main_256` and `main_referees` are one main agent with as many matches and
simulations: with 8 slots, with 256, and with referees. `exploiters` adds a main exploiter and a league
exploiter as the preset has them, `unmodelled` the same whose searches do not model their opponents.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
from jax import Array

from jaxplay.benchmarks.harness import Case, Options
from jaxplay.config import LeagueConfig, MemberConfig, MinimaxConfig, RefereeConfig, TrainingConfig
from jaxplay.presets import preset, with_league
from jaxplay.struct import replace
from jaxplay.training import TrainState, make_training

STEPS = 4
FEW, MANY = 8, 256
"""Slots for frozen players."""


def suites(options: Options) -> Iterator[list[Case]]:
    """One suite for each game, with its `cpu` preset."""
    for name in options.games or ("connect_four",):
        run = with_league(preset(name, "quick" if options.quick else "cpu"))
        assert run.training.league is not None
        yield [
            _case(name, which, config)
            for which, config in _settings(run.training, run.training.league).items()
        ]


def _settings(config: TrainingConfig, league: LeagueConfig) -> dict[str, TrainingConfig]:
    nobody, quiet = MemberConfig(count=0), RefereeConfig(matches=0)
    alone = dataclasses.replace(
        league, main_exploiters=nobody, league_exploiters=nobody, referees=quiet, slots=FEW
    )
    blind = dataclasses.replace(league.main_exploiters, models_opponent=False, minimax=MinimaxConfig("none"))
    both = dataclasses.replace(league, referees=quiet, slots=FEW)
    leagues = {
        "main": alone,
        f"main_{MANY}": dataclasses.replace(alone, slots=MANY),
        "main_referees": dataclasses.replace(alone, referees=league.referees),
        "exploiters": both,
        "unmodelled": dataclasses.replace(both, main_exploiters=blind, league_exploiters=blind),
    }
    plain = {"selfplay": dataclasses.replace(config, league=None)}
    return plain | {name: dataclasses.replace(config, league=found) for name, found in leagues.items()}


def _case(game: str, name: str, config: TrainingConfig) -> Case:
    training = make_training(config)

    def run(state: TrainState) -> tuple[Array, dict[str, Array]]:
        state, metrics = jax.lax.scan(lambda s, _: training.step(s), state, length=STEPS)
        return state.step, metrics

    state = _ready(jax.jit(training.init)(jax.random.key(0)))
    play, learner = config.selfplay, config.learner
    matches = sum(_num_matches(part) for part in state.matches)
    sizes = {
        "num_matches": matches,
        "num_simulations": config.search.num_simulations,
        "trained_per_step": learner.num_updates * learner.batch_size,
    }
    return Case(
        f"{game}/{name}", run, (state,), float(STEPS * matches * play.num_plies), "position", sizes=sizes
    )


def _num_matches(part: Any) -> int:
    """Of one learner, by itself or in lanes."""
    return getattr(part, "match", part).ply.shape[1]


def _ready(state: TrainState) -> TrainState:
    """The state with its rings marked full, so that gradient steps are taken."""

    def full(learner: Any) -> Any:
        rows = learner.memory.game.shape[1]
        return replace(learner, memory=replace(learner.memory, filled=learner.memory.filled + rows))

    return replace(state, learners=tuple(map(full, state.learners)))
