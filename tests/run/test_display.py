import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from saved_leagues import made_up

from jaxplay.arena import elo
from jaxplay.checkpoint import FrozenPlayer
from jaxplay.run.display import Lines, Live, Pace, against, farewell, make_display, span

LINE = {"kind": "training", "step": 1200, "seconds": 3725.0, "games_per_second": 123.4, "search_depth": 2.5}
LEARNED = LINE | {"policy_loss": 1.25, "value_loss": 0.5}
EVALUATION = {"step": 1200, "rating": 900.4, "rating_low": 850.0, "rating_high": 950.0}
EVALUATION |= {"scores": {"random": 1.0, "mcts:100": 0.25}, "probes": {"outcome_kept": 0.9}}


NAMES = ("main", "main_exploiter", "main-1")
FROZEN = {"main-1": FrozenPlayer("main-1", "main agent", "main", 1, 900)}


def league_table():
    """The main agent won 15 of 20 games against its copy, and a quarter of them against the exploiter."""
    payoff = np.array([[0.0, -0.5, 0.5], [0.5, 0.0, 0.0], [-0.5, 0.0, 0.0]])
    games = np.array([[0.0, 40.0, 20.0], [40.0, 0.0, 0.0], [20.0, 0.0, 0.0]])
    return made_up(1200, NAMES, payoff, games)


def shown(make, terminal):
    file = io.StringIO()
    display = make(Console(file=file, force_terminal=terminal, width=100))
    display.training(LINE, None)
    display.training(LEARNED, 0.5)
    display.evaluation(EVALUATION)
    display.warn("the disk is full")
    display.close()
    return file.getvalue()


def test_lines():
    so_far, rated = "step 1,200, 1:02:05 so far", "rating 900 Elo above random play (850 to 950)"
    assert shown(Lines, False).splitlines() == [
        f"{so_far}: 123 games/s, search depth 2.5, replay is filling, nothing is learned yet",
        f"{so_far}, 50 %: 123 games/s, policy loss 1.25, value loss 0.5, search depth 2.5",
        f"step 1,200: {rated}, beats random 100 %, scores 25 % against mcts:100, outcome kept 90 %",
        "warning: the disk is full",
    ]


def test_live():
    text = shown(Live, True)
    assert "policy loss 1.25" in text and "━" in text and "50 %" in text
    rows = [plain(line).strip() for line in text.replace("\r", "\n").split("\n")]
    for name in ("progress", "training  step 1,200", "learning  policy", "strength  rating 900"):
        assert any(row.startswith(name) for row in rows)
    assert "warning: the disk is full" in text
    for line in text.replace("\r", "\n").split("\n"):
        assert not ("━" in line and "step" in line)


def ratings():
    """Of exploiter, main agent and copy, as they are shown."""
    table = league_table()
    found = elo(table.score * table.games, prior=1.0).elo[[1, 0, 2]]
    assert 150 < found[0] - found[1] < 200 and 150 < found[1] - found[2] < 200
    return [f"{rating:+.0f}" for rating in found]


def test_lines_of_a_league():
    """One, whenever there are other players; the best first."""
    file = io.StringIO()
    display = Lines(Console(file=file, width=100))
    for _ in range(2):
        display.league(league_table(), FROZEN)
    best = ", ".join(map(" ".join, zip(("main_exploiter", "main", "main-1"), ratings(), strict=True)))
    assert file.getvalue() == f"step 1,200: 3 players; Elo: {best}\n"


def test_the_live_table_of_a_league():
    """Who they are, and in the row of each how it scores against the others, in figures and colours."""
    file = io.StringIO()
    display = Live(Console(file=file, force_terminal=True, color_system="truecolor", width=120))
    display.league(league_table(), FROZEN)
    display.close()  # the table stays
    lines = [line for line in file.getvalue().split("\n") if re.match(r"[\r ]*[123] main", plain(line))][-3:]
    words = [plain(line).split() for line in lines]
    first, second, third = words
    rated = ratings()
    assert first[:7] == ["1", "main_exploiter", "main", "exploiter", "learns", "40", rated[0]]
    assert second[:7] == ["2", "main", "main", "agent", "learns", "60", rated[1]]
    assert third[:7] == ["3", "main-1", "main", "agent", "300", "20", rated[2]]
    assert [row[7] for row in words] == ["±"] * 3
    assert [row[9:] for row in words] == [["75"], ["25", "75"], ["25"]]
    low, none, high = "48;2;212;136;145", "48;2;222;222;222", "48;2;140;174;210"
    cells = [re.findall(r"48;2;\d+;\d+;\d+", line) for line in lines]
    assert cells == [[none, high, none], [low, none, high], [none, low, none]]


def plain(text):
    """Without the codes of a terminal."""
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text)


def test_nothing_where_nothing_is_wanted(capsys):
    display = make_display(progress=False)
    with display.phase("compilation"):
        display.training(LINE, 0.1)
    display.say("hello")
    assert capsys.readouterr() == ("", "")


def test_a_pipe_that_nobody_reads_is_an_error_that_the_loop_knows(monkeypatch):
    """Of `jaxplay train ... | head`; the loop saves then."""
    ends = os.pipe()
    os.close(ends[0])
    with os.fdopen(ends[1], "w") as nobody:
        monkeypatch.setattr("sys.stdout", nobody)
        display = make_display(progress=True)
        with pytest.raises(BrokenPipeError):
            display.say("anything")
        os.dup2(os.open(os.devnull, os.O_WRONLY), nobody.fileno())  # what is left in the buffer goes there


def test_times():
    assert (span(0.9), span(61), span(36000)) == ("0:00", "1:01", "10:00:00")


def test_the_pace_is_that_since_the_first_share(monkeypatch):
    """A run that went on from 40 % and did 20 % in a minute has two minutes left, and then less."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    pace = Pace()
    pace.see(None)
    assert pace.left() is None
    pace.see(0.4)
    assert pace.left() is None
    now[0] = 160.0
    pace.see(0.6)
    assert pace.left() == pytest.approx(120.0)
    now[0] = 170.0
    assert pace.left() == pytest.approx(110.0)
    now[0] = 400.0
    assert pace.left() == 0.0


def test_the_last_line_tells_what_can_be_done():
    lines = farewell(Path("runs/own"), "own_module:Game", 1200, interrupted=False).splitlines()
    assert lines == [
        "finished at step 1,200",
        "  go on:    jaxplay resume runs/own --game own_module:Game",
        "  play:     jaxplay play runs/own --game own_module:Game",
        "  settings: jaxplay config runs/own",
    ]
    for game in ("hex", "pgx:go_9x9"):
        assert "--game" not in farewell(Path("runs/own"), game, 1200, interrupted=True)


def test_scores_in_words():
    assert against("mcts:16", 0.81) == "beats mcts:16 81 %"
    assert against("mcts:16", 0.5) == "scores 50 % against mcts:16"
    assert against("return", 2784.2) == "mean return 2,784"
