"""A board to click in a notebook: a person against an agent, below a cell.

Needs anywidget: `pip install 'jaxplay[notebook]'`. What is clicked is told in `jaxplay.serve.areas`; moves
that have no place on the board are chosen from buttons.
"""

from functools import cache
from typing import Any

import jax

from jaxplay.agent import Agent
from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.rollout.host import HostEpisode
from jaxplay.serve.areas import Board, board_of

SCRIPT = """
function render({ model, el }) {
  let chosen = [];
  const names = (tag, at, kids = []) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(at)) made.setAttribute(key, value);
    made.append(...kids);
    return made;
  };
  const button = (text, message) => {
    const made = document.createElement("button");
    made.textContent = text;
    made.onclick = () => model.send(message);
    return made;
  };
  const fits = (move) => chosen.every((name, at) => move.path[at] === name);
  function click(name) {
    const { moves } = model.get("view");
    const begins = moves.some((move) => move.path[0] === name);
    chosen = [...chosen, name];
    let left = moves.filter((move) => move.path.length && fits(move));
    if (!left.length) {
      chosen = begins ? [name] : [];
      left = moves.filter((move) => chosen.length && fits(move));
    }
    const whole = left.filter((move) => move.path.length === chosen.length);
    if (whole.length === 1 && left.length === 1) {
      chosen = [];
      model.send({ do: "move", action: whole[0].action });
    } else draw();
  }
  function overlay(view, picture) {
    const width = picture.getAttribute("width"), height = picture.getAttribute("height");
    const box = picture.getAttribute("viewBox") || `0 0 ${width} ${height}`;
    const free = new Set(view.moves.filter((move) => move.path.length > chosen.length && fits(move))
      .map((move) => move.path[chosen.length]));
    return names("svg", { viewBox: box, class: "areas" }, view.areas
      .filter((area) => free.has(area.name) || chosen.includes(area.name) || view.moves
        .some((move) => move.path[0] === area.name))
      .map((area) => {
        const made = names("rect", {
          x: area.x, y: area.y, width: area.width, height: area.height,
          rx: area.is_round ? area.width / 2 : 4,
          tabindex: 0, role: "button", "aria-label": area.name,
          class: chosen.includes(area.name) ? "chosen" : free.has(area.name) ? "free" : "other",
        });
        made.onclick = () => click(area.name);
        made.onkeydown = (event) => event.key === "Enter" && click(area.name);
        return made;
      }));
  }
  function draw() {
    const view = model.get("view");
    const board = document.createElement("div"), said = document.createElement("p");
    const row = document.createElement("div");
    board.className = "board";
    board.innerHTML = view.svg;
    const picture = board.querySelector("svg");
    if (picture && view.areas.length) board.append(overlay(view, picture));
    said.textContent = view.message;
    said.setAttribute("role", "status");
    const listed = view.moves.filter((move) => !move.path.length || (chosen.length && fits(move)
      && move.path.length === chosen.length));
    row.append(...listed.map((move) => button(move.name, { do: "move", action: move.action })));
    row.append(button("take back", { do: "undo" }), button("new game", { do: "new" }),
      button("swap sides", { do: "swap" }));
    el.classList.add("jaxplay");
    el.replaceChildren(board, said, row);
  }
  model.on("change:view", () => { chosen = []; draw(); });
  draw();
}
export default { render };
"""
"""What the notebook runs: it draws `view`, and sends what is clicked."""

STYLE = """
.jaxplay .board { position: relative; display: inline-block; line-height: 0; }
.jaxplay .board > svg { max-width: 100%; height: auto; }
.jaxplay .areas { position: absolute; inset: 0; width: 100%; height: 100%; }
.jaxplay .areas rect { fill: transparent; cursor: pointer; }
.jaxplay .areas rect.free:hover, .jaxplay .areas rect:focus { fill: #ffd54a66; outline: none; }
.jaxplay .areas rect.chosen { fill: #4aa3ff66; }
.jaxplay button { margin: 0 6px 6px 0; }
"""


