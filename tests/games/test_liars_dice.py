"""Liar's dice: against OpenSpiel, known sizes, wild faces, and what is shown to whom."""

import jax
import jax.numpy as jnp
import pytest
from open_spiel_games import compare, compare_all, count_all

from jaxplay.errors import UserError
from jaxplay.games.liars_dice import LiarsDice

GAME = LiarsDice(dice=2)


def test_every_history_is_openspiels():
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game("liars_dice", {"dice_sides": 3})
    assert compare_all(LiarsDice(sides=3), theirs) == (1147, 576, 192)


@pytest.mark.parametrize("sides", [4, 5, pytest.param(6, marks=pytest.mark.full)])
def test_published_counts(sides: int):
    counts = {4: (8181, 4096, 512), 5: (51_181, 25_600, 2_560), 6: (294_883, 147_456, 12_288)}[sides]
    assert count_all(LiarsDice(sides=sides), max_histories=300_000) == counts


@pytest.mark.strict_dtypes
@pytest.mark.parametrize(("dice", "sides", "num_plies"), [(1, 6, 10_000), (2, 3, 3_000)])
def test_openspiel_agrees(dice: int, sides: int, num_plies: int):
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game("liars_dice", {"numdice": dice, "dice_sides": sides})
    compare(LiarsDice(dice=dice, sides=sides), theirs, num_plies=num_plies)


def play(moves: str):
    """The state after faces rolled and bids."""
    step, state = jax.jit(GAME.step), GAME.init(jax.random.key(0))
    for move in moves.split():
        state = step(state, jnp.int32(int(move) - 1 if move.isdigit() else GAME.parse_action(move)))
    return state


@pytest.mark.parametrize(
    ("bid", "bidder_wins"), [("2x5", True), ("3x5", True), ("4x5", False), ("1x6", True)]
)
def test_sixes_are_wild(bid: str, bidder_wins: bool):
    state = play(f"5 6 5 1 {bid} liar")
    assert state.terminated and state.rewards.tolist() == ([1, -1] if bidder_wins else [-1, 1])


def test_a_bid_is_higher_than_the_last():
    mask = play("1 1 1 1 2x3").legal_action_mask
    assert [GAME.action_to_string(bid) for bid in mask.nonzero()[0]][:2] == ["2x4", "2x5"]
    assert mask[-1] and not play("1 1 1 1").legal_action_mask[-1], "nobody is called before the first bid"


def test_dice_are_shown_to_their_owner_and_at_the_end():
    assert GAME.render(play("3 2 4 4 1x4"), 1) == "A  ? ?\nB  4 4\nlast bids: 1x4\nB to move"
    assert GAME.render(play("3 2 4 4 1x4 liar"), 1).startswith("A  2 3\nB  4 4")
    assert GAME.render_svg(play("3 2 4 4 1x4"), 1).count('r="4"') == 8, "pips"


def test_notation():
    assert (GAME.parse_action("1x1"), GAME.parse_action("4X6"), GAME.parse_action("Liar")) == (0, 23, 24)
    for text in ("0x1", "5x1", "1x7", "1", "bluff"):
        with pytest.raises(UserError, match="allowed: 1x1 to 4x6, and liar"):
            GAME.parse_action(text)


def test_options():
    with pytest.raises(UserError, match="liars_dice: dice=0; allowed: 1 to 20"):
        LiarsDice(dice=0)
    with pytest.raises(UserError, match="liars_dice: sides=1; allowed: 2 to 20"):
        LiarsDice(sides=1)
