"""Configurations by name: tuned ones for some games, and one derived from its sizes for any game.

`cpu` is for a few cores and minutes to hours, `gpu` for one accelerator, `demo` for a look at learning in
five minutes on a CPU, `quick` for a look at whether everything runs. Games with hidden information are
learned by policy gradients, all others by search.
"""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import jax

from jaxplay.config import (
    AlphaZeroConfig,
    GumbelConfig,
    LeagueConfig,
    LearnerConfig,
    MemberConfig,
    MinimaxConfig,
    MLPConfig,
    PolicyGradientConfig,
    PUCTConfig,
    RefereeConfig,
    ResNetConfig,
    RunConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.errors import UserError, nearest
from jaxplay.evaluator import sizes
from jaxplay.game import Game, make, strip

CONNECT_FOUR = TrainingConfig(
    game="connect_four",
    network=MLPConfig(width=256, depth=2),
    search=GumbelConfig(num_simulations=16),
    selfplay=SelfPlayConfig(
        num_matches=512, num_plies=8, temperature_early=0.0, temperature_late=0.0, max_opening_plies=20
    ),
    learner=AlphaZeroConfig(
        value_mix=0.5, learning_rate=3e-3, ema_decay=0.995, schedule="cosine", schedule_steps=16_000
    ),
)
"""For 15 minutes on two cores; the schedule ends there at about the same time."""

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
        CONNECT_FOUR, learner=replace(CONNECT_FOUR.learner, schedule_steps=5_000, min_positions=4096)
    ),
    ("tic_tac_toe", "cpu"): TrainingConfig(
        game="tic_tac_toe",
        network=MLPConfig(width=64, depth=2),
        search=PUCTConfig(num_simulations=32),
        selfplay=SelfPlayConfig(num_matches=256, num_plies=8, temperature_plies=4, max_opening_plies=6),
        learner=AlphaZeroConfig(replay_positions=65_536, min_positions=8192, batch_size=512, num_updates=8),
    ),
}
"""By game and preset. `demo` is `cpu` where it is not named. Other games and presets are derived."""

PRESETS = ("cpu", "gpu", "demo", "quick")


class Budget(NamedTuple):
    """What a derived preset may spend."""

    num_matches: int
    tree_bytes: int
    """Memory of the search trees of all matches."""
    replay_bytes: int
    num_simulations: int
    """At most; games with few actions get fewer."""
    batch_size: int
    convolutions: bool
    """Whether boards get a convolutional network."""


BUDGETS = {
    "cpu": Budget(512, 2**29, 2**29, 64, 1024, False),
    "gpu": Budget(4096, 2**33, 2**32, 128, 4096, True),
}
"""`demo` has the budget of `cpu`."""

REUSE = 4
"""How often a position is learned from, on average."""
PLIES = 8
"""Of self-play a step."""
NODE_BYTES = 64
"""Of a node of the tree, its state and edges left out; an edge takes 12."""

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

HIDDEN_LEARNERS: dict[str, dict[str, Any]] = {
    "goofspiel": {"normalize": False, "entropy_weight": 0.1, "entropy_end": 0.2, "ema_decay": 0.999},
}
"""What the learner of a game with hidden information has besides, whatever the game's options.
Goofspiel collapsed with normalized advantages: see docs/policy_gradient.md."""

GPU_FACTOR = 16
"""An accelerator plays so many times as many matches of a game with hidden information."""

MIN_STEPS, MAX_STEPS = 50, 200
"""Of a league, from one frozen copy of a learner to the next."""


class Sizes(NamedTuple):
    """What a game asks of memory and network."""

    inputs: int
    is_board: bool
    actions: int
    max_plies: int
    state_bytes: int


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
        derive = _derive if made.perfect_information else _derive_hidden
        training = derive(found, BUDGETS.get(name, BUDGETS["cpu"]))
        if game in HIDDEN_LEARNERS:
            training = replace(training, learner=replace(training.learner, **HIDDEN_LEARNERS[game]))
    training = replace(training, game=game, game_options=tuple((options or {}).items()))
    return _run_config(name, found, training)


