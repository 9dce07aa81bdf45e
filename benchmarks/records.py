"""Records of measurements: one JSON line each, written, read back, and made comparable.

A record of a speed is a `cases.Result` with the name of its benchmark and what the machine is. What is better
less of, such as seconds or bytes, is an `Amount` in the same way. Benchmarks of strength and of training have
columns of their own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.errors import UserError, quoted

SIZES = ("batch_size", "num_simulations", "num_matches", "devices")
"""Of a case: what must be equal for two records to be of the same thing."""


@dataclass(frozen=True)
class Amount:
    """What was measured of something that is better less of.

    Attributes:
        name: what of which game, with `/` between them.
        unit: such as `processor second` or `byte`.
        amount: the median of `samples`.
        samples: of each repeat.
        allowed: the most that it may be; None where nobody says.
        of_limit: as a share of what bounds it; None where nothing does.
        sizes: what the number depends on besides the machine.
    """

    name: str
    unit: str
    amount: float
    samples: Sequence[float]
    allowed: float | None = None
    of_limit: float | None = None
    sizes: Mapping[str, Any] = field(default_factory=dict)


class Samples(NamedTuple):
    """What two files can be compared by.

    Attributes:
        key: says what was measured.
        values: of each repeat; of records that lack them the smallest, the median and the greatest.
        repeats: how many there were.
        more_is_better: whether they are rates.
    """

    key: tuple[str, ...]
    values: tuple[float, ...]
    repeats: int
    more_is_better: bool


def stamped(benchmark: str, measured: Any, machine: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a result, an amount or a row."""
    row = measured if isinstance(measured, dict) else asdict(measured)
    return {"benchmark": benchmark, **row, "machine": machine}


def append(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Add a JSON line for each record.

    Raises:
        UserError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file.

    Raises:
        UserError: It cannot be read, or has a line that is no JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no file of records: {error.reason}") from error
    return list(_parsed(path, text))


def _parsed(path: Path, text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise UserError(f"{path}:{number} is {quoted(line)}; allowed: a JSON object")
        yield found


def samples(record: Mapping[str, Any]) -> Samples | None:
    """What a record can be compared by; None where it is of neither a rate nor an amount."""
    name, sizes = record.get("name"), record.get("sizes") or {}
    if not isinstance(name, str) or not isinstance(sizes, Mapping):
        return None
    key = (str(record.get("benchmark")), name, *(f"{size}={sizes[size]}" for size in SIZES if size in sizes))
    if "amount" in record:
        found = tuple(map(float, record["samples"]))
        return Samples(key, found, len(found), more_is_better=False)
    if "rate" not in record:
        return None
    rates = record.get("rates") or (record["rate_min"], record["rate"], record["rate_max"])
    return Samples(key, tuple(map(float, rates)), int(record["repeats"]), more_is_better=True)
