"""Games judged by an agent, as a page, and as a picture."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jax
import numpy as np
import pytest
from small_games import Race

from jaxplay.agent import Agent, PolicyPrograms
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.evaluator import uniform
from jaxplay.game import make
from jaxplay.players import mcts_programs
from jaxplay.records import GameRecord, annotate, load, record_of, save
from jaxplay.records.frames import frames, result, title
from jaxplay.rollout.host import HostEpisode

KEY = jax.random.key(4)
GAME = make("tic_tac_toe")
AGENT = Agent("mcts:200", GAME, None, mcts_programs(GAME), 200)


def record(names: str, players: tuple[str, ...] = ("a", "b")) -> GameRecord:
    """A game of tic-tac-toe."""
    episode = HostEpisode(GAME, KEY)
    for name in names.split():
        episode.play(GAME.parse_action(name))
    return record_of(episode, players)


@pytest.fixture(scope="module")
def judged() -> GameRecord:
    """X misses a win in one with its fourth move; O, with its fourth, a block."""
    return annotate(record("a3 c2 a2 b2 c1 b1 a1"), AGENT, KEY)


def test_losses_tell_blunders_from_best_moves(judged: GameRecord):
    missed = judged.plies[4]
    assert missed.name == "c1" and missed.best == "a1" and missed.loss is not None and missed.loss > 0.5
    assert missed.marks == (4,)
    assert judged.plies[6].loss == 0.0 and judged.plies[6].best is None and judged.plies[6].marks == ()
    assert judged.plies[6].values == (1.0, -1.0)  # the game is won
    assert judged.plies[5].loss is not None and judged.plies[5].loss > 0.5  # O does not take its win
    assert judged.actions == record("a3 c2 a2 b2 c1 b1 a1").actions


def test_behind_chance_the_search_before_tells():
    game = Race(players=2, length=4)
    episode = HostEpisode(game, KEY)
    while not episode.over:
        episode.play(episode.legal()[0])
    agent = Agent("mcts:32", game, None, mcts_programs(game), 32)
    found = annotate(record_of(episode), agent, KEY)
    decisions = [ply for ply, event in zip(found.plies, episode.events, strict=True) if event.player >= 0]
    assert all(ply.loss is None or ply.loss >= 0.0 for ply in decisions) and decisions[0].loss is not None
    outcomes = [ply for ply, event in zip(found.plies, episode.events, strict=True) if event.player < 0]
    assert all(ply.loss is None for ply in outcomes) and found.plies[-1].values == tuple(episode.returns)


def test_who_does_not_search_cannot_judge():
    agent = Agent("net", GAME, None, PolicyPrograms(GAME, uniform(GAME)), 0)
    with pytest.raises(UserError, match="net plays by its policy, without search"):
        annotate(record("a1"), agent, KEY)
    with pytest.raises(UserError, match="mcts:200 plays TicTacToe"):
        annotate(GameRecord(make("othello")), AGENT, KEY)


def test_a_page_holds_every_position(judged: GameRecord, tmp_path: Path):
    whole = replace(judged, players=("</script><b>", "b"), comment="\u2028 <!--")
    save(tmp_path / "game.html", [whole, judged])
    text = (tmp_path / "game.html").read_text()
    assert "<title>2 games</title>" in text and "</script><b>" not in text and "@" + "DATA@" not in text
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    game = data["games"][0]
    pictures = ["".join(data["parts"][part] for part in frame) for frame in game["frames"]]
    assert pictures == [frame.svg for frame in frames(judged)] and len(pictures) == 8
    told, ply = game["moves"][5], judged.plies[4]
    assert ply.values is not None and (told["name"], told["best"]) == ("5. c1", "a1")
    assert (told["value"], told["loss"]) == (pytest.approx(ply.values[0]), pytest.approx(ply.loss))
    assert game["result"] == "</script><b> wins"
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


def test_a_picture_shows_each_position_once_a_round(judged: GameRecord, tmp_path: Path):
    save(tmp_path / "game.svg", [judged])
    root = ElementTree.parse(tmp_path / "game.svg").getroot()
    groups = [child for child in root if child.tag.endswith("}g")]
    assert [group.get("visibility") for group in groups] == ["hidden"] * 7 + ["visible"]
    times = [[float(t) for t in group[0].get("keyTimes", "").split(";")] for group in groups]
    np.testing.assert_allclose([t[-1] for t in times[:-1]], [t[1] for t in times[1:]], atol=1e-5)


def test_titles_and_results():
    assert title(record("a1")) == "a - b, tic_tac_toe" and title(record("a1", ())) == "tic_tac_toe"
    assert result(record("a1")) == "" and result(record("a3 c2 a2 b2 a1")) == "a wins"
    given_up = replace(record("a1", ()), returns=(-1.0, 1.0), ending="resigned")
    assert result(given_up) == "player 2 wins, by resignation"


def test_annotate_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    save(tmp_path / "game.json", [record("a3 c2 a2 b2 c1 b1 a1")])
    names = [str(tmp_path / name) for name in ("game.json", "judged.json")]
    assert main(["annotate", names[0], "mcts:200", "--out", names[1], "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first["player"] == "a" and first["moves"] == 4 and first["worst"][0].startswith("5. c1 (")
    assert second["moves"] == 3 and load(names[1])[0].plies[4].best == "a1"
    assert main(["annotate", names[0], "random"]) == 2
    assert "random has no search: it cannot say what moves lose" in capsys.readouterr().err
    assert main(["convert", names[0], names[1], "--number", "2"]) == 2
    assert "--number is 2; allowed: 1 to 1" in capsys.readouterr().err
    assert main(["convert", names[0], str(tmp_path / "a.html")]) == 0
    assert "1 game of 7 moves written to" in capsys.readouterr().out
