"""The one door for what people type: numbers, files, folders and names, for every command.

Each function or value here is the type of an option (`type=` of argparse). What it does not take raises
`Unfit`, which says what is allowed; the parser makes one line of it that names the option and what was typed.
Games and players have their own grammar (`jaxplay.cli.named`, `jaxplay.cli.contenders`), and settings their
types (`jaxplay.cli.values`).
"""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.text import parse_float, parse_int

MOST_BYTES, MOST_PART_BYTES = 4000, 250
"""Of a path, and of a name in it: a little less than what file systems take."""


class Unfit(argparse.ArgumentTypeError):
    """Text that an option does not take; the message says what it takes, or what is wrong."""


class Whole(NamedTuple):
    """Whole numbers from `least` to `most`, in ASCII digits."""

    least: int
    most: int

    def __call__(self, text: str) -> int:
        """The number that `text` is."""
        value = parse_int(text)
        if value is None or not self.least <= value <= self.most:
            raise Unfit(f"allowed: a whole number from {self.least:,} to {self.most:,}")
        return value


class Number(NamedTuple):
    """Finite numbers from `least` to `most`, in `unit`."""

    least: float
    most: float
    unit: str = ""

    def __call__(self, text: str) -> float:
        """The number that `text` is."""
        value = parse_float(text)
        if value is None or not self.least <= value <= self.most:
            what = f"a number of {self.unit}" if self.unit else "a number"
            raise Unfit(f"allowed: {what} from {self.least:,g} to {self.most:,.0f}")
        return value


SEED = Whole(0, 2**32 - 1)
GAMES = Whole(1, 10_000_000)
"""How often something is played."""
STEPS = Whole(1, 10**12)
SIMULATIONS = Whole(1, 10_000_000)
OWN_SIMULATIONS = Whole(-1, 10_000_000)
"""0: the player's own number; -1: no search."""
DEVICES = Whole(1, 2**20)
"""Also of processes."""
PROCESS = Whole(0, 2**20 - 1)
PLIES = Whole(0, 10_000)
"""Moves at the beginning of a game."""
REPEATS = Whole(1, 10_000)
BATCH = Whole(1, 2**31 - 1)
MINUTES = Number(0.001, 10_000_000, "minutes")
GAP = Number(0, 1_000_000)
"""Of payoffs."""
SECONDS = Number(0.001, 86_400, "seconds")


class Several(NamedTuple):
    """What `each` takes, one or more of it, with commas between them."""

    each: Callable[[str], Any]

    def __call__(self, text: str) -> tuple[Any, ...]:
        """What each part of `text` is."""
        return tuple(map(self.each, text.split(",")))


class OneOf(NamedTuple):
    """One of these names."""

    names: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """The name, if it is one."""
        if text not in self.names:
            raise Unfit(nearest(text, self.names).removeprefix("; "))
        return text


def word(text: str) -> str:
    """A name that is not empty and can be printed."""
    if not text or not text.isprintable():
        raise Unfit("allowed: a name of letters, digits and signs that can be printed")
    return text


def path(text: str) -> Path:
    """A path that the file system can hold; whether anything is there is another question."""
    if "\0" in text or not text:
        raise Unfit("allowed: the name of a file or folder")
    sizes = [len(os.fsencode(part)) for part in Path(text).parts]
    if max(sizes, default=0) > MOST_PART_BYTES or len(os.fsencode(text)) > MOST_BYTES:
        raise Unfit(f"allowed: {MOST_BYTES:,} bytes at most, {MOST_PART_BYTES} in each name")
    return Path(text)


def player(text: str) -> str:
    """The name of a player: a path, or a word of the grammar of players (`jaxplay.players`)."""
    path(text)
    return text


class NewFile(NamedTuple):
    """A file to write with one of these suffixes, in a folder that is there."""

    suffixes: tuple[str, ...]

    def __call__(self, text: str) -> Path:
        """Its path."""
        found = path(text)
        if found.suffix not in self.suffixes or found.is_dir():
            raise Unfit(f"allowed: the name of a {' or '.join(self.suffixes)} file")
        if not found.parent.is_dir():
            raise Unfit(f"there is no folder {quoted(str(found.parent))}")
        return found


def write(file: Path, data: str | bytes) -> None:
    """Write a file that was asked for.

    Raises:
        UserError: it cannot be written.
    """
    try:
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    except OSError as error:
        raise UserError(f"cannot write {quoted(str(file))}: {error.strerror}") from error


def refuse_idle(option: str, what: str, used: bool, among: Iterable[str]) -> None:
    """Refuse an option that nothing of the command can use.

    Args:
        option: As it is typed, such as `--sims`.
        what: Whom it is for.
        used: Whether any is there.
        among: Names of those that are there, none of which can use it.

    Raises:
        UserError: It is idle.
    """
    if not used:
        raise UserError(f"{option} is for {what}; none of these is one: {', '.join(among)}")
