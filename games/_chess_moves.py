"""The legal moves of a chess position, all pieces at once.

A move has the number `73 * source + plane`: squares as the player to move sees them (`_chess_board`), planes
as in AlphaZero and Pgx: 9 of promotions to less than a queen, 56 of lines (8 directions, 7 lengths), 8 of
knights' jumps. The pieces that may make the moves of a plane are a bitboard. It is found from behind: the
squares on which moves may end, moved back along the way that the plane tells.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games._bits import WORD, Bits64
from jaxplay.games._chess_board import (
    BISHOP,
    FILES,
    KING_HOME,
    KNIGHT,
    LAST_RANK,
    QUEEN,
    RANKS,
    ROOK,
    Pieces,
    Position,
    both_sides,
    move,
)
from jaxplay.games._dense import take
from jaxplay.struct import pytree

NUM_PLANES = 73
NUM_MOVES = 64 * NUM_PLANES
DIRECTIONS = np.array([[0, -1], [0, 1], [-1, 0], [1, 0], [-1, -1], [1, 1], [-1, 1], [1, -1]])
"""`(8, 2)`: files and ranks of a step in each direction, opposite ones side by side."""
OPPOSITE = np.arange(8) ^ 1
DOWN, UP, LEFT, RIGHT, DOWN_LEFT, UP_RIGHT, UP_LEFT, DOWN_RIGHT = range(8)
IS_DIAGONAL = np.abs(DIRECTIONS).sum(axis=1) == 2
JUMPS = np.array([[-2, -1], [-2, 1], [-1, -2], [-1, 2], [2, -1], [2, 1], [1, -2], [1, 2]])
"""`(8, 2)`: the same of a knight."""
FROM_LONGEST = (DOWN, LEFT, DOWN_LEFT, UP_LEFT)
"""Directions of which the planes begin with the longest move."""
NUM_LENGTHS = 7
UNDERPROMOTIONS = (ROOK, BISHOP, KNIGHT)
PAWN_STEPS = (UP, UP_RIGHT, UP_LEFT)
IS_UP = np.arange(8) == UP
IS_PAWN_CAPTURE = np.isin(np.arange(8), [UP_RIGHT, UP_LEFT])
SECOND_RANK, SEVENTH_RANK = Bits64.constant(RANKS == 1), Bits64.constant(RANKS == 6)
SQUARES = np.arange(64)
BETWEEN = Bits64.constant(np.stack([np.isin(SQUARES, [8, 16, 24]), np.isin(SQUARES, [40, 48])]))
"""The squares between king and rook, on the queen's and on the king's side."""
WAY = Bits64.constant(np.stack([np.isin(SQUARES, [16, 24, 32]), np.isin(SQUARES, [32, 40, 48])]))
"""The squares on which a king is when it castles: on none may it be attacked."""


def _planes() -> np.ndarray:
    """`(11, 8)`: the plane of moves of 1 to 7 squares in each direction, of jumps, of each underpromotion.

    73, which is none, for directions in which pawns do not go.
    """
    lengths = np.tile(np.arange(NUM_LENGTHS)[:, None], (1, 8))
    lengths[:, FROM_LONGEST] = lengths[::-1, FROM_LONGEST]
    promotions = np.full((3, 8), NUM_PLANES)
    promotions[:, PAWN_STEPS] = np.arange(9).reshape(3, 3)
    jumps = np.arange(NUM_PLANES - 8, NUM_PLANES)[None]
    return np.concatenate([9 + NUM_LENGTHS * np.arange(8) + lengths, jumps, promotions])


PLANES = _planes()


def _targets() -> np.ndarray:
    """`(4672,)` int32: where each move ends; -1 where that is off the board, or no promotion."""
    lines = np.arange(1, NUM_LENGTHS + 1)[:, None, None] * DIRECTIONS
    steps = np.zeros((NUM_PLANES + 1, 2), np.int32)
    steps[PLANES] = np.concatenate([lines, JUMPS[None], np.tile(DIRECTIONS, (3, 1, 1))])
    files, ranks = (np.add.outer(at, step) for at, step in zip((FILES, RANKS), steps[:-1].T, strict=True))
    exists = (files >= 0) & (files < 8) & (ranks >= 0) & (ranks < 8)
    exists[:, : 3 * len(UNDERPROMOTIONS)] &= ranks[:, : 3 * len(UNDERPROMOTIONS)] == LAST_RANK
    return np.where(exists, 8 * files + ranks, -1).reshape(-1).astype(np.int32)


TARGETS = _targets()
PLANE_PROMOTIONS = np.array([kind for kind in UNDERPROMOTIONS for _ in PAWN_STEPS] + [QUEEN] * 64, np.int32)
"""`(73,)`: what a pawn that comes to the last rank becomes."""


class _Walk:
    """One step in each of several directions at once, of which none leads around an edge."""

    def __init__(self, directions: np.ndarray) -> None:
        change = 8 * directions[:, 0] + directions[:, 1]
        self.up, self.down = (np.maximum(sign * change, 0).astype(np.uint32) for sign in (1, -1))
        files, ranks = FILES + directions[:, :1], RANKS + directions[:, 1:]
        self.stays = Bits64.constant((files >= 0) & (files < 8) & (ranks >= 0) & (ranks < 8))

    def __call__(self, board: Bits64) -> Bits64:
        """`(n,)` boards: where the squares of `board`, `()` or `(n,)`, are after a step."""
        return ((board & self.stays) << self.up) >> self.down


_step, _step_back = _Walk(DIRECTIONS), _Walk(-DIRECTIONS)
_jump, _jump_back = _Walk(JUMPS), _Walk(-JUMPS)


def play(position: Position, action: Array) -> tuple[Position, Array]:
    """The position after a legal move, still as its player sees it, and whether no earlier one comes back."""
    promotion = take(jnp.asarray(PLANE_PROMOTIONS), action % NUM_PLANES)
    return move(position, action // NUM_PLANES, take(jnp.asarray(TARGETS), action), promotion)


@pytree
class Trajectory:
    """What the player to move may do.

    Attributes:
        legal: `(4672,)` bool.
        any: `()` bool: one is legal.
        checked: `()` bool: the own king is attacked.
        in_passing: `()` bool: a pawn may be taken in passing.
    """

    legal: Array
    any: Array
    checked: Array
    in_passing: Array


def legal_moves(position: Position) -> Trajectory:
    """The legal moves of a position."""
    own, theirs = both_sides(position.board)
    empty = ~(own.all | theirs.all)
    seen = _sight(own.king, empty)
    reach = _sight(_sliders(theirs), empty | own.king)  # the king shades no square from who checks it
    checkers, ends = _checks(own, theirs, seen)
    attacked = (reach | _step_attacks(theirs)).union()
    pinned = own.all & seen & _opposite(reach)
    unpinned = ~pinned.union()
    free = unpinned | pinned | _opposite(pinned)

    singles, doubles = _pawns(own.pawns & free, ends & empty, ends & theirs.all, empty)
    in_passing = _in_passing(position, own, theirs, checkers)
    king = own.king & _step_back(~(attacked | own.all))
    castling = _castling(position, empty, attacked)
    others = [singles | king | _widened(in_passing, UP_RIGHT), doubles | _widened(castling, LEFT)]
    lines = _lines(_sliders(own) & free, ends & ~own.all, empty, others)
    jumps = own.knights & unpinned & _jump_back(ends & ~own.all)
    return Trajectory(
        legal=_spread(lines, jumps, singles & SEVENTH_RANK),
        any=lines.union().any().any() | jumps.any().any(),
        checked=checkers.any(),
        in_passing=in_passing.any().any(),
    )


def _opposite(boards: Bits64) -> Bits64:
    """`(8,)`: `boards`, `(8,)`, each in the place of the opposite direction."""
    return Bits64(boards.low[OPPOSITE], boards.high[OPPOSITE])


def _sliders(side: Pieces) -> Bits64:
    """`(8,)`: the pieces that move any distance in each direction."""
    return _only(side.diagonal, IS_DIAGONAL) | _only(side.straight, ~IS_DIAGONAL)


def _only(boards: Bits64, directions: np.ndarray) -> Bits64:
    """`(8,)`: `boards`, `()` or `(8,)`, for the `directions`, `(8,)` bool; none for the others."""
    return boards.where(jnp.asarray(directions))


def _sight(start: Bits64, empty: Bits64) -> Bits64:
    """`(8,)`: what `start`, `()` or `(8,)`, sees in each direction: over empty squares to the first piece."""
    front = _step(start)

    def walk(carry: tuple[Bits64, Bits64], _: None) -> tuple[tuple[Bits64, Bits64], None]:
        front, seen = carry
        front = _step(front & empty)
        return (front, seen | front), None

    return jax.lax.scan(walk, (front, front), None, length=NUM_LENGTHS - 1)[0][1]


def _checks(own: Pieces, theirs: Pieces, seen: Bits64) -> tuple[Bits64, Bits64]:
    """The pieces that check the king, who has `seen`, `(8,)`; and the squares where all but it must end."""
    along = seen & _sliders(theirs)
    beside = (_jump(own.king) & theirs.knights) | _only(_step(own.king) & theirs.pawns, IS_PAWN_CAPTURE)
    checkers, answers = (along | beside).union(), (seen.where(along.any()) | beside).union()
    count = checkers.count()
    return checkers, answers.where(count == 1) | (~checkers).where(count == 0)


def _step_attacks(theirs: Pieces) -> Bits64:
    """`(8,)`: the squares that the opponent's king, pawns and knights attack, by direction."""
    pawns = _only(_step(theirs.pawns), IS_PAWN_CAPTURE[OPPOSITE])
    return _step(theirs.king) | pawns | _jump(theirs.knights)


