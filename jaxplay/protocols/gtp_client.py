"""A program that speaks GTP, the Go Text Protocol (version 2)."""

import time

from jaxplay.errors import UserError, quoted
from jaxplay.protocols.process import Process
from jaxplay.protocols.spec import ProgramSpec

MOST_LINES = 10_000
"""Of an answer."""


class GtpProgram:
    """The program, started.

    Raises:
        UserError: it cannot be started.
    """

    def __init__(self, spec: ProgramSpec) -> None:
        self._process = Process(spec.command, spec.text)
        self._spec = spec

    def ask(self, command: str, seconds: float | None = None) -> str:
        """The answer to a command.

        Raises:
            UserError: the program refuses it, takes too long, or has ended.
        """
        answer, refused = self._exchange(command, seconds)
        if refused:
            raise UserError(f"{self._spec.text} refuses {quoted(command)}: {answer or 'it does not say why'}")
        return answer

    def try_ask(self, command: str) -> str | None:
        """The answer to a command that a program need not know; None where it refuses it."""
        answer, refused = self._exchange(command, None)
        return None if refused else answer

    def _exchange(self, command: str, seconds: float | None) -> tuple[str, bool]:
        """An answer, and whether it is a refusal."""
        self._process.send(command)
        deadline = time.monotonic() + (self._spec.timeout if seconds is None else seconds)
        lines: list[str] = []
        while len(lines) < MOST_LINES:
            line = self._process.read(deadline - time.monotonic(), command)
            if not lines and not line.startswith(("=", "?")):  # what it says before it answers
                continue
            if not line.strip() and lines:
                break
            lines.append(line)
        text = "\n".join([lines[0][1:].lstrip("0123456789").strip(), *lines[1:]]).strip()
        return text, lines[0].startswith("?")
