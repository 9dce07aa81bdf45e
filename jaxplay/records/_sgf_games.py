"""How SGF writes the points of each game that it has a number for."""

import re
from typing import Any, NamedTuple

from jaxplay.errors import UserError, quoted
from jaxplay.game import Game, make
from jaxplay.games.go import Go
from jaxplay.games.gomoku import Gomoku
from jaxplay.games.hex import Hex
from jaxplay.games.othello import Othello
from jaxplay.text import parse_digits, parse_float

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SWAPS = ("swap-pieces", "swap-sides", "swap")
GIVING_UP = {"resign": "resigned", "forfeit": "forfeit"}
PASSES = ("", "tt", "pass", "pa")
"""What is a pass besides a point; `tt` on boards up to 19 by 19."""


class Board(NamedTuple):
    """A board as SGF sees it.

    Attributes:
        game: that is played on it.
        columns: of it.
        rows: of it.
        passing: the action that is a pass, or None.
    """

    game: Game[Any]
    columns: int
    rows: int
    passing: int | None


def board_of(game: Game[Any]) -> Board:
    """The board of a game.

    Raises:
        UserError: SGF does not have this game.
    """
    if isinstance(game, Gomoku):
        return Board(game, game.columns, game.rows, None)
    if isinstance(game, Go | Othello):
        return Board(game, game.size, game.size, game.size * game.size)
    if isinstance(game, Hex):
        return Board(game, game.size, game.size, None)
    raise UserError(f"SGF files hold {', '.join(NAMES.values())}; other games go to JSON")


NAMES = {1: "go", 2: "othello", 4: "gomoku", 11: "hex"}
"""The games that are read, by the number of SGF."""
NUMBERS = {Go: 1, Othello: 2, Gomoku: 4, Hex: 11}
SIDES = {"go": 19, "othello": 8, "gomoku": 15, "hex": 11}
"""Sizes of boards where a file does not say."""


def make_game(number: str, size: str, komi: str, options: dict[str, str]) -> Game[Any]:
    """The game that the properties of a root tell.

    Args:
        number: value of GM, `1` where it is missing.
        size: value of SZ.
        komi: value of KM.
        options: all others.

    Raises:
        UserError: no such game, or one of another size.
    """
    name = NAMES.get(parse_digits(number) or 0)
    if name is None:
        told = ", ".join(f"{key} ({value})" for key, value in NAMES.items())
        raise UserError(f"GM is {quoted(number)}; allowed: {told}")
    columns, rows = _sides(size or str(SIDES[name]))
    if name == "gomoku":
        return make(name, rows=rows, columns=columns, **options)
    if columns != rows:
        raise UserError(f"SZ is {quoted(size)}; allowed: square boards")
    if name == "go" and komi:
        value = parse_float(komi.replace(",", "."))
        if value is None:
            raise UserError(f"KM is {quoted(komi)}; allowed: a number of points")
        options = options | {"komi": repr(value)}
    return make(name, size=columns, **options)


def _sides(size: str) -> tuple[int, int]:
    sides = [parse_digits(part) for part in size.split(":")]
    if len(sides) > 2 or None in sides:
        raise UserError(f"SZ is {quoted(size)}; allowed: a number, or COLUMNS:ROWS")
    return sides[0] or 0, sides[-1] or 0


def read_point(board: Board, text: str, *, transposed: bool = False) -> int:
    """The action that a value names.

    Args:
        board: where it is played.
        text: two letters from the top left, `dd`; or a letter and a number as the game itself writes them.
        transposed: whether sides were swapped, so that the rest of the game is mirrored at the long diagonal.

    Raises:
        UserError: it names none.
    """
    word = text.strip().lower()
    if board.passing is not None and word in PASSES and not (word == "tt" and board.columns > 19):
        return board.passing
    if word in SWAPS and isinstance(board.game, Hex):
        return board.game.num_cells
    if len(word) == 2 and word.isascii() and word.isalpha():
        column, row = LETTERS.index(word[0]), LETTERS.index(word[1])
        if column >= board.columns or row >= board.rows:
            raise UserError(f"{quoted(text)} is not on the board")
        return column * board.columns + row if transposed else row * board.columns + column
    if not re.fullmatch(r"[a-z][0-9]{1,2}", word):
        raise UserError(f"{quoted(text)} is not a point; allowed: two letters, such as 'dd'")
    action = board.game.parse_action(word)
    return action % board.columns * board.columns + action // board.columns if transposed else action


def write_point(board: Board, action: int) -> str:
    """The inverse of `read_point`. Hex has a letter and a number, as its part of the standard says."""
    if action == board.passing:
        return ""
    if isinstance(board.game, Hex):
        swaps = action == board.game.num_cells
        return "swap-pieces" if swaps else board.game.action_to_string(action)
    row, column = divmod(action, board.columns)
    return LETTERS[column] + LETTERS[row]