def _lines(sliders: Bits64, ends: Bits64, empty: Bits64, others: list[Bits64]) -> Bits64:
    """`(7, 8)`: the pieces that may move so far in each direction.

    Args:
        sliders: `(8,)`: those that move any distance.
        ends: where they may end.
        empty: what they may pass.
        others: `(8,)` each: what else may move one square, two squares.
    """

    def walk(ends: Bits64, others: Bits64) -> tuple[Bits64, Bits64]:
        starts = _step_back(ends)
        return starts & empty, (sliders & starts) | others

    none = Bits64.constant(np.zeros((8, 64), np.bool_))
    rows = [*others, *[none] * (NUM_LENGTHS - len(others))]
    everywhere = jax.tree.map(lambda word: jnp.broadcast_to(word, (8,)), ends)
    return jax.lax.scan(walk, everywhere, jax.tree.map(lambda *words: jnp.stack(words), *rows))[1]


def _pawns(pawns: Bits64, quiet: Bits64, captures: Bits64, empty: Bits64) -> tuple[Bits64, Bits64]:
    """`(8,)` twice: those of `pawns`, `(8,)`, that may move one square or two in each direction."""
    starts = _step_back(_only(quiet, IS_UP) | _only(captures, IS_PAWN_CAPTURE))
    doubles = _only(_step_back(starts & empty), IS_UP)
    return pawns & starts, pawns & SECOND_RANK & doubles


