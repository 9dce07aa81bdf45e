"""Ctrl-C, SIGTERM and SIGHUP ask a run to stop after its step; the second time they stop it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StoppedError(Exception):
    """Somebody asked to stop while something went on that may be given up."""


class Request:
    """Whether somebody asked to stop.

    Attributes:
        made: they did.
    """

    def __init__(self) -> None:
        self.made = False
        self._gives_up = False

    def make(self, number: int, frame: FrameType | None) -> None:
        """Note the first signal, and end what is done inside `giving_up`; the second ends everything."""
        if self.made:
            raise KeyboardInterrupt
        self.made = True
        if self._gives_up:
            raise StoppedError

    @contextmanager
    def giving_up(self) -> Iterator[None]:
        """What is done inside is given up when somebody asks to stop."""
        self._gives_up = True
        try:
            yield
        except StoppedError:
            pass
        finally:
            self._gives_up = False


SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def stop_request(*, shared: bool = False) -> Iterator[Request]:
    """Listen for signals, where the caller is the main thread; those that are ignored (`nohup`) stay so.

    Args:
        shared: several processes share what is to stop. SIGTERM is left to JAX, which tells all of them, and
            other signals are passed on as that one, so that all stop after the same step.
    """
    request = Request()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    listened = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    if shared:
        listened.remove(signal.SIGTERM)
    before = [signal.signal(number, _pass_on if shared else request.make) for number in listened]
    try:
        yield request
    finally:
        for number, handler in zip(listened, before, strict=True):
            signal.signal(number, handler)


def _pass_on(number: int, frame: FrameType | None) -> None:
    """The first signal is a SIGTERM to this process; the second Ctrl-C ends everything."""
    signal.signal(number, signal.default_int_handler)
    signal.raise_signal(signal.SIGTERM)
