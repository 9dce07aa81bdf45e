"""Writes a page for each game, with a picture, and an index: `python docs/game_pages.py [NAME...]`.

What the pages say comes from the games: the docstring of the module, the options of the class, sizes, and a
position of a random game as `render` and `render_svg` show it.
"""

import dataclasses
import importlib
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.cli.games import describe
from jaxplay.cli.options import field_docs
from jaxplay.game import CHANCE, Game, make, names, strip, summary

FOLDER = Path(__file__).parent / "games"
SEED = 1
MOVES = 40
"""The position of the picture comes after fewer random moves."""

HEAD = [
    "| | game | players | actions | chance outcomes | information | bytes a state |",
    "|---|---|--:|--:|--:|---|--:|",
]
"""The head of each table of the index."""


class Picture(NamedTuple):
    """A position, as text and as an SVG document."""

    text: str
    svg: str


def main(chosen: list[str]) -> None:
    """Write the pages of the games that are named (none: of all) and the index."""
    FOLDER.mkdir(exist_ok=True)
    for name in chosen or names():
        picture = render(make(name))
        (FOLDER / f"{name}.md").write_text(page(name, picture))
        (FOLDER / f"{name}.svg").write_text(picture.svg)
    (FOLDER / "README.md").write_text(index())


def render(game: Game[Any]) -> Picture:
    """A late decision of a random game; where information is hidden, as player 0 sees it."""
    step, random = jax.jit(game.step), np.random.RandomState(SEED)
    state = shown = game.init(jax.random.key(SEED))
    for _ in range(MOVES):
        if state.terminated:
            break
        shown = shown if state.current_player == CHANCE else state
        action = random.choice(np.flatnonzero(state.legal_action_mask))
        state = step(state, np.int32(action))
    player = None if game.perfect_information else 0
    return Picture(game.render(strip(shown), player), game.render_svg(strip(shown), player))


def page(name: str, picture: Picture) -> str:
    """The page of a game, in Markdown."""
    game, about = make(name), summary(name)
    _, _, rules = (importlib.import_module(f"jaxplay.games.{name}").__doc__ or "").strip().partition("\n\n")
    seen = "" if game.perfect_information else ", as player 0 sees it"
    return "\n\n".join(
        [
            f"# {about.title}",
            f"{about.text}.",
            f"![A position{seen}]({name}.svg)",
            re.sub(
                r"^(Rules|Actions|Chance outcomes|Observation|Rewards|Symmetries|Source)\b",
                r"**\1**",
                rules,
                flags=re.MULTILINE,
            ),
            "## Sizes",
            sizes(name, game),
            *options(game),
            "## Use it",
            f'`jaxplay.make("{name}")`, or `jaxplay play random --game {name}`. That position{seen}:',
            f"```text\n{picture.text}\n```",
            f"The rules in code: [games/{name}.py](../../games/{name}.py).\n",
        ]
    )


def sizes(name: str, game: Game[Any]) -> str:
    """A table of what can be counted."""
    told = describe(name)
    rows = {
        "players": told["players"],
        "actions": told["actions"],
        "chance outcomes": told["chance_outcomes"] or "none",
        "decisions in a game, at most": told["max_plies"],
        "information": "perfect" if game.perfect_information else "hidden",
        "returns": f"{game.min_return:g} to {game.max_return:g}{', zero sum' if game.zero_sum else ''}",
        "symmetries": told["symmetries"],
        "observation": told["observation"],
        "state in trees and replay": f"{told['state_bytes']} bytes",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {title} | {value} |" for title, value in rows.items())])


def options(game: Any) -> list[str]:
    """A table of the options of a game; nothing where there are none."""
    docs = field_docs(type(game))
    fields = [field for field in dataclasses.fields(game) if field.init]
    if not fields:
        return []
    rows = [
        f"| `{field.name}` | `{getattr(game, field.name)!r}` | {docs.get(field.name, '')} |"
        for field in fields
    ]
    return ["## Options", "\n".join(["| option | default | |", "|---|---|---|", *rows])]


def index() -> str:
    """The list of all games by what kind of game they are, with their pictures."""
    groups: dict[str, list[str]] = {}
    for name in names():
        groups.setdefault(summary(name).group, []).append(name)
    about = (
        "Made by `python docs/game_pages.py` from the games themselves; sizes are those without options. Any"
        " game of [Pgx](https://github.com/sotetsuk/pgx) is there too, as `pgx:NAME`. To write one of your"
        " own, see the [tutorial](../tutorial.md)."
    )
    parts = ["# Games", about]
    for group, members in sorted(groups.items()):
        parts += [f"## {group[0].upper()}{group[1:]}", "\n".join([*HEAD, *map(_row, members)])]
    return "\n\n".join(parts) + "\n"


def _row(name: str) -> str:
    """The line of a game in the index."""
    told = describe(name)
    facts = (
        told["players"],
        told["actions"],
        told["chance_outcomes"] or "",
        "perfect" if told["perfect_information"] else "hidden",
        told["state_bytes"],
    )
    picture = f'[<img src="{name}.svg" height="90" alt="{name}">]({name}.md)'
    return f"| {picture} | [{name}]({name}.md): {summary(name).text} | {' | '.join(map(str, facts))} |"


if __name__ == "__main__":
    main(sys.argv[1:])
