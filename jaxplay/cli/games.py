"""List the games that `jaxplay.make` knows: what each is, in a line. `--show` shows a position of one.

Any game of Pgx is there too, as pgx:ENV_ID, and any of your own, as MODULE:GAME.
"""

import argparse
import shutil
import textwrap
from itertools import groupby
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.named import GAME_HELP, make_game
from jaxplay.cli.output import add_json, show_lists, show_rows, working
from jaxplay.errors import UserError

EXAMPLE = "jaxplay games --show hex,size=5"

WIDE = 100
"""Columns of the list, at most."""
MOVES = 20
"""The position that is shown comes after so many random moves, or at the end of a shorter game."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "--show", type=inputs.word, metavar="GAME", help=f"Draw a position of a game. {GAME_HELP}"
    )
    parser.add_argument(
        "--seed",
        type=inputs.SEED,
        default=0,
        metavar="INT",
        help="Seed of the random moves that lead to the position.",
    )
    parser.add_argument("--sizes", action="store_true", help="Print a table of sizes instead.")
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Print a line for each game, a table of sizes, or one game."""
    from jaxplay.game import names

    if args.show is not None:
        show(args.show, args.seed, as_json=args.json)
    elif args.sizes or args.json:
        show_rows([describe(name) for name in names()], as_json=args.json)
    else:
        print("\n".join(listed()))


def listed() -> list[str]:
    """The games by groups, a line each."""
    from jaxplay.game import names

    found = sorted((*_group_and_text(name), name) for name in names())
    width, columns = max(len(name) for _, _, name in found), shutil.get_terminal_size((WIDE, 0)).columns
    lines = []
    for group, members in groupby(found, key=lambda told: told[0]):
        lines += ["", f"{group[:1].upper()}{group[1:]}"]
        for _, text, name in sorted(members, key=lambda told: told[2]):
            indent = " " * (width + 4)
            lines += textwrap.wrap(f"  {name:<{width}}  {text}", min(columns, WIDE), subsequent_indent=indent)
    return lines[1:]


def _group_and_text(name: str) -> tuple[str, str]:
    """The group of a game, and what it is in a line."""
    from jaxplay.game import summary

    try:
        told = summary(name)
    except UserError:  # a game that somebody registered
        return "other games", name
    return told.group, told.text


def show(text: str, seed: int, *, as_json: bool) -> None:
    """Print what a game is, and a position of it, as player 1 sees it where information is hidden."""
    game = make_game(text)
    facts = describe(text, game)
    with working(f"playing random moves of {text}", quiet=as_json):
        picture = position(game, seed)
    if as_json:
        show_rows([facts | {"position": picture}], as_json=True)
        return
    show_lists([{name: str(value) for name, value in facts.items()}])
    print(f"\n{picture}")


def position(game: Any, seed: int) -> str:
    """A late decision of a random game, as text."""
    import jax
    import numpy as np

    from jaxplay.game import CHANCE, strip

    step, random = jax.jit(game.step), np.random.RandomState(seed)
    state = shown = game.init(jax.random.key(seed))
    for _ in range(MOVES):
        if state.terminated:
            break
        state = step(state, np.int32(random.choice(np.flatnonzero(state.legal_action_mask))))
        shown = shown if state.current_player == CHANCE else state
    return game.render(strip(shown), None if game.perfect_information else 0)


def describe(name: str, game: Any = None) -> dict[str, Any]:
    """The sizes of a game. `state_bytes` counts what trees and replay store of a state."""
    import jax

    from jaxplay.game import make, strip

    game = make(name) if game is None else game
    state = jax.eval_shape(lambda: strip(game.init(jax.random.key(0))))
    seen = jax.eval_shape(lambda: game.observe(game.init(jax.random.key(0))))
    return {
        "name": name,
        "players": game.num_players,
        "actions": game.num_actions,
        "chance_outcomes": game.num_chance_outcomes,
        "max_plies": game.max_plies,
        "perfect_information": game.perfect_information,
        "symmetries": game.num_symmetries,
        "observation": " x ".join(map(str, seen.shape)),
        "state_bytes": sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state)),
    }
