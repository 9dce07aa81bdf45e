"""Draws docs/game.svg, the animated game of README, from docs/game.json: `python docs/game_picture.py`.

The record is a game of Connect Four in the form of docs/records.md. Discs fall one after the other; a viewer
that shows no animation shows the end of the game.
"""

import json
from pathlib import Path

import jax
import numpy as np

from jaxplay.game import make

FOLDER = Path(__file__).parent
CELL, HEAD, PAUSE = 44, 34, 4
"""Pixels of a cell and of the line above the board, and moves for which the end is shown."""
SECONDS = 0.7
"""Of a move."""
COLOURS = ("#e63946", "#f4b41a")


def main() -> None:
    """Replay the record, and write the picture."""
    (record,) = json.loads((FOLDER / "game.json").read_text())["games"]
    game = make(record["game"])
    step, state, shapes = jax.jit(game.step), game.init(jax.random.key(0)), []
    heights, total = np.zeros(7, int), len(record["moves"]) + PAUSE
    for number, move in enumerate(record["moves"]):
        name = move["move"] if isinstance(move, dict) else move
        action = game.parse_action(name)
        shapes.append(_disc(action, heights[action], number, total))
        heights[action] += 1
        state = step(state, np.int32(action))
    assert state.terminated, "the record is of a whole game"
    (FOLDER / "game.svg").write_text(_document(record["players"], shapes))


def _disc(column: int, row: int, number: int, total: int) -> str:
    """A disc that falls into its place at its time, and is there until the game begins anew."""
    x, y = (column + 0.5) * CELL, HEAD + (5.5 - row) * CELL
    begin, end = number / total, (number + 0.6) / total
    span = f'dur="{total * SECONDS:.1f}s" repeatCount="indefinite"'
    shown = (
        f'<animate attributeName="opacity" {span} calcMode="discrete" values="0;1" keyTimes="0;{begin:.4f}"/>'
    )
    if number == 0:
        shown, begin = "", 0.0001
    fall = (
        f'<animate attributeName="cy" {span} values="{HEAD};{HEAD};{y:g};{y:g}"'
        f' keyTimes="0;{begin:.4f};{end:.4f};1"/>'
    )
    colour = COLOURS[number % 2]
    return f'<circle cx="{x:g}" cy="{y:g}" r="{0.4 * CELL:g}" fill="{colour}">{shown}{fall}</circle>'


def _document(players: list[str], shapes: list[str]) -> str:
    """The board before the discs, with a hole for each cell."""
    width, height = 7 * CELL, HEAD + 6 * CELL
    holes = "".join(
        f'<circle cx="{(column + 0.5) * CELL:g}" cy="{HEAD + (row + 0.5) * CELL:g}" r="{0.4 * CELL:g}"/>'
        for row in range(6)
        for column in range(7)
    )
    mask = f'<mask id="m"><rect width="100%" height="100%" fill="#fff"/><g fill="#000">{holes}</g></mask>'
    names = "".join(
        f'<circle cx="{12 + at * width / 2:g}" cy="14" r="6" fill="{COLOURS[at]}"/>'
        f'<text x="{24 + at * width / 2:g}" y="18">{name}</text>'
        for at, name in enumerate(players)
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#555">'
    )
    return "\n".join(
        [
            head,
            f'<rect width="{width}" height="{height}" rx="8" fill="#fdfcf7"/>{mask}{names}',
            *shapes,
            f'<rect y="{HEAD}" width="{width}" height="{6 * CELL}" rx="8" fill="#1d5fbf" mask="url(#m)"/>',
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    main()
