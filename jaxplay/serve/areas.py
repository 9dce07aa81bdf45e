"""Where a board is clicked: areas of its picture, and which of them a move is made by.

Most boards have an area for each cell, named as moves name it, so that the areas of a move are read off its
name: `b2`, or `a7` and `b6` for `a7xb6`. A game of one's own has a method `hit_areas()` that gives a sequence
of `Area`; moves without areas are played from a list.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

CELL_NAME = re.compile(r"[A-Za-z]\d+")


class Area(NamedTuple):
    """A part of a board's picture that can be clicked.

    Attributes:
        name: that is read out, and that moves are made of.
        x: of the left edge, in pixels of the picture.
        y: of the top edge.
        width: in pixels.
        height: in pixels.
        is_round: whether it is an ellipse in that box.
    """

    name: str
    x: float
    y: float
    width: float
    height: float
    is_round: bool = False


class Board(NamedTuple):
    """How a game is clicked.

    Attributes:
        areas: of its picture; none where moves are chosen from a list.
        path: names of the areas that a move in a state is made by, in order; none: only from the list.
    """

    areas: tuple[Area, ...]
    path: Callable[[Any, int], tuple[str, ...]]


def board_of(game: Any) -> Board:
    """How `game` is clicked."""
    package, _, name = type(game).__module__.rpartition(".")
    build = _BOARDS.get(name) if package == "jaxplay.games" else None
    own = getattr(game, "hit_areas", None)
    areas = tuple(build(game) if build else own() if own else ())
    special = _PATHS.get(name) if build else None
    if special is not None:
        return Board(areas, lambda state, action: special(game, state, action))
    names = {area.name for area in areas}
    return Board(areas, lambda state, action: _by_name(game.move_to_string(state, action), names))


def _by_name(move: str, names: set[str]) -> tuple[str, ...]:
    """The areas that the name of a move tells."""
    if move in names:
        return (move,)
    return tuple(cell for cell in CELL_NAME.findall(move) if cell in names)


def _constant(game: Any, name: str) -> Any:
    """A constant of the file of a game."""
    return getattr(sys.modules[type(game).__module__], name)


def _grid(
    names: Sequence[str], columns: int, left: float, top: float, cell: float, *, is_round: bool = False
) -> Iterator[Area]:
    """Square cells, row by row."""
    for number, name in enumerate(names):
        row, column = divmod(number, columns)
        yield Area(name, left + column * cell, top + row * cell, cell, cell, is_round)


def _actions(game: Any, count: int) -> list[str]:
    return [game.action_to_string(action) for action in range(count)]


def _upward(rows: int, columns: int) -> list[str]:
    """Names of cells from the top left, where `a1` is at the bottom left."""
    return [f"{chr(97 + column)}{rows - row}" for row in range(rows) for column in range(columns)]


def _downward(rows: int, columns: int) -> list[str]:
    """Names of cells from the top left, which is `a1`."""
    return [f"{chr(97 + column)}{row + 1}" for row in range(rows) for column in range(columns)]


def _paper(game: Any) -> Iterator[Area]:
    return _grid(_actions(game, 9), 3, 24, 24, _constant(game, "CELL"))


def _columns(game: Any) -> Iterator[Area]:
    cell = _constant(game, "CELL")
    for column, name in enumerate(_actions(game, game.columns)):
        yield Area(name, column * cell, 0, cell, 28 + game.rows * cell)


def _crossings(game: Any) -> Iterator[Area]:
    cell = _constant(game, "CELL")
    return _grid(_actions(game, game.rows * game.columns), game.columns, cell / 2, cell / 2, cell)


def _go(game: Any) -> Iterator[Area]:
    from jaxplay.games._go_render import CELL

    return _grid(_actions(game, game.size**2), game.size, CELL / 2, CELL / 2, CELL)


def _hexagons(rows: int, columns: int, names: Sequence[str]) -> Iterator[Area]:
    from jaxplay.games import _hex_render

    reach = 0.88 * _hex_render.RADIUS
    for number, name in enumerate(names):
        x, y = _hex_render.place(*divmod(number, columns))
        yield Area(name, x - reach, y - reach, 2 * reach, 2 * reach, is_round=True)


def _hex(game: Any) -> Iterator[Area]:
    return _hexagons(game.size, game.size, _actions(game, game.size**2))


def _dark_hex(game: Any) -> Iterator[Area]:
    return _hexagons(game.rows, game.columns, _actions(game, game.rows * game.columns))


def _othello(game: Any) -> Iterator[Area]:
    return _grid(_actions(game, game.size**2), game.size, 24, 24, _constant(game, "CELL"))


def _breakthrough(game: Any) -> Iterator[Area]:
    return _grid(_upward(game.rows, game.columns), game.columns, 24, 0, _constant(game, "CELL"))


def _domineering(game: Any) -> Iterator[Area]:
    return _grid(_downward(game.rows, game.columns), game.columns, 24, 24, _constant(game, "CELL"))


def _chess(game: Any) -> Iterator[Area]:
    from jaxplay.games._chess_render import CELL

    return _grid(_upward(8, 8), 8, 22, 22, CELL)


def _nim(game: Any) -> Iterator[Area]:
    """An area for each match, named by its pile and its place in it from the left."""
    gap, height = _constant(game, "MATCH_GAP"), _constant(game, "MATCH_HEIGHT")
    for pile, size in enumerate(game.sizes.tolist()):
        for place in range(size):
            yield Area(f"{chr(97 + pile)}{place + 1}", 36 + place * gap, pile * height, gap, height)


def _nim_path(game: Any, state: Any, action: int) -> tuple[str, ...]:
    """A match is taken with all to the right of it."""
    count, pile = divmod(action, len(game.sizes))
    return (f"{chr(97 + pile)}{int(state.piles[pile]) - count}",)


def _backgammon(game: Any) -> Iterator[Area]:
    """The points as player 0 counts them, both bars and both places for checkers that are off."""
    from jaxplay.games import _backgammon_render as picture

    edge, point, half = 26, picture.POINT, picture.HEIGHT / 2
    for points, y in ((picture.UPPER, edge), (picture.LOWER, edge + half)):
        for column, number in enumerate(points):
            x = edge + column * point + (picture.BAR if column >= 6 else 0)
            yield Area(str(number), x, y, point, half)
    bar, off = edge + 6 * point, edge + 12 * point + picture.BAR + 8
    for player, y in ((1, edge), (0, edge + half)):
        yield Area(f"bar of {'XO'[player]}", bar, y, picture.BAR, half)
        yield Area(f"off of {'XO'[player]}", off, y, point, half)


def _backgammon_path(game: Any, state: Any, action: int) -> tuple[str, ...]:
    """From and to; the points of player 1 are counted from the other side."""
    mover = int(state.current_player)
    source, slash, target = re.sub(r"\(.*\)", "", game.action_to_string(action)).partition("/")
    return tuple(_place(name, mover) for name in (source, target)) if slash else ()


def _place(name: str, mover: int) -> str:
    if not name.isdigit():
        return f"{name} of {'XO'[mover]}"
    return name if mover == 0 else str(25 - int(name))


def _ur(game: Any) -> Iterator[Area]:
    """The squares by whose they are, and both hands."""
    cell = _constant(game, "CELL")
    for row, squares in enumerate(_constant(game, "ROWS")):
        owner = ("O ", "", "X ")[row]
        for column, square in enumerate(squares):
            if square:
                yield Area(f"{owner}{square}", 20 + column * cell, 20 + row * cell, cell, cell)
        if owner:
            yield Area(f"{owner}enter", 20 + 4 * cell, 20 + row * cell, 2 * cell, cell)


def _ur_path(game: Any, state: Any, action: int) -> tuple[str, ...]:
    name, common = game.action_to_string(action), _constant(game, "COMMON")
    if name == "pass":
        return ()
    return (name if action in common else f"{'XO'[int(state.turn)]} {name}",)


def _tiles(game: Any) -> Iterator[Area]:
    """The four sides, towards which tiles are pushed."""
    side = 4 * _constant(game, "CELL") + 8
    quarter, half = side / 4, side / 2
    yield Area("left", 0, quarter, quarter, half)
    yield Area("right", side - quarter, quarter, quarter, half)
    yield Area("up", quarter, 0, half, quarter)
    yield Area("down", quarter, side - quarter, half, quarter)


_BOARDS: dict[str, Callable[[Any], Iterator[Area]]] = {
    "backgammon": _backgammon,
    "breakthrough": _breakthrough,
    "chess": _chess,
    "connect_four": _columns,
    "dark_hex": _dark_hex,
    "domineering": _domineering,
    "go": _go,
    "gomoku": _crossings,
    "hex": _hex,
    "nim": _nim,
    "othello": _othello,
    "phantom_tic_tac_toe": _paper,
    "royal_game_of_ur": _ur,
    "tic_tac_toe": _paper,
    "twenty_forty_eight": _tiles,
}
"""Areas by the file of a game; they follow its `render_svg`, which a test holds them to."""

_PATHS: dict[str, Callable[[Any, Any, int], tuple[str, ...]]] = {
    "backgammon": _backgammon_path,
    "nim": _nim_path,
    "royal_game_of_ur": _ur_path,
}
"""Games whose moves do not name their areas."""
