"""List the games that `jaxplay.make` knows, with their sizes."""

import argparse
from typing import Any

from jaxplay.cli.output import add_json, show_rows

EXAMPLE = "jaxplay games --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Print a row for each game."""
    from jaxplay.game import names

    show_rows([describe(name) for name in names()], as_json=args.json)


def describe(name: str) -> dict[str, Any]:
    """The sizes of a game. `state_bytes` counts what trees and replay store of a state."""
    import jax

    from jaxplay.game import make, strip

    game = make(name)
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
