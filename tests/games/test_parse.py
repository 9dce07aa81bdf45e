"""What people type: every game takes the names of its moves, and refuses all other text in one line."""

import functools
from typing import Any

import jax
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jaxplay.errors import UserError
from jaxplay.game import GameDefaults, make, names
from jaxplay.games.chess import Chess

ODD = [
    "",
    " ",
    "²",
    "٣",
    "1_0",
    "+1",
    "-1",
    "01",
    "1.0",
    "9" * 5000,
    "a" + "9" * 5000,
    "\uff30ass",
    "\0",
    "a1\n",
    "K",
    "pa\u017fs",
]
"""Text that `int` or `str.isdigit` takes for more than it is, and what else has gone wrong somewhere."""


@functools.cache
def first(name: str) -> tuple[Any, Any]:
    """A game and its first state."""
    game = make(name)
    return game, jax.device_get(jax.jit(game.init)(jax.random.key(0)))


def read(parse: Any, text: str) -> int | None:
    """What is read; None where it is refused, in one line."""
    try:
        return parse(text)
    except UserError as error:
        told = str(error)
    assert len(told) < 1000 and len(told.splitlines()) == 1
    return None


def same(text: str, name: str) -> bool:
    """But for space around it and the case of its letters."""
    return text.strip().lower() == name.lower() and text.strip().isascii() == name.isascii()


@pytest.mark.parametrize("name", names())
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_what_is_read_is_what_is_written(name: str, data: st.DataObject):
    game, state = first(name)
    known = game.action_to_string(data.draw(st.integers(0, game.num_actions - 1)))
    edited = st.tuples(st.sampled_from([known, known.upper(), f" {known} "]), st.text(max_size=2)).map(
        "".join
    )
    text = data.draw(st.one_of(st.sampled_from(ODD), st.text(max_size=8), edited))
    action = read(game.parse_action, text)
    assert action is None or same(text, game.action_to_string(action)) or text.strip() == f"{known}q"
    assert read(game.parse_action, known) is not None
    move = read(lambda text: game.parse_move(state, text), text)
    written = [] if move is None else [game.move_to_string(state, move)]
    if move is not None and isinstance(game, Chess) and state.legal_action_mask[move]:
        written.append(game.san(state, move))
    assert not written or any(same(text, one) for one in written)


class Plain(GameDefaults):
    """A game whose actions are numbers."""

    num_actions = 120


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.one_of(st.text(max_size=4), st.integers(-5, 130).map(str)))
@example("²")
@example("٣")
@example("007")
@example("9" * 5000)
def test_numbers_of_actions(text: str):
    action = read(Plain().parse_action, text)
    assert (action is not None) == (text.strip() in map(str, range(120)))
    assert action is None or str(action) == text.strip()
