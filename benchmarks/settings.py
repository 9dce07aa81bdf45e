"""What benchmarks are asked for: frozen dataclasses, whose fields are the options of a subcommand.

A field is told in `Attributes:` of its class; its default and the range of a number stand beside it.
"""

from dataclasses import dataclass, field
from typing import Any


def whole(default: int, least: int = 1, most: int = 10_000) -> Any:
    """A field that is a whole number from `least` to `most`."""
    return field(default=default, metadata={"least": least, "most": most})


def number(default: float, least: float, most: float, unit: str = "") -> Any:
    """A field that is a number from `least` to `most`, in `unit`."""
    return field(default=default, metadata={"least": least, "most": most, "unit": unit})


def several(least: int = 1, most: int = 2**31 - 1) -> Any:
    """A field that is any number of whole numbers from `least` to `most`; empty: the benchmark's choice."""
    return field(default=(), metadata={"least": least, "most": most})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every benchmark is asked for.

    Attributes:
        quick: Take tiny sizes, to see that everything runs.
    """

    quick: bool = False


@dataclass(frozen=True, kw_only=True)
class Timing(Settings):
    """What every benchmark is asked for that times cases side by side.

    Attributes:
        repeats: Timings of each case; their median counts. With 11 `bench compare` bears an outlier.
        seconds: Least seconds of a timing.
    """

    repeats: int = whole(11)
    seconds: float = number(0.3, 0.001, 86_400, "seconds")


@dataclass(frozen=True)
class Games(Timing):
    """Cases of several games.

    Attributes:
        games: Games to measure; none: the benchmark's own choice.
    """

    games: tuple[str, ...] = ()


@dataclass(frozen=True)
class Peers(Games):
    """Cases of several games, beside other libraries.

    Attributes:
        peers: Measure other libraries too, by turns in the same process.
    """

    peers: bool = False
