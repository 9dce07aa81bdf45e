"""2048: push equal tiles together, alone, as long as there is room.

Rules: on a board of 4 by 4 lie tiles with powers of two. A move pushes all tiles as far as they go to the
left, up, to the right or down. Where that brings two equal tiles together, counted from the side they are
pushed to, they merge into one of twice the number, once in a move, and that number is scored. A move must
change the board. After it, as twice at the beginning, a new tile comes to an empty cell at random: a 2, or,
once in ten times, a 4. The game ends where no move is left.

Actions (4), as in Pgx.

| Action | Move                      | Written |
|--------|---------------------------|---------|
| 0      | all tiles go to the left  | `left`  |
| 1      | all tiles go up           | `up`    |
| 2      | all tiles go to the right | `right` |
| 3      | all tiles go down         | `down`  |

Chance outcomes (32), as in OpenSpiel: `2 * cell`, a 2 on that cell, and `2 * cell + 1`, a 4; cells along the
rows. They are written `2 at a1` (0), `4 at b1` (3).

Observation: `(4, 4, 18)` float32.

| Plane      | 1 where              |
|------------|----------------------|
| 0          | no tile lies         |
| i, 1 to 17 | a tile `2 ** i` lies |

Rewards: what the move scores.

Source: Gabriele Cirulli, https://github.com/gabrielecirulli/2048
"""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.games._mnk import rotations_and_mirrors
from jaxplay.struct import pytree, replace

SIZE = 4
CELLS = SIZE * SIZE
NAMES = "left", "up", "right", "down"
PLANES = 18
"""No tile is greater than 2 to the 17th: for that 16 cells would have to hold all of its parts."""
TILES = np.array([0.9, 0.1], np.float32)
"""How likely a new tile is a 2, and a 4."""

CELL = 84
"""Width of a cell in pixels."""
COLOURS = (
    *("#cdc1b4", "#eee4da", "#ede0c8", "#f2b179", "#f59563", "#f67c5f", "#f65e3b"),
    *("#edcf72", "#edcc61", "#edc850", "#edc53f", "#edc22e"),
)
"""Of an empty cell and of tiles 2, 4, ... 2048; greater ones are dark."""


@pytree
class Board2048:
    """A position: besides the fields of every state, the tiles.

    Attributes:
        tiles: `(4, 4)` int8: the power of two on each cell; 0: no tile.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    tiles: Array


@dataclass(frozen=True)
class TwentyFortyEight(GameDefaults):
    """Push equal tiles together: see the module for rules, actions and observation."""

    num_players = 1
    num_actions = 4
    num_chance_outcomes = 2 * CELLS
    zero_sum = False
    num_symmetries = 8
    max_plies = 10_000
    """Where self-play cuts. Random play takes 120 moves, seldom 230."""
    min_return = 0.0
    max_return = 520_104.0
    """10,002 tiles of 4 weigh 40,008: no tile is above 2 ** 15, which has scored 13 times its number."""

    usual_return = float(2**15)
    """Who makes a tile of 2048 has scored about 20,000."""

    def init(self, key: Array) -> Board2048:
        """The empty board, before the first tile."""
        return self._position(jnp.zeros((SIZE, SIZE), jnp.int8), jnp.float32(0), jnp.bool_(True))

    def chance_probs(self, state: Board2048) -> Array:
        """`(32,)` float32: of a 2 and a 4 on each cell."""
        empty = (state.tiles == 0).reshape(-1).astype(jnp.float32)
        return (empty[:, None] / empty.sum() * TILES[None]).reshape(-1)

    def step(self, state: Board2048, action: Array) -> Board2048:
        """Push the tiles, or put a new one; after the first tile comes another."""
        drops = state.current_player == CHANCE
        cell = (np.arange(CELLS) == action // 2).reshape(SIZE, SIZE)
        dropped = jnp.where(cell, (action % 2 + 1).astype(jnp.int8), state.tiles)
        pushed, score = _pushed(state.tiles, action)
        tiles = jnp.where(drops, dropped, pushed)
        return self._position(
            tiles, jnp.where(drops, jnp.float32(0), score), to_drop=~drops | ((tiles > 0).sum() < 2)
        )

    def _position(self, tiles: Array, score: Array, to_drop: Array) -> Board2048:
        """The state in which a tile is to come, or a move is to be made, if there is one."""
        moves = _moves(tiles)
        ended = ~to_drop & ~moves.any()
        drops = jnp.repeat((tiles == 0).reshape(-1), 2)
        moves = jnp.pad(moves, (0, self.num_chance_outcomes - self.num_actions))
        return Board2048(
            current_player=jnp.where(to_drop, jnp.int32(CHANCE), jnp.int32(0)),
            legal_action_mask=jnp.where(to_drop, drops, moves) | ended,
            rewards=score[None],
            terminated=ended,
            tiles=tiles,
        )

    def observe(self, state: Board2048, player: Array | None = None) -> Array:
        """`(4, 4, 18)` float32: see the module."""
        return (state.tiles[..., None] == np.arange(PLANES, dtype=np.int8)[None, None]).astype(jnp.float32)

    def symmetry(self, state: Board2048, index: Array) -> Board2048:
        """The board turned or mirrored: row `index` of `rotations_and_mirrors`."""
        sources = jnp.asarray(np.argsort(rotations_and_mirrors(SIZE), axis=1))[index]
        tiles = state.tiles.reshape(-1)[sources].reshape(SIZE, SIZE)
        turned = self._position(tiles, jnp.float32(0), state.current_player == CHANCE)
        return replace(turned, rewards=state.rewards)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(8, 4)` int32: a direction goes where the step from a cell in that direction goes."""
        cells, steps, origin = rotations_and_mirrors(SIZE), np.array([-1, -SIZE, 1, SIZE]), SIZE + 1
        moved = cells[:, origin + steps] - cells[:, [origin]]
        return (moved[..., None] == steps).argmax(axis=-1).astype(np.int32)

    def action_to_string(self, action: int) -> str:
        """`left`, `up`, `right` or `down`."""
        return NAMES[int(action)]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, NAMES, ", ".join(NAMES))

    def outcome_to_string(self, state: Board2048, outcome: int) -> str:
        """The tile and its cell, such as `4 at b2`; `a1` is at the top left."""
        cell, tile = divmod(outcome, 2)
        return f"{2 << tile} at {_text.cell_name(cell, SIZE)}"

    def render(self, state: Board2048, player: int | None = None) -> str:
        """The numbers on the board."""
        rows = [[str(1 << tile) if tile else "." for tile in row] for row in state.tiles.tolist()]
        width = max(len(number) for row in rows for number in row) + 1
        return "\n".join([*("".join(number.rjust(width) for number in row) for row in rows), _status(state)])

    def render_svg(self, state: Board2048, player: int | None = None) -> str:
        """Coloured tiles on a board."""
        gap = 8
        side = SIZE * CELL + gap
        shapes = [_svg.rect(0, 0, side, side, "#bbada0", radius=8)]
        for (row, column), tile in np.ndenumerate(np.asarray(state.tiles)):
            x, y = gap + column * CELL, gap + row * CELL
            colour = COLOURS[tile] if tile < len(COLOURS) else "#3c3a32"
            shapes.append(_svg.rect(x, y, CELL - gap, CELL - gap, colour, radius=5))
            if tile:
                number, ink = str(1 << int(tile)), "#776e65" if tile < 3 else "#f9f6f2"
                middle = (CELL - gap) / 2
                shapes.append(
                    _svg.text(x + middle, y + middle, number, size=34 - 4 * max(0, len(number) - 2), fill=ink)
                )
        return _svg.document(side, side, *shapes)


