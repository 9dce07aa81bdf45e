"""Tiny Hanabi and Lewis's signaling game: against OpenSpiel, payoffs, and what is shown to whom."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from open_spiel_games import compare, compare_all

from jaxplay.errors import UserError
from jaxplay.games.lewis_signaling import LewisSignaling
from jaxplay.games.tiny_hanabi import TinyHanabi
from jaxplay.testing import replay


def of_the_mover(state: Any, player: int) -> Any:
    """OpenSpiel's information state of the player to move; it makes the others forget what they said."""
    return state.information_state_string(player) if state.current_player() == player else None


CASES = {
    "hanabi": ("tiny_hanabi", TinyHanabi(), {}, 10_000),
    "three": (
        "tiny_hanabi",
        TinyHanabi(players=3, cards=1, actions=2, payoff="1;2;3;4;5;6;7;8"),
        {"num_players": 3, "num_chance": 1, "num_actions": 2, "payoff": "1;2;3;4;5;6;7;8"},
        300,
    ),
    "signaling": ("lewis_signaling", LewisSignaling(), {}, 10_000),
    "two states": (
        "lewis_signaling",
        LewisSignaling(states=2, messages=1, payoffs="1;-2;0;3"),
        {"num_states": 2, "num_messages": 1, "payoffs": "1, -2, 0, 3"},
        300,
    ),
}


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("case", CASES)
def test_openspiel_agrees(case: str):
    pyspiel = pytest.importorskip("pyspiel")
    name, game, options, num_plies = CASES[case]
    compare(game, pyspiel.load_game(name, options), num_plies=num_plies, key=of_the_mover)


def test_every_history_of_tiny_hanabi_is_openspiels():
    pyspiel = pytest.importorskip("pyspiel")
    assert compare_all(TinyHanabi(), pyspiel.load_game("tiny_hanabi")) == (55, 16, 8)


def test_hanabi_is_worth_ten_to_those_who_understand_each_other():
    """Every plan of player 0, met with the best reply to what its choice tells."""
    payoffs = TinyHanabi().payoffs.reshape(2, 2, 3, 3)
    values = {}
    for plan in np.ndindex(3, 3):
        heard = np.array([plan[card] == np.arange(3) for card in range(2)])
        replies = np.einsum("ca,cdab->dab", heard, payoffs).max(axis=2)
        values[plan] = replies.sum() / 4
    assert max(values.values()) == 10
    assert max(values[plan] for plan in [(0, 0), (1, 1), (2, 2)]) == 8, "no signal"


def test_the_state_is_hidden_from_the_receiver():
    game = LewisSignaling()
    state = replay(game, 0, [2, 1])
    assert game.render(state, 1) == "world ?\nword  1\nact   -\nB to move"
    assert game.render(state, 0).startswith("world 2")
    other = replay(game, 0, [0, 1])
    assert (game.observe(state, jnp.int32(1)) == game.observe(other, jnp.int32(1))).all()
    assert game.render_svg(state, 1) == game.render_svg(other, 1)


def test_the_card_is_hidden_from_the_others_until_the_end():
    game = TinyHanabi()
    assert game.render(replay(game, 0, [1, 0, 2]), 1) == "A  ?  plays c\nB  1\nB to move"
    assert game.render(replay(game, 0, [1, 0, 2, 2]), 1).startswith("A  2  plays c\nB  1  plays c\nA 0, B 0")


def test_payoffs_are_earned_by_all():
    state = replay(TinyHanabi(), 0, [0, 1, 2, 2])
    assert state.terminated and state.rewards.tolist() == [10, 10]
    assert (TinyHanabi().min_return, TinyHanabi().max_return, TinyHanabi().teams) == (0, 10, (0, 0))


def test_options():
    with pytest.raises(UserError, match="payoff='1;2'; allowed: 36 numbers with ; between them"):
        TinyHanabi(payoff="1;2")
    with pytest.raises(UserError, match="payoffs='1;x;3;4'; allowed: 4 numbers"):
        LewisSignaling(states=2, payoffs="1;x;3;4")
    with pytest.raises(UserError, match="'d' is not an action; allowed: a, b, c"):
        TinyHanabi().parse_action("d")
