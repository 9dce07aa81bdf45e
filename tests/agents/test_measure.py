"""What is measured of agents: proofs beside exact values, and games played alone."""

from functools import cache

import jax
import numpy as np
import pytest

from jaxplay.agents import final_boards, measurements, won_positions
from jaxplay.agents.won import _middles, _proof, measurable  # pyright: ignore[reportPrivateUsage]
from jaxplay.game import make
from jaxplay.players import make_players


@cache
def agent_of(player, game):
    """The agent behind the name of a player."""
    _, (found,) = make_players([player], game)
    assert found.agent is not None
    return found.agent


def test_what_is_proven_is_true():
    game = make("hex", size=3)
    agent, solver = agent_of("mcts:8", game), agent_of("solver", game)
    states = next(_middles(agent, 64, jax.random.key(0)))
    proof = _proof(agent, states, jax.random.key(1), 256)
    exact = np.asarray(solver.predict(states).value)
    assert not states.terminated.any()
    assert (np.sign(exact)[proof != 0] == proof[proof != 0]).all()
    assert (proof == 1).sum() > 10


def test_a_perfect_player_keeps_all_wins_and_a_blind_one_does_not():
    game = make("hex", size=3)
    perfect = agent_of("solver", game)
    found = won_positions(perfect, 60, jax.random.key(0), num_simulations=256, batch=64)
    assert found.num_positions == 60 == found.kept and found.failed == 0
    assert 5 < found.random_kept < 60


def test_only_games_with_winners_and_without_luck_are_proven():
    assert measurable(make("breakthrough")) and measurable(make("hex"))
    assert not any(map(measurable, map(make, ("othello", "backgammon", "kuhn_poker", "twenty_forty_eight"))))


def test_games_of_2048_end_with_a_tile_and_a_score():
    agent = agent_of("mcts:1", make("twenty_forty_eight"))
    found = final_boards(agent, 4, jax.random.key(0))
    assert (found.tiles >= 32).all() and (np.log2(found.tiles) % 1 == 0).all()
    assert (found.scores > found.tiles).all() and (found.scores % 4 == 0).all()


@pytest.mark.parametrize(
    ("name", "options", "wanted"),
    [
        ("othello", {"size": 4}, ["against random", "against greedy", "against minimax:3"]),
        ("hex", {"size": 3}, ["wins kept", "against random"]),
        ("twenty_forty_eight", {}, ["reach 2,048", "mean score"]),
    ],
)
def test_what_is_measured_depends_on_the_game(name, options, wanted, monkeypatch):
    monkeypatch.setattr("jaxplay.agents.measure.PROVING", 64)
    agent = agent_of("mcts:1", make(name, **options))
    text = ",".join([name, *(f"{key}={value}" for key, value in options.items())])
    found = list(measurements(agent, text, (0,), num_games=4))
    assert len(found) == len(wanted)
    for one, words in zip(found, wanted, strict=True):
        assert words in one.measure
        assert one.interval is not None and one.interval[0] <= one.value <= one.interval[1]
