"""Phantom tic-tac-toe and dark Hex: against OpenSpiel, what is found out, and what is shown to whom."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from open_spiel_games import compare

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.dark_hex import DarkHex
from jaxplay.games.phantom_tic_tac_toe import PhantomTicTacToe


def uncounted(state: Any, player: int) -> str:
    """OpenSpiel's information state without the number of moves, which tells of failed attempts."""
    lines = state.information_state_string(player).split("\n")
    return "\n".join([*lines[:-2], lines[-1]])


def told(state: Any, player: int) -> str:
    return state.information_state_string(player)


CASES = {
    "phantom": (PhantomTicTacToe(), "phantom_ttt", {}, told, 10_000),
    "abrupt": (PhantomTicTacToe(abrupt=True), "phantom_ttt", {"gameversion": "abrupt"}, told, 3_000),
    "dark hex": (DarkHex(), "dark_hex", {}, uncounted, 10_000),
    "abrupt hex": (DarkHex(abrupt=True), "dark_hex", {"gameversion": "adh"}, uncounted, 3_000),
    "4 by 5": (DarkHex(rows=4, columns=5), "dark_hex", {"num_rows": 4, "num_cols": 5}, uncounted, 3_000),
}


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("case", CASES)
def test_openspiel_agrees(case: str):
    pyspiel = pytest.importorskip("pyspiel")
    game, name, options, key, num_plies = CASES[case]
    theirs = pyspiel.load_game(name, options)
    compare(game, theirs, num_plies=num_plies, key=key)
    assert game.max_plies == theirs.max_game_length()


def play(game: Any, cells: str):
    """The state after attempts at `cells`, such as `b2 a1`."""
    step, state = jax.jit(game.step), game.init(jax.random.key(0))
    for cell in cells.split():
        state = step(state, jnp.int32(game.parse_action(cell)))
    return state


def test_who_fails_tries_again_or_loses_the_turn():
    for abrupt, mover in ((False, 1), (True, 0)):
        game = PhantomTicTacToe(abrupt=abrupt)
        state = play(game, "b2 b2")
        assert state.current_player == mover
        assert not state.legal_action_mask[4], "both know what lies there"
        assert game.render(state, 1) == f"3 . . .\n2 . X .\n1 . . .\n  a b c\n{'XO'[mover]} to move"


def test_a_player_sees_its_own_stones_and_those_it_found():
    game = PhantomTicTacToe()
    state = play(game, "a3 b2 c1 c1 b3")
    seen = np.asarray(game.observe(state, jnp.int32(1)))
    assert [np.argwhere(seen[..., plane]).tolist() for plane in range(3)][:2] == [[[0, 1], [1, 1]], [[2, 2]]]
    assert seen[..., 2].all() and seen[1, 1, 3] == np.float32(1 / 9) and seen[0, 1, 3] == np.float32(3 / 9)
    assert game.render(state, 0) == "3 X . .\n2 . . .\n1 . . X\n  a b c\nX to move"
    assert game.render(state) == "3 X O .\n2 . O .\n1 . . X\n  a b c\nX to move"
    assert game.render_svg(state, 0).count("<circle") == 0 and game.render_svg(state).count("<circle") == 2


def test_cells_have_the_names_of_tic_tac_toe():
    dark, light = PhantomTicTacToe(), make("tic_tac_toe")
    names = [light.action_to_string(cell) for cell in range(9)]
    assert [dark.action_to_string(cell) for cell in range(9)] == names
    assert [dark.parse_action(name) for name in names] == list(range(9))
    svg = dark.render_svg(dark.init(jax.random.key(0)))
    assert svg.index(">3<") < svg.index(">1<") and svg.count(">a<") == 1


def test_the_board_is_shown_at_the_end():
    game = PhantomTicTacToe()
    state = play(game, "a3 b3 a2 b2 a1")
    assert state.rewards.tolist() == [1, -1]
    assert game.render(state, 1) == "3 X O .\n2 X O .\n1 X . .\n  a b c\nX wins"
    assert game.render(play(game, "b2 a3 a1 c3 b3 b1 c2 a2 c1"), 0).endswith("draw")


@pytest.mark.parametrize(("cells", "winner"), [
    ("b1 a1 b2 c1 b3", 0),
    ("c1 a1 b2 a2 a3", 0),
    ("a1 a2 b1 b2 a3 c2", 1),
    ("a1 a3 b3 b2 a2 c1", 1),
])  # fmt: skip
def test_chains_connect_edges(cells: str, winner: int):
    state = play(DarkHex(), cells)
    assert state.terminated and state.rewards.tolist() == [[1, -1], [-1, 1]][winner]
    assert DarkHex().render(state).endswith(f"{'XO'[winner]} wins")


def test_the_largest_board_and_the_smallest():
    assert play(DarkHex(rows=11, columns=11), " ".join(f"a{n} k{n}" for n in range(1, 12))[:-4]).terminated
    assert play(DarkHex(rows=1, columns=2), "b1").rewards.tolist() == [1, -1]
    assert play(DarkHex(rows=2, columns=1), "a1 a1 a2").rewards.tolist() == [-1, 1]


def test_pictures_show_what_is_known():
    state = play(DarkHex(), "a1 b2 c3")
    assert DarkHex().render(state, 1) == "  a b c\n1 . . .\n 2 . O .\n  3 . . .\nO to move"
    assert [DarkHex().render_svg(state, player).count("<circle") for player in (None, 0, 1)] == [3, 2, 1]


def test_options():
    with pytest.raises(UserError, match="rows=12, columns=11; allowed: up to 124 cells"):
        make("dark_hex", rows=12, columns=11)
    with pytest.raises(UserError, match="phantom_tic_tac_toe has no option 'rows'; allowed: abrupt"):
        make("phantom_tic_tac_toe", rows=4)
    with pytest.raises(UserError, match="'d1' is not an action; allowed: a1 to c3"):
        DarkHex().parse_action("d1")
