"""What comments of PGN say to programs, `[%clk 0:01:30]`: clocks, evaluations, losses."""

import re
from typing import Any

from jaxplay.records._clocks import read_clock, write_clock
from jaxplay.records.centipawns import to_centipawns, to_value
from jaxplay.records.model import Ply
from jaxplay.text import parse_float

COMMAND = re.compile(r"\[%(clk|eval|loss|best)\s+([^\]]*)\]\s*")


def read_remarks(comment: str) -> tuple[str, dict[str, Any]]:
    """What is left of a comment, and fields of a ply. Commands that are not known stay in the comment."""
    said: dict[str, Any] = {}

    def take(found: re.Match[str]) -> str:
        name, text = found[1], found[2].strip()
        value = _READERS[name](text)
        if value is None:
            return found[0]
        said[_FIELDS[name]] = value
        return ""

    return COMMAND.sub(take, comment).strip(), said


def write_remarks(ply: Ply) -> str:
    """The commands that say what is said of a ply."""
    parts = []
    if ply.values is not None:
        parts.append(f"[%eval {to_centipawns(ply.values[0]) / 100:.2f}]")
    if ply.loss is not None:
        parts.append(f"[%loss {ply.loss:g}]")
    if ply.best:
        parts.append(f"[%best {ply.best}]")
    if ply.clock is not None:
        parts.append(f"[%clk {write_clock(ply.clock)}]")
    return " ".join(parts)


def _values(text: str) -> tuple[float, float] | None:
    """Pawns, or moves to mate as `#-3`; a depth may follow. White's view."""
    score = text.partition(",")[0].strip()
    if re.fullmatch(r"#[+-]?\d{1,4}", score):
        return (-1.0, 1.0) if "-" in score else (1.0, -1.0)
    pawns = parse_float(score)
    if pawns is None:
        return None
    value = to_value(100 * pawns)
    return value, -value


_READERS: dict[str, Any] = {
    "clk": read_clock,
    "eval": _values,
    "loss": parse_float,
    "best": lambda text: text or None,
}
_FIELDS = {"clk": "clock", "eval": "values", "loss": "loss", "best": "best"}
