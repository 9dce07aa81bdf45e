import io

from rich.console import Console

from jaxplay.run.display import Lines, Live, clock, make_display

LINE = {"kind": "training", "step": 1200, "seconds": 3725.0, "games_per_second": 123.4, "search_depth": 2.5}
LEARNED = LINE | {"policy_loss": 1.25, "value_loss": 0.5}
EVALUATION = {"step": 1200, "rating": 900.4, "rating_low": 850.0, "rating_high": 950.0}
EVALUATION |= {"scores": {"random": 1.0, "mcts:100": 0.75}, "probes": {"outcome_kept": 0.9}}


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
    assert shown(Lines, False).splitlines() == [
        "step 1,200, 1:02:05: games/s 123, search depth 2.5, filling the replay memory",
        "step 1,200 (50%), 1:02:05: games/s 123, policy loss 1.25, value loss 0.5, search depth 2.5",
        "step 1,200: rating 900 (850 to 950), score against random 1, mcts:100 0.75, outcome kept 0.900",
        "warning: the disk is full",
    ]


def test_live():
    text = shown(Live, True)
    assert "policy loss 1.25" in text and "━" in text
    assert "warning: the disk is full" in text
    for line in text.replace("\r", "\n").split("\n"):
        assert not ("━" in line and "step" in line)


def test_nothing_where_nothing_is_wanted(capsys):
    display = make_display(progress=False)
    with display.phase("compilation"):
        display.training(LINE, 0.1)
    display.say("hello")
    assert capsys.readouterr() == ("", "")


def test_clock():
    assert (clock(0.9), clock(61), clock(36000)) == ("0:00:00", "0:01:01", "10:00:00")
