"""Positions and actions as text: boards with coordinates, names of cells, and names back to actions."""

from collections.abc import Iterable, Sequence

import numpy as np
from jax import Array

from jaxplay.errors import UserError, quoted
from jaxplay.game import State

LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""Names of columns, from the left."""


def cell_name(cell: int, columns: int) -> str:
    """Column letter and row number of a cell counted along the rows from the top left, which is `a1`."""
    row, column = divmod(cell, columns)
    return f"{LETTERS[column]}{row + 1}"


def parse(text: str, names: Iterable[str], allowed: str) -> int:
    """Which of `names` is `text`; case and space around it do not matter, but letters of other scripts do.

    Raises:
        UserError: none is; the message ends with `allowed`.
    """
    wanted = text.strip()
    for number, name in enumerate(names):
        if name == wanted or (wanted.isascii() and name.lower() == wanted.lower()):
            return number
    raise UserError(f"{quoted(text)} is not an action; allowed: {allowed}")


def board(
    cells: Iterable[Sequence[str]], names: Sequence[str], *, slope: int = 0, letters_below: bool = False
) -> list[str]:
    """Lines of text: column letters, and rows of cells behind their names.

    Args:
        cells: rows from the top, of a character a cell.
        names: of the rows.
        slope: how far each row stands to the right of the row above.
        letters_below: whether the column letters stand below the board, not above it.
    """
    rows, width = list(cells), max(map(len, names))
    letters = [" " * (width + 1) + " ".join(LETTERS[: len(rows[0])])]
    lines = [
        f"{' ' * slope * row}{name.rjust(width)} {' '.join(rows[row])}" for row, name in enumerate(names)
    ]
    return lines + letters if letters_below else letters + lines


def numbers(rows: int) -> list[str]:
    """Names of rows: from 1 at the top."""
    return [str(row + 1) for row in range(rows)]


def stones(planes: Array) -> np.ndarray:
    """`X` and `O` where the first and the second of `(rows, columns, n)` planes are set, `.` elsewhere."""
    first, second, *_ = np.moveaxis(np.asarray(planes), -1, 0)
    return np.where(first, "X", np.where(second, "O", "."))


def status(state: State) -> str:
    """Whose turn it is, `X` or `O`; at the end, that whoever moved last has won."""
    mover, other = ("XO", "OX")[int(state.current_player)]
    return f"{other} wins" if state.terminated else f"{mover} to move"
