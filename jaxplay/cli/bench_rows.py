"""Records of benchmarks as rows of a table, and as sentences."""

from collections.abc import Iterator
from typing import Any


def rows(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table of records: what else they did; and of peers, what the other cases are beside them."""
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


def _most(shares: list[float | None]) -> str:
    known = [share for share in shares if share is not None]
    return f"{100 * max(known):.0f}" if known else ""


def row(record: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of a record."""
    of_limit = record["of_limit"]
    return {
        "case": record["name"],
        "batch": record["sizes"].get("batch_size", ""),
        "unit": record["unit"] + "/s",
        "median": record["rate"],
        "slowest": record["rate_min"],
        "fastest": record["rate_max"],
        "iqr_%": 100 * record["rate_iqr"] / record["rate"],
        "of_limit_%": "" if of_limit is None else f"{100 * of_limit:.0f}",
        "compile_s": record["compile_seconds"],
        "state_bytes": record["sizes"].get("state_bytes", ""),
    }


def comparisons(record: dict[str, Any]) -> Iterator[str]:
    """How long a record took beside others, and how long it may."""
    for name, times in record["times"].items():
        most = record["allowed"][name]
        verdict = "" if most is None else f" (at most {most:g}: {'yes' if times <= most else 'no'})"
        yield f"{record['name']} takes {times:.2f} times as long as {name}{verdict}"
