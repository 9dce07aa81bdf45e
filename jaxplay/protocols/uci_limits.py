"""How long a search of `go` may take."""

from typing import NamedTuple

from jaxplay.errors import UserError, quoted
from jaxplay.text import parse_int

MOVES_TO_GO = 30
"""Moves that the time is kept for, where nobody says how many there are."""
MOST_SHARE = 0.5
"""Share of the time that is left, which one move may take at most."""
OF_INCREMENT = 0.8
PER_DEPTH = 32
"""Simulations of depth 0; each further ply has twice as many."""
MOST_DEPTH = 20
NUMBERS = ("wtime", "btime", "winc", "binc", "movestogo", "depth", "nodes", "mate", "movetime")
FLAGS = ("infinite", "ponder")


class Limits(NamedTuple):
    """Limits of a search; None where there is none.

    Attributes:
        seconds: of thought.
        nodes: simulations.
        endless: whether the search goes on until it is stopped.
    """

    seconds: float | None = None
    nodes: int | None = None
    endless: bool = False


def parse_limits(words: list[str], *, black: bool, overhead: int) -> Limits:
    """What the words behind `go` say.

    Args:
        words: such as `wtime 60000 btime 60000 winc 1000 binc 1000`.
        black: whose clock counts.
        overhead: milliseconds that are kept.

    Raises:
        UserError: a number is none.
    """
    told: dict[str, int] = {}
    flags: set[str] = set()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in FLAGS:
            flags.add(word)
        elif word in NUMBERS:
            value = parse_int(rest.pop(0)) if rest else None
            if value is None:
                raise UserError(f"go {word} takes a number; {quoted(' '.join(words))} has none")
            told[word] = value
    if flags:
        return Limits(endless=True)
    nodes = told.get("nodes")
    if "depth" in told or "mate" in told:
        depth = min(max(told.get("depth", told.get("mate", 1)), 0), MOST_DEPTH)
        nodes = min(nodes or PER_DEPTH * 2**MOST_DEPTH, PER_DEPTH * 2**depth)
    return Limits(_seconds(told, black=black, overhead=overhead), None if nodes is None else max(nodes, 1))


def _seconds(told: dict[str, int], *, black: bool, overhead: int) -> float | None:
    """Seconds for this move; None where no clock runs."""
    if "movetime" in told:
        return max(told["movetime"] - overhead, 1) / 1000
    left = told.get("btime" if black else "wtime")
    if left is None:
        return None
    increment = told.get("binc" if black else "winc", 0)
    share = left / max(told.get("movestogo", MOVES_TO_GO), 1) + OF_INCREMENT * increment
    return max(min(share, MOST_SHARE * left) - overhead, 1) / 1000
