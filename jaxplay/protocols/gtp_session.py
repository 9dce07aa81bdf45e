"""A game of Go or Hex as a GTP controller leads it."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from jaxplay.agent import Agent
from jaxplay.arena import GivenUpError, HostPlayer
from jaxplay.errors import UserError, quoted
from jaxplay.game import Game, make
from jaxplay.games.go import Go
from jaxplay.games.hex import Hex
from jaxplay.protocols.findings import Findings, search_one
from jaxplay.records.model import GameRecord
from jaxplay.records.scribe import begin, replay

COLOURS = {"b": 0, "black": 0, "w": 1, "white": 1}
MARGIN = 0.1
"""Share of the time for a move that is kept for everything but the search."""
MOST_SHARE = 0.25
"""Share of the time that is left, which one move may take at most."""


class Sitter(NamedTuple):
    """Who plays a game.

    Attributes:
        player: asked for one move at a time.
        agent: who explains positions and can think by the clock; None where nobody can.
    """

    player: HostPlayer
    agent: Agent | None


FindSitter = Callable[[Game[Any]], Sitter]
"""Finds who plays a game; raises `UserError` where the player does not play it."""


class TimeSettings(NamedTuple):
    """Main time and byo-yomi in seconds, and the stones of a period."""

    main: float
    period: float
    stones: int


class GtpSession:
    """The game, who plays it, and the time that is left.

    Attributes:
        game: that is played.
        sitter: who plays.
        episode: the game so far.
        marks: how many events there were before each move of the controller, for `undo`.
        closed: whether the controller has said goodbye.

    Args:
        game: to begin with.
        find: who plays it, and any other that the controller sets.
        key: of all searches.
        seconds: that each move takes; 0: the player's own number of simulations, or what the clock allows.
    """

    def __init__(self, game: Game[Any], find: FindSitter, key: Any, seconds: float = 0.0) -> None:
        self._find, self._key, self._seconds = find, key, seconds
        self.settings: TimeSettings | None = None
        self.closed = False
        self.start(game)

    def start(self, game: Game[Any]) -> None:
        """Begin a game, with the player of it.

        Raises:
            UserError: the player does not play it; the game before stays.
        """
        self.sitter = self._find(game)
        self.game, self.episode = game, begin(game)
        self.left: list[tuple[float, int] | None] = [None, None]
        self.marks: list[int] = []

    def resize(self, size: int) -> None:
        """Begin on a board of another size. Raises like `start`."""
        name = "go" if isinstance(self.game, Go) else "hex"
        if size != getattr(self.game, "size"):
            make(name, size=size)  # where the game does not have such a board, that is said first
            self.start(dataclasses.replace(self.game, size=size))  # pyright: ignore
        else:
            self.episode, self.marks = begin(self.game), []

    def set_komi(self, komi: float) -> None:
        """Play on with another komi. Raises like `start`."""
        if not isinstance(self.game, Go):
            raise UserError("komi is for go")
        if komi != self.game.komi:
            game, history = dataclasses.replace(self.game, komi=komi), self.episode.history
            sitter = self._find(game)
            self.game, self.sitter, self.episode = game, sitter, begin(game)
            for action in history:
                self.episode.follow(action)

    def bring_turn(self, player: int) -> None:
        """Let a player be to move: in Go the other passes, if need be.

        Raises:
            UserError: that cannot be.
        """
        if self.episode.state.terminated or self.episode.player == player:
            return
        if not isinstance(self.game, Go):
            raise UserError(f"it is {'white' if player == 0 else 'black'}'s turn")
        self.episode.follow(self.game.num_points)
        if self.episode.state.terminated:
            self.episode.undo()
            raise UserError("it is the other colour's turn")

    def play(self, player: int, vertex: str) -> None:
        """Make a move.

        Raises:
            UserError: it is not legal.
        """
        if vertex.lower() == "resign":
            return
        count = len(self.episode.events)
        try:
            self.bring_turn(player)
            name = "swap" if vertex.lower().startswith("swap") else vertex
            self.episode.follow(self.game.parse_move(self.episode.state, name))
        except UserError:
            self.episode = self.episode.before(count)
            raise UserError(f"illegal move: {quoted(vertex)[1:-1]}") from None
        self.marks.append(count)

    def generate(self, player: int, *, play: bool) -> str:
        """The vertex that the player chooses; it is played too, if `play`."""
        count = len(self.episode.events)
        self.bring_turn(player)
        if self.episode.state.terminated:
            return "PASS" if isinstance(self.game, Go) else "resign"
        try:
            action = self._choose(player)
        except GivenUpError:
            return "resign"
        name = self.vertex(self.episode.name(action))
        if play:
            self.episode.follow(action)
            self.marks.append(count)
        else:
            self.episode = self.episode.before(count)
        return name

    def _choose(self, player: int) -> int:
        seconds, agent, key = self.seconds(player), self.sitter.agent, self.key()
        began = time.monotonic()
        if seconds > 0 and agent is not None and agent.programs.searches:
            action = int(agent.think(self.episode.state, key, seconds).action)
        else:
            action = self.sitter.player.act(self.episode.state, self.episode.history, key)
        told = self.left[player]
        if told is not None:
            self.left[player] = (max(told[0] - (time.monotonic() - began), 0.0), told[1])
        return action

    def key(self) -> Any:
        """The key of the next search."""
        return jax.random.fold_in(self._key, len(self.episode.events))

    def seconds(self, player: int) -> float:
        """Seconds for the next move; 0: no clock runs."""
        if self._seconds or self.settings is None:
            return self._seconds
        if self.settings.main == 0 and self.settings.period > 0 and self.settings.stones == 0:
            return 0.0  # GTP: no time limit
        left, stones = self.left[player] or (self.settings.main, 0)
        if stones or left == 0:
            left, stones = (left, stones) if stones else (self.settings.period, max(self.settings.stones, 1))
            return max(left * (1 - MARGIN) / stones, 0.001)
        moves_to_go = max((self.game.max_plies / 2 - self.episode.num_moves) / 4, 8)
        return max(min(left / moves_to_go * (1 - MARGIN), left * MOST_SHARE), 0.001)

    def warm_up(self) -> None:
        """Compile what the clock will need, before it runs."""
        agent = self.sitter.agent
        if self.settings is not None and agent is not None and agent.programs.searches:
            agent.think(begin(self.game).state, self.key(), 0.001)

    def vertex(self, name: str) -> str:
        """A move's name as GTP writes it."""
        return "swap-pieces" if name == "swap" else name

    def undo(self) -> None:
        """Take a move back.

        Raises:
            UserError: there is none.
        """
        if not self.marks:
            raise UserError("cannot undo")
        self.episode = self.episode.before(self.marks.pop())

    def load(self, record: GameRecord, num_moves: int | None) -> None:
        """Go on with a recorded game, after so many of its moves (None: all). Raises like `start`."""
        if not isinstance(record.game, Go | Hex):
            raise UserError("the file is of another game")
        if num_moves is not None:
            num_moves = min(num_moves + record.setup, len(record.plies))
        found = replay(record, num_moves)
        if record.game != self.game:
            self.start(record.game)
        self.episode, self.marks = found, list(range(record.setup, len(found.events)))

    def findings(self) -> Findings:
        """What a search says of the position.

        Raises:
            UserError: the player does not search, or the game is over.
        """
        agent = self.sitter.agent
        if agent is None or not agent.programs.searches:
            raise UserError("this player does not search")
        if self.episode.state.terminated:
            raise UserError("the game is over")
        return search_one(agent, self.episode.state, self.key())
