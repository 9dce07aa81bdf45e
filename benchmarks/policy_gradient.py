"""What each term of a policy gradient is worth under hidden information, by exact exploitability.

All settings of a game share its preset's network, matches and rates; they differ in what is named here.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from jaxplay.benchmarks.plans import GameRounds, checked
from jaxplay.config import MLPConfig, PolicyGradientConfig, TrainingConfig
from jaxplay.networks import build_network
from jaxplay.presets import preset
from jaxplay.run.exact import Measure, exact_measure
from jaxplay.struct import replace
from jaxplay.training import TrainState, compile_step, make_game, make_training

GameOptions = tuple[tuple[str, int | float | str | bool], ...]

GAMES: dict[str, tuple[str, GameOptions]] = {
    "kuhn_poker": ("kuhn_poker", ()),
    "leduc_poker": ("leduc_poker", ()),
    "liars_dice4": ("liars_dice", (("sides", 4),)),
    "goofspiel4": ("goofspiel", (("cards", 4), ("order", "descending"), ("hidden", True))),
}

SETTINGS: dict[str, dict[str, Any]] = {
    "preset": {},
    "plain": {"magnet": "none", "entropy_weight": 0.0},
    "entropy": {"magnet": "none", "entropy_end": 1.0},
    "annealed_entropy": {"magnet": "none"},
    "fixed_magnet": {"magnet": "uniform", "entropy_weight": 0.0},
    "refreshed_magnet": {"magnet": "refreshed"},
    "gae": {"advantage": "gae"},
    "q": {"advantage": "q"},
    "central": {"advantage": "central"},
    "q_undivided": {"advantage": "q", "normalize": False},
    "central_undivided": {"advantage": "central", "normalize": False},
    "baseline": {"advantage": "baseline"},
    "dpo": {"drift": "dpo"},
}
"""What each setting changes in the learner of the preset."""


CURVES = ("updates", "positions", "seconds", "exploitability", "newest")
"""At each look: gradient steps, moves, processor seconds of training alone, and how exploitable the averaged
parameters and the newest ones are."""


@dataclass(frozen=True)
class Plan(GameRounds):
    """How much to train.

    Attributes:
        updates: Gradient steps of each training, over which rates and weights fall; 0: the preset's.
    """

    updates: int = 0

    @property
    def looks(self) -> int:
        """How often is measured."""
        return 2 if self.quick else 16

    def looks_at(self, config: TrainingConfig) -> list[int]:
        """After how many gradient steps is measured; the last time when the schedule ends."""
        assert isinstance(config.learner, PolicyGradientConfig)
        each = 8 if self.quick else -(-config.learner.schedule_steps // self.looks)
        return [each * look for look in range(1, self.looks + 1)]


def make_config(game: str, setting: str, *, quick: bool = False, updates: int = 0) -> TrainingConfig:
    """The training that a setting of a game stands for, over so many `updates`; `quick` makes it tiny."""
    name, options = GAMES[game]
    config = preset(name, "cpu", dict(options)).training
    assert isinstance(config.learner, PolicyGradientConfig)
    length = {"schedule_steps": updates} if updates else {}
    config = replace(config, learner=replace(config.learner, **SETTINGS[setting], **length))
    if not quick:
        return config
    small = replace(config.learner, num_epochs=2, num_minibatches=2, critic_width=8)
    play = replace(config.selfplay, num_matches=16, num_plies=4)
    return replace(config, network=MLPConfig(width=8, depth=0), selfplay=play, learner=small)


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
        measure = _measure(game, quick=plan.quick)
        for setting in chosen:
            config = make_config(game, setting, quick=plan.quick, updates=plan.updates)
            training, looks = make_training(config), plan.looks_at(config)
            init = jax.jit(training.init)
            step: Any = compile_step(training).lower(jax.eval_shape(init, jax.random.key(0))).compile()
            for seed in plan.seeds:
                found = train(init(jax.random.key(seed)), step, measure, looks)
                yield {"game": game, "setting": setting, "seed": seed} | found


def _measure(game: str, *, quick: bool) -> Measure:
    """What is measured; all settings of a game have the same network."""
    config = make_config(game, "plain", quick=quick)
    made = make_game(config)
    measure = exact_measure(made, build_network(config.network, made).on(made))
    assert measure is not None
    return measure


def train(state: TrainState, step: Any, measure: Measure, looks: Sequence[int]) -> dict[str, Any]:
    """Train, and measure after so many gradient steps: what the last look found, and all in `curve`."""
    positions, seconds, steps, metrics = 0.0, 0.0, 0, {}
    curve: dict[str, list[float]] = {name: [] for name in CURVES}
    for updates in looks:
        began = time.process_time()
        while int(state.learners[0].updates) < updates:
            state, metrics = step(state)
            positions, steps = positions + float(metrics["positions"]), steps + 1
        seconds += time.process_time() - began
        learner = state.learners[0]
        found = (learner.updates, positions, seconds, measure(learner.ema), measure(learner.params))
        for name, value in zip(CURVES, found, strict=True):
            curve[name].append(round(float(value), 5))
    return {
        "steps": steps,
        "positions": positions,
        "seconds": round(seconds, 1),
        "exploitability": curve["exploitability"][-1],
        "newest": curve["newest"][-1],
        "entropy": round(float(metrics["entropy"]), 4),
        "curve": curve,
    }
