"""Settings for any game, from its sizes and what a machine may spend."""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.config import (
    AlphaZeroConfig,
    GumbelConfig,
    MLPConfig,
    PUCTConfig,
    ResNetConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.evaluator import sizes
from jaxplay.game import Game, strip
from jaxplay.presets.processor import multiplies_bfloat16
from jaxplay.presets.tuned import CONNECT_FOUR, HIDDEN


class Budget(NamedTuple):
    """What a derived preset may spend."""

    num_matches: int
    tree_bytes: int
    """Memory of the search trees of all matches."""
    replay_bytes: int
    num_simulations: int
    """At most; games with few actions get fewer, but 32."""
    batch_size: int
    convolutions: bool
    """Whether boards get a convolutional network."""
    soon: bool
    """Whether minutes are to be enough: a short search, and the learner that Connect Four was tuned to."""
    most_width: int
    """Of other networks: minutes of a CPU teach a wide one little."""


BUDGETS = {
    "cpu": Budget(512, 2**29, 2**29, 16, 1024, convolutions=False, soon=True, most_width=256),
    "gpu": Budget(4096, 2**33, 2**32, 128, 4096, convolutions=True, soon=False, most_width=512),
}
"""`demo` has the budget of `cpu`."""


REUSE = 4
"""How often a position is learned from, on average."""


PLIES = 8
"""Of self-play a step."""


SOON = replace(CONNECT_FOUR.learner, schedule_steps=16_000)
"""With Connect Four's search and temperatures in six minutes of half a core 275 Elo better on Hex 5x5 than
the defaults: docs/experiments.md."""


NODE_BYTES = 64
"""Of a node of the tree, its state and edges left out; an edge takes 12."""


HALF_WIDTH = 128
"""Of networks that multiply in bfloat16 where the processor can: smaller ones spend their time elsewhere."""


GPU_FACTOR = 16
"""An accelerator plays so many times as many matches of a game with hidden information."""


class Sizes(NamedTuple):
    """What a game asks of memory and network."""

    inputs: int
    is_board: bool
    actions: int
    max_plies: int
    state_bytes: int
    line_inputs: int = 0
    """What a network that sees lines looks at besides (`jaxplay.networks.line_features`)."""


def measure(game: Game[Any]) -> Sizes:
    """What `game` asks; nothing is computed."""
    state = jax.eval_shape(lambda key: strip(game.init(key)), jax.eval_shape(jax.random.key, 0))
    shape = sizes(game).observation
    count, length = getattr(game, "lines", np.zeros((0, 1))).shape
    return Sizes(
        inputs=math.prod(shape),
        line_inputs=2 * (length - 1) * count + (2 * math.prod(shape[:2]) if count else 0),
        is_board=len(shape) == 3 and min(shape[:2]) >= 5,
        actions=game.num_actions,
        max_plies=game.max_plies,
        state_bytes=sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state)),
    )


def derive(game: Sizes, budget: Budget) -> TrainingConfig:
    """Of a game of perfect information: search, and as large a network, trees and replay as may be."""
    simulations = min(budget.num_simulations, max(32, _power_of_two(game.actions)))
    selfplay = CONNECT_FOUR.selfplay if budget.soon else SelfPlayConfig()
    learner = SOON if budget.soon else AlphaZeroConfig()
    node = game.state_bytes + NODE_BYTES + 12 * game.actions
    matches = _power_of_two(budget.tree_bytes // (node * (simulations + 1)))
    matches = max(16, min(budget.num_matches, matches))
    position = game.state_bytes + 2 * game.actions + 32
    positions = min(2**18, _power_of_two(budget.replay_bytes // position))
    positions = max(positions, 16 * matches)
    batch = min(budget.batch_size, matches * PLIES)
    return TrainingConfig(
        network=_network(game, budget),
        search=(GumbelConfig if budget.soon else PUCTConfig)(num_simulations=simulations),
        selfplay=replace(
            selfplay,
            num_matches=matches,
            num_plies=PLIES,
            temperature_plies=max(4, min(30, game.max_plies // 3)),
            max_opening_plies=min(16, game.max_plies // 3),
        ),
        learner=replace(
            learner,
            replay_positions=positions,
            min_positions=matches * PLIES,  # of the first step: something is learned in the shortest run
            batch_size=batch,
            num_updates=max(1, REUSE * matches * PLIES // batch),
        ),
    )


def derive_hidden(game: Sizes, budget: Budget) -> TrainingConfig:
    """Policy gradients with the settings of small games; the network and the matches fit the game."""
    network = _network(game, budget)
    if isinstance(network, MLPConfig):
        width = max(128, network.width)
        network = MLPConfig(width=width, depth=1, value_head="scalar")
    matches = HIDDEN.selfplay.num_matches * (GPU_FACTOR if budget.convolutions else 1)
    return replace(HIDDEN, network=network, selfplay=replace(HIDDEN.selfplay, num_matches=matches))


def _network(game: Sizes, budget: Budget) -> MLPConfig | ResNetConfig:
    if game.is_board and budget.convolutions:
        return ResNetConfig(channels=64 if game.inputs < 1000 else 128, depth=6, bfloat16=True)
    width = min(budget.most_width, max(64, _power_of_two(2 * game.inputs)))
    halves = budget.soon and width >= HALF_WIDTH and multiplies_bfloat16()
    return MLPConfig(width=width, depth=2, bfloat16=halves)


def _power_of_two(number: float) -> int:
    """The greatest power of two that is at most `number` (1 for less)."""
    return 1 << max(0, int(number).bit_length() - 1)
