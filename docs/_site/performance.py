"""The page of figures, from the files that benchmarks write: no number on it is typed by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent.parent.parent / "benchmarks" / "results"

HEAD = """\
# Performance

Written from the JSON lines in `benchmarks/results`; each row is what `jaxplay bench NAME` measured on the
machine that stands above its table. Rates are medians of repeats, with their range. Where other libraries
were measured too, both ran side by side, in turns; their rows say how many times as fast jaxplay was. Newest
first. What was tried and did not help stands in [the log of experiments](experiments.md).
"""


def pages() -> dict[str, str]:
    """The page, by its path."""
    parts = [HEAD]
    for path in sorted(RESULTS.glob("*.jsonl"), reverse=True):
        lines = [json.loads(line) for line in path.read_text().splitlines() if line]
        parts += section(path.stem, [line for line in lines if "rate" in line and "name" in line])
    return {"performance.md": "\n\n".join(parts) + "\n"}


def section(title: str, lines: list[dict[str, Any]]) -> Iterator[str]:
    """A table of speeds, below the machine they were measured on; nothing where there are none."""
    if not lines:
        return
    yield f"## {title}"
    yield machine(lines[0].get("machine") or {})
    rows = ["| case | rate | range | jaxplay beside this row |", "|---|--:|--:|---|"]
    for line in lines:
        unit = line.get("unit", "")
        low, high = line.get("rate_min"), line.get("rate_max")
        span = "" if low is None or high is None else f"{number(low)} to {number(high)}"
        rows.append(f"| {line['name']} | {number(line['rate'])} {unit}/s | {span} | {beside(line)} |")
    yield "\n".join(rows)


def machine(told: dict[str, Any]) -> str:
    """The machine in words."""
    versions = ", ".join(f"{name} {version}" for name, version in (told.get("versions") or {}).items())
    cores = f", {told['cores']} cores" if "cores" in told else ""
    return (
        f"{told.get('processor', 'a machine')}{cores}, device {told.get('device', 'not told')};"
        f" {versions}; revision {told.get('revision', 'not told')}."
    )


def beside(line: dict[str, Any]) -> str:
    """How many times as fast as this row the cases are that do the same."""
    told = []
    for name, other in (line.get("beside") or {}).items():
        ratio = other.get("ratio", other.get("rate")) if isinstance(other, dict) else other
        if isinstance(ratio, int | float):
            told.append(f"{_rest(name, line['name'])} {number(ratio)} x")
    return ", ".join(told)


def _rest(name: str, other: str) -> str:
    """What of a name, part by part, another does not begin with."""
    parts, others = name.split("/"), other.split("/")
    while len(parts) > 1 and others and parts[0] == others[0]:
        parts, others = parts[1:], others[1:]
    return "/".join(parts)


def number(value: float) -> str:
    """Three digits, with a letter for thousands and millions."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.3g}"
