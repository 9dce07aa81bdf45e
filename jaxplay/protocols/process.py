"""A program that is spoken to by lines on its standard input and output."""

import contextlib
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
import weakref

from jaxplay.errors import UserError, quoted

LONGEST = 1_000_000
"""Characters of a line that is read."""
MOST_WAITING = 100_000
"""Lines that wait to be read; a program that says more without being asked has to wait."""
PATIENCE = 2.0
"""Seconds that a program has to leave, before it is stopped."""
LAST_WORDS = 200
"""Characters of its errors that are told when it dies."""


class Process:
    """A running program. It ends with the object, and with Python.

    Args:
        command: as typed in a shell, but that no shell sees it.
        name: what errors call it.

    Raises:
        UserError: it cannot be started.
    """

    def __init__(self, command: str, name: str) -> None:
        self.name = name
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise UserError(f"{name}: {error}") from None
        if not words:
            raise UserError(f"{name} has no command, such as {name}gnugo --mode gtp")
        pipe = subprocess.PIPE
        try:
            self._program = subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UserError(f"{name}: cannot start {quoted(words[0])}: {why}") from None
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._errors: list[str] = []
        for target, arguments in (
            (_read_lines, (self._program.stdout, self._lines)),
            (_keep_last, (self._program.stderr, self._errors)),
        ):
            threading.Thread(target=target, args=arguments, daemon=True).start()
        self._end = weakref.finalize(self, _stop, self._program)

    def send(self, line: str) -> None:
        """Write a line.

        Raises:
            UserError: the program has ended.
        """
        assert self._program.stdin is not None
        try:
            self._program.stdin.write(line.encode() + b"\n")
            self._program.stdin.flush()
        except (OSError, ValueError):
            raise self._dead() from None

    def read(self, seconds: float, question: str) -> str:
        """The next line.

        Args:
            seconds: that the program may take.
            question: what it answers, for errors.

        Raises:
            UserError: the program has ended, or takes longer.
        """
        try:
            line = self._lines.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            late = f"no answer to {quoted(question)} within {max(seconds, 0.0):.0f} s"
            raise UserError(f"{self.name}: {late}; timeout=SECONDS gives it more") from None
        if line is None:
            self._lines.put(None)
            raise self._dead()
        return line

    def close(self) -> None:
        """End the program."""
        self._end()

    def _dead(self) -> UserError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._program.wait(PATIENCE)
        time.sleep(0.05)  # its errors come by another pipe
        status = self._program.poll()
        words = " ".join("".join(self._errors).split())[-LAST_WORDS:]
        how = "closed its output" if status is None else f"ended with status {status}"
        return UserError(f"{self.name}: the program {how}{f': {words}' if words else ''}")


def _read_lines(stream, lines: "queue.Queue[str | None]") -> None:  # noqa: ANN001 a pipe of bytes
    with contextlib.suppress(OSError, ValueError), stream:
        while line := stream.readline(LONGEST):
            lines.put(line.decode(errors="replace").rstrip("\r\n"))
    lines.put(None)


def _keep_last(stream, words: list[str]) -> None:  # noqa: ANN001 a pipe of bytes
    with contextlib.suppress(OSError, ValueError), stream:
        while data := stream.read1(4096):
            words[:] = ["".join([*words, data.decode(errors="replace")])[-LAST_WORDS * 4 :]]


def _stop(program: "subprocess.Popen[bytes]") -> None:
    """Close its input, which lets most programs leave, and stop it where it stays, with what it started."""
    with contextlib.suppress(OSError):
        if program.stdin is not None:
            program.stdin.close()
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
