"""What a record of a game holds, whatever the file that it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jaxplay.errors import UserError
from jaxplay.game import Game

ENDINGS = ("rules", "resigned", "time", "agreed", "forfeit", "cut")
"""How a game can end: by its rules, by what a player or both say, by the clock, or at a bound of plies."""

MOST_NESTED = 100
"""Variations inside variations."""


class Ply(NamedTuple):
    """A move or an outcome of chance, and what is said of it.

    Attributes:
        action: the action, or the outcome of chance.
        name: in the game's notation; an outcome of chance in brackets, as `(3-1)`.
        comment: what somebody wrote about it.
        values: what each player can expect to earn in all from here on, in units of the game's returns; None
            where nobody has said.
        loss: by how much it is worse for who made it than the best move; None where nobody has said.
        best: name of the best move, where somebody has said.
        clock: seconds that its player has left after it.
        marks: numeric annotation glyphs, as in PGN: 1 is a good move, 2 a bad one, 4 a blunder.
        variations: other lines that begin in its place.
    """

    action: int
    name: str
    comment: str = ""
    values: tuple[float, ...] | None = None
    loss: float | None = None
    best: str | None = None
    clock: float | None = None
    marks: tuple[int, ...] = ()
    variations: tuple[tuple["Ply", ...], ...] = ()


@dataclass(frozen=True)
class GameRecord:
    """One game.

    Attributes:
        game: that was played, with its options.
        plies: moves and outcomes of chance from the first position on.
        players: name of each player; empty where nobody has said.
        returns: what each player earned; None where the game goes on or nobody has said.
        ending: one of `ENDINGS`; None as for `returns`.
        setup: plies at the beginning that set the position up and were not played, such as handicap stones.
        start: the first position in the game's own notation (FEN in chess); None: the usual one.
        comment: what somebody wrote about the whole game.
        tags: anything else that the file says: `date`, `event`, `place`, `round`, and others by their names
            there.
    """

    game: Game[Any]
    plies: tuple[Ply, ...] = ()
    players: tuple[str, ...] = ()
    returns: tuple[float, ...] | None = None
    ending: str | None = None
    setup: int = 0
    start: str | None = None
    comment: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def actions(self) -> tuple[int, ...]:
        """All actions and outcomes of chance of the game itself."""
        return tuple(ply.action for ply in self.plies)


class RecordError(UserError):
    """A file is no record; the message says where."""


class Place(NamedTuple):
    """A place in a file, as editors count: from 1."""

    line: int
    column: int


def place_of(text: str, offset: int) -> Place:
    """The place of a character."""
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def refuse(text: str, offset: int, why: object) -> RecordError:
    """The error about what stands at `offset`."""
    line, column = place_of(text, offset)
    return RecordError(f"line {line}, column {column}: {why}")
