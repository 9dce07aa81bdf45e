"""A perceptron that sees the lines of a board: for games in which some cells in a row win."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from jaxplay.config import LinesConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, NetworkSizes, Prediction, sizes
from jaxplay.game import Game
from jaxplay.networks._mlp import MLP
from jaxplay.networks.build import auxiliary_of, build_network
from jaxplay.networks.heads import NO_AUXILIARY, Auxiliary, as_network, check_auxiliary


class LineFeatures(NamedTuple):
    """What is on the lines of a board, of both sides.

    Attributes:
        stages: `(2, k - 1, L)` float32: 1 where a side has 1, ..., k - 1 stones on a line of which the other
            has none. A line with stones of both can win for nobody, and has no entry.
        threats: `(2, cells)` float32: 1 on the empty cells that give a side its k in a row.
    """

    stages: Array
    threats: Array


def line_features(lines: np.ndarray, num_cells: int) -> Callable[[Array], LineFeatures]:
    """How full each line is: a function of stones, those of both sides `(2, cells)` float32.

    Counts are products with a matrix.

    Args:
        lines: `(L, k)` int, the cells of each line.
        num_cells: of the board.
    """
    count, length = lines.shape
    on_line = np.zeros((num_cells, count), np.float32)
    on_line[lines.reshape(-1), np.repeat(np.arange(count), length)] = 1
    numbers = np.arange(1, length, dtype=np.float32)[None, :, None]

    def features(stones: Array) -> LineFeatures:
        counts = stones @ on_line
        alone = counts[::-1] == 0
        stages = ((counts[:, None] == numbers) & alone[:, None]).astype(jnp.float32)
        closing = stages[:, -1] @ on_line.T
        free = stones.sum(axis=0, keepdims=True) == 0
        return LineFeatures(stages, ((closing > 0) & free).astype(jnp.float32))

    return features


class LineMLP(nnx.Module):
    """A residual perceptron on a flat observation and what is on its lines."""

    def __init__(self, lines: np.ndarray, observed: NetworkSizes, rngs: nnx.Rngs, **shape: Any) -> None:
        rows, columns, _ = observed.observation
        count, length = lines.shape
        self.see = line_features(lines, rows * columns)
        inputs = rows * columns * (observed.observation[2] + 2) + 2 * (length - 1) * count
        self.trunk = MLP(observed._replace(observation=(inputs,)), rngs=rngs, **shape)

    def __call__(self, observation: Array) -> Prediction:
        """`(rows, columns, planes)`, the first two planes the stones of both sides, to its prediction."""
        stones = jnp.moveaxis(observation[..., :2], -1, 0).reshape(2, -1)
        seen = self.see(stones.astype(jnp.float32))
        parts = observation.astype(jnp.float32), seen.stages, seen.threats
        return self.trunk(jnp.concatenate([part.reshape(-1) for part in parts]))


def line_mlp(
    sizes: NetworkSizes,
    lines: np.ndarray,
    *,
    width: int = 192,
    depth: int = 2,
    value_head: str = "outcome",
    auxiliary: Auxiliary = NO_AUXILIARY,
) -> Network:
    """A residual perceptron that sees lines.

    Args:
        sizes: what it must fit, from `jaxplay.evaluator.sizes(game)`.
        lines: `(L, k)` int: the cells of each line that wins, along the rows.
        width: units in each layer.
        depth: residual blocks of two layers each.
        value_head: `scalar`, or `outcome` (loss, draw, win).
        auxiliary: what it predicts besides.

    Raises:
        UserError: `auxiliary` asks for endings that the game does not define.
    """
    check_auxiliary(sizes, auxiliary)
    shape: dict[str, Any] = {"width": width, "depth": depth, "value_head": value_head, "auxiliary": auxiliary}
    return as_network(lambda rngs: LineMLP(lines, sizes, rngs, **shape))


@build_network.register
def _(config: LinesConfig, game: Game[Any]) -> Network:
    lines = getattr(game, "lines", None)
    if lines is None:
        raise UserError(
            f"network lines needs a game with lines (tic_tac_toe, connect_four, gomoku), not {game}"
        )
    shape: Any = {"width": config.width, "depth": config.depth, "value_head": config.value_head}
    return line_mlp(sizes(game), lines, **shape, auxiliary=auxiliary_of(config))
