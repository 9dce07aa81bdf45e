import asyncio
import json
import shutil

import pytest
from source import ROOT
from starlette.testclient import TestClient

from jaxplay.errors import UserError
from jaxplay.run import records
from jaxplay.serve import dashboard
from jaxplay.serve.app import make_app
from jaxplay.serve.dashboard import MOST_POINTS, Dashboard
from jaxplay.serve.guard import Access

HOME = "http://127.0.0.1:8000"
DATA = ROOT / "tests" / "data" / "format_1"


@pytest.fixture
def run(tmp_path):
    """A copy of a league's run."""
    return shutil.copytree(DATA / "league", tmp_path / "league")


def test_a_league_is_told(offers, run):
    with TestClient(make_app(offers, Access(burst=1e6), Dashboard(run)), base_url=HOME) as client:
        told = client.get("/api/run").json()
        assert client.get("/api/catalogue").json()["run"] == told["facts"]
    assert told["facts"]["game"] == "tic_tac_toe" and told["facts"]["open"]
    assert told["metrics"]["step"][0] == 1.0 and len(set(map(len, told["metrics"].values()))) == 1
    league = told["league"]
    size = len(league["players"])
    assert {"main", "main_exploiter"} <= {player["name"] for player in league["players"]}
    assert [len(row) for row in league["score"]] == [size] * size
    assert all(league["score"][i][i] is None for i in range(size))
    pairs = [(league["score"][i][j], league["score"][j][i]) for i in range(size) for j in range(i)]
    assert all(a is None or a + b == pytest.approx(1, abs=0.01) for a, b in pairs)
    elo = [player["elo"] for player in league["players"]]
    assert elo == sorted(elo, reverse=True)


def test_a_run_without_a_league_has_none():
    assert Dashboard(DATA / "run").whole()["league"] is None
    with pytest.raises(UserError):
        Dashboard(ROOT / "tests")


def test_long_runs_are_thinned_and_keep_their_end(run):
    for step in range(10, 2 * MOST_POINTS + 10):
        records.append(run / "metrics.jsonl", {"kind": "training", "step": step, "policy_loss": float("nan")})
    metrics = Dashboard(run).metrics()
    assert len(metrics["step"]) <= MOST_POINTS and metrics["step"][-1] == 2 * MOST_POINTS + 9
    json.dumps(metrics, allow_nan=False)


def test_events_follow_the_run(run, monkeypatch):
    monkeypatch.setattr(dashboard, "SECONDS", 0.01)

    async def follow():
        events = Dashboard(run).events()
        first = json.loads((await anext(events)).removeprefix("data: "))
        records.append(run / "metrics.jsonl", {"kind": "training", "step": 99, "policy_loss": 0.25})
        return first, json.loads((await anext(events)).removeprefix("data: "))

    first, second = asyncio.run(follow())
    assert first["metrics"]["step"][-1] < 99
    assert second["metrics"]["step"][-1] == 99 and second["metrics"]["policy_loss"][-1] == 0.25