def with_league(config: RunConfig) -> RunConfig:
    """The same run as a league: one main agent that does as before, and exploiters a quarter of its size.

    Lanes hold 32 matches, and are 8 at most. Everybody is frozen after 50 to 200 steps; an exploiter relies
    on its opponent's estimates in the first half of that. Where opponents cannot be modelled, as in games of
    teams, it searches like a main agent.

    Raises:
        UserError: the learner is of a kind that has no preset.
    """
    training = config.training
    game = make(training.game, **dict(training.game_options))
    models = game.num_players == 2 and game.zero_sum
    matches, learner = training.selfplay.num_matches, training.learner
    updates, positions = _budget_of(learner)
    quarter, updates = max(matches // 4, 4), max(updates // 4, 1)
    exploiter = MemberConfig(
        matches=quarter,
        lanes=_lanes(quarter),
        updates=updates,
        replay_positions=-(-positions // 4),
        models_opponent=models,
        minimax=MinimaxConfig(anneal_updates=updates * MAX_STEPS // 2) if models else MinimaxConfig("none"),
        min_steps=MIN_STEPS,
        max_steps=MAX_STEPS,
    )
    referees = max(matches // 16, 4)
    league = LeagueConfig(
        main_agents=MemberConfig(lanes=_lanes(matches), min_steps=MIN_STEPS, max_steps=MAX_STEPS),
        main_exploiters=replace(exploiter, reset=1.0),
        league_exploiters=replace(exploiter, reset=0.25),
        referees=RefereeConfig(matches=referees, lanes=max(referees // 8, 2)),
    )
    return replace(config, training=replace(training, league=league))


def _budget_of(learner: LearnerConfig) -> tuple[int, int]:
    """Gradient steps in a step of training, and positions in replay.

    Raises:
        UserError: the learner is of a kind that has no preset.
    """
    if isinstance(learner, AlphaZeroConfig):
        return learner.num_updates, learner.replay_positions
    if isinstance(learner, PolicyGradientConfig):
        return learner.num_epochs * learner.num_minibatches, 0
    raise UserError(f"a league of learners of kind {learner.kind} has no preset: name its settings")


def _lanes(matches: int) -> int:
    return min(8, max(1, matches // 32))


def _tuned(game: str, name: str) -> TrainingConfig | None:
    return TUNED.get((game, name)) or (TUNED.get((game, "cpu")) if name == "demo" else None)


def measure(game: Game[Any]) -> Sizes:
    """What `game` asks; nothing is computed."""
    state = jax.eval_shape(lambda key: strip(game.init(key)), jax.eval_shape(jax.random.key, 0))
    shape = sizes(game).observation
    return Sizes(
        inputs=math.prod(shape),
        is_board=len(shape) == 3 and min(shape[:2]) >= 5,
        actions=game.num_actions,
        max_plies=game.max_plies,
        state_bytes=sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state)),
    )


def _derive(game: Sizes, budget: Budget) -> TrainingConfig:
    simulations = min(budget.num_simulations, max(32, _power_of_two(game.actions)))
    node = game.state_bytes + NODE_BYTES + 12 * game.actions
    matches = _power_of_two(budget.tree_bytes // (node * (simulations + 1)))
    matches = max(16, min(budget.num_matches, matches))
    position = game.state_bytes + 2 * game.actions + 32
    positions = min(2**18, _power_of_two(budget.replay_bytes // position))
    positions = max(positions, 16 * matches)
    batch = min(budget.batch_size, matches * PLIES)
    return TrainingConfig(
        network=_network(game, budget),
        search=PUCTConfig(num_simulations=simulations),
        selfplay=SelfPlayConfig(
            num_matches=matches,
            num_plies=PLIES,
            temperature_plies=max(4, min(30, game.max_plies // 3)),
            max_opening_plies=min(16, game.max_plies // 3),
        ),
        learner=AlphaZeroConfig(
            replay_positions=positions,
            min_positions=matches * PLIES,  # of the first step: something is learned in the shortest run
            batch_size=batch,
            num_updates=max(1, REUSE * matches * PLIES // batch),
        ),
    )


def _derive_hidden(game: Sizes, budget: Budget) -> TrainingConfig:
    """Policy gradients with the settings of small games; the network and the matches fit the game."""
    network = _network(game, budget)
    if isinstance(network, MLPConfig):
        network = replace(network, width=max(128, network.width), depth=1, value_head="scalar")
    matches = HIDDEN.selfplay.num_matches * (GPU_FACTOR if budget.convolutions else 1)
    return replace(HIDDEN, network=network, selfplay=replace(HIDDEN.selfplay, num_matches=matches))


def _network(game: Sizes, budget: Budget) -> MLPConfig | ResNetConfig:
    if game.is_board and budget.convolutions:
        return ResNetConfig(channels=64 if game.inputs < 1000 else 128, depth=6, bfloat16=True)
    return MLPConfig(width=min(512, max(64, _power_of_two(2 * game.inputs))), depth=2)


def _power_of_two(number: float) -> int:
    """The greatest power of two that is at most `number` (1 for less)."""
    return 1 << max(0, int(number).bit_length() - 1)


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
