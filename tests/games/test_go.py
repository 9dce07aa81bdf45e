"""Go: captures, suicide, ko and superko, areas, sizes, notation and pictures."""

import xml.etree.ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.games._go_past import Digest, contains, insert, is_full, nothing
from jaxplay.games.go import Go

NINE, FIVE = Go(), Go(5, komi=0.5)
STEPS = {}
"""Compiled steps by game."""


def play(points: str, game: Go = FIVE):
    """The state after the named moves, `-` for a pass."""
    step = STEPS.setdefault(game, jax.jit(game.step))
    state = game.init(jax.random.key(0))
    for name in points.split():
        action = game.parse_action(name.replace("-", "pass"))
        assert state.legal_action_mask[action] and not state.terminated, name
        state = step(state, jnp.int32(action))
    return state


def board(state, game: Go = FIVE) -> list[str]:
    """The rows of the picture, without coordinates."""
    return [line.split(" ", 1)[1].replace(" ", "") for line in game.render(state).splitlines()[1:-1]]


def legal(state, name: str, game: Go = FIVE) -> bool:
    """Whether the named move is allowed."""
    return bool(state.legal_action_mask[game.parse_action(name)])


def test_a_chain_without_liberty_is_taken():
    before = play("C3 C2 B3 B2 D2 D3 E4 B4 E5 C4 E1 - E2")
    assert board(before) == ["....X", ".OO.X", ".XXO.", ".OOXX", "....X"]
    state = play("C3 C2 B3 B2 D2 D3 E4 B4 E5 C4 E1 - E2 A3")
    assert board(state) == ["....X", ".OO.X", "O..O.", ".OOXX", "....X"]


def test_one_stone_takes_several_chains():
    state = play("A1 A2 C1 C2 - D1 - B1")
    assert board(state)[2:] == [".....", "O.O..", ".O.O."]


def test_suicide_is_forbidden_but_a_capture_is_not():
    assert not legal(play("A2 - B1"), "A1")
    many = "A3 A2 B2 B1 C1"
    assert board(play(many))[2:] == ["X....", "OX...", ".OX.."]
    assert not legal(play(many), "A1")  # the stone would leave both of its neighbours without a liberty, too
    assert board(play(f"{many} - A1"))[2:] == ["X....", ".X...", "X.X.."]


def test_ko():
    shape = "B3 C3 A2 D2 B1 C1 C2"
    state = play(shape + " B2")
    assert board(state)[2:] == [".XO..", "XO.O.", ".XO.."]
    assert not legal(state, "C2")
    assert legal(play(shape + " B2 E5 E4"), "C2")


def test_superko_forbids_an_older_position_whoever_was_to_move():
    game = Go(2)
    assert board(play("A2 B2", game), game) == ["XO", ".."]  # and black to move
    state = play("A2 B2 A1 - B1 B2", game)
    assert board(state, game) == [".O", ".."]
    assert not legal(state, "A2", game)  # the same, and white to move
    assert legal(state, "A1", game) and legal(state, "B1", game)


@pytest.mark.parametrize("size", [2, 3])
def test_no_position_comes_back_however_long_a_game_lasts(size: int):
    """Who has a legal stone places it; after as many moves as are remembered there is none."""
    game = Go(size)
    step, state, most = STEPS.setdefault(game, jax.jit(game.step)), game.init(jax.random.key(0)), 0
    for seed in range(4):
        random, state, seen = np.random.RandomState(seed), game.init(jax.random.key(0)), set()
        while not state.terminated:
            stones = np.flatnonzero(state.legal_action_mask[:-1])
            state = step(state, jnp.int32(random.choice(stones) if len(stones) else game.num_points))
            position = tuple((np.asarray(state.trail) & 3).tolist())
            assert not len(stones) or position not in seen
            seen.add(position)
        most = max(most, len(seen))
    assert 2 * game.num_points < most <= game.memory


def test_two_passes_end_the_game():
    assert not play("C3 -").terminated
    state = play("C3 - -")
    assert state.terminated and state.legal_action_mask.all()
    assert state.rewards.tolist() == [1, -1]
    assert FIVE.render(state).endswith("X wins by 24.5")
    assert not play("C3 - A1 -").terminated


def test_areas():
    """Black's left side and white's right side; a point between belongs to nobody."""
    wall = "B1 D1 B2 D2 B3 D3 B4 D4 B5 D5"
    assert FIVE.render(play(wall + " - -")).endswith("O wins by 0.5")
    state = play(wall + " C3 - -")
    assert state.rewards.tolist() == [1, -1] and FIVE.render(state).endswith("X wins by 0.5")
    even = play(wall + " - -", Go(5, komi=0))
    assert even.terminated and even.rewards.tolist() == [0, 0] and Go(5, komi=0).render(even).endswith("draw")


