"""`jaxplay bench league_games`: exact exploitabilities, equal numbers of games, one tiny run."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.benchmarks.league_games import GAMES, Plan, measure, settings, train
from jaxplay.benchmarks.toys import TOYS
from jaxplay.cli.main import main
from jaxplay.matrix_games import symmetric_nash


@pytest.mark.parametrize("name", TOYS)
def test_toys_are_symmetric_and_solved_by_their_equilibria(name):
    toy = TOYS[name]
    np.testing.assert_array_equal(toy.table, -toy.table.T)
    assert np.abs(toy.table).max() == 1
    nash = symmetric_nash(jnp.asarray(toy.table)) if toy.mixes else jnp.zeros(2)
    assert toy.exploitability(nash) < 2e-4
    expected = {"rps": [1 / 3] * 3, "biased_rps": [1 / 7, 2 / 7, 4 / 7], "wheel9": [1 / 9] * 9}
    if name in expected:
        np.testing.assert_allclose(nash, expected[name], atol=1e-3)


def test_exploitability_by_hand():
    assert TOYS["rps"].exploitability(jnp.array([0.5, 0.3, 0.2])) == pytest.approx(0.3)
    assert TOYS["disc"].exploitability(jnp.array([0.3, -0.4])) == pytest.approx(0.5)
    points = TOYS["disc"].strategy(jnp.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(jnp.linalg.norm(points, axis=-1), [5 / 26**0.5, 0], rtol=1e-6)


def test_games_are_worth_what_strategies_say():
    """Means of many games, against the exact gain."""
    for name in ("biased_rps", "disc"):
        toy = TOYS[name]
        mine, theirs = toy.strategy(jax.random.normal(jax.random.key(1), (2, len(toy.table))))
        many = [jnp.broadcast_to(x, (40_000, len(x))) for x in (mine, theirs)]
        won = jax.jit(toy.play)(jax.random.key(2), *many)
        assert won.mean() == pytest.approx(float(toy.gain(mine, theirs)), abs=5 / 200)


@pytest.mark.parametrize("natural", [True, False])
def test_learners_gain(natural):
    for toy in TOYS.values():
        size = len(toy.table)
        params, target = jax.random.normal(jax.random.key(3), (2, size))
        before, target = toy.gain(toy.strategy(params), toy.strategy(target)), toy.strategy(target)
        after = toy.ascend(params, target, 0.01, natural=natural)
        assert toy.gain(toy.strategy(after), target) > before


def test_mixtures_of_frozen_players():
    """Three pure players, one absent: their Nash mixture is exact play, unless measured wrongly."""
    frozen, present = 50.0 * jnp.eye(4, 3), jnp.array([True, True, True, False])
    payoff = jnp.zeros((4, 4)).at[0, 1].set(-1.0).at[1, 0].set(1.0)  # as if only two had met
    found = measure(TOYS["rps"], jnp.array([50.0, 0.0, 0.0]), frozen, present, payoff)
    assert found["main"] == pytest.approx(1.0) and found["nash"] < 1e-3 and found["uniform"] < 1e-6
    assert found["measured_nash"] > 0.3


def test_a_league_holds_what_self_play_lets_go():
    """At equal games, self-play of rock-paper-scissors spirals outward; who plays its past too does not."""
    toy, keys, games = TOYS["rps"], jax.random.split(jax.random.key(0), 3), 160_000
    found = {}
    for name in ("self_play", "self_play_and_past"):
        setting = settings()[name]
        found[name] = train(toy, setting, keys, games // setting.games // 2, 2)
    ends = {name: np.median(curves["main"][:, -1]) for name, curves in found.items()}
    assert ends["self_play"] > 0.5 and ends["self_play_and_past"] < 0.2
    assert (found["self_play_and_past"]["nash"][:, -1] < 0.05).all()


def test_games_are_counted():
    known = settings()
    assert known["self_play"].games == GAMES
    assert known["fictitious"].games == GAMES + 16 and known["alphastar"].games == 3 * GAMES + 16
    assert all(len(setting.roles) == len(setting.matchmakers) for setting in known.values())


def test_a_tiny_run(tmp_path, capsys):
    out = tmp_path / "league.jsonl"
    line = f"bench league_games alphastar --games rps --quick --rounds 2 --seed 3 --json --out {out}"
    assert main(line.split()) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["game"], row["seed"]) for row in found] == [("rps", 3), ("rps", 4)]
    for row in found:
        assert row["games"] <= Plan(quick=True).num_games and row["games"] == row["steps"] * 208
        assert len(row["curve"]["main"]) == 2 and row["curve"]["nash"][-1] == row["nash"]
        assert 0 <= row["nash"] <= 1 and 0 < row["main"] <= 1
    records = [json.loads(text) for text in out.read_text().splitlines()]
    assert [record["curve"] for record in records] == [row["curve"] for row in found]
    assert main(["bench", "league_games", "self_pla"]) == 2
    assert "no setting 'self_pla' in this benchmark; did you mean 'self_play'?" in capsys.readouterr().err
