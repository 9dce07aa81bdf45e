"""One game, played again without a batch, its moves named, its positions drawn."""

import copy
import functools
import xml.etree.ElementTree as ElementTree
from typing import Any

import jax
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.play import Move, require

NUM_MOVES = 64
"""Moves that are played again."""
DRAWN = 3
"""Positions that are drawn, and whose moves are named."""
NAMED = 300
"""Moves that are named in a position, at most."""


def check_alone(game: Game[Any], moves: Move) -> None:
    """The same moves, one at a time by a function compiled once: the same states again."""
    init, step, compilations = _compiled(game)
    same, once = np.ones((2, *moves.action.shape), np.bool_)
    compilations.clear()  # another check of this game may have left some
    state = None
    for move in range(min(NUM_MOVES, len(moves.action))):
        if moves.lane.age[move, 0] == 0:
            state = init(copy.copy(game), moves.lane.seed[move, 0])
        after = step(copy.copy(game), state, moves.action[move, 0])
        same[move, 0] = _close(after, jax.tree.map(lambda x, move=move: x[move, 0], moves.after))
        once[move, 0] = len(compilations) <= 1
        state = strip(after)
    require(game, moves, same, "law 2: step gives the same again, alone as in a batch")
    require(game, moves, once, "step is compiled once: copies of the game and all its states are of one type")


@functools.cache
def _compiled(game: Game[Any]) -> tuple[Any, Any, list[None]]:
    """`init` of a seed, stripped; `step`; and a list that grows whenever `step` is compiled."""
    compilations: list[None] = []

    def step(game: Game[Any], state: Any, action: Array) -> Any:
        compilations.append(None)
        return game.step(state, action)

    init = jax.jit(lambda game, seed: strip(game.init(jax.random.key(seed))), static_argnums=0)
    return init, jax.jit(step, static_argnums=0), compilations


def _close(one: Any, other: Any) -> bool:
    """Equal, but for the rounding of floating-point numbers."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.allclose(x, y, rtol=1e-5, atol=1e-6, equal_nan=True) for x, y in pairs)


def check_names(game: Game[Any], moves: Move) -> None:
    """In stripped positions, every legal move has a name that is read back, every outcome one of its own."""
    decides = moves.lane.state.current_player != CHANCE
    for place in [*_some(decides), *_some(~decides)]:
        state = jax.tree.map(lambda x, place=place: x[place], moves.lane.state)
        named = np.ones(moves.action.shape, np.bool_)
        edges = np.flatnonzero(state.legal_action_mask).tolist()
        fault = (_action_fault if decides[place] else _outcome_fault)(game, strip(state), edges)
        named[place] = not fault
        require(game, moves, named, fault, before=True)


def _some(flags: np.ndarray) -> list[tuple[int, ...]]:
    """A few places of `(num_steps, LANES)` that are true, of the first lane where it has any; [] if none."""
    first = np.argwhere(flags[:, :1])
    places = first if len(first) else np.argwhere(flags)[:1]
    chosen = np.linspace(0, len(places) - 1, min(DRAWN, len(places)), dtype=int)
    return [tuple(map(int, places[i])) for i in chosen]


def _action_fault(game: Game[Any], state: Any, actions: list[int]) -> str:
    """What is wrong with the names of a position's actions; empty if nothing is."""
    for action in actions[:NAMED]:
        name = game.move_to_string(state, action)
        if _read(game, state, name) != action:
            return f"parse_move of {name!r} is action {action}, whose name it is"
    return ""


def _outcome_fault(game: Game[Any], state: Any, outcomes: list[int]) -> str:
    """What is wrong with the names of a chance node's outcomes; empty if nothing is."""
    names: dict[str, int] = {}
    for outcome in outcomes[:NAMED]:
        name = game.outcome_to_string(state, outcome)
        other = names.setdefault(name, outcome)
        if other != outcome or not name.strip():
            return f"outcome_to_string gives outcomes names that differ; {other} and {outcome} are {name!r}"
    return ""


def _read(game: Game[Any], state: Any, name: str) -> int | None:
    """The action that `name` is read as; None if it is refused."""
    try:
        return game.parse_move(state, name)
    except UserError:
        return None


def check_drawings(game: Game[Any], moves: Move) -> None:
    """Stripped positions are drawn, for everybody and for each player: text, and an SVG document.

    Among them are the end of a game and a chance node, where any was seen.
    """
    after = moves.after
    roll = ~after.terminated & (after.current_player == CHANCE)
    for place in [*_some(~after.terminated & ~roll), *_some(after.terminated)[:1], *_some(roll)[:1]]:
        state = strip(jax.tree.map(lambda x, place=place: x[place], after))
        drawn = np.ones(moves.action.shape, np.bool_)
        for player in (None, *range(game.num_players)):
            fault = _fault(game, state, player)
            drawn[place] = not fault
            require(game, moves, drawn, fault)


def _fault(game: Game[Any], state: Any, player: int | None) -> str:
    """What is wrong with the drawings of a position; empty if nothing is."""
    try:
        text, drawing = game.render(state, player), game.render_svg(state, player)
    except Exception as error:  # noqa: BLE001 the game's own, whatever it is
        return f"a position can be drawn for player {player}: {type(error).__name__}: {error}"
    if not text.strip():
        return f"render draws something for player {player}"
    try:
        tag = ElementTree.fromstring(drawing).tag
    except ElementTree.ParseError as error:
        return f"render_svg gives an SVG document; it is not XML: {error}"
    return "" if tag.endswith("svg") else f"render_svg gives an SVG document; it is <{tag}>"
