"""Programs by name: `gtp:COMMAND[,NAME=VALUE...]` and `uci:COMMAND[,NAME=VALUE...]`."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.protocols.clock import TimeControl, parse_control
from jaxplay.text import parse_digits, parse_float

PREFIXES = ("gtp:", "uci:")
OPTION = re.compile(r",([A-Za-z][A-Za-z0-9_ ]*)=([^,]*)$")
LIMITS = ("timeout", "clock", "movetime", "nodes", "depth")
"""What every program of a kind can be told; of `gtp:` the last two cannot."""
TIMEOUT = 60.0
"""Seconds that a program may take to answer, beyond the time that its move may take."""
MOST_TIMEOUT = 86_400.0


class ProgramSpec(NamedTuple):
    """What the name of a program says.

    Attributes:
        text: the name itself.
        kind: `gtp` or `uci`.
        command: what is run.
        timeout: see `TIMEOUT`.
        clock: time for a game; None: none.
        movetime: seconds for each move; None: the program's own choice.
        nodes: positions that it may look at for a move; None: any number.
        depth: how deep it may look; None: as deep as it likes.
        options: the program's own, by name (UCI).
    """

    text: str
    kind: str
    command: str
    timeout: float = TIMEOUT
    clock: TimeControl | None = None
    movetime: float | None = None
    nodes: int | None = None
    depth: int | None = None
    options: Mapping[str, str] = {}


def is_program(text: str) -> bool:
    """Whether the name of a player is that of a program."""
    return text.startswith(PREFIXES)


def parse_program(text: str) -> ProgramSpec:
    """Read the name of a program.

    Raises:
        UserError: it has no command, or an option that there is not.
    """
    kind, _, rest = text.partition(":")
    given: dict[str, str] = {}
    while (found := OPTION.search(rest)) is not None:
        if found[1] in given:
            raise UserError(f"{quoted(text)} gives {quoted(found[1])} twice; allowed: once")
        given[found[1]], rest = found[2].strip(), rest[: found.start()]
    if not rest.strip():
        example = "gtp:gnugo --mode gtp" if kind == "gtp" else "uci:stockfish,nodes=1000"
        raise UserError(f"{quoted(text)} has no command, such as {quoted(example)}")
    known = {name: given.pop(name) for name in LIMITS if name in given}
    if kind == "gtp":
        for name in [*given, *(name for name in ("nodes", "depth") if name in known)]:
            raise UserError(f"{quoted(text)} has no option {quoted(name)}{nearest(name, LIMITS[:3])}")
    if "clock" in known and "movetime" in known:
        raise UserError(f"{quoted(text)}: clock and movetime exclude each other")
    return ProgramSpec(
        text,
        kind,
        rest.strip(),
        _seconds(known.get("timeout"), "timeout") or TIMEOUT,
        parse_control(known["clock"]) if "clock" in known else None,
        _seconds(known.get("movetime"), "movetime"),
        _count(known.get("nodes"), "nodes"),
        _count(known.get("depth"), "depth"),
        dict(reversed(given.items())),
    )


def _seconds(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    value = parse_float(text)
    if value is None or not 0 < value <= MOST_TIMEOUT:
        raise UserError(f"{name} is {quoted(text)}; allowed: seconds, above 0")
    return value


def _count(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    value = parse_digits(text)
    if not value:
        raise UserError(f"{name} is {quoted(text)}; allowed: a whole number from 1")
    return value
