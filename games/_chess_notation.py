"""Chess in writing: moves as UCI and SAN write them, positions as FEN."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxplay.errors import UserError, quoted
from jaxplay.games._bits import WORD, Bits64
from jaxplay.games._chess_board import (
    KINDS,
    KING_HOME,
    LAST_RANK,
    ROOK_HOMES,
    Position,
)
from jaxplay.games._chess_moves import NUM_MOVES, NUM_PLANES, PLANE_PROMOTIONS, TARGETS, UNDERPROMOTIONS
from jaxplay.text import parse_digits

START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"
MAX_CLOCK = 100
"""Plies without a pawn's move or a capture that make a draw: fifty moves of each player."""
MAX_NUMBER = 9999
"""The greatest number of a move in a position that is read: plies are counted in 16 bits."""
LETTERS = "pnbrqk"
"""Of the kinds of pieces, by number."""
CASTLES = {KING_HOME - 16: "O-O-O", KING_HOME + 16: "O-O"}
"""By the target of the king."""


def square_name(square: int, black: bool = False) -> str:
    """`a1` for 0, `a2` for 1, `h8` for 63; for black, who sees the ranks mirrored, `a8` for 0."""
    rank = LAST_RANK - square % 8 if black else square % 8
    return f"{'abcdefgh'[square // 8]}{rank + 1}"


def source_of(action: int) -> int:
    """The square where a move begins."""
    return action // NUM_PLANES


def underpromotion(action: int) -> str:
    """The letter of what a pawn becomes by a move that promotes to less than a queen; else nothing."""
    plane = action % NUM_PLANES
    return LETTERS[PLANE_PROMOTIONS[plane]] if plane < 3 * len(UNDERPROMOTIONS) else ""


def move_name(action: int, black: bool = False) -> str:
    """Squares from and to as UCI writes them, but for a queen's `q`; the number of a move off the board."""
    if TARGETS[action] < 0:
        return str(action)
    ends = square_name(source_of(action), black) + square_name(int(TARGETS[action]), black)
    return ends + underpromotion(action)


@functools.cache
def _moves_by_name() -> dict[str, int]:
    return {move_name(action): action for action in range(NUM_MOVES)}


def parse_move(text: str, black: bool = False) -> int | None:
    """The inverse of `move_name`; None where `text` is no move.

    A `q` is taken at the end of a move by which a pawn can promote, which has the same number without it.
    """
    found = re.fullmatch(r"([a-h])([1-8])([a-h])([1-8])([nbrq]?)", text)
    if found is None:
        return _moves_by_name().get(text)
    file, rank, to, last, piece = found.groups()
    if black:
        rank, last = str(9 - int(rank)), str(9 - int(last))
    if piece == "q" and not (rank + last == "78" and abs(ord(file) - ord(to)) <= 1):
        return None
    return _moves_by_name().get(file + rank + to + last + piece.removesuffix("q"))


def letters(board: Bits64) -> np.ndarray:
    """`(64,)`: the letter of the piece on each square of a `(4,)` board, own ones capital; `.` for none."""
    words = np.asarray(board.low).astype(np.uint64) | np.asarray(board.high).astype(np.uint64) << WORD
    own, *kind = (words[:, None] >> np.arange(64, dtype=np.uint64)) & 1 != 0
    piece = (np.stack(kind, axis=1)[:, None] == KINDS).all(axis=2)
    small = np.where(piece.any(axis=1), np.array(list(LETTERS))[piece.argmax(axis=1)], ".")
    return np.where(own, np.char.upper(small), small)


def uci(board: np.ndarray, action: int, black: bool) -> str:
    """A move with the `q` of a promotion to queen; `board` as `letters` tells it."""
    target = TARGETS[action]
    promotes = target >= 0 and board[source_of(action)] == "P" and target % 8 == LAST_RANK
    return move_name(action, black) + "q" * bool(promotes and not underpromotion(action))