def _pushed(tiles: Array, action: Array) -> tuple[Array, Array]:
    """The tiles after a push without a new one, and what it scores, `()` float32."""
    upright, backwards = action % 2 == 1, action >= 2
    rows = jnp.where(upright, tiles.T, tiles)
    rows = jnp.where(backwards, rows[:, ::-1], rows)
    line, score = _merged(_closed_up([rows[:, place] for place in range(SIZE)]))
    rows = jnp.stack(line, axis=1)
    rows = jnp.where(backwards, rows[:, ::-1], rows)
    return jnp.where(upright, rows.T, rows), score.sum().astype(jnp.float32)


def _closed_up(line: list[Array]) -> list[Array]:
    """Lines of tiles, `(4,)` int8 for each place from the front, with no gap between tiles."""
    line = list(line)
    for end in range(SIZE - 1, 0, -1):
        for place in range(end):
            gap = line[place] == 0
            line[place] = jnp.where(gap, line[place + 1], line[place])
            line[place + 1] = jnp.where(gap, jnp.int8(0), line[place + 1])
    return line


def _merged(line: list[Array]) -> tuple[list[Array], Array]:
    """Such lines after equal neighbours have merged, from the front, and what that scores, `(4,)` int32."""
    line, score = [*line, jnp.zeros_like(line[0])], jnp.zeros(SIZE, jnp.int32)
    for place in range(SIZE - 1):
        same = (line[place] > 0) & (line[place] == line[place + 1])
        line[place] = line[place] + same.astype(jnp.int8)
        score = score + jnp.where(same, jnp.int32(1) << line[place].astype(jnp.int32), 0)
        for behind in range(place + 1, SIZE):
            line[behind] = jnp.where(same, line[behind + 1], line[behind])
    return line[:SIZE], score


def _moves(tiles: Array) -> Array:
    """`(4,)` bool: the directions in which a tile can go on or merge."""
    boards = tiles, tiles.T, tiles[:, ::-1], tiles.T[:, ::-1]
    return jnp.stack([_can_close_up(rows) for rows in boards])


def _can_close_up(rows: Array) -> Array:
    front, behind = rows[:, :-1], rows[:, 1:]
    return ((behind > 0) & ((front == 0) | (front == behind))).any()


def _status(state: Board2048) -> str:
    if state.terminated:
        return "no move is left"
    return "a tile to come" if state.current_player == CHANCE else "to move"


GAME = TwentyFortyEight
GROUP = "puzzles and mathematical games"
