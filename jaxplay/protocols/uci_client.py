"""A program that speaks UCI, the Universal Chess Interface."""

import time
from collections.abc import Sequence

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.protocols.process import Process
from jaxplay.protocols.spec import ProgramSpec


class UciProgram:
    """The program, started, its options set.

    Raises:
        UserError: it cannot be started, does not speak UCI, or has no such option.
    """

    def __init__(self, spec: ProgramSpec) -> None:
        self._process = Process(spec.command, spec.text)
        self._spec = spec
        self._process.send("uci")
        known = self._options()
        for name, value in spec.options.items():
            if name.lower() not in known:
                raise UserError(f"{spec.text} has no option {quoted(name)}{nearest(name.lower(), known)}")
            self._process.send(f"setoption name {name} value {value}")
        self._ready()

    def _options(self) -> list[str]:
        """The names of the program's options, in small letters."""
        names: list[str] = []
        deadline = time.monotonic() + self._spec.timeout
        while True:
            line = self._process.read(deadline - time.monotonic(), "uci")
            words = line.split()
            if words == ["uciok"]:
                return names
            if words[:2] == ["option", "name"] and "type" in words:
                names.append(" ".join(words[2 : words.index("type")]).lower())

    def _ready(self) -> None:
        self._process.send("isready")
        self._wait("readyok", "isready", self._spec.timeout)

    def _wait(self, word: str, question: str, seconds: float) -> list[str]:
        """The first line that begins with a word."""
        deadline = time.monotonic() + seconds
        while True:
            words = self._process.read(deadline - time.monotonic(), question).split()
            if words and words[0] == word:
                return words

    def new_game(self) -> None:
        """Tell that another game begins."""
        self._process.send("ucinewgame")
        self._ready()

    def position(self, moves: Sequence[str]) -> None:
        """Tell the position by all moves of the game."""
        self._process.send("position startpos" + (f" moves {' '.join(moves)}" if moves else ""))

    def best_move(self, limits: str, seconds: float) -> str:
        """The move that the program makes.

        Args:
            limits: what `go` is told.
            seconds: that it may take at most.

        Raises:
            UserError: it says none, takes too long, or has ended.
        """
        self._process.send(f"go {limits}")
        words = self._wait("bestmove", f"go {limits}", seconds)
        if len(words) < 2 or words[1] in ("(none)", "0000"):
            raise UserError(f"{self._spec.text} says no move")
        return words[1]
