"""Programs outside as players: of Go and Hex through GTP, of chess through UCI."""

import math
from typing import Any

from jax import Array

from jaxplay.arena import GivenUpError, HostPlayer
from jaxplay.errors import UserError, quoted
from jaxplay.game import Game
from jaxplay.games.chess import Chess
from jaxplay.games.go import Go
from jaxplay.games.hex import Hex
from jaxplay.protocols.clock import Clock
from jaxplay.protocols.gtp_client import GtpProgram
from jaxplay.protocols.spec import ProgramSpec
from jaxplay.protocols.uci_client import UciProgram
from jaxplay.records.scribe import begin
from jaxplay.rollout.host import HostEpisode

COLOURS = ("b", "w")
SWAP = "swap-pieces"
LATE = 1.0
"""Seconds beyond its clock after which a program's silence counts as lost on time."""


def program_player(spec: ProgramSpec, game: Game[Any]) -> HostPlayer:
    """The player that a name tells. Its program starts with its first move, and plays one game at a time.

    Raises:
        UserError: programs of this kind do not play the game.
    """
    if spec.kind == "gtp" and isinstance(game, Go | Hex):
        return HostPlayer(spec.text, _GtpSeat(spec, game).act)
    if spec.kind == "uci" and isinstance(game, Chess):
        return HostPlayer(spec.text, _UciSeat(spec, game).act)
    allowed = "go and hex" if spec.kind == "gtp" else "chess"
    raise UserError(f"{spec.kind}: programs play {allowed}, not {game}")


class _Seat:
    """What both kinds share: the game as the program knows it, and its clock."""

    def __init__(self, spec: ProgramSpec, game: Game[Any]) -> None:
        self.spec, self.game = spec, game
        self.episode: HostEpisode | None = None
        self.clock: Clock | None = None

    def is_new(self, history: tuple[int, ...]) -> bool:
        """Whether `history` is not the game so far, or that game with more moves."""
        known = None if self.episode is None else self.episode.history
        return known is None or history[: len(known)] != known or (not known and not history)

    def follow(self, history: tuple[int, ...]) -> list[str]:
        """Follow the game; the names of the moves that are new."""
        if self.is_new(history):
            self.episode = begin(self.game)
            self.clock = None if self.spec.clock is None else Clock(self.spec.clock)
        assert self.episode is not None
        first = len(self.episode.events)
        for action in history[first:]:
            self.episode.follow(action)
        return self.episode.names()[first:]

    def patience(self) -> float:
        """Seconds to wait for a move."""
        if self.clock is not None:
            return self.clock.left + LATE
        return (self.spec.movetime or 0.0) + self.spec.timeout

    def timed(self, ask: Any) -> str:
        """The answer to a question for a move, with the clock running.

        Raises:
            GivenUpError: it came too late.
        """
        if self.clock is None:
            return ask()
        self.clock.start()
        try:
            answer = ask()
        except UserError:
            if not self.clock.stop():
                raise GivenUpError("time") from None
            raise
        if not self.clock.stop():
            raise GivenUpError("time")
        return answer

    def action(self, name: str) -> int:
        """The action that the program's move names.

        Raises:
            UserError: it is none that is legal.
        """
        assert self.episode is not None
        try:
            action = self.game.parse_move(self.episode.state, name)
        except UserError:
            action = -1
        if action not in self.episode.legal():
            raise UserError(f"{self.spec.text}: {quoted(name)} is not legal here")
        return action


class _GtpSeat(_Seat):
    def __init__(self, spec: ProgramSpec, game: Game[Any]) -> None:
        super().__init__(spec, game)
        self.program: GtpProgram | None = None

    def act(self, state: Any, history: tuple[int, ...], key: Array) -> int:
        """The program's move."""
        program = self.program = self.program or GtpProgram(self.spec)
        anew = self.is_new(history)
        names = self.follow(history)
        if anew:
            self._begin(program)
        assert self.episode is not None
        for event, name in zip(self.episode.events[len(history) - len(names) :], names, strict=True):
            program.ask(f"play {COLOURS[event.player]} {SWAP if name == 'swap' else name}")
        colour = COLOURS[int(state.current_player)]
        if self.clock is not None:
            program.try_ask(f"time_left {colour} {math.floor(self.clock.left)} 0")
        answer = self.timed(lambda: program.ask(f"genmove {colour}", self.patience())).strip().lower()
        if answer == "resign":
            raise GivenUpError
        action = self.action("swap" if answer.startswith("swap") else answer)
        self.episode.follow(action)  # the program has made its move
        return action

    def _begin(self, program: GtpProgram) -> None:
        game = self.game
        assert isinstance(game, Go | Hex)
        program.ask(f"boardsize {game.size}")
        program.ask("clear_board")
        if isinstance(game, Go):
            program.ask(f"komi {game.komi:g}")
        if self.clock is not None:
            program.try_ask(f"time_settings {math.floor(self.clock.control.base)} 0 0")
        elif self.spec.movetime is not None:
            program.try_ask(f"time_settings 0 {max(math.floor(self.spec.movetime), 1)} 1")


class _UciSeat(_Seat):
    def __init__(self, spec: ProgramSpec, game: Game[Any]) -> None:
        super().__init__(spec, game)
        self.program: UciProgram | None = None

    def act(self, state: Any, history: tuple[int, ...], key: Array) -> int:
        """The program's move."""
        program = self.program = self.program or UciProgram(self.spec)
        anew = self.is_new(history)
        self.follow(history)
        if anew:
            program.new_game()
        assert self.episode is not None
        program.position(self.episode.names())
        limits = self._limits()
        answer = self.timed(lambda: program.best_move(limits, self.patience()))
        return self.action(answer)

    def _limits(self) -> str:
        """What `go` is told. Of the other player's clock nothing is known: it is said to be the same."""
        spec, parts = self.spec, list[str]()
        if self.clock is not None:
            left, step = (round(1000 * value) for value in (self.clock.left, self.clock.control.increment))
            parts.append(f"wtime {left} btime {left} winc {step} binc {step}")
        if spec.movetime is not None:
            parts.append(f"movetime {round(1000 * spec.movetime)}")
        for name, value in (("nodes", spec.nodes), ("depth", spec.depth)):
            parts += [] if value is None else [f"{name} {value}"]
        return " ".join(parts or ["movetime 1000"])
