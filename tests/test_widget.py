"""A board in a notebook: what it shows, what a click does, and what the browser makes of it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jax
import pytest

import jaxplay
from jaxplay.agent import Agent
from jaxplay.errors import UserError
from jaxplay.players import mcts_programs
from jaxplay.widget import SCRIPT, BoardGame, board

CHROMIUM = shutil.which("chromium")
PAGE = """<body><div id="el"></div><script type="module">
const sent = [], view = {view};
const model = {{ get: () => view, on: () => 0, send: (message) => sent.push(message) }};
{script}
render({{ model, el: document.getElementById("el") }});
{clicks}
document.body.dataset.sent = JSON.stringify(sent);
document.body.dataset.areas = document.querySelectorAll("rect[role=button]").length;
</script></body>"""


@pytest.fixture(scope="module")
def agent() -> Agent:
    game = jaxplay.make("tic_tac_toe")
    return Agent("mcts:4", game, None, mcts_programs(game), 4)


def test_the_agent_answers_and_the_game_ends(agent: Agent):
    game = BoardGame(agent)
    assert game.view()["message"] == "Your move." and len(game.view()["moves"]) == 9
    for _ in range(5):
        moves = game.view()["moves"]
        if moves:
            game.handle({"do": "move", "action": moves[0]["action"]})
            assert len(game.view()["moves"]) in (0, len(moves) - 2)
    assert game.view()["message"] in ("You win.", "You lose.", "A draw.") and game.session.over
    game.handle({"do": "new"})
    assert len(game.view()["moves"]) == 9


def test_taking_back_swapping_and_what_is_not_allowed(agent: Agent):
    game = BoardGame(agent)
    first = game.view()
    for message in ({}, {"do": "move", "action": 99}, {"do": "move", "action": "x"}, {"do": "fly"}):
        game.handle(message)
        assert game.view() == first
    game.handle({"do": "move", "action": 4})
    assert game.view()["message"].startswith("Your move. The agent played ")
    game.handle({"do": "move", "action": 4})  # taken already
    assert game.session.num_moves == 2
    game.handle({"do": "undo"})
    assert game.view()["moves"] == first["moves"]
    game.handle({"do": "swap"})
    assert game.seat == 1 and game.session.num_moves == 1
    with pytest.raises(UserError, match="seat is 2; allowed: 0 to 1"):
        BoardGame(agent, seat=2)


def test_every_move_of_a_board_is_clicked_somewhere(agent: Agent):
    view = BoardGame(agent).view()
    names = {area["name"] for area in view["areas"]}
    assert all(set(move["path"]) <= names and move["path"] for move in view["moves"])
    json.dumps(view)


def test_the_widget_sends_what_it_shows(agent: Agent):
    pytest.importorskip("anywidget")
    shown = board(agent)
    shown.click(4)
    assert shown.view == shown.game.view() and shown.game.session.num_moves == 2
    assert jax.tree.leaves(shown.view)


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize(
    ("moves", "clicks", "sent"),
    [
        (None, ["b2"], [{"do": "move", "action": 4}]),
        ([{"action": 7, "name": "a1xb2", "path": ["a1", "b2"]}], ["a1", "b2"], [{"do": "move", "action": 7}]),
        ([{"action": 7, "name": "a1xb2", "path": ["a1", "b2"]}], ["b2"], []),
    ],
    ids=["a cell", "from and to", "no move"],
)
def test_a_click_in_a_browser(agent: Agent, tmp_path: Path, moves: Any, clicks: list[str], sent: Any):
    view = BoardGame(agent).view()
    view["moves"] = moves or view["moves"]
    made = "".join(
        f'document.querySelector(`[aria-label="{name}"]`)?.dispatchEvent(new MouseEvent("click"));'
        for name in clicks
    )
    script = SCRIPT.replace("export default { render };", "")
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(view=json.dumps(view), script=script, clicks=made))
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    told = shown.partition('data-sent="')[2].partition('"')[0].replace("&quot;", '"')
    assert json.loads(told) == sent
    assert 'data-areas="' in shown and "Your move." in shown
