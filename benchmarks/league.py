"""What a league costs beside plain self-play of the same learners, in steps a second.

Every case makes steps as training does, with the state donated and rings full enough to learn, and is told in
times what the self-play of its learners takes, each by itself with as many matches and simulations:
`selfplay` of the main agent, `selfplay_all` of the main agent and both exploiters.

A league of main agents, `main`, is to take `ALLOWED` times as long at most, whatever the number of slots
(8; `_256`: 256) and the matchmaker (`nash` solves the game of the frozen players). `referees` adds
those. `exploiters` adds a main exploiter and a league exploiter as the preset has them, whose searches ask
their opponents' networks once a simulation besides their own; `unmodelled` are those that do not.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
from jax import Array

from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.plans import checked
from jaxplay.benchmarks.settings import Games
from jaxplay.config import LeagueConfig, MemberConfig, MinimaxConfig, RefereeConfig, TrainingConfig
from jaxplay.presets import preset, with_league
from jaxplay.training import TrainState, make_training
from jaxplay.training.members import members_of

FEW, MANY = 8, 256
"""Slots for frozen players."""
ALLOWED = 1.25
"""Times the seconds of self-play that a league of main agents may take."""


@dataclass(frozen=True)
class Options(Games):
    """What is measured.

    Attributes:
        games: Games to measure, each with its preset.
        cases: Cases to measure, such as main; none: all.
    """

    games: tuple[str, ...] = ("connect_four",)
    cases: tuple[str, ...] = ()


class Setting(NamedTuple):
    """One case.

    Attributes:
        trainings: whose steps are made, one after the other.
        against: cases to compare it with, and what is allowed, as in `Case`.
    """

    trainings: tuple[TrainingConfig, ...]
    against: Mapping[str, float | None] = {}


def suites(options: Options) -> Iterator[list[Case]]:
    """One suite for each game, with its `cpu` preset.

    Raises:
        UserError: no such case.
    """
    for name in options.games:
        config = with_league(preset(name, "quick" if options.quick else "cpu")).training
        found = settings(config)
        chosen = checked("case", options.cases, found)
        yield [_case(name, which, _among(chosen, found[which])) for which in chosen]


def _among(chosen: Collection[str], setting: Setting) -> Setting:
    """The setting, held against no case that is not measured."""
    return setting._replace(against={name: most for name, most in setting.against.items() if name in chosen})


def settings(config: TrainingConfig) -> dict[str, Setting]:
    """The cases of a league's configuration, by name."""
    league = config.league
    assert league is not None
    nobody, quiet = MemberConfig(count=0), RefereeConfig(matches=0)
    alone = replace(league, main_exploiters=nobody, league_exploiters=nobody, referees=quiet, slots=FEW)
    solving = replace(alone, main_agents=replace(league.main_agents, matchmaking="nash"))
    whole = replace(league, referees=quiet, slots=FEW)
    blind = replace(league.main_exploiters, models_opponent=False, minimax=MinimaxConfig("none"))
    unmodelled = replace(whole, main_exploiters=blind, league_exploiters=blind)

    def of(rules: LeagueConfig, **against: float | None) -> Setting:
        return Setting((replace(config, league=rules),), against)

    return {
        "selfplay": Setting(_by_themselves(config, alone)),
        "selfplay_all": Setting(_by_themselves(config, whole)),
        "main": of(alone, selfplay=ALLOWED),
        f"main_{MANY}": of(replace(alone, slots=MANY), selfplay=ALLOWED, main=None),
        "nash": of(solving, selfplay=ALLOWED),
        f"nash_{MANY}": of(replace(solving, slots=MANY), selfplay=ALLOWED, nash=None),
        "referees": of(replace(alone, referees=league.referees), selfplay=None),
        "exploiters": of(whole, selfplay_all=None, unmodelled=None),
        "unmodelled": of(unmodelled, selfplay_all=None),
    }


def _by_themselves(config: TrainingConfig, league: LeagueConfig) -> tuple[TrainingConfig, ...]:
    """The learners of a league, each in a training of its own."""
    return tuple(member.training for member in members_of(replace(config, league=league)))


def _case(game: str, name: str, setting: Setting) -> Case:
    trainings = [make_training(config) for config in setting.trainings]

    def run(states: tuple[TrainState, ...]) -> tuple[tuple[TrainState, ...], list[dict[str, Array]]]:
        made = [training.step(state) for training, state in zip(trainings, states, strict=True)]
        return tuple(state for state, _ in made), [metrics for _, metrics in made]

    states = tuple(_ready(jax.jit(training.init)(jax.random.key(0))) for training in trainings)
    pairs = list(zip(setting.trainings, states, strict=True))
    amounts = {
        "positions": sum(_num_matches(state) * config.selfplay.num_plies for config, state in pairs),
        "trained": sum(_trained(config) for config in setting.trainings),
    }
    return Case(
        f"{game}/{name}",
        run,
        (states,),
        1.0,
        "step",
        carries=True,
        against={f"{game}/{other}": most for other, most in setting.against.items()},
        also={what: float(amount) for what, amount in amounts.items()},
        sizes={
            "num_matches": sum(_num_matches(state) for _, state in pairs),
            "num_simulations": setting.trainings[0].search.num_simulations,
            "trained_per_step": amounts["trained"],
        },
    )


def _num_matches(state: TrainState) -> int:
    """Of all learners, and of referees."""
    return sum(part.episodes.ply.shape[1] for part in state.matches)


def _trained(config: TrainingConfig) -> int:
    """Positions that gradient steps see in a step, of all learners together."""
    each: list[Any] = [member.training.learner for member in members_of(config)]
    return sum(learner.num_updates * learner.batch_size for learner in each)


def _ready(state: TrainState) -> TrainState:
    """The state with its rings marked full, so that gradient steps are taken."""

    def full(learner: Any) -> Any:
        rows = learner.memory.game.shape[1]
        return replace(learner, memory=replace(learner.memory, filled=learner.memory.filled + rows))

    return replace(state, learners=tuple(map(full, state.learners)))
