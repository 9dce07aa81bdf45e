"""Records of benchmarks as rows of a table, and as sentences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jaxplay.cli.output import show_rows

Record = dict[str, Any]


def show_records(records: list[Record], *, as_json: bool, shown: list[Record] | None = None) -> None:
    """Print records as lines of JSON, or as a table (`shown`; None: their own columns)."""
    if as_json:
        for record in records:
            print(json.dumps(record))
    else:
        show_rows([plain(record) for record in records] if shown is None else shown, as_json=False)


def plain(record: Record) -> Record:
    """The columns of a record that fit into a table: no curves, nothing that all share."""
    left_out = ("benchmark", "machine")
    return {k: v for k, v in record.items() if k not in left_out and not isinstance(v, dict | list | tuple)}


def table(records: list[Record]) -> list[Record]:
    """The table of records of speed and of amounts."""
    if any("rate" not in record for record in records):
        return [amount_row(record) for record in records]
    return rows(records)


def amount_row(record: Record) -> Record:
    """What the table shows of an amount."""
    sizes = {name: value for name, value in record["sizes"].items() if not isinstance(value, dict)}
    of_limit, most = record["of_limit"], record["allowed"]
    return {
        "case": record["name"],
        "amount": record["amount"],
        "unit": record["unit"],
        "allowed": "" if most is None else f"{most:g}",
        "of_limit_%": "" if of_limit is None else f"{100 * of_limit:.3g}",
        **sizes,
    }


def rows(records: list[Record]) -> list[Record]:
    """The table of speeds: what else cases did; and of peers, what the other cases are beside them."""
    kinds = dict.fromkeys(_kind(name) for record in records for name in record["beside"])
    units = dict.fromkeys(unit for record in records for unit in record["also"])
    return [
        row(record)
        | {f"{unit}/s": record["also"].get(unit, "") for unit in units}
        | beside(record["beside"], list(kinds))
        for record in records
    ]


def beside(compared: dict[str, dict[str, Any]], kinds: list[str]) -> dict[str, str]:
    """How often a peer's rate, and which share of its compilation (at most) and its bytes, the cases have."""
    if not kinds:
        return {}
    of_kind = {_kind(name): comparison for name, comparison in compared.items()}
    rates = {f"{kind}_x": f"{of_kind[kind]['rate']:.3g}" if kind in of_kind else "" for kind in kinds}
    shares = {"compile_%": "compile_seconds", "bytes_%": "state_bytes"}
    return rates | {title: _most([each[key] for each in compared.values()]) for title, key in shares.items()}


def _kind(name: str) -> str:
    return name.rpartition("/")[2]


def _most(shares: Sequence[float | None]) -> str:
    known = [share for share in shares if share is not None]
    return f"{100 * max(known):.0f}" if known else ""


def row(record: Record) -> Record:
    """What the table shows of a speed."""
    return {
        "case": record["name"],
        "batch": record["sizes"].get("batch_size", ""),
        "unit": record["unit"] + "/s",
        "median": record["rate"],
        "slowest": record["rate_min"],
        "fastest": record["rate_max"],
        "iqr_%": 100 * record["rate_iqr"] / record["rate"],
        "of_limit": limit(record),
        "compile_s": record["compile_seconds"],
        "state_bytes": record["sizes"].get("state_bytes", ""),
    }


def limit(record: Mapping[str, Any]) -> str:
    """The shares of limits that a record reaches, such as `91 % of alone, 65 % of matmul`."""
    of_limit = record["of_limit"]
    known = record.get("limits") or ({} if of_limit is None else {"limit": of_limit})
    return ", ".join(f"{100 * share:.3g} % {name}" for name, share in known.items())


def comparisons(record: Record) -> Iterator[str]:
    """How long a record took beside others, and how long it may."""
    for name, times in record.get("times", {}).items():
        most = record["allowed"][name]
        verdict = "" if most is None else f" (at most {most:g}: {'yes' if times <= most else 'no'})"
        yield f"{record['name']} takes {times:.2f} times as long as {name}{verdict}"


def machine_line(machine: Mapping[str, Any]) -> str:
    """What was measured on."""
    return f"{machine['device']}, {machine['processor']}, {machine['cores']} cores"
