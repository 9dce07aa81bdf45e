"""A backgammon board as text and as SVG, as player 0 sees it: its home is at the bottom right."""

import numpy as np

from jaxplay.games import _svg

UPPER = tuple(range(13, 25))
LOWER = tuple(range(12, 0, -1))
"""Points of the two rows from the left, as player 0 counts them."""
CHECKERS = 15

POINT, BAR, RADIUS = 44, 40, 19
"""Pixels: width of a point and of the bar, radius of a checker."""
HEIGHT = 420
FELT, LIGHT, DARK, WOOD = "#2f5d50", "#e8d5a9", "#b5533c", "#5d4030"
COLOURS = {"X": _svg.INK, "O": _svg.PAPER}


def as_text(board: np.ndarray, dice: list[int], turn: int, over: bool) -> str:
    """Two rows of points, the bar, the checkers borne off, and whose turn it is.

    Args:
        board: `(26,)`: checkers by place of player 0's way, those of player 1 negative; the bars at the ends.
        dice: one for each move that is left, 1 to 6.
        turn: whose turn it is, or who has won.
        over: whether the game is over.
    """
    bars = f"bar: X {board[0]}, O {-board[25]}"
    lines = [_numbers(UPPER), _row(board, UPPER), "", _row(board, LOWER), _numbers(LOWER)]
    return "\n".join([*lines, f"{bars}; off: {_off_text(board)}", _status(dice, turn, over)])


def _numbers(points: tuple[int, ...]) -> str:
    return _halves([str(point) for point in points])


def _row(board: np.ndarray, points: tuple[int, ...]) -> str:
    """How many checkers stand on each point, and whose."""
    counts = [int(board[25 - point]) for point in points]
    return _halves([f"{abs(count)}{'X' if count > 0 else 'O'}" if count else "." for count in counts])


def _halves(cells: list[str]) -> str:
    left, right = ("".join(cell.rjust(4) for cell in half) for half in (cells[:6], cells[6:]))
    return f"{left} |{right}"


def _off(board: np.ndarray) -> tuple[int, int]:
    """Checkers that players 0 and 1 have borne off."""
    return CHECKERS - int(np.maximum(board, 0).sum()), CHECKERS - int(np.maximum(-board, 0).sum())


def _off_text(board: np.ndarray) -> str:
    return "X {}, O {}".format(*_off(board))


def _status(dice: list[int], turn: int, over: bool) -> str:
    if over:
        return f"{'XO'[turn]} wins"
    return f"{'XO'[turn]} to move: {' '.join(map(str, dice))}" if dice else f"{'XO'[turn]} to roll"


def as_svg(board: np.ndarray, dice: list[int], turn: int, over: bool) -> str:
    """The board with its points, stacks of checkers, dice, and what is borne off to the right.

    Args:
        board: as in `as_text`.
        dice: as in `as_text`.
        turn: as in `as_text`.
        over: as in `as_text`.
    """
    edge, width = 26, 12 * POINT + BAR
    right = edge + width
    shapes = [_svg.rect(0, 0, right + POINT + edge, HEIGHT + 2 * edge, WOOD, radius=8)]
    shapes += [_svg.rect(x, edge, 6 * POINT, HEIGHT, FELT) for x in (edge, edge + 6 * POINT + BAR)]
    for points, top in ((UPPER, True), (LOWER, False)):
        for column, point in enumerate(points):
            x = edge + (column + 0.5) * POINT + (BAR if column >= 6 else 0)
            shapes += _point(x, edge, point, top=top)
            shapes += _stack(x, edge, int(board[25 - point]), top=top)
    middle = edge + 6 * POINT + BAR / 2
    shapes += _stack(middle, edge, -int(-board[25]), top=True) + _stack(
        middle, edge, int(board[0]), top=False
    )
    first, second = _off(board)
    shapes += _stack(right + POINT / 2 + 8, edge, -second, top=True)
    shapes += _stack(right + POINT / 2 + 8, edge, first, top=False)
    shapes += _dice(
        edge + (9 if turn == 0 else 3) * POINT + (BAR if turn == 0 else 0), edge + HEIGHT / 2, dice, turn
    )
    return _svg.document(right + POINT + edge, HEIGHT + 2 * edge, *shapes)


def _point(x: float, edge: float, number: int, *, top: bool) -> list[str]:
    """A triangle from the edge towards the middle, and its number."""
    base = edge if top else edge + HEIGHT
    tip = base + (0.42 if top else -0.42) * HEIGHT
    corners = [(x - POINT / 2 + 1, base), (x + POINT / 2 - 1, base), (x, tip)]
    label = _svg.text(x, edge / 2 if top else HEIGHT + 1.5 * edge, str(number), fill=LIGHT)
    return [_svg.polygon(corners, LIGHT if number % 2 else DARK), label]


def _stack(x: float, edge: float, count: int, *, top: bool) -> list[str]:
    """Checkers from the edge towards the middle, at most five; the number of all of them if they are more."""
    letter, shapes = "X" if count > 0 else "O", []
    for i in range(min(abs(count), 5)):
        y = edge + RADIUS + 1 + i * 2 * RADIUS if top else edge + HEIGHT - RADIUS - 1 - i * 2 * RADIUS
        shapes.append(_svg.circle(x, y, RADIUS, COLOURS[letter], stroke=_svg.GREY, width=1))
        if i == 4 and abs(count) > 5:
            shapes.append(_svg.text(x, y, str(abs(count)), size=16, fill=COLOURS["XO"[letter == "X"]]))
    return shapes


def _dice(x: float, y: float, dice: list[int], turn: int) -> list[str]:
    """A die for each move that is left, in the colour of the player, around `(x, y)`."""
    shapes, side = [], 34
    for i, die in enumerate(dice):
        left = x + (i - len(dice) / 2) * (side + 8) + 4
        shapes.append(_svg.rect(left, y - side / 2, side, side, COLOURS["XO"[turn]], radius=6))
        shapes.append(_svg.text(left + side / 2, y, str(die), size=20, fill=COLOURS["OX"[turn]]))
    return shapes