def san(board: np.ndarray, legal: Sequence[int], action: int, black: bool) -> str:
    """A legal move as players write it, without a mark of check.

    Args:
        board: `letters` of the position.
        legal: all legal moves.
        action: one of them.
        black: whether it is black's.
    """
    source, target = source_of(action), int(TARGETS[action])
    piece, to = str(board[source]), square_name(target, black)
    if piece == "K" and abs(target - source) == 16:
        return CASTLES[target]
    captures = board[target] != "." or (piece == "P" and source // 8 != target // 8)
    if piece != "P":
        return piece + _told_apart(board, legal, action, black) + "x" * captures + to
    promotion = f"={(underpromotion(action) or 'q').upper()}" if target % 8 == LAST_RANK else ""
    return (square_name(source)[0] + "x") * captures + to + promotion


def _told_apart(board: np.ndarray, legal: Sequence[int], action: int, black: bool) -> str:
    """What tells the source from those of other pieces of its kind: its file, its rank, or both."""
    source = source_of(action)
    rivals = {
        source_of(other)
        for other in legal
        if TARGETS[other] == TARGETS[action] and board[source_of(other)] == board[source]
    } - {source}
    file, rank = square_name(source, black)
    if not rivals:
        return ""
    if all(rival // 8 != source // 8 for rival in rivals):
        return file
    return rank if all(rival % 8 != source % 8 for rival in rivals) else file + rank


class Fen(NamedTuple):
    """What a FEN tells.

    Attributes:
        position: as the player to move sees it; `en_passant` whether or not a pawn can take.
        black: black is to move.
        clock: moves since a pawn moved or a piece was taken, those of both players.
        number: of the move, from 1, counted when white moves.
    """

    position: Position
    black: bool
    clock: int
    number: int


def write_fen(fen: Fen) -> str:
    """A position in Forsyth-Edwards notation."""
    position, black = fen.position, fen.black
    squares = letters(position.board).reshape(8, 8)
    if black:
        squares = np.char.swapcase(squares)[:, ::-1]
    rows = ["".join(row) for row in squares.T[::-1]]
    placed = "/".join(re.sub(r"\.+", lambda gap: str(len(gap[0])), row) for row in rows)
    rights = np.asarray(position.castling)[:: -1 if black else 1].reshape(-1)
    castling = "".join(letter for letter, has in zip("KQkq", rights[[1, 0, 3, 2]], strict=True) if has)
    file = int(position.en_passant)
    passing = "-" if file < 0 else square_name(8 * file + 5, black)
    return f"{placed} {'b' if black else 'w'} {castling or '-'} {passing} {fen.clock} {fen.number}"


def read_fen(text: str) -> Fen:
    """The inverse of `write_fen`. The last two fields, or the last four, may be left out.

    Raises:
        UserError: `text` is no position that play can reach from where one king stands for each side.
    """
    fields = text.split()
    fields += ["w", "-", "-", "0", "1"][len(fields) - 1 :]
    if len(fields) != 6 or fields[1] not in ("w", "b") or not re.fullmatch(r"-|K?Q?k?q?", fields[2]):
        raise _refused(text, "six fields such as those of " + START)
    squares, black = _read_board(text, fields[0]), fields[1] == "b"
    passed_rank = "3" if black else "6"
    if not re.fullmatch(f"-|[a-h]{passed_rank}", fields[3]):
        raise _refused(
            text, f"a square on rank {passed_rank}, which a pawn has just passed, or - as fourth field"
        )
    clock, number = map(parse_digits, fields[4:])
    if clock is None or clock > MAX_CLOCK or number is None or not 1 <= number <= MAX_NUMBER:
        raise _refused(text, f"numbers in the last two fields, 0 to {MAX_CLOCK} and 1 to {MAX_NUMBER}")
    rights = np.array([[letter in fields[2] for letter in side] for side in ("QK", "qk")])
    if black:
        squares, rights = np.char.swapcase(squares).reshape(8, 8)[:, ::-1].reshape(-1), rights[::-1]
    file = "abcdefgh".find(fields[3][0])
    position = Position(_packed(squares), jnp.asarray(rights), jnp.int8(file))
    _check_rights(text, squares, rights, file)
    return Fen(position, black, clock, number)


def _read_board(text: str, field: str) -> np.ndarray:
    """`(64,)` letters as white sees the board."""
    told = re.fullmatch(r"(?:[1-8](?![1-8])|[pnbrqkPNBRQK/])+", field)
    rows = re.sub("[1-8]", lambda gap: "." * int(gap[0]), field).split("/")
    if not told or len(rows) != 8 or any(len(row) != 8 for row in rows):
        raise _refused(text, "eight rows of eight squares, with the letters of PNBRQK and pnbrqk")
    squares = np.array([list(row) for row in rows])[::-1].T.reshape(-1)
    if (squares == "K").sum() != 1 or (squares == "k").sum() != 1:
        raise _refused(text, "one king of each colour")
    if np.isin(squares.reshape(8, 8)[:, [0, LAST_RANK]], ["P", "p"]).any():
        raise _refused(text, "no pawn on the first and on the last rank")
    return squares


def _check_rights(text: str, squares: np.ndarray, rights: np.ndarray, file: int) -> None:
    """Who may castle has king and rook at home; who may be taken in passing has just moved there."""
    for side, (own, first) in enumerate((("KR", 0), ("kr", LAST_RANK))):
        at_home = (squares[KING_HOME + first] == own[0]) & (squares[ROOK_HOMES + first] == own[1])
        if (rights[side] & ~at_home).any():
            raise _refused(text, "a right to castle only with king and rook at home")
    if file >= 0 and [*squares[8 * file + 4 : 8 * file + 7]] != ["p", ".", "."]:
        raise _refused(text, "a square in the fourth field that a pawn has just passed")


def _refused(text: str, allowed: str) -> UserError:
    return UserError(f"{quoted(text)} is not a position; allowed: {allowed}")


def _packed(squares: np.ndarray) -> Bits64:
    """`(4,)` planes of `(64,)` letters."""
    planes = np.zeros((64, 4), np.bool_)
    for square in np.flatnonzero(squares != "."):
        letter = str(squares[square])
        planes[square] = [letter.isupper(), *KINDS[LETTERS.index(letter.lower())]]
    words = Bits64.constant(planes.T)
    return Bits64(jnp.asarray(words.low), jnp.asarray(words.high))
