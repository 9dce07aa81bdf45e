"""Backgammon: moves, ends, dice, what is seen, notation and pictures."""

import xml.etree.ElementTree
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from playing import compiled_step, legal

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.games.backgammon import NUM_ROLLS, ROLLS, Backgammon

GAME = Backgammon()


def position(
    own: Mapping[int, int], other: Mapping[int, int], low: int, high: int, game: Backgammon = GAME
) -> Any:
    """Player 0 has rolled `low` and `high`.

    Args:
        own: player 0's checkers by point as player 0 counts them; 25 is the bar.
        other: player 1's, by point as player 0 counts them; 0 is the bar.
        low: the lower die, 1 to 6.
        high: the higher die.
        game: the game.
    """
    board = np.zeros(26, np.int8)
    for points, sign in ((own, 1), (other, -1)):
        for point, count in points.items():
            board[25 - point] += sign * count
    moves = jnp.array([4, 0] if low == high else [1, 1], jnp.int8)
    dice = jnp.array([low - 1, high - 1], jnp.int8)
    return jax.jit(game._position)(jnp.asarray(board), dice, moves, jnp.int8(0), jnp.bool_(False))


def after(state: Any, *names: str) -> Any:
    """The state after moves by name."""
    for name in names:
        action = GAME.parse_action(name)
        assert state.legal_action_mask[action]
        state = compiled_step(GAME)(state, jnp.int32(action))
    return state


def test_the_first_roll_is_of_different_dice_and_player_0_moves():
    state = GAME.init(jax.random.key(0))
    probs = GAME.chance_probs(state)
    assert probs.sum() == pytest.approx(1) and not probs[15:].any() and state.current_player == CHANCE
    state = compiled_step(GAME)(state, jnp.int32(0))
    assert ROLLS[0].tolist() == [0, 1] and state.current_player == 0
    assert legal(GAME, state) == {"24/23", "24/22", "8/7", "8/6", "6/5", "6/4", "13/11"}
    later = after(state, "8/7", "6/4")
    assert later.current_player == CHANCE and later.turn == 1
    assert later.legal_action_mask.tolist() == [True] * NUM_ROLLS + [False] * (156 - NUM_ROLLS)
    np.testing.assert_allclose(GAME.chance_probs(later) * 36, [2] * 15 + [1] * 6, rtol=1e-6)


def test_a_double_makes_four_moves():
    state = compiled_step(GAME)(
        position({24: 2, 13: 13}, {1: 15}, 3, 3), jnp.int32(GAME.parse_action("24/21"))
    )
    assert state.moves.tolist() == [3, 0] and state.current_player == 0
    state = after(state, "13/10", "13/10", "10/7")
    assert state.turn == 1 and state.current_player == CHANCE


def test_a_single_checker_is_hit_and_must_enter():
    state = position({6: 15}, {5: 1, 1: 14}, 1, 2)
    state = after(state, "6/5", "5/3")
    assert state.board[0] == 1 and state.turn == 1  # as player 1 counts: one on its bar
    state = compiled_step(GAME)(state, jnp.int32(4))  # 1 and 6: a checker of 6 waits on player 1's 19-point
    assert legal(GAME, state) == {"bar/24"}


def test_two_checkers_make_a_point():
    assert legal(GAME, position({24: 15}, {23: 2, 22: 1, 1: 12}, 1, 2)) == {"24/22"}


def test_bearing_off():
    home = {6: 1, 4: 2, 2: 2}
    assert legal(GAME, position(home, {24: 15}, 4, 5)) == {"6/2", "4/off", "6/1"}
    assert legal(GAME, position({4: 2, 2: 2}, {24: 15}, 5, 6)) == {"4/off(5)", "4/off(6)"}
    assert legal(GAME, position({7: 1, 4: 2}, {24: 15}, 4, 5)) == {"7/3", "7/2"}  # not all are at home


