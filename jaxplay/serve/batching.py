"""Searches of many games in one batch: requests wait in a queue, and those of one player go together."""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, NamedTuple, TypeVar

from jaxplay.errors import UserError

Item = TypeVar("Item")
Found = TypeVar("Found")

MOST_WAITING = 2048
"""Requests that wait at most; further ones are refused."""


class BusyError(UserError):
    """So many requests wait that no more are taken."""


class Lane(NamedTuple, Generic[Item, Found]):
    """What answers requests of one kind, many at once.

    Attributes:
        name: equal for lanes whose requests may go together.
        run: from requests to as many answers, in order.
        most: requests in one call.
    """

    name: Hashable
    run: Callable[[Sequence[Item]], Sequence[Found]]
    most: int


class _Request(NamedTuple):
    lane: Lane[Any, Any]
    item: Any
    future: Future[Any]


class Batcher:
    """One thread that answers requests, so that the device does one thing at a time.

    The request that waits longest is answered next, and with it those of its lane that wait too.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Request] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self.batches: deque[int] = deque(maxlen=1000)
        """Sizes of the last batches."""
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)
        self._thread.start()

    def submit(self, lane: Lane[Item, Found], item: Item) -> Future[Found]:
        """Ask for an answer.

        Raises:
            BusyError: too many requests wait.
        """
        future: Future[Found] = Future()
        with self._changed:
            if self._closed or len(self._waiting) >= MOST_WAITING:
                raise BusyError("too many requests wait; try again in a moment")
            self._waiting.append(_Request(lane, item, future))
            self._changed.notify()
        return future

    def close(self) -> None:
        """Answer no more; what waits is given up."""
        with self._changed:
            self._closed = True
            for request in self._waiting:
                request.future.cancel()
            self._waiting.clear()
            self._changed.notify()
        self._thread.join(timeout=60)

    def _work(self) -> None:
        while batch := self._take():
            self.batches.append(len(batch))
            _answer(batch)

    def _take(self) -> list[_Request]:
        """The requests to answer next; none at the end."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if not self._waiting:
                return []
            lane = self._waiting[0].lane
            batch = [request for request in self._waiting if request.lane.name == lane.name][: lane.most]
            taken = set(map(id, batch))
            self._waiting = deque(request for request in self._waiting if id(request) not in taken)
        return batch


def _answer(batch: Sequence[_Request]) -> None:
    """Answer requests of one lane. Where they fail together each is asked by itself: an error is its own."""
    running = [request for request in batch if request.future.set_running_or_notify_cancel()]
    if len(running) > 1 and _try(running) is None:
        return
    for request in running:
        error = _try([request])
        if error is not None:
            request.future.set_exception(error)


def _try(running: Sequence[_Request]) -> Exception | None:
    """Answer requests together; the error if that fails."""
    try:
        answers = running[0].lane.run([request.item for request in running])
    except Exception as error:  # noqa: BLE001 a player may fail in any way, and the server goes on
        return error
    for request, answer in zip(running, answers, strict=True):
        request.future.set_result(answer)
    return None
