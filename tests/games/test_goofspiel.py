"""Goofspiel: against OpenSpiel, known sizes, and what is shown to whom."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from open_spiel_games import compare, count_all

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.goofspiel import Goofspiel


def every_bid(state: Any, player: int) -> Any:
    """The prizes, all bids of the rounds that are over, and the player's own in this one."""
    moves = [(move.player, move.action) for move in state.full_history()]
    bids = [move for move in moves if move[0] >= 0]
    over = len(bids) - len(bids) % state.num_players()
    own = [move for move in bids[over:] if move[0] == player]
    return str(([move for move in moves if move[0] < 0], bids[:over], own))


def whose_turn_left_out(state: Any, player: int) -> str:
    """OpenSpiel's information states, without the line that the turn-based form adds on top."""
    return state.information_state_string(player).partition("\n")[2]


CASES = {
    "usual": (Goofspiel(), 10_000),
    "hidden": (Goofspiel(cards=5, hidden=True), 3_000),
    "three players": (Goofspiel(cards=4, order="descending", hidden=True, players=3), 3_000),
    "ascending": (Goofspiel(cards=4, order="ascending"), 1_000),
}


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("case", CASES)
def test_openspiel_agrees(case: str):
    pyspiel = pytest.importorskip("pyspiel")
    game, num_plies = CASES[case]
    options = {
        "num_cards": game.cards,
        "points_order": game.order,
        "imp_info": game.hidden,
        "players": game.players,
    }
    theirs = pyspiel.load_game_as_turn_based("goofspiel", options)
    key = whose_turn_left_out if game.hidden else every_bid
    compare(game, theirs, num_plies=num_plies, key=key)


@pytest.mark.parametrize(("cards", "counts"), [(3, (67, 31, 8)), (4, (1077, 501, 81))])
def test_published_counts(cards: int, counts: tuple[int, int, int]):
    assert count_all(Goofspiel(cards=cards, order="descending", hidden=True)) == counts


def play(game: Goofspiel, cards: str):
    """The state after prizes and bids, by the numbers on the cards."""
    step, state = jax.jit(game.step), game.init(jax.random.key(0))
    for name in cards.split():
        state = step(state, jnp.int32(game.parse_action(name)))
    return state


def test_a_game():
    state = play(Goofspiel(cards=4), "4 4 3  2 1 1  3 2 4")
    assert state.terminated and state.rewards.tolist() == [1, -1]
    assert Goofspiel(cards=4).render(state, 0) == (
        "prize  4 2 3 1\nA      4 1 2 3\nB      3 1 4 2\npoints: A 5, B 3\nA +1, B -1"
    )


def test_bids_are_shown_when_all_have_bid_or_never():
    shown, hidden = Goofspiel(cards=4), Goofspiel(cards=4, hidden=True)
    state = play(shown, "4 4 3  2 1")
    assert shown.render(state, 1).splitlines()[1:4] == ["A      4 ? . .", "B      3 . . .", "A holds 1 2 3"]
    assert hidden.render(state, 1).splitlines()[1:4] == ["A      ? ? . .", "B      3 . . .", "B holds 1 2 4"]
    assert "points: A 4, B 0" in hidden.render(state, 1)
    same = play(hidden, "4 4 3  2 2")
    assert (hidden.observe(state, jnp.int32(1)) == hidden.observe(same, jnp.int32(1))).all()
    assert hidden.render_svg(state, 1) == hidden.render_svg(same, 1) != hidden.render_svg(same, 0)


def test_notation():
    assert [Goofspiel().parse_action(text) for text in ("1", " 13")] == [0, 12]
    for text in ("0", "14", "ace", "-1"):
        with pytest.raises(UserError, match=f"'{text}' is not an action; allowed: 1 to 13"):
            Goofspiel().parse_action(text)


def test_options():
    assert Goofspiel(order="ascending").num_chance_outcomes == 0
    with pytest.raises(UserError, match="order='descendin'; did you mean 'descending'"):
        make("goofspiel", order="descendin")
    with pytest.raises(UserError, match="cards=1; allowed: 2 to 100"):
        Goofspiel(cards=1)
