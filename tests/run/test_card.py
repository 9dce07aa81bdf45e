"""Cards of runs, made of plain data: golden files to read, and what must not spoil a run."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from jaxplay.checkpoint import LeagueTable
from jaxplay.config import ExploiterConfig, RunConfig
from jaxplay.presets import preset, with_league
from jaxplay.run import card_keeper as keeper
from jaxplay.run.card import Moment, card_text
from jaxplay.run.card_changes import changes_of
from jaxplay.run.card_measured import Measured

GOLDEN = Path(__file__).parent.parent / "golden" / "cards"
HARDWARE = "1 x cpu (cpu); 2 CPU cores, Linux on x86_64"
VERSIONS = {"jaxplay": "1.0", "python": "3.11"}
TOTALS = {"seconds": 754.0, "games": 61_440.0, "positions": 412_345.0}
EVALUATION = {
    "kind": "evaluation",
    "step": 400,
    "seconds": 700.0,
    "num_games": 64,
    "scores": {"random": 0.992, "mcts:100": 0.875},
    "rating": 612.3,
    "rating_low": 540.1,
    "rating_high": 684.5,
    "probes": {"outcome_kept": 0.912},
}


def selfplay() -> RunConfig:
    """Backgammon with settings of its own; its preset is the same on every processor."""
    config = preset("backgammon", "cpu")
    training = config.training
    return dataclasses.replace(
        config,
        evaluate_games=32,
        training=dataclasses.replace(
            training, seed=7, search=dataclasses.replace(training.search, num_simulations=24)
        ),
    )


def exploiter() -> RunConfig:
    """Of a player of tic-tac-toe."""
    config = preset("tic_tac_toe", "cpu")
    training = dataclasses.replace(config.training, exploiter=ExploiterConfig("runs/ttt"))
    return dataclasses.replace(config, training=training, evaluate_games=0)


def table() -> LeagueTable:
    """Four players, of whom the learner is best."""
    games = np.full((4, 4), 40.0)
    wins = np.array([[0, 30, 24, 36], [10, 0, 20, 30], [16, 20, 0, 28], [4, 10, 12, 0]], float)
    sides = np.stack([wins, 0 * wins, games - wins], axis=-1) / 2
    outcomes, returns = np.stack([sides, sides], axis=2), np.zeros((4, 4, 2))
    names = ("main", "main_exploiter", "main-1", "initial")
    return LeagueTable(390, names, games, wins / games, 2 * wins / games - 1, returns, outcomes)


def measured(*found: dict) -> Measured:
    known = Measured()
    for record in found:
        known.note(record)
    return known


def cards() -> dict[str, tuple[RunConfig, Moment]]:
    """A run of each sort."""
    exact = {"kind": "evaluation", "step": 400, "seconds": 700.0, "num_games": 8, "scores": {}}
    exact |= {"exploitability": 0.034512, "left_out": ["games against random play"]}
    learned = {"kind": "training", "step": 402, "seconds": 750.0, "score": 0.671, "win_rate": 0.52}
    when = "2026-11-30 12:00 UTC"
    poker = preset("kuhn_poker", "cpu")
    return {
        "selfplay": (selfplay(), Moment(when, keeper.DONE, 402, TOTALS, measured(EVALUATION))),
        "hidden_league": (
            with_league(poker),
            Moment(when, keeper.GOES_ON, 402, TOTALS, measured(exact), table()),
        ),
        "exploiter": (exploiter(), Moment(when, keeper.STOPPED, 402, TOTALS, measured(learned))),
    }


def written(config: RunConfig, moment: Moment) -> str:
    return card_text(keeper.about(config)._replace(hardware=HARDWARE, versions=VERSIONS), moment)


@pytest.mark.parametrize("name", ["selfplay", "hidden_league", "exploiter"])
def test_golden_card(name, request):
    config, moment = cards()[name]
    path, text = GOLDEN / f"{name}.md", written(config, moment)
    if request.config.getoption("--regenerate"):
        path.write_text(text)
    assert text == path.read_text()


def test_the_newest_value_of_each_measure_counts():
    """An evaluation without time for anchors leaves their older scores, with the step they are of."""
    later = {"kind": "evaluation", "step": 500, "seconds": 800.0, "num_games": 64, "scores": {"random": 1.0}}
    known = measured(EVALUATION, later | {"left_out": ["games against anchors"]})
    steps = {name: value.step for name, value in known.values.items()}
    assert steps == {"rating": 400, "scores.random": 500, "scores.mcts:100": 400, "probes.outcome_kept": 400}
    assert known.left_out == ("games against anchors",)


def test_what_is_no_number_is_left_out():
    """Records of earlier sessions come from a file that may hold anything."""
    odd = {"scores": {"random": "much", "x": True, "y": 10**400}, "rating": float("nan"), "probes": [1]}
    odd |= {"exploitability": None, "num_games": "8", "left_out": 3, "seconds": []}
    known = measured({"kind": "evaluation", "step": 1} | odd, {"kind": "other", "step": 2})
    assert not known.values and known.left_out == ()
    config = selfplay()
    assert "Nothing has been measured" in written(config, Moment("", keeper.GOES_ON, 0, {}, known))


def test_changes_are_those_from_the_nearest_preset():
    found = changes_of(selfplay())
    assert found.preset == "cpu"
    assert {name: (here, there) for name, here, there in found.fields} == {
        "evaluate_games": (32, 16),
        "training.search.num_simulations": (24, 8),
    }
    assert changes_of(preset("tic_tac_toe", "quick")) == ("quick", ())


def test_a_league_whose_payoffs_cannot_be_read_has_a_card(tmp_path):
    texts: list[str] = []
    config = with_league(preset("kuhn_poker", "quick"))
    keeper.CardKeeper(tmp_path, config, texts.append).write(1, TOTALS, keeper.GOES_ON)
    assert "# A league: kuhn_poker" in texts[0] and "players of the league" not in texts[0]
