"""The payoff of a league on disk, and its Nash mixture."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from saved_leagues import made_up

from jaxplay.checkpoint import league_table, nash_weights, read_payoff, save_payoff
from jaxplay.checkpoint.payoff import LeagueTable
from jaxplay.errors import UserError
from jaxplay.league import add_games, new_payoff, tally

NAMES = ("main", None, "initial", "main-1", "main-2")
"""A learner, an empty slot that tells nothing here, and three frozen players."""


def measured() -> LeagueTable:
    """Rock, paper and scissors among the frozen; the learner, player 0, lost and drew against `initial`."""
    players = jnp.array([[3, 2], [4, 3], [2, 4], [0, 2], [2, 0], [1, 2]])
    returns = jnp.array([[1.0, -1], [1, -1], [1, -1], [-1, 1], [0, 0], [1, -1]])
    fresh = tally(5, players, returns, jnp.ones(6, bool))
    return league_table(40, NAMES, add_games(new_payoff(5), fresh))


def cycle_of(advantage, names) -> LeagueTable:
    advantage = np.array(advantage, float)
    return made_up(1, tuple(names), advantage, np.ones_like(advantage))


def test_the_table_of_a_league():
    table = measured()
    assert table.names == ("main", "initial", "main-1", "main-2") and table.step == 40
    np.testing.assert_allclose(table.games[0], [0, 1.99, 0, 0], atol=1e-5)
    np.testing.assert_allclose(table.score[0], [0.5, 0.25, 0.5, 0.5])
    np.testing.assert_allclose(table.advantage[1:, 1:], [[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    np.testing.assert_allclose(table.returns[0, 1], [-1, 0])
    assert np.isnan(table.returns[0, 2]).all() and table.returns[3, 2].tolist()[0] == 1
    np.testing.assert_allclose(table.outcomes[0, 1], [[0, 0, 0.995], [0, 0.995, 0]], atol=1e-5)
    np.testing.assert_allclose(table.outcomes[1, 0], [[0, 0.995, 0], [0.995, 0, 0]], atol=1e-5)
    np.testing.assert_allclose(table.outcomes.sum((2, 3)), table.games, atol=1e-6)


def test_what_is_written_is_read(tmp_path):
    table = measured()
    for _ in range(2):
        save_payoff(tmp_path, table)
    again = read_payoff(tmp_path)
    assert (again.step, again.names) == (table.step, table.names)
    for name in ("games", "score", "advantage", "returns", "outcomes"):
        np.testing.assert_allclose(getattr(again, name), getattr(table, name), atol=1e-6)
    assert [path.name for path in (tmp_path / "players").iterdir()] == ["payoff.json"]
    assert "NaN" not in (tmp_path / "players" / "payoff.json").read_text()


def test_a_table_of_before_wins_were_told(tmp_path):
    """Points are read as wins."""
    table = measured()
    save_payoff(tmp_path, table)
    path = tmp_path / "players" / "payoff.json"
    about = json.loads(path.read_text()) | {"format": 1}
    del about["outcomes"]
    path.write_text(json.dumps(about))
    again = read_payoff(tmp_path)
    np.testing.assert_allclose(again.outcomes[0, 1], [[0.24875, 0, 0.74625]] * 2, atol=1e-5)
    np.testing.assert_allclose(again.score, table.score, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "is damaged"),
        (lambda text: "[]", "is damaged"),
        (lambda text: json.dumps(json.loads(text) | {"names": ["main"]}), "is damaged: games has shape"),
        (lambda text: json.dumps(json.loads(text) | {"score": "high"}), "is damaged"),
        (
            lambda text: json.dumps(json.loads(text) | {"format": 9}),
            "has format 9; this version of",
        ),
    ],
)
def test_damaged_files(tmp_path, change, message):
    save_payoff(tmp_path, measured())
    path = tmp_path / "players" / "payoff.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(UserError, match=message) as error:
        read_payoff(tmp_path)
    assert "\n" not in str(error.value)


def test_no_table(tmp_path):
    with pytest.raises(UserError, match="has no payoff among frozen players"):
        read_payoff(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "players").write_text("a file")
    with pytest.raises(UserError, match=r"cannot write .*payoff\.json"):
        save_payoff(tmp_path, measured())


def test_the_mixture_of_a_cycle_and_of_those_alone_who_are_asked_for():
    weights = nash_weights(measured(), {"initial", "main-1", "main-2"})
    assert weights == pytest.approx({"initial": 1 / 3, "main-1": 1 / 3, "main-2": 1 / 3}, abs=1e-4)
    assert sum(weights.values()) == pytest.approx(1, abs=1e-12)
    (best,) = nash_weights(measured(), {"initial", "main-1"}).items()
    assert best == ("main-1", 1.0)
    with pytest.raises(UserError, match="no frozen player is in the table"):
        nash_weights(measured(), {"main-77"})


def test_light_members_are_left_out_and_equal_ones_kept():
    # Rock-paper-scissors in which rock wins little: it is played rarely.
    cycle = [[0, -0.99, 0.008], [0.99, 0, -0.99], [-0.008, 0.99, 0]]
    weights = nash_weights(cycle_of(cycle, "abc"), "abc")
    assert set(weights) == {"a", "c"} and weights["a"] == pytest.approx(0.5, abs=0.01)
    many = [f"main-{i}" for i in range(200)]
    assert len(nash_weights(cycle_of(np.zeros((200, 200)), many), many)) == 200
