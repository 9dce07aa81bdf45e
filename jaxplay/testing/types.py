"""Shapes and types of everything that a game returns, found without running it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxplay.game import Game, num_edges, strip
from jaxplay.testing.law import GameLawError, law

ABSENT = (AttributeError, TypeError, ValueError, IndexError)
"""What code raises when it computes with a field that is None."""


def check_types(game: Game[Any]) -> Any:
    """Hold what the game's functions return against the protocol; gives the abstract first state."""
    key = jax.eval_shape(jax.random.key, 0)
    first = jax.eval_shape(game.init, key)
    _check_fields(game, first)
    number = jax.ShapeDtypeStruct((), jnp.int32)
    _check_same("step", first, jax.eval_shape(game.step, first, number))
    _check_same("reseed", first, jax.eval_shape(game.reseed, first, key))
    _check_same("symmetry", first, jax.eval_shape(game.symmetry, first, number))
    jax.eval_shape(
        game.observe, first, number
    )  # an error that has nothing to do with law 5 is shown as it is
    _check_stripped(game, strip(first), number)
    if game.num_chance_outcomes:
        probs = jax.eval_shape(game.chance_probs, first)
        _check_array("chance_probs", probs, (game.num_chance_outcomes,), jnp.float32)
    return first


def _check_fields(game: Game[Any], state: Any) -> None:
    law(dataclasses.is_dataclass(state), "a state is a dataclass; use jaxplay.struct.pytree")
    stored = {field.name for field in dataclasses.fields(state)}
    for name, shape, dtype in (
        ("current_player", (), jnp.int32),
        ("legal_action_mask", (num_edges(game),), jnp.bool_),
        ("rewards", (game.num_players,), jnp.float32),
        ("terminated", (), jnp.bool_),
    ):
        law(name in stored, f"{name} is a stored field of the state, not computed")
        _check_array(name, getattr(state, name), shape, dtype)


def _check_array(name: str, array: Any, shape: tuple[int, ...], dtype: Any) -> None:
    right = array.shape == shape and array.dtype == dtype
    law(right, f"{name} is {jnp.dtype(dtype).name}{list(shape)}; it is {array.dtype.name}{list(array.shape)}")


def _check_same(name: str, expected: Any, given: Any) -> None:
    """Both trees are of one type: the same leaves, shapes, types (weakness included) and static fields."""
    same_structure = jax.tree.structure(expected) == jax.tree.structure(given)
    expected, given = (dict(jax.tree_util.tree_leaves_with_path(tree)) for tree in (expected, given))
    for path in {**expected, **given}:
        before, after = _told(expected.get(path)), _told(given.get(path))
        field = jax.tree_util.keystr(path).lstrip(".") or "the result"
        law(
            before == after,
            f"{name} turns {field} from {before} into {after}: types and shapes stay as they are",
        )
    law(same_structure, f"{name} changes a static field of the state: so it would be compiled for every move")


def _told(array: Any) -> str:
    if array is None:
        return "nothing"
    return f"{'weakly typed ' if array.weak_type else ''}{array.dtype.name}{list(array.shape)}"


def _check_stripped(game: Game[Any], state: Any, number: Any) -> None:
    """`step`, `symmetry`, `chance_probs` and `observe` take a state without mask and rewards."""
    _reading("step", game.step, state, number)
    _reading("symmetry", game.symmetry, state, number)
    _reading("chance_probs", game.chance_probs, state)
    own = _reading("observe", game.observe, state)
    _check_same("observe of a player", own, _reading("observe", game.observe, state, number))


def _reading(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return jax.eval_shape(function, *arguments)
    except ABSENT as error:
        raise GameLawError(
            f"law 5: {name} reads legal_action_mask or rewards of its argument: {error}"
        ) from error
