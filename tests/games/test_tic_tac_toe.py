"""Tic-tac-toe: lines, counts, notation and pictures."""

import xml.etree.ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.games.tic_tac_toe import TicTacToe

GAME = TicTacToe()


def play(cells: str):
    """The state after stones on `cells`, such as `b2 a1`."""
    step = jax.jit(GAME.step)
    state = GAME.init(jax.random.key(0))
    for cell in cells.split():
        state = step(state, jnp.int32(GAME.parse_action(cell)))
    return state


@pytest.mark.parametrize("line", ["a1 a2 a3", "c1 c2 c3", "a2 b2 c2", "a1 b2 c3", "a3 b2 c1"])
def test_three_in_a_line_win(line):
    first, second, third = line.split()
    others = [cell for cell in ("b3", "b1", "c1", "a3") if cell not in line][:2]
    state = play(f"{first} {others[0]} {second} {others[1]} {third}")
    assert state.terminated and state.rewards.tolist() == [1, -1]


def test_a_full_board_is_a_draw():
    state = play("b2 a1 a3 c1 b1 b3 c2 a2 c3")
    assert state.terminated and state.rewards.tolist() == [0, 0] and GAME.render(state).endswith("draw")


def test_game_tree_counts():
    """5,478 positions and 255,168 games: the known counts, by widths of a breadth-first search."""
    step = jax.jit(jax.vmap(jax.vmap(GAME.step, (None, 0)), in_axes=(0, None)))
    actions = jnp.arange(9, dtype=jnp.int32)
    states, ways = jax.tree.map(lambda x: x[None], GAME.init(jax.random.key(0))), np.ones(1, np.int64)
    positions, games = 1, 0
    while len(ways):
        legal = np.asarray(states.legal_action_mask) & ~np.asarray(states.terminated)[:, None]
        padded = jax.tree.map(lambda x: jnp.resize(x, (2048, *x.shape[1:])), states)
        after = jax.tree.map(lambda x, live=legal: np.asarray(x)[: len(live)][live], step(padded, actions))
        ways = np.broadcast_to(ways[:, None], legal.shape)[legal]
        _, first, group = np.unique(after.stones[:, :, 0], axis=0, return_index=True, return_inverse=True)
        states = jax.tree.map(lambda x, kept=first: x[kept], after)
        ways = np.bincount(group.reshape(-1), weights=ways).astype(np.int64)
        positions += len(ways)
        games += ways[states.terminated].sum()
    assert (positions, games) == (5478, 255168)


def test_notation():
    assert [GAME.action_to_string(action) for action in (0, 2, 4, 6, 8)] == ["a3", "c3", "b2", "a1", "c1"]
    assert [GAME.parse_action(GAME.action_to_string(action)) for action in range(9)] == list(range(9))
    assert GAME.parse_action(" B2 ") == 4
    for text in ("d1", "a4", "5", "", "a1a1"):
        with pytest.raises(UserError, match="allowed: a column a to c"):
            GAME.parse_action(text)


def test_render():
    assert GAME.render(play("b2 a3 c1")) == "3 O . .\n2 . X .\n1 . . X\n  a b c\nO to move"


def test_render_svg():
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play("b2 a3 c1")))
    assert len([shape for shape in picture if shape.tag.endswith("circle")]) == 1
