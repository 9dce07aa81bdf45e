"""2048: against Pgx, and against the rules told tile by tile; new tiles, the end, notation and pictures."""

import xml.etree.ElementTree
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from playing import compiled_step, legal

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, make, value_scale
from jaxplay.games.twenty_forty_eight import TwentyFortyEight
from jaxplay.struct import replace
from jaxplay.testing.play import Move, timed_play

GAME = TwentyFortyEight()
NUM_STEPS = 640


@pytest.fixture(scope="module")
def played() -> Move:
    """Random games `(NUM_STEPS, LANES)`, flattened; about half the moves are new tiles."""
    moves = timed_play(GAME, NUM_STEPS, seed=3)[0]
    return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), moves)


def decisions(played: Move) -> tuple[Any, np.ndarray, Any]:
    """States in which a move was to be made, the moves, and the states after them."""
    chosen = played.lane.state.current_player != CHANCE
    before, after = (
        jax.tree.map(lambda x: x[chosen], states) for states in (played.lane.state, played.after)
    )
    return before, np.asarray(played.action)[chosen], after


def test_pgx_agrees(played: Move):
    """Pgx drops a tile in the same step: its board after a move is ours, but for one new tile."""
    import pgx

    env, (before, actions, after) = pgx.make("2048"), decisions(played)
    first = env.init(jax.random.key(0))

    def step(tiles: jax.Array, mask: jax.Array, action: jax.Array, key: jax.Array) -> Any:
        board = tiles.reshape(-1).astype(jnp.int32)
        state: Any = first.replace(_board=board, legal_action_mask=mask[:4])  # pyright: ignore[reportAttributeAccessIssue]
        return env.step(state, action, key), env.observe(state)

    keys = jax.random.split(jax.random.key(1), len(actions))
    theirs, seen = jax.jit(jax.vmap(step))(before.tiles, before.legal_action_mask, actions, keys)
    ours = after.tiles.reshape(-1, 16)
    new = np.asarray(theirs._board) != ours
    assert (new.sum(axis=1) == 1).all() and (ours[new] == 0).all()
    np.testing.assert_array_equal(after.rewards, theirs.rewards)
    own = np.asarray(jax.jit(jax.vmap(GAME.observe))(before))
    np.testing.assert_array_equal(own, np.asarray(seen, np.float32)[..., :18])
    completed = jax.jit(jax.vmap(lambda tiles: GAME._position(tiles, jnp.float32(0), jnp.bool_(False))))(
        jnp.asarray(theirs._board, jnp.int8).reshape(-1, 4, 4)
    )
    np.testing.assert_array_equal(completed.terminated, theirs.terminated)
    live = ~np.asarray(theirs.terminated)
    np.testing.assert_array_equal(completed.legal_action_mask[live, :4], theirs.legal_action_mask[live])
    assert len(actions) >= 10_000 and (~live).sum() > 50


def pushed(line: list[int]) -> tuple[list[int], int]:
    """A line of powers pushed to its front, and what that scores."""
    tiles, done, score = [tile for tile in line if tile], [], 0
    while tiles:
        tile = tiles.pop(0)
        if tiles and tiles[0] == tile:
            tile = tiles.pop(0) + 1
            score += 2**tile
        done.append(tile)
    return done + [0] * (len(line) - len(done)), score


def test_moves_are_those_that_change_a_line(played: Move):
    before, actions, after = decisions(played)
    for i in range(0, len(actions), 10):
        for action in range(4):
            board = np.rot90(before.tiles[i], action)
            lines = [pushed(line) for line in board.tolist()]
            result = np.rot90(np.array([line for line, _ in lines]), -action)
            assert before.legal_action_mask[i, action] == (result != before.tiles[i]).any()
            if action == actions[i]:
                np.testing.assert_array_equal(result, after.tiles[i])
                assert after.rewards[i, 0] == sum(score for _, score in lines)


def at(rows: list[list[int]], *, to_drop: bool = False) -> Any:
    """The state with these numbers on the board."""
    tiles = np.array([[number.bit_length() - 1 if number else 0 for number in row] for row in rows], np.int8)
    return GAME._position(jnp.asarray(tiles), jnp.float32(0), jnp.bool_(to_drop))


def test_a_tile_merges_once():
    rows = [[2, 2, 4, 0], [2, 2, 2, 2], [4, 4, 2, 2], [0, 2, 0, 2]]
    state = compiled_step(GAME)(at(rows), jnp.int32(GAME.parse_action("left")))
    assert (1 << state.tiles).tolist() == [[4, 4, 1, 1], [4, 4, 1, 1], [8, 4, 1, 1], [4, 1, 1, 1]]
    assert state.rewards.tolist() == [4 + 8 + 12 + 4] and state.current_player == CHANCE
    state = compiled_step(GAME)(at([[2, 2, 2, 0], *[[0] * 4] * 3]), jnp.int32(GAME.parse_action("right")))
    assert state.tiles[0].tolist() == [0, 0, 1, 2]


def test_new_tiles():
    """Two at the beginning; a 4 once in ten times; only on empty cells."""
    state = GAME.init(jax.random.key(0))
    np.testing.assert_allclose(GAME.chance_probs(state), [0.9 / 16, 0.1 / 16] * 16, rtol=1e-6)
    state = compiled_step(GAME)(state, jnp.int32(2 * 5 + 1))
    assert state.tiles[1, 1] == 2 and state.current_player == CHANCE
    probs = GAME.chance_probs(state)
    np.testing.assert_allclose(probs[:2], [0.9 / 15, 0.1 / 15], rtol=1e-6)
    assert not probs[10:12].any() and not state.legal_action_mask[10:12].any()
    state = compiled_step(GAME)(state, jnp.int32(0))
    assert state.current_player == 0 and legal(
        GAME, replace(state, legal_action_mask=state.legal_action_mask[:4])
    )


def test_the_game_ends_where_no_move_is_left():
    full = [[2, 4, 2, 4], [4, 2, 4, 2], [2, 4, 2, 4], [4, 2, 4, 0]]
    state = compiled_step(GAME)(at(full, to_drop=True), jnp.int32(2 * 15))
    assert (
        state.terminated and state.legal_action_mask.all() and GAME.render(state).endswith("no move is left")
    )
    state = compiled_step(GAME)(at(full, to_drop=True), jnp.int32(2 * 15 + 1))
    assert legal(GAME, replace(state, legal_action_mask=state.legal_action_mask[:4])) == {
        "left",
        "up",
        "right",
        "down",
    }


def test_notation():
    assert [GAME.action_to_string(action) for action in range(4)] == ["left", "up", "right", "down"]
    assert GAME.parse_action(" Up ") == 1
    with pytest.raises(UserError, match="allowed: left, up, right, down"):
        GAME.parse_action("u")


def test_render():
    state = at([[2, 0, 0, 128], [0] * 4, [0] * 4, [0, 0, 2048, 0]])
    assert GAME.render(state).splitlines() == [
        "    2    .    .  128",
        "    .    .    .    .",
        "    .    .    .    .",
        "    .    . 2048    .",
        "to move",
    ]


def test_render_svg():
    """A board, sixteen cells, and a number on each tile."""
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(at([[2, 4, 8, 16], *[[0] * 4] * 3])))
    tags = [shape.tag.rpartition("}")[2] for shape in picture]
    assert (tags.count("rect"), tags.count("text")) == (17, 4)


def test_values_are_divided_by_what_is_usual():
    assert value_scale(GAME) == GAME.usual_return == 32_768 < GAME.max_return
    assert value_scale(make("connect_four")) == 1 and value_scale(make("backgammon")) == 3
