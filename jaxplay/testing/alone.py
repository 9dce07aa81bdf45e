"""One game, played again without a batch and drawn."""

import functools
import xml.etree.ElementTree as ElementTree
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.game import Game, strip
from jaxplay.testing.law import GameLawError, law
from jaxplay.testing.play import Move, require

NUM_MOVES = 64
"""Moves that are played again."""
DRAWN = 3
"""Positions that are drawn."""


def check_alone(game: Game[Any], moves: Move) -> None:
    """The same moves, one at a time by a function compiled once: the same states again."""
    init, step = _compiled(game)
    same = np.ones(moves.action.shape, np.bool_)
    state = None
    for move in range(min(NUM_MOVES, len(moves.action))):
        if moves.lane.age[move, 0] == 0:
            state = init(moves.lane.seed[move, 0])
        after = step(state, moves.action[move, 0])
        same[move, 0] = _close(after, jax.tree.map(lambda x, move=move: x[move, 0], moves.after))
        state = strip(after)
    require(game, moves, same, "law 2: step gives the same again, alone as in a batch")


@functools.cache
def _compiled(game: Game[Any]) -> tuple[Any, Any]:
    """`init` of a seed, stripped, and `step`, compiled for one state: other types are refused."""
    number = jax.ShapeDtypeStruct((), jnp.int32)
    init = jax.jit(lambda seed: strip(game.init(jax.random.key(seed))))
    step = jax.jit(game.step).lower(jax.eval_shape(init, number), number)
    return init.lower(number).compile(), step.compile()


def _close(one: Any, other: Any) -> bool:
    """Equal, but for the rounding of floating-point numbers."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.allclose(x, y, rtol=1e-5, atol=1e-6, equal_nan=True) for x, y in pairs)


def check_drawings(game: Game[Any], moves: Move) -> None:
    """Stripped positions are drawn, for everybody and for each player: text, and an SVG document."""
    for move in np.linspace(0, len(moves.action) - 1, DRAWN, dtype=int):
        state = strip(jax.tree.map(lambda x, move=move: x[move, 0], moves.after))
        for player in (None, *range(game.num_players)):
            law(game.render(state, player).strip(), f"render draws something for player {player}")
            _check_svg(game.render_svg(state, player))


def _check_svg(drawing: str) -> None:
    try:
        tag = ElementTree.fromstring(drawing).tag
    except ElementTree.ParseError as error:
        raise GameLawError(f"render_svg gives an SVG document; it is not XML: {error}") from error
    law(tag.endswith("svg"), f"render_svg gives an SVG document; it is <{tag}>")