def test_both_dice_must_be_used_and_else_the_higher():
    only_low_first = position({24: 1}, {22: 2}, 1, 2)
    assert legal(GAME, only_low_first) == {"24/23"}
    either = {24: 1}, {16: 2}  # by 2 or by 6, and there the other is blocked
    assert legal(GAME, position(*either, 2, 6)) == {"24/18"}
    assert legal(GAME, position(*either, 2, 6, Backgammon(both_dice=False))) == {"24/18", "24/22"}
    only_low = position({24: 1}, {18: 2, 16: 2}, 2, 6)
    assert legal(GAME, only_low) == {"24/22"}


def test_who_cannot_move_passes():
    state = position({25: 1, 6: 14}, {24: 2, 23: 2, 22: 2, 21: 2, 20: 2, 19: 2}, 1, 2)
    assert legal(GAME, state) == {"pass"}
    state = after(state, "pass")
    assert state.turn == 1 and state.current_player == CHANCE


@pytest.mark.parametrize(
    ("other", "points"), [({24: 14}, 1), ({24: 15}, 2), ({24: 14, 3: 1}, 3), ({24: 14, 0: 1}, 3)]
)
def test_what_a_win_counts(other: dict[int, int], points: int):
    state = after(position({1: 1}, other, 1, 2), "1/off(2)")
    assert state.terminated and state.rewards.tolist() == [points, -points] and state.legal_action_mask.all()
    plain = Backgammon(gammons=False)
    end = compiled_step(plain)(position({1: 1}, other, 1, 2), jnp.int32(GAME.parse_action("1/off")))
    assert end.rewards.tolist() == [1, -1] and (plain.max_return, GAME.min_return) == (1, -3)


def test_what_is_seen():
    state = position({25: 1, 6: 5, 3: 2}, {24: 14}, 2, 4)
    own, other = GAME.observe(state), GAME.observe(state, jnp.int32(1))
    assert own.shape == (203,)
    units = own[:96].reshape(24, 4)  # from the 24-point to the 1-point
    assert units[18].tolist() == [1, 1, 1, 1] and units[21].tolist() == [1, 1, 0, 0]
    assert own[96:100].tolist() == [1, 1, 1, 5.5]
    assert own[192:196].tolist() == pytest.approx([0.5, 0, 7 / 15, 1 / 15])
    assert own[196:].tolist() == [0, 0.25, 0, 0.25, 0, 0, 1]
    assert other[192:196].tolist() == pytest.approx([0, 0.5, 1 / 15, 7 / 15]) and other[202] == 0
    assert other[:96].reshape(24, 4)[23].tolist() == [1, 1, 1, 5.5]  # its 1-point


def test_no_checker_off_is_seen_as_zero():
    seen = jax.jit(GAME.observe)(GAME.init(jax.random.key(0)))
    assert seen[194:196].tolist() == [0, 0]


def test_notation():
    names = {0: "pass", 6: "bar/24", 11: "bar/19", 12: "24/23", 155: "1/off(6)", 150: "1/off", 144: "2/1"}
    assert {action: GAME.action_to_string(action) for action in names} == names
    assert len({GAME.action_to_string(action) for action in range(156)}) == 156
    assert GAME.parse_action(" BAR/24 ") == 6
    for text in ("25/24", "24", "24/17", ""):
        with pytest.raises(UserError, match="allowed: from and to, such as 24/18"):
            GAME.parse_action(text)


def test_render():
    state = compiled_step(GAME)(GAME.init(jax.random.key(0)), jnp.int32(9))
    assert GAME.render(state).splitlines() == [
        "  13  14  15  16  17  18 |  19  20  21  22  23  24",
        "  5X   .   .   .  3O   . |  5O   .   .   .   .  2X",
        "",
        "  5O   .   .   .  3X   . |  5X   .   .   .   .  2O",
        "  12  11  10   9   8   7 |   6   5   4   3   2   1",
        "bar: X 0, O 0; off: X 0, O 0",
        "X to move: 3 4",
    ]


def test_render_svg():
    """24 points, 30 checkers of which none hides, and two dice."""
    state = compiled_step(GAME)(GAME.init(jax.random.key(0)), jnp.int32(9))
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(state))
    tags = [shape.tag.rpartition("}")[2] for shape in picture]
    assert (tags.count("polygon"), tags.count("circle"), tags.count("rect")) == (24, 30, 5)
