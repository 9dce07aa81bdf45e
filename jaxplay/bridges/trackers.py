"""Metrics of runs for dashboards: Weights & Biases, and trackio, which is local.

TensorBoard needs nothing of this: a run writes its events itself, where tensorboardX is installed.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.bridges.extras import require_module
from jaxplay.checkpoint import read_config
from jaxplay.config import to_json
from jaxplay.errors import UserError, nearest
from jaxplay.run import records
from jaxplay.run.events import numbers
from jaxplay.run.log import METRICS
from jaxplay.run.records import Record

Track = Callable[[Record], None]
"""Is given each record of metrics: the `on_metrics` of `jaxplay.train`."""


class _Session(NamedTuple):
    """A run of a tracker that is under way."""

    log: Callable[[Mapping[str, float], int], Any]
    finish: Callable[[], Any]


def _wandb(**options: Any) -> _Session:
    run = require_module("wandb", "wandb").init(**options)
    return _Session(lambda values, step: run.log(dict(values), step=step), run.finish)


def _trackio(**options: Any) -> _Session:
    trackio = require_module("trackio", "trackio")
    trackio.init(**options)
    return _Session(lambda values, step: trackio.log(dict(values), step=step), trackio.finish)


TRACKERS: dict[str, Callable[..., _Session]] = {"trackio": _trackio, "wandb": _wandb}
"""What begins a run of each tracker, by its name."""


@contextmanager
def tracker(
    to: str, project: str = "jaxplay", *, config: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[Track]:
    """A run of a tracker, as long as the block lasts; gives what to pass as `on_metrics`.

    Numbers are logged at the step of their record, under its kind: `training/policy_loss`.

    Args:
        to: `wandb` or `trackio`.
        project: under which the tracker files the run.
        config: settings that it keeps with the run.
        options: others of the tracker's own `init`, such as `mode="offline"` or `name="c4"`.

    Raises:
        UserError: no such tracker, or it is not installed.
    """
    if to not in TRACKERS:
        raise UserError(f"no tracker {to!r}{nearest(to, TRACKERS)}")
    session = TRACKERS[to](project=project, config=dict(config or {}), **options)

    def track_record(record: Record) -> None:
        values = {f"{record['kind']}/{name}": x for name, x in numbers(record) if name != "step"}
        session.log(values, record["step"])

    try:
        yield track_record
    finally:
        session.finish()


def track(run: str | Path, to: str, project: str = "jaxplay", **options: Any) -> int:
    """Send all records that a run has written to a tracker.

    Args:
        run: its folder.
        to: see `tracker`.
        project: see `tracker`.
        options: see `tracker`; the configuration of the run is sent too.

    Returns:
        The number of records.

    Raises:
        UserError: it is no run; and see `tracker`.
    """
    folder = Path(run)
    config = to_json(read_config(folder))
    found = [record for record in records.read(folder / METRICS) if "kind" in record]
    with tracker(to, project, config=config, **options) as track_record:
        for record in found:
            track_record(record)
    return len(found)
