"""Connect Four: lines, gravity, sizes, notation and pictures."""

import jax
import jax.numpy as jnp
import pytest

from jaxplay.errors import UserError
from jaxplay.games.connect_four import ConnectFour

LINES = {"column": "1212121", "row": "1122334", "rising": "12234334454", "falling": "76654554434"}


def play(game: ConnectFour, columns: str):
    """The state after discs into `columns`, written 1 to 7, and the one before the last of them."""
    step = jax.jit(game.step)
    before = state = game.init(jax.random.key(0))
    for column in columns:
        before, state = state, step(state, jnp.int32(game.parse_action(column)))
    return before, state


@pytest.mark.parametrize("columns", LINES.values(), ids=LINES)
def test_a_line_of_four_wins(columns):
    before, state = play(ConnectFour(), columns)
    assert not before.terminated and before.rewards.tolist() == [0, 0]
    assert state.terminated and state.legal_action_mask.all()
    assert state.rewards.tolist() == [1, -1]
    assert ConnectFour().render(state).endswith("X wins")


def test_player_1_can_win():
    _, state = play(ConnectFour(), "21314171")
    assert state.terminated and state.rewards.tolist() == [-1, 1]


def test_three_in_a_line_or_a_line_around_the_edge_does_not_win():
    for columns in ("556677", "1727371", "6171727"):
        assert not play(ConnectFour(), columns)[1].terminated


def test_a_full_column_is_closed():
    _, state = play(ConnectFour(), "444444")
    assert state.legal_action_mask.tolist() == [True, True, True, False, True, True, True]


def test_a_full_board_is_a_draw():
    game = ConnectFour(rows=2, columns=2, k=3)
    _, state = play(game, "1122")
    assert state.terminated and state.rewards.tolist() == [0, 0]
    assert game.render(state) == "1 2\nO O\nX X\ndraw"


@pytest.mark.parametrize(("rows", "columns", "k"), [(4, 5, 3), (8, 9, 5), (7, 16, 6)])
def test_other_sizes(rows, columns, k):
    game = ConnectFour(rows=rows, columns=columns, k=k)
    assert (game.num_actions, game.max_plies) == (columns, rows * columns)
    _, state = play(game, "12" * (k - 1) + "1")
    assert state.terminated and state.rewards.tolist() == [1, -1]
    assert game.observe(state).shape == (rows, columns, 2)
    assert game.observe(state)[rows - k :, 0, 1].tolist() == [1] * k


def test_bad_sizes_are_refused():
    for options, least in (({"rows": 0}, 1), ({"columns": 32}, 1), ({"k": 1}, 2)):
        with pytest.raises(UserError, match=f"allowed: {least} to 31"):
            ConnectFour(**options)


def test_notation():
    game = ConnectFour()
    assert [game.action_to_string(action) for action in range(7)] == list("1234567")
    assert game.parse_action(" 4 ") == 3
    for text in ("0", "8", "d", "", "4.5"):
        with pytest.raises(UserError, match="allowed: 1 to 7"):
            game.parse_action(text)


def test_render():
    _, state = play(ConnectFour(), "4433")
    assert ConnectFour().render(state).splitlines() == [
        "1 2 3 4 5 6 7",
        *["." + " ." * 6] * 4,
        ". . O O . . .",
        ". . X X . . .",
        "X to move",
    ]


def test_render_svg():
    _, state = play(ConnectFour(), "443")
    picture = ConnectFour().render_svg(state)
    assert picture.startswith("<svg") and picture.count("<circle") == 42
