"""Games in PettingZoo and OpenSpiel: their own tests pass, and they say what our rules say."""

import sys
import warnings

import numpy as np
import pytest

from jaxplay.bridges import openspiel_game, pettingzoo_env
from jaxplay.errors import UserError
from jaxplay.game import make

EXPECTED = (
    "Observation is not a NumPy array",
    "Observation space for each agent probably should be",
    "Action mask numpy array is all zeros",
    "Observation numpy array is all zeros",
    "The observation contains negative numbers",
    "Observation is a single number",
)
"""Warnings of PettingZoo about dictionaries of observation and mask, which its own classic games give too."""
GAMES = {
    "tic_tac_toe": {},
    "kuhn_poker": {"players": 3},
    "leduc_poker": {},
    "pig": {"target": 20},
    "liars_dice": {"sides": 2},
}
"""Perfect information, hidden information, chance of both kinds, three players."""


@pytest.mark.parametrize("name", GAMES)
def test_the_api_test_of_pettingzoo_passes(name, capsys):
    pytest.importorskip("pettingzoo")
    from pettingzoo.test import api_test

    with warnings.catch_warnings():
        for text in EXPECTED:
            warnings.filterwarnings("ignore", text)
        api_test(pettingzoo_env(make(name, **GAMES[name])), num_cycles=30)
    assert "Passed API test" in capsys.readouterr().out


def test_an_environment_pays_what_the_game_pays_and_hides_what_it_hides():
    pytest.importorskip("pettingzoo")
    game = make("kuhn_poker")
    env, total = pettingzoo_env(game, "kuhn_v0", "ansi"), {"player_0": 0.0, "player_1": 0.0}
    env.reset(seed=5)
    one, other = (env.observe(agent) or {} for agent in env.possible_agents)
    assert not np.array_equal(one["observation"], other["observation"])
    assert one["action_mask"].tolist() == [1, 1] and not other["action_mask"].any()
    text = env.render()
    for agent in env.agent_iter():
        _, reward, terminated, _, _ = env.last()
        total[agent] += reward
        env.step(None if terminated else 1)  # pyright: ignore  # both bet: the higher card wins 2
    assert {abs(value) for value in total.values()} == {2.0} and sum(total.values()) == 0.0
    env.reset(seed=5)
    assert env.render() == text
    with pytest.raises(UserError, match="is not legal here"):
        env.step(7)
    assert str(env) == "kuhn_v0"


def test_games_that_are_cut_are_truncated():
    pytest.importorskip("pettingzoo")
    env = pettingzoo_env(make("tic_tac_toe"))
    env.reset(seed=0)
    env._episode.game = _Cut(env._episode.game)  # pyright: ignore
    env.step(0)
    env.step(1)
    assert all(env.truncations.values()) and not any(env.terminations.values())
    assert set(env.rewards.values()) == {0.0}


class _Cut:
    """A game that is cut after two plies."""

    max_plies = 2

    def __init__(self, game):
        self._game = game

    def __getattr__(self, name):
        return getattr(self._game, name)


@pytest.mark.parametrize("name", GAMES)
def test_the_random_simulation_test_of_openspiel_passes(name):
    pyspiel = pytest.importorskip("pyspiel")
    game = openspiel_game(make(name, **GAMES[name]), f"jaxplay_test_{name}")
    pyspiel.random_sim_test(game, num_sims=2, serialize=True, verbose=False)
    assert openspiel_game(make(name, **GAMES[name]), f"jaxplay_test_{name}").get_type().short_name


def test_openspiel_solves_our_kuhn_poker():
    """Values, information states and legal actions are those of OpenSpiel's own game."""
    pytest.importorskip("pyspiel")
    from open_spiel.python import policy
    from open_spiel.python.algorithms import exploitability

    game = openspiel_game(make("kuhn_poker"), "jaxplay_kuhn")
    uniform = policy.TabularPolicy(game)
    assert len(uniform.states_per_player[0]) == len(uniform.states_per_player[1]) == 6
    assert exploitability.exploitability(game, uniform) == pytest.approx(0.9166666 / 2, abs=1e-6)


def test_a_playthrough_of_openspiel_tells_nothing_hidden():
    pytest.importorskip("pyspiel")
    from open_spiel.python.algorithms import generate_playthrough

    openspiel_game(make("kuhn_poker"), "jaxplay_kuhn")
    text = generate_playthrough.playthrough("jaxplay_kuhn", action_sequence=None, seed=1)
    assert 'InformationStateString(0) = "player 0: ' in text and "PublicObservationString" not in text
    assert "Returns() = [" in text


def test_openspiel_game_says_what_is_wrong(monkeypatch):
    pytest.importorskip("pyspiel")
    openspiel_game(make("tic_tac_toe"), "jaxplay_taken")
    with pytest.raises(UserError, match=r"'jaxplay_taken' is .* already; choose another name"):
        openspiel_game(make("kuhn_poker"), "jaxplay_taken")
    with pytest.raises(UserError, match="OpenSpiel has a game 'chess' already"):
        openspiel_game(make("tic_tac_toe"), "chess")
    monkeypatch.setitem(sys.modules, "pyspiel", None)
    with pytest.raises(UserError, match=r"pyspiel is not installed: pip install 'jaxplay\[peers\]'"):
        openspiel_game(make("tic_tac_toe"))
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    with pytest.raises(UserError, match=r"pettingzoo is not installed: pip install 'jaxplay\[pettingzoo\]'"):
        pettingzoo_env(make("tic_tac_toe"))


def test_render_mode_is_checked():
    pytest.importorskip("pettingzoo")
    with pytest.raises(UserError, match="render_mode is 'human'; allowed: None or 'ansi'"):
        pettingzoo_env(make("tic_tac_toe"), render_mode="human")
