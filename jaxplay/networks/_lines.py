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
from jaxplay.networks._mlp import MLP, shape_of
from jaxplay.networks.build import build_network
from jaxplay.networks.heads import as_network, check_auxiliary

DEFAULTS = shape_of(LinesConfig())


class LineFeatures(NamedTuple):
    """What is on the lines of a board, as vectors: an array of them all takes a CPU longer to fill.

    Attributes:
        stages: `2 (k - 1)` vectors `(..., L)` float32, those of one side and then those of the other: 1
            where it has 1, ..., k - 1 stones on a line of which the other has none. A line with stones of
            both can win for nobody, and has no entry.
        threats: two vectors `(..., cells)` float32: 1 on the empty cells that give a side its k in a row.
    """

    stages: tuple[Array, ...]
    threats: tuple[Array, Array]


def line_features(lines: np.ndarray, num_cells: int) -> Callable[[Array], LineFeatures]:
    """How full each line is: a function of stones, `(..., cells, 2)` float32, a column for each side.

    One product with a matrix counts the stones of both sides, another the lines that a cell closes: two
    counts are one number, the second of them a multiple of more than the first can be.

    Args:
        lines: `(L, k)` int, the cells of each line.
        num_cells: of the board.
    """
    count, length = lines.shape
    on_line = np.zeros((num_cells, count), np.float32)
    on_line[lines.reshape(-1), np.repeat(np.arange(count), length)] = 1
    more, many = length + 1.0, on_line.sum(axis=1).max() + 1.0
    counting = np.stack([on_line, more * on_line], axis=1).reshape(2 * num_cells, count)
    alone = [side * stones for side in (1.0, more) for stones in range(1, length)]

    def features(stones: Array) -> LineFeatures:
        counts = stones.reshape(*stones.shape[:-2], -1) @ counting
        full = alone[length - 2], alone[-1]
        closed = jnp.where(counts == full[0], 1.0, jnp.where(counts == full[1], many, 0.0))
        closing = closed @ on_line.T
        theirs = jnp.floor(closing / many)
        free = stones[..., 0] + stones[..., 1] == 0
        return LineFeatures(
            tuple((counts == number).astype(jnp.float32) for number in alone),
            (
                ((closing > many * theirs) & free).astype(jnp.float32),
                ((theirs > 0) & free).astype(jnp.float32),
            ),
        )

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
        """`(..., rows, columns, planes)`, the first two planes the stones of both sides, to predictions."""
        observation, batch = observation.astype(jnp.float32), observation.shape[:-3]
        seen = self.see(observation[..., :2].reshape(*batch, -1, 2))
        parts = observation.reshape(*batch, -1), *seen.stages, *seen.threats
        return self.trunk(jnp.concatenate(parts, axis=-1))


def line_mlp(sizes: NetworkSizes, lines: np.ndarray, **shape: Any) -> Network:
    """A residual perceptron that sees lines.

    Args:
        sizes: what it must fit, from `jaxplay.evaluator.sizes(game)`.
        lines: `(L, k)` int: the cells of each line that wins, along the rows.
        shape: the other arguments of `jaxplay.networks.mlp`.

    Raises:
        UserError: `auxiliary` asks for endings that the game does not define.
    """
    shape = DEFAULTS | shape
    check_auxiliary(sizes, shape["auxiliary"])
    return as_network(lambda rngs: LineMLP(lines, sizes, rngs, **shape))


@build_network.register
def _(config: LinesConfig, game: Game[Any]) -> Network:
    lines = getattr(game, "lines", None)
    if lines is None:
        raise UserError(
            f"network lines needs a game with lines (tic_tac_toe, connect_four, gomoku), not {game}"
        )
    return line_mlp(sizes(game), lines, **shape_of(config))
