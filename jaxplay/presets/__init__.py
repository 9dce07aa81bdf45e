"""Configurations by name: tuned ones for some games, and one derived from its sizes for any game.

`cpu` is for a few cores and minutes to hours, `gpu` for one accelerator, `demo` for a look at learning in
five minutes on a CPU, `quick` for a look at whether everything runs. Games with hidden information are
learned by policy gradients, all others by search.
"""

from dataclasses import replace
from typing import Any

from jaxplay.config import (
    AlphaZeroConfig,
    MLPConfig,
    PolicyGradientConfig,
    PUCTConfig,
    RunConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.errors import UserError, nearest
from jaxplay.game import make
from jaxplay.presets.derived import BUDGETS, Budget, Sizes, derive, derive_hidden, measure
from jaxplay.presets.league import MAIN_SHARE, with_league
from jaxplay.presets.tuned import HIDDEN, HIDDEN_LEARNERS, TUNED

__all__ = [
    "BUDGETS",
    "HIDDEN",
    "MAIN_SHARE",
    "PRESETS",
    "TUNED",
    "Budget",
    "Sizes",
    "measure",
    "preset",
    "with_league",
]

PRESETS = ("cpu", "gpu", "demo", "quick")


QUICK = TrainingConfig(
    network=MLPConfig(width=16, depth=1),
    search=PUCTConfig(num_simulations=4),
    selfplay=SelfPlayConfig(num_matches=16, num_plies=4, max_opening_plies=2),
    learner=AlphaZeroConfig(replay_positions=1024, min_positions=128, batch_size=32, num_updates=2),
)


QUICK_HIDDEN = replace(
    QUICK,
    selfplay=replace(QUICK.selfplay, max_opening_plies=0),
    learner=PolicyGradientConfig(num_epochs=2, num_minibatches=2),
)


def preset(game: str, name: str = "cpu", options: dict[str, Any] | None = None) -> RunConfig:
    """The configuration called `name` for a game.

    Args:
        game: as `jaxplay.make` takes it.
        name: one of `PRESETS`.
        options: the game's own; a tuned preset is for a game without.

    Raises:
        UserError: no such preset or game.
    """
    if name not in PRESETS:
        raise UserError(f"no preset {name!r}{nearest(name, PRESETS)}")
    made = make(game, **(options or {}))
    found, training = measure(made), _tuned(game, name) if not options else None
    if name == "quick":
        training = QUICK if made.perfect_information else QUICK_HIDDEN
    elif training is None:
        made_of = derive if made.perfect_information else derive_hidden
        training = made_of(found, BUDGETS.get(name, BUDGETS["cpu"]))
        if game in HIDDEN_LEARNERS:
            training = replace(training, learner=replace(training.learner, **HIDDEN_LEARNERS[game]))
    training = replace(training, game=game, game_options=tuple((options or {}).items()))
    return _run_config(name, found, training)


def _tuned(game: str, name: str) -> TrainingConfig | None:
    return TUNED.get((game, name)) or (TUNED.get((game, "cpu")) if name == "demo" else None)


def _run_config(name: str, game: Sizes, training: TrainingConfig) -> RunConfig:
    """How often a run is looked at: long games and many actions make evaluation dear."""
    if name == "quick":
        return RunConfig(
            training=training,
            evaluate_minutes=0.1,
            evaluate_games=4,
            evaluate_simulations=4,
            anchor_simulations=4,
            checkpoint_minutes=0.1,
            log_seconds=0.5,
        )
    short = game.max_plies <= 128
    return RunConfig(
        training=training,
        evaluate_minutes=1.0 if name == "demo" else 3.0 if short else 15.0,
        evaluate_share=0.2 if name == "demo" else 0.1,
        evaluate_games=64 if short else 16,
        evaluate_simulations=64 if short else 32,
        anchor_simulations=100 if short else 16,
        checkpoint_minutes=1.0 if name == "demo" else 5.0,
    )