class BoardGame:
    """A game between a person and an agent, and what is shown of it.

    Attributes:
        agent: It plays all seats but the person's.
        seat: The person's.
        session: The game.

    Args:
        agent: Who is played against.
        seat: Of the person, from 0.
        seed: Of chance, and of the agent's moves.

    Raises:
        UserError: The game has no such seat.
    """

    def __init__(self, agent: Agent, seat: int = 0, seed: int = 0) -> None:
        players = agent.game.num_players
        if not 0 <= seat < players:
            raise UserError(f"seat is {seat}; allowed: 0 to {players - 1}")
        self.agent, self.seat, self._seed = agent, seat, seed
        self._board: Board = board_of(agent.game)
        self.session = HostEpisode(agent.game, jax.random.key(seed))
        self._answer()

    def _begin(self) -> None:
        self._seed += 1
        self.session = HostEpisode(self.agent.game, jax.random.key(self._seed))
        self._answer()

    def _answer(self) -> None:
        """Let the agent move until the person is to."""
        session = self.session
        while not session.over and session.player != self.seat:
            key = jax.random.fold_in(jax.random.key(self._seed), session.num_moves)
            session.play(int(self.agent.act(session.state, key)))

    def handle(self, message: dict[str, Any]) -> None:
        """Do what was clicked: `{"do": "move", "action": 3}`, or `undo`, `new`, `swap`; else nothing."""
        match message:
            case {"do": "move", "action": int(action)} if not self.session.over:
                if action in self.session.legal():
                    self.session.play(action)
                    self._answer()
            case {"do": "undo"}:
                self.session.undo(self.seat)
                self._answer()
            case {"do": "new"}:
                self._begin()
            case {"do": "swap"}:
                self.seat = (self.seat + 1) % self.agent.game.num_players
                self._begin()

    def view(self) -> dict[str, Any]:
        """What is drawn: picture, areas that can be clicked, moves with the areas each is made by, a line."""
        session, game = self.session, self.agent.game
        seen_by = None if game.perfect_information else self.seat
        moves = [] if session.over else [self._move(action) for action in session.legal()]
        return {
            "svg": game.render_svg(session.state, seen_by),
            "areas": [area._asdict() for area in self._board.areas],
            "moves": moves,
            "message": self._message(),
        }

    def _move(self, action: int) -> dict[str, Any]:
        path = self._board.path(self.session.state, action)
        return {"action": action, "name": self.session.name(action), "path": list(path)}

    def _message(self) -> str:
        """Whose turn it is, or how it ended."""
        session = self.session
        if not session.over:
            return f"Your move. {self._last()}".strip()
        own = float(session.returns[self.seat])
        if self.agent.game.num_players == 1 or not self.agent.game.zero_sum:
            return f"Over: you earned {own:g}."
        return "You win." if own > 0 else "You lose." if own < 0 else "A draw."

    def _last(self) -> str:
        """The agent's last move, in words."""
        moved = [event for event in self.session.events if event.player not in (self.seat, CHANCE)]
        return f"The agent played {self.agent.game.action_to_string(moved[-1].action)}." if moved else ""


def board(agent: Agent, *, seat: int = 0, seed: int = 0) -> Any:
    """A board to click: show it as the last value of a cell, and play against `agent`.

    Args:
        agent: Such as `jaxplay.load` gives.
        seat: Of the person, from 0.
        seed: Of chance, and of the agent's moves.

    Returns:
        A widget of anywidget; its `game` is a `BoardGame`.

    Raises:
        UserError: anywidget is not there, or the game has no such seat.
    """
    return _widget_class()(BoardGame(agent, seat, seed))


@cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise UserError("a board needs anywidget: pip install 'jaxplay[notebook]'") from error

    class ClickedBoard(anywidget.AnyWidget):
        """Draws the view of a game, and hands it what is clicked."""

        _esm = SCRIPT
        _css = STYLE
        view = traitlets.Dict().tag(sync=True)

        def __init__(self, game: BoardGame) -> None:
            super().__init__(view=game.view())
            self.game = game
            self.on_msg(lambda _, message, __: self._take(message))

        def click(self, action: int) -> None:
            """Make a move for the person."""
            self._take({"do": "move", "action": action})

        def _take(self, message: dict[str, Any]) -> None:
            self.game.handle(message)
            self.view = self.game.view()

    return ClickedBoard
