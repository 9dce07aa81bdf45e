"""Lines that come in while something else goes on."""

import queue
import threading
from collections.abc import Iterable, Iterator


class Inbox:
    """Reads lines in a thread of its own, so that a search can see that one is waiting.

    Args:
        lines: where they come from, such as standard input.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._first: list[str] = []
        self._ended = False
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._waiting.put(line)
        self._waiting.put(None)

    def __iter__(self) -> Iterator[str]:
        """All lines, one after the other, until there are no more."""
        while (line := self.next()) is not None:
            yield line

    def next(self) -> str | None:
        """The next line; waits for it. None when there are no more."""
        if self._first:
            return self._first.pop(0)
        if self._ended:
            return None
        line = self._waiting.get()
        self._ended = line is None
        return line

    def look(self) -> str | None:
        """A line that is waiting, taken; None where there is none."""
        if self._first:
            return self._first.pop(0)
        try:
            line = None if self._ended else self._waiting.get_nowait()
        except queue.Empty:
            return None
        self._ended = self._ended or line is None
        return line

    @property
    def ended(self) -> bool:
        """Whether there are no more lines."""
        return self._ended and not self._first

    def put_back(self, line: str) -> None:
        """Let a line be the next one again."""
        self._first.insert(0, line)
