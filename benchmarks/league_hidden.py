"""What a league is worth under hidden information: exact holes of policies, at equal numbers of positions.

Self-play and leagues have the same network and the same policy gradients. All positions of a league count,
those of its exploiters and referees too. What is measured: the main agent as it is, and of the frozen players
the Nash mixture of their exact payoffs, that of their measured payoffs, and the uniform mixture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from jaxplay.benchmarks.holes import hidden_holes
from jaxplay.benchmarks.league_training import SLOTS, ready, train
from jaxplay.benchmarks.plans import LeagueRounds, checked
from jaxplay.benchmarks.settings import whole
from jaxplay.config import (
    MemberConfig,
    MLPConfig,
    PolicyGradientConfig,
    RunConfig,
    TrainingConfig,
)
from jaxplay.networks import build_network
from jaxplay.presets import preset, with_league
from jaxplay.struct import replace
from jaxplay.training import make_game, make_training

GAMES = ("kuhn_poker", "leduc_poker")

SETTINGS = ("self_play", "league", "psro")
"""Self-play; a main agent with two exploiters a quarter of its size; a main agent alone, which meets the Nash
mixture of its frozen selves."""

STEPS = (25, 100)
"""From one frozen copy of a learner to the next, at least and at most."""


@dataclass(frozen=True)
class Plan(LeagueRounds):
    """How much to train."""

    positions: int = whole(500_000, 1, 2**31 - 1)


def make_config(game: str, setting: str, *, quick: bool = False) -> TrainingConfig:
    """The training that a setting of a game stands for; `quick` makes it tiny."""
    config = preset(game, "cpu").training
    assert isinstance(config.learner, PolicyGradientConfig)
    if quick:
        learner = replace(config.learner, num_epochs=1, num_minibatches=2)
        play = replace(config.selfplay, num_matches=16, num_plies=4)
        config = replace(config, network=MLPConfig(width=8, depth=0), selfplay=play, learner=learner)
    if setting == "self_play":
        return config
    league = with_league(RunConfig(training=config)).training.league
    assert league is not None
    least, most = (2, 4) if quick else STEPS
    kinds = ("main_agents", "main_exploiters", "league_exploiters")
    league = replace(
        league,
        slots=SLOTS,
        **{kind: replace(getattr(league, kind), min_steps=least, max_steps=most) for kind in kinds},
    )
    if setting == "psro":
        main = replace(league.main_agents, matchmaking="nash", selfplay_share=0.0)
        none = MemberConfig(count=0)
        league = replace(league, main_agents=main, main_exploiters=none, league_exploiters=none)
    return replace(config, league=league)


def rows(settings: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each game, setting and seed, as it ends.

    Args:
        settings: of `SETTINGS`; none: all.
        plan: how much.

    Raises:
        UserError: no such setting or game.
    """
    chosen = checked("setting", settings, SETTINGS)
    for game in plan.chosen(GAMES):
        for setting in chosen:
            config = make_config(game, setting, quick=plan.quick)
            training, made = make_training(config), make_game(config)
            init, step = ready(training, quick=plan.quick)
            measure = hidden_holes(made, build_network(config.network, made).on(made))
            for seed in plan.seeds:
                found = train(init(jax.random.key(seed)), step, measure, plan)
                yield {"game": game, "setting": setting, "seed": seed} | found