def _in_passing(position: Position, own: Pieces, theirs: Pieces, checkers: Bits64) -> Bits64:
    """`(2,)`: the pawns that may take in passing to the right and to the left.

    Two pawns leave their rank at once, so the king is looked at again; other checkers must be the taken pawn.
    """
    end = 8 * position.en_passant.astype(jnp.int32) + 5
    end, taken = Bits64.single(end), Bits64.single(end - 1)
    pawns = own.pawns & _step_back(end)
    pawns = Bits64(pawns.low[UP_RIGHT : UP_LEFT + 1], pawns.high[UP_RIGHT : UP_LEFT + 1])
    remain = checkers & (theirs.knights | theirs.pawns) & ~taken

    def exposed(pawn: Bits64) -> Array:
        empty = ~(((own.all | theirs.all) & ~(pawn | taken)) | end)
        return (_sight(own.king, empty) & _sliders(theirs)).any().any()

    return pawns.where(~(jax.vmap(exposed)(pawns) | remain.any()))


def _castling(position: Position, empty: Bits64, attacked: Bits64) -> Bits64:
    """`(2,)`: the king, if it may castle on the queen's side and on the king's side."""
    blocked = (BETWEEN & ~empty).any() | (WAY & attacked).any()
    return Bits64.single(jnp.int32(KING_HOME)).where(position.castling[0] & ~blocked)


def _widened(boards: Bits64, first: int) -> Bits64:
    """`(8,)`: `boards`, `(2,)`, for the direction `first` and the next one; none for the others."""
    width = (first, 8 - 2 - first)
    return Bits64(jnp.pad(boards.low, width), jnp.pad(boards.high, width))


def _spread(lines: Bits64, jumps: Bits64, promoting: Bits64) -> Array:
    """`(4672,)` bool: the legal moves, from who moves on lines, `(7, 8)`, jumps and promotes, `(8,)`.

    A scatter brings boards to their planes, because it writes: fused, XLA finds each anew for every square.
    """

    def moves(word: str) -> Array:
        line, jump, promotion = (getattr(boards, word) for boards in (lines, jumps, promoting))
        boards = jnp.concatenate([line.reshape(-1), jump, *[promotion] * len(UNDERPROMOTIONS)])
        planes = jnp.zeros(NUM_PLANES + 1, jnp.uint32).at[PLANES.reshape(-1)].set(boards)
        bits = planes[None, :NUM_PLANES] >> np.arange(WORD, dtype=np.uint32)[:, None]
        return (bits & 1 != 0).reshape(-1)

    return jnp.concatenate([moves("low"), moves("high")])
