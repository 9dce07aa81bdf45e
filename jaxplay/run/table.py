"""The metrics of a run as a table, for pandas and its like."""

from pathlib import Path
from typing import Any

from jaxplay.checkpoint import read_config
from jaxplay.run import records
from jaxplay.run.events import numbers
from jaxplay.run.log import METRICS


def metrics(run: str | Path, kind: str = "training") -> dict[str, list[Any]]:
    """The records that a run wrote of one kind, as columns that `pandas.DataFrame(...)` takes.

    Args:
        run: its folder.
        kind: `training`, `evaluation` or, of a league, `league`.

    Returns:
        A list of floats for each number, by its name, all of one length: a row for each record, `step` the
        first column. Numbers of an object are named after both, such as `scores/random`. None stands where a
        record has no such number.

    Raises:
        UserError: it is no run.
    """
    folder = Path(run)
    read_config(folder, accept_config=True)
    rows = [dict(numbers(found)) for found in records.read(folder / METRICS) if found.get("kind") == kind]
    names = dict.fromkeys(["step", *(name for row in rows for name in row)])
    return {name: [row.get(name) for row in rows] for name in names}
