"""Events for TensorBoard, where tensorboardX is installed."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class Events:
    """A file of events, written by whoever calls.

    tensorboardX's `SummaryWriter` is not used: it writes in a thread, which ends at the first error, such as
    a full disk, and whoever writes after that waits for ever.

    Args:
        folder: of the files of events, made if it is missing.
        step: from which the run goes on; events of later steps are hidden.

    Raises:
        ImportError: tensorboardX is not installed.
        OSError: the file cannot be written.
    """

    def __init__(self, folder: Path, step: int) -> None:
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto import event_pb2, summary_pb2

        folder.mkdir(exist_ok=True)
        self._event: Any = event_pb2  # its classes are made when it is imported, unseen by type checkers
        self._summary: Any = summary_pb2
        self._writer = EventsWriter(str(folder / "events"))
        if step:
            started = self._event.SessionLog(status=self._event.SessionLog.START)
            self._writer.write_event(self._event.Event(step=step + 1, session_log=started))

    def write(self, record: Mapping[str, Any]) -> None:
        """Write the numbers of a record, each under the record's kind. Raises `OSError`."""
        kind, step = record["kind"], record["step"]
        values = [
            self._summary.Summary.Value(tag=f"{kind}/{name}", simple_value=value)
            for name, value in numbers(record)
            if name != "step"
        ]
        summary = self._summary.Summary(value=values)
        self._writer.write_event(self._event.Event(wall_time=time.time(), step=step, summary=summary))
        self._writer.flush()

    def close(self) -> None:
        """Close the file. Raises `OSError` if something cannot be written."""
        self._writer.close()


def numbers(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a record; those of an object in it are named after both."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}/{part}", number) for part, number in numbers(value))
        elif isinstance(value, int | float):
            yield name, float(value)
