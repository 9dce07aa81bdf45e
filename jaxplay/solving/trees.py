"""Trees of games kept on the disk, so that a game is enumerated once."""

import hashlib
import inspect
from contextlib import suppress
from pathlib import Path
from typing import Any

import jax
import numpy as np

import jaxplay.solve
from jaxplay.checkpoint.files import DamagedError, write_whole
from jaxplay.checkpoint.leaves import named
from jaxplay.checkpoint.weights import decode, encode
from jaxplay.game import Game
from jaxplay.solve import GameTree, game_tree

ARRAYS = (
    *("levels", "parent", "edge", "player", "terminated", "chance", "rewards"),
    *("infoset", "owner", "legal", "hashes"),
)
STATES = "states."
PACKAGE = Path(jaxplay.solve.__path__[0]).parent
ROOMS = ("game", "games", "solve")
"""What every tree depends on."""


def cached_tree(game: Game[Any], folder: Path | None, **limits: int) -> GameTree:
    """A game's tree, from the cache if it is there, else enumerated and kept.

    The key is the game with its options, its source and that of this package, so that a changed game is
    enumerated anew. A damaged file is replaced, and a folder that cannot be written is no error.

    Args:
        game: the game.
        folder: of the cache; None: none.
        limits: of `jaxplay.solve.game_tree`.

    Raises:
        UserError: see `jaxplay.solve.game_tree`.
    """
    key = None if folder is None else _key(game)
    if folder is None or key is None:
        return game_tree(game, **limits)
    path = folder / f"{type(game).__name__}-{key}.safetensors"
    with suppress(DamagedError, KeyError, TypeError, ValueError):
        if path.is_file():
            return _tree(game, decode(path)[1])
    tree = game_tree(game, **limits)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, encode(_arrays(tree), {}))
    return tree


def _arrays(tree: GameTree) -> dict[str, np.ndarray]:
    states = {STATES + name: np.asarray(leaf) for name, leaf in named(tree.states).items()}
    return {name: getattr(tree, name) for name in ARRAYS} | states


def _tree(game: Game[Any], arrays: dict[str, np.ndarray]) -> GameTree:
    abstract = jax.eval_shape(game.init, jax.random.key(0))
    leaves = [arrays[STATES + name] for name in named(abstract)]
    states = jax.tree.unflatten(jax.tree.structure(abstract), leaves)
    return GameTree(game=game, states=states, **{name: arrays[name] for name in ARRAYS})


def _key(game: Game[Any]) -> str | None:
    """A hash of all that the tree depends on; None where the game's source is not to be had."""
    digest = hashlib.sha256(f"{type(game).__module__}.{type(game).__qualname__} {game!r}".encode())
    try:
        files = [Path(inspect.getfile(type(game)))]
        for room in ROOMS:
            files += sorted((PACKAGE / room).glob("*.py"))
        for file in files:
            digest.update(file.read_bytes())
    except (OSError, TypeError):
        return None
    return digest.hexdigest()[:16]
