"""Openings that go well for one side."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import random_positions
from quick import quick_jit

from jaxplay.cli.main import main
from jaxplay.config import SelfPlayConfig
from jaxplay.game import make
from jaxplay.rollout.lopsided import FAVOUR, wish
from jaxplay.rollout.matches import first_episodes, restart

OTHELLO = make("othello", size=6)


def openings(share: float) -> SelfPlayConfig:
    return SelfPlayConfig(max_opening_plies=14, lopsided_openings=share)


def leads(game, states):
    """`(N,)`: by how much player 0 is ahead."""
    return np.asarray(jax.vmap(game.score)(states))


@pytest.mark.parametrize("game", [OTHELLO, make("go", size=3)], ids=str)
@pytest.mark.parametrize("favoured", [0, 1])
def test_the_wish_is_the_legal_move_of_best_score(game, favoured):
    states = random_positions(game, 40, 5)
    keys = jax.random.split(jax.random.key(1), 40)
    ask = quick_jit(jax.vmap(lambda state, key: wish(game, state, jnp.int32(favoured), key)))
    wanted, action = ask(states, keys)
    lead_after = quick_jit(lambda state, a: game.score(game.step(state, a)))
    assert 0.7 < float(wanted.mean()) <= 1.0 and FAVOUR == 0.9
    for number in range(40):
        state = jax.tree.map(lambda leaf, n=number: leaf[n], states)
        legal = np.flatnonzero(state.legal_action_mask[: game.num_actions])
        lead = {int(a): float(lead_after(state, int(a))) * (1 - 2 * favoured) for a in legal}
        assert int(action[number]) in lead, "not legal"
        assert lead[int(action[number])] == max(lead.values())


def test_nobody_is_favoured_where_nobody_shall_be():
    state = OTHELLO.init(jax.random.key(0))
    keys = jax.random.split(jax.random.key(0), 32)
    wanted, _ = quick_jit(jax.vmap(lambda key: wish(OTHELLO, state, jnp.int32(-1), key)))(keys)
    assert not wanted.any()


def test_lopsided_openings_are_lopsided_for_either_side():
    def begun(share):
        return quick_jit(partial(first_episodes, OTHELLO, 512, openings(share)))(jax.random.key(3))

    even, all_lopsided = leads(OTHELLO, begun(0.0).state), leads(OTHELLO, begun(1.0).state)
    assert np.abs(all_lopsided).mean() > 1.2 * np.abs(even).mean()
    for side in (1, -1):
        assert (side * all_lopsided > 6).mean() > 2 * (side * even > 6).mean() > 0
    favours = np.asarray(begun(0.5).opening_favours)
    assert 0.35 < (favours >= 0).mean() < 0.65 and {-1, 0, 1} == set(favours.tolist())
    assert begun(0.0).opening_favours is None


def test_each_game_draws_anew_whom_its_opening_favours():
    options = openings(0.5)
    first = quick_jit(partial(first_episodes, OTHELLO, 128, options))(jax.random.key(3))
    again = quick_jit(lambda episodes, ended, key: restart(OTHELLO, episodes, ended, options, key))
    second = again(first, jnp.arange(128) < 64, jax.random.key(4))
    changed = np.asarray(first.opening_favours != second.opening_favours)
    assert changed[:64].mean() > 0.3 and not changed[64:].any()
    np.testing.assert_array_equal(second.state.discs[:64], first.prepared.discs[:64])
    np.testing.assert_array_equal(second.state.discs[64:], first.state.discs[64:])


def test_games_without_a_score_have_none(capsys):
    line = ["train", "hex", "--steps", "1", "--selfplay.lopsided-openings", "0.5"]
    assert main(line) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "lopsided_openings" in told and "allowed: 0" in told


def test_no_openings_cannot_be_lopsided(capsys):
    line = ["train", "othello", "--steps", "1", "--selfplay.lopsided-openings", "0.5"]
    assert main([*line, "--selfplay.max-opening-plies", "0"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "lopsided_openings" in told and "max_opening_plies is 0" in told
