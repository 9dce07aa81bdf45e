"""One game, played again without a batch; moves by name, positions as pictures."""

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
RENDERED = 3
"""Positions that are rendered."""
NAMED_POSITIONS = 24
"""Positions whose moves are named."""
READ = 4
"""Those of them, about, in which names are read back."""
NAMED = 300
"""Moves that are named in a position, at most."""


def check_alone(game: Game[Any], moves: Move) -> None:
    """The same moves, one at a time by a function compiled once: the same states again."""
    init, step, compilations = compiled(game)
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
def compiled(game: Game[Any]) -> tuple[Any, Any, list[None]]:
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
    """In stripped positions, early and late, every legal move has a name of its own, as every outcome has.

    In some of them every name of a move is read back.
    """
    decides, age = moves.lane.state.current_player != CHANCE, np.asarray(moves.lane.age)
    positions = _by_age(decides, age)
    read = set(positions[:: max(1, len(positions) // READ)])
    for place in [*positions, *_by_age(~decides, age)]:
        state = jax.tree.map(lambda x, place=place: x[place], moves.lane.state)
        edges = np.flatnonzero(state.legal_action_mask).tolist()[:NAMED]
        fault = _name_fault(game, strip(state), edges, decides=bool(decides[place]), read=place in read)
        named = np.ones(moves.action.shape, np.bool_)
        named[place] = not fault
        require(game, moves, named, fault, before=True)


def _by_age(flags: np.ndarray, age: np.ndarray) -> list[tuple[int, int]]:
    """Some places of `(num_steps, LANES)` that are true, from the youngest to the oldest game."""
    places = np.argwhere(flags)
    places = places[np.argsort(age[flags], kind="stable")]
    chosen = np.linspace(0, len(places) - 1, min(NAMED_POSITIONS, len(places)), dtype=int)
    return [(int(places[i][0]), int(places[i][1])) for i in chosen]


def _name_fault(game: Game[Any], state: Any, edges: list[int], *, decides: bool, read: bool) -> str:
    """What is wrong with the names of a position's actions or outcomes; empty if nothing is."""
    name_of, told = game.outcome_to_string, "outcome_to_string gives outcomes"
    if decides:
        name_of, told = game.move_to_string, "move_to_string gives moves"
    names: dict[str, int] = {}
    for edge in edges:
        name = name_of(state, edge)
        other = names.setdefault(name, edge)
        if decides and read and _read(game, state, name) != edge:
            return f"law 10: parse_move of {name!r} is action {edge}, whose name it is"
        if other != edge or not name.strip():
            return f"law 10: {told} names that differ; {other} and {edge} are {name!r}"
    return ""


def _read(game: Game[Any], state: Any, name: str) -> int | None:
    """The action that `name` is read as; None if it is refused."""
    try:
        return game.parse_move(state, name)
    except UserError:
        return None


def check_pictures(game: Game[Any], moves: Move) -> None:
    """Stripped positions are rendered, for everybody and for each player: text, and an SVG document.

    Among them are the end of a game and a chance node, where any was seen.
    """
    after = moves.after
    roll = ~after.terminated & (after.current_player == CHANCE)
    for place in [*_some(~after.terminated & ~roll), *_some(after.terminated)[:1], *_some(roll)[:1]]:
        state = strip(jax.tree.map(lambda x, place=place: x[place], after))
        rendered = np.ones(moves.action.shape, np.bool_)
        for player in (None, *range(game.num_players)):
            fault = _fault(game, state, player)
            rendered[place] = not fault
            require(game, moves, rendered, fault)


def _some(flags: np.ndarray) -> list[tuple[int, ...]]:
    """A few places of `(num_steps, LANES)` that are true, of the first lane where it has any; [] if none."""
    first = np.argwhere(flags[:, :1])
    places = first if len(first) else np.argwhere(flags)[:1]
    chosen = np.linspace(0, len(places) - 1, min(RENDERED, len(places)), dtype=int)
    return [tuple(map(int, places[i])) for i in chosen]


def _fault(game: Game[Any], state: Any, player: int | None) -> str:
    """What is wrong with the pictures of a position; empty if nothing is."""
    try:
        text, picture = game.render(state, player), game.render_svg(state, player)
    except Exception as error:  # noqa: BLE001 the game's own, whatever it is
        return f"a position can be rendered for player {player}: {type(error).__name__}: {error}"
    if not text.strip():
        return f"render shows something to player {player}"
    try:
        tag = ElementTree.fromstring(picture).tag
    except ElementTree.ParseError as error:
        return f"render_svg gives an SVG document; it is not XML: {error}"
    return "" if tag.endswith("svg") else f"render_svg gives an SVG document; it is <{tag}>"