def test_areas_wind():
    """One lane runs around three walls; a white stone at its end makes it nobody's."""
    walls = "A2 - B2 - C2 - D2 - E4 - D4 - C4 - B4 -"
    assert FIVE.render(play(f"{walls} -")).endswith("X wins by 24.5")
    assert FIVE.render(play(f"{walls[:-2]} A5 - -")).endswith("X wins by 6.5")


def test_no_area_on_an_empty_board():
    assert play("- -").rewards.tolist() == [-1, 1]
    assert play("- -", Go(5, komi=-1)).rewards.tolist() == [1, -1]


@pytest.mark.parametrize(("size", "dtype"), [(2, np.int8), (11, np.int8), (12, np.int16), (25, np.int16)])
def test_sizes(size, dtype):
    game = Go(size)
    state = jax.eval_shape(game.step, game.init(jax.random.key(0)), jnp.int32(0))
    assert state.chains.dtype == dtype and state.legal_action_mask.shape == (size * size + 1,)
    assert (game.num_actions, game.max_plies) == (size * size + 1, 2 * size * size)
    assert game.parse_action(game.action_to_string(size * size - 1)) == size * size - 1


def test_bad_options_are_refused():
    for size, komi in ((1, 7.5), (26, 7.5), (9, float("nan")), (9, float("inf")), (9, 1e39)):
        with pytest.raises(UserError, match=r"allowed: (2 to 25|-1000 to 1000)"):
            Go(size, komi)


def test_observation():
    """Eight boards, the latest first, of the observer and of the opponent, and the observer's colour."""
    state = play("C3 D3 -")
    own, other = (np.asarray(FIVE.observe(state, jnp.int32(player))) for player in (1, 0))
    assert (np.asarray(FIVE.observe(state)) == own).all()
    assert own[2, 3, :8].tolist() == [1, 0, 1, 0, 0, 0, 0, 0]
    assert own[2, 2, :8].tolist() == [0, 1, 0, 1, 0, 1, 0, 0]
    assert (own[..., 16] == 1).all() and (other[..., 16] == 0).all()
    assert (own[..., :16:2] == other[..., 1:16:2]).all()


def test_digests_in_order():
    """Insertion keeps what was there; equal leading words are told apart by the others."""
    high, low = np.array([5, 3, 5, 9, 0], np.uint32), np.array([1, 2, 0, 9, 4], np.uint16)
    past = nothing(8)
    for each in zip(high, low, strict=True):
        assert not is_full(past)
        past = insert(past, Digest(*map(jnp.asarray, each)))
    assert past.high[:5].tolist() == [0, 3, 5, 5, 9] and past.low[:5].tolist() == [4, 2, 0, 1, 9]
    asked = Digest(jnp.array([5, 5, 5, 0, 9, 10], jnp.uint32), jnp.array([0, 1, 2, 4, 9, 9], jnp.uint16))
    assert contains(past, asked).tolist() == [True, True, False, True, True, False]


def test_notation():
    names = [NINE.action_to_string(action) for action in (0, 7, 8, 40, 80, 81)]
    assert names == ["A9", "H9", "J9", "E5", "J1", "pass"]
    assert [NINE.parse_action(NINE.action_to_string(action)) for action in range(82)] == list(range(82))
    assert NINE.parse_action(" e5 ") == 40 and NINE.parse_action("Pass") == 81
    assert Go(19).action_to_string(0) == "A19"
    for text in ("I5", "K1", "A0", "A10", "5", "", "A1A1"):
        with pytest.raises(UserError, match=r"allowed: A1 to J9 \(there is no I\), and pass"):
            NINE.parse_action(text)


def test_render():
    assert FIVE.render(play("C3 D3")).splitlines() == [
        "  A B C D E",
        "5 . . . . .",
        "4 . . . . .",
        "3 . . X O .",
        "2 . . . . .",
        "1 . . . . .",
        "X to move, O played D3",
    ]
    assert FIVE.render(play("C3 -")).endswith("X to move, O passed")
    assert Go(19).render(Go(19).init(jax.random.key(0))).count("+") == 9


def test_render_svg():
    """Two stones, a ring on the last, five star points."""
    picture = xml.etree.ElementTree.fromstring(NINE.render_svg(play("E5 D4", NINE)))
    assert len([shape for shape in picture if shape.tag.endswith("circle")]) == 2 + 1 + 5
