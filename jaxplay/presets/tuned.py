"""Settings that were found by measuring, for some games."""

from dataclasses import replace
from typing import Any

from jaxplay.config import (
    AlphaZeroConfig,
    GumbelConfig,
    LinesConfig,
    MLPConfig,
    PolicyGradientConfig,
    PUCTConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.presets.processor import multiplies_bfloat16

LINES = LinesConfig(width=256, depth=2, bfloat16=multiplies_bfloat16())
"""The network of Connect Four's presets; narrower in `demo`."""


CONNECT_FOUR = TrainingConfig(
    game="connect_four",
    network=LINES,
    search=GumbelConfig(num_simulations=16),
    selfplay=SelfPlayConfig(
        num_matches=512, num_plies=8, temperature_early=0.0, temperature_late=0.0, max_opening_plies=20
    ),
    learner=AlphaZeroConfig(
        value_mix=0.5, learning_rate=3e-3, ema_decay=0.995, schedule="cosine", schedule_steps=36_000
    ),
)
"""For 15 minutes on two cores; the schedule ends there at about the same time."""


OTHELLO = TrainingConfig(
    game="othello",
    network=MLPConfig(width=256, depth=2, bfloat16=multiplies_bfloat16()),
    search=GumbelConfig(num_simulations=16),
    selfplay=replace(CONNECT_FOUR.selfplay, max_opening_plies=30, lopsided_openings=0.5),
    learner=replace(CONNECT_FOUR.learner, min_positions=4096, schedule_steps=36_000),
)
"""For 45 minutes on one core. Without lopsided openings `greedy` wipes it out: docs/experiments.md."""


BACKGAMMON = TrainingConfig(
    game="backgammon",
    network=MLPConfig(width=128, depth=1),
    search=GumbelConfig(num_simulations=8, max_considered=8),
    selfplay=replace(CONNECT_FOUR.selfplay, num_plies=16, max_opening_plies=8),
    learner=replace(CONNECT_FOUR.learner, value_mix=0.7, min_positions=4096, schedule_steps=16_000),
)
"""For half an hour on one core: many games, small network."""


TWENTY_FORTY_EIGHT = TrainingConfig(
    game="twenty_forty_eight",
    network=MLPConfig(width=128, depth=1, value_head="scalar"),
    search=GumbelConfig(num_simulations=8),
    selfplay=replace(CONNECT_FOUR.selfplay, num_matches=64, num_plies=64, max_opening_plies=16),
    learner=replace(
        CONNECT_FOUR.learner, value_mix=0.7, value_weight=1000.0, min_positions=4096, schedule_steps=40_000
    ),
)
"""For 20 minutes on one core. Replay must hold whole games, so that matches are few; values of moves differ
by thousandths of the greatest return, so that their loss weighs much."""


HIDDEN = TrainingConfig(
    network=MLPConfig(width=128, depth=1, value_head="scalar"),
    selfplay=SelfPlayConfig(num_matches=512, num_plies=8, max_opening_plies=0),
    learner=PolicyGradientConfig(
        magnet_weight=0.2,
        magnet_updates=2000,
        ema_decay=0.9995,
        learning_rate=1e-3,
        schedule="linear",
        schedule_steps=20_000,
        learning_rate_end=0.02,
        entropy_end=0.5,
    ),
)
"""For ten minutes on two cores, in games of hidden information; no random openings, as they would belie what
players infer."""


TUNED: dict[tuple[str, str], TrainingConfig] = {
    ("kuhn_poker", "cpu"): replace(
        HIDDEN,
        game="kuhn_poker",
        network=MLPConfig(width=64, depth=1, value_head="scalar"),
        selfplay=replace(HIDDEN.selfplay, num_matches=256),
        learner=replace(
            HIDDEN.learner, learning_rate=2e-3, schedule_steps=16_000, ema_decay=0.999, entropy_end=0.1
        ),
    ),
    ("leduc_poker", "cpu"): replace(
        HIDDEN,
        game="leduc_poker",
        selfplay=replace(HIDDEN.selfplay, num_matches=1024),
        learner=PolicyGradientConfig(
            advantage="central",
            critic_learning_rate=3e-3,
            normalize=False,
            value_weight=0.1,
            magnet="none",
            magnet_weight=0.04,
            entropy_weight=0.04,
            entropy_end=0.35,
            num_epochs=2,
            ema_decay=0.9995,
            learning_rate=5e-4,
            schedule="linear",
            schedule_steps=30_000,
            learning_rate_end=0.01,
        ),
    ),
    ("connect_four", "cpu"): CONNECT_FOUR,
    ("connect_four", "demo"): replace(
        CONNECT_FOUR,
        network=replace(LINES, width=192),
        learner=replace(CONNECT_FOUR.learner, schedule_steps=14_000, min_positions=4096),
    ),
    ("othello", "cpu"): OTHELLO,
    ("backgammon", "cpu"): BACKGAMMON,
    ("twenty_forty_eight", "cpu"): TWENTY_FORTY_EIGHT,
    ("tic_tac_toe", "cpu"): TrainingConfig(
        game="tic_tac_toe",
        network=MLPConfig(width=64, depth=2),
        search=PUCTConfig(num_simulations=32),
        selfplay=SelfPlayConfig(num_matches=256, num_plies=8, temperature_plies=4, max_opening_plies=6),
        learner=AlphaZeroConfig(replay_positions=65_536, min_positions=8192, batch_size=512, num_updates=8),
    ),
}
"""By game and preset. `demo` is `cpu` where it is not named. Other games and presets are derived."""


HIDDEN_LEARNERS: dict[str, dict[str, Any]] = {
    "goofspiel": {"normalize": False, "entropy_weight": 0.1, "entropy_end": 0.2, "ema_decay": 0.999},
}
"""What the learner of a game with hidden information has besides, whatever the game's options.
Goofspiel collapsed with normalized advantages: see docs/policy_gradient.md."""
