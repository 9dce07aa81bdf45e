"""A chess position in bits, always as the player to move sees it: the own first rank is the lowest.

Square `8 * file + rank`: a1 is 0, a2 is 1, b1 is 8, h8 is 63. A board is `(4,)` `Bits64`, its *planes*: the
squares of the own pieces, and three that together tell the kind of the piece on a square.

| Kind   | steps | straight | diagonal |
|--------|-------|----------|----------|
| pawn   | 1     | 0        | 0        |
| knight | 1     | 0        | 1        |
| bishop | 0     | 0        | 1        |
| rook   | 0     | 1        | 0        |
| queen  | 0     | 1        | 1        |
| king   | 1     | 1        | 0        |
"""

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games._bits import Bits64
from jaxplay.games._dense import take
from jaxplay.struct import pytree

PAWN, KNIGHT, BISHOP, ROOK, QUEEN, KING = range(6)
KINDS = np.array([[1, 0, 0], [1, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 1, 0]], np.bool_)
"""`(6, 3)`: the table above."""
OWN, STEPS, STRAIGHT, DIAGONAL = range(4)
FILES, RANKS = np.divmod(np.arange(64), 8)
LAST_RANK = 7
KING_HOME = 32
ROOK_HOMES = np.array([0, 56], np.int32)
"""On the queen's side (number 0 wherever sides are numbered) and on the king's side (1)."""


@pytree
class Position:
    """All that tells which moves there are, as the player to move sees it.

    Attributes:
        board: `(4,)` `Bits64`: the planes.
        castling: `(2, 2)` bool: own rights and the opponent's, to castle on the queen's and the king's side.
        en_passant: `()` int8: the file of the pawn that may be taken in passing, -1 if there is none.
    """

    board: Bits64
    castling: Array
    en_passant: Array


@pytree
class Pieces:
    """The pieces of one player by how they move, `Bits64` each.

    Attributes:
        pawns: pawns.
        knights: knights.
        diagonal: bishops and queens.
        straight: rooks and queens.
        king: the king.
        all: every piece.
    """

    pawns: Bits64
    knights: Bits64
    diagonal: Bits64
    straight: Bits64
    king: Bits64
    all: Bits64


def plane(board: Bits64, index: int) -> Bits64:
    """One plane of `(..., 4)` boards."""
    return Bits64(board.low[..., index], board.high[..., index])


def stacked(boards: list[Bits64]) -> Bits64:
    """`Bits64` of equal shapes along a new last axis."""
    return Bits64(jnp.stack([b.low for b in boards], axis=-1), jnp.stack([b.high for b in boards], axis=-1))


def occupied(board: Bits64) -> Bits64:
    """The squares of `(..., 4)` boards that hold a piece."""
    return plane(board, STEPS) | plane(board, STRAIGHT) | plane(board, DIAGONAL)


def both_sides(board: Bits64) -> tuple[Pieces, Pieces]:
    """Own pieces, and the opponent's, of `(..., 4)` boards."""
    own = plane(board, OWN)
    return _pieces(board, own), _pieces(board, occupied(board) & ~own)


def _pieces(board: Bits64, side: Bits64) -> Pieces:
    steps, straight, diagonal = (plane(board, index) & side for index in (STEPS, STRAIGHT, DIAGONAL))
    return Pieces(
        pawns=steps & ~(straight | diagonal),
        knights=steps & diagonal,
        diagonal=diagonal & ~steps,
        straight=straight & ~steps,
        king=steps & straight,
        all=side,
    )


def turned(board: Bits64) -> Bits64:
    """`(..., 4)` boards as the other player sees them: ranks mirrored, own and the opponent's exchanged."""
    theirs = occupied(board) & ~plane(board, OWN)
    planes = stacked([theirs, *(plane(board, index) for index in (STEPS, STRAIGHT, DIAGONAL))])
    return Bits64(_mirrored(planes.low), _mirrored(planes.high))


def other_view(position: Position) -> Position:
    """The position as the other player sees it."""
    return Position(turned(position.board), position.castling[::-1], position.en_passant)


def _mirrored(word: Array | np.ndarray) -> Array:
    """The bits of every byte, which are the ranks of a file, in reversed order."""
    word = jnp.asarray(word)
    for distance, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F)):
        word = ((word >> distance) & np.uint32(mask)) | ((word & np.uint32(mask)) << distance)
    return word


def move(position: Position, source: Array, target: Array, promotion: Array) -> tuple[Position, Array]:
    """The position after the own piece on `source` went to `target`, still as its player sees it.

    Args:
        position: before the move, which is legal.
        source: `()` int32.
        target: `()` int32.
        promotion: `()` int32: what a pawn becomes on the last rank.

    Returns:
        The position, and `()` bool: whether a pawn moved or a piece was taken, after which none comes back.
    """
    board, start, end = position.board, Bits64.single(source), Bits64.single(target)
    kind = (board & start).any()
    pawn, king = _is(kind, PAWN), _is(kind, KING)
    in_passing = pawn & (target == 8 * position.en_passant.astype(jnp.int32) + 5)
    castles = king & (jnp.abs(target - source) == 16)
    rook_home = jnp.where(target > source, ROOK_HOMES[1], ROOK_HOMES[0])
    leaves = start | Bits64.single(target - 1).where(in_passing) | Bits64.single(rook_home).where(castles)
    becomes = jnp.where(pawn & (target % 8 == LAST_RANK), _planes(promotion), kind)
    rook = Bits64.single((source + target) // 2).where(castles & _planes(np.int32(ROOK)))
    captures = (occupied(board) & end).any() | in_passing
    after = Position(
        board=(board & ~(leaves | end)) | end.where(becomes) | rook,
        castling=_castling(position.castling, source, target),
        en_passant=jnp.where(pawn & (target - source == 2), source // 8, -1).astype(jnp.int8),
    )
    return after, pawn | captures


def _planes(kind: Array | np.int32) -> Array:
    """`(4,)` bool: the planes of an own piece."""
    return jnp.append(True, take(jnp.asarray(KINDS), jnp.asarray(kind)))


def _is(planes: Array, kind: int) -> Array:
    return (planes[1:] == KINDS[kind]).all()


def _castling(rights: Array, source: Array, target: Array) -> Array:
    """The rights that are left after a move: king and rook have not moved, the rook was not taken."""
    own = rights[0] & (source != KING_HOME) & (source != ROOK_HOMES)
    return jnp.stack([own, rights[1] & (target != ROOK_HOMES + LAST_RANK)])
