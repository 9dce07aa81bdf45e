"""Pig: turns, ends, perfect play, options, notation and pictures."""

import itertools
import xml.etree.ElementTree
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from playing import compiled_step, legal

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.games.pig import HOLD, ROLL, Pig
from jaxplay.struct import replace

GAME = Pig()


def play(game: Pig, turns: str):
    """The state after rolls that show these digits, and holds, such as `36h`."""
    step, state = compiled_step(game), game.init(jax.random.key(0))
    for sign in turns:
        assert not state.terminated and state.current_player == state.turn
        state = step(state, jnp.int32(HOLD if sign == "h" else ROLL))
        if sign != "h":
            assert state.current_player == CHANCE
            state = step(state, jnp.int32(int(sign) - 1))
    return state


def test_a_turn_adds_up_until_it_is_held():
    state = play(GAME, "36")
    assert (state.scores.tolist(), int(state.total), int(state.turn)) == ([0, 0], 9, 0)
    state = play(GAME, "36h")
    assert (state.scores.tolist(), int(state.total), int(state.current_player)) == ([9, 0], 0, 1)


def test_a_1_loses_the_total():
    state = play(GAME, "36h661")
    assert (state.scores.tolist(), int(state.total), int(state.current_player)) == ([9, 0], 0, 0)


def test_the_first_to_hold_enough_wins():
    game = Pig(target=10)
    assert legal(game, play(game, "h6")) == {"roll", "hold"}
    assert legal(game, play(game, "h66")) == {"hold"}
    state = play(game, "h66h")
    assert state.terminated and state.rewards.tolist() == [-1, 1] and state.legal_action_mask.all()


def test_more_players():
    game = Pig(target=5, players=3)
    assert play(game, "2h3h1").current_player == 0
    state = play(game, "2h3h1h3h")
    assert state.rewards.tolist() == [-0.5, 1, -0.5]
    assert game.observe(state, jnp.int32(2)).tolist() == pytest.approx([0, 0.4, 1.2, 0, 0])
    assert game.num_players == 3


def chances(game: Pig) -> dict[tuple[int, int, int], float]:
    """How likely the mover wins with perfect play: by own score, the other's, and the total."""
    step, scores = compiled_step(game), range(game.target)
    keys = list(itertools.product(scores, scores, range(game.target + game.sides)))
    value = dict.fromkeys(keys, 0.0)

    def after(state: Any, *actions: int) -> Callable[[], float]:
        for action in actions:
            state = step(state, jnp.int32(action))
        own, other = state.scores.tolist()
        if state.terminated:
            return lambda: 1.0
        if state.turn == 1:
            return lambda: 1 - value[other, own, 0]
        return lambda: value.get((own, other, int(state.total)), 1.0)

    def moves(own: int, other: int, total: int) -> tuple[Callable[[], float], list[Callable[[], float]]]:
        scores = jnp.array([own, other], jnp.int16)
        state = replace(game.init(jax.random.key(0)), scores=scores, total=jnp.int16(total))
        return after(state, HOLD), [after(state, ROLL, side) for side in range(game.sides)]

    table = {key: moves(*key) for key in keys}
    for _ in range(100):
        for key, (hold, rolls) in table.items():
            value[key] = max(hold(), sum(roll() for roll in rolls) / game.sides)
    return value


def test_perfect_play():
    """Neller and Presser solve the game of a coin by hand, which adds 1 here where it adds 2, up to 2."""
    value = chances(Pig(target=4, sides=2))
    known = {
        (0, 0, 0): 4 / 7,
        (0, 0, 2): 5 / 7,
        (0, 2, 0): 2 / 5,
        (0, 2, 2): 3 / 5,
        (2, 0, 0): 4 / 5,
        (2, 2, 0): 2 / 3,
    }
    assert {key: value[key] for key in known} == pytest.approx(known, abs=1e-6)


def test_bad_options_are_refused():
    for options, allowed in (
        ({"target": 0}, "1 to 1000"),
        ({"sides": 1}, "2 to 20"),
        ({"players": 11}, "2 to 10"),
    ):
        with pytest.raises(UserError, match=f"allowed: {allowed}"):
            Pig(**options)


def test_notation():
    assert [GAME.action_to_string(action) for action in range(2)] == ["roll", "hold"]
    assert GAME.parse_action(" Hold ") == HOLD
    with pytest.raises(UserError, match="allowed: roll, hold"):
        GAME.parse_action("h")


def test_what_is_seen():
    state = play(GAME, "36h55")
    np.testing.assert_allclose(GAME.observe(state), [0, 0.09, 0.1, 1])
    np.testing.assert_allclose(GAME.observe(state, jnp.int32(0)), [0.09, 0, 0.1, 0])


def test_render():
    assert GAME.render(play(GAME, "36h5")) == "player 0 9, player 1 0\nplayer 1 to roll or hold, total 5"
    rolling = compiled_step(GAME)(play(GAME, ""), jnp.int32(ROLL))
    assert GAME.render(rolling).endswith("player 0 rolls, total 0")
    assert GAME.render(play(Pig(target=3), "3h")).endswith("player 0 wins")


def test_render_svg():
    """Paper, two empty bars, and what of them is full: a score, and a turn's total."""
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play(GAME, "36h5")))
    assert len([shape for shape in picture if shape.tag.endswith("rect")]) == 5
