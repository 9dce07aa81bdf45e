"""Matches of backgammon as many programs exchange them (`.mat`): rolls and moves of both in two columns.

There is no doubling cube here: what a file says of it is kept as comments, and a game that was dropped ends
by resignation. Whoever rolls first is player 0.
"""

import re
from typing import Any, NamedTuple

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game
from jaxplay.games.backgammon import Backgammon
from jaxplay.records._mat_turn import play_turn, read_moves, read_roll
from jaxplay.records.model import GameRecord, Ply, RecordError
from jaxplay.records.scribe import begin, tell_ply
from jaxplay.rollout.host import HostEpisode
from jaxplay.text import parse_digits

HEADER = re.compile(r"\s*Game\s+([0-9]{1,5})\s*$", re.IGNORECASE)
MATCH = re.compile(r"\s*([0-9]{1,4})\s+point\s+match", re.IGNORECASE)
NAMES = re.compile(r"\s*(.*?)\s*:\s*([0-9]{1,4})\s{2,}(.*?)\s*:\s*([0-9]{1,4})\s*$")
TURN = re.compile(r"\s*([0-9]{1,4})\)(?: |$)")
CELL = re.compile(r"[1-6]{2}:.*?(?=\s[1-6]{2}:|\s{3,}|$)|\S.*?(?=\s[1-6]{2}:|\s{3,}|$)")
WINS = re.compile(r"Wins\s+([0-9]{1,3})\s+points?", re.IGNORECASE)
CUBE = re.compile(r"(Doubles|Takes|Drops|Beavers|Raccoons|Redoubles|Accepts|Resigns)\b", re.IGNORECASE)
NOTHING = re.compile(r"\(?(?:no|cannot|can't) move\)?\.?", re.IGNORECASE)
DEFAULT_MIDDLE = 30
"""The column where the right half begins, where the names do not tell."""
TAG = re.compile(r'\s*[;#]\s*\[(\w{1,40})\s+"([^"\n]*)"\]')


class Cell(NamedTuple):
    """What one player does in a turn."""

    side: int
    text: str
    line: int
    column: int


def read(text: str, game: Game[Any] | None = None) -> list[GameRecord]:
    """The games of a match.

    Raises:
        RecordError: it is no such file, or a move is not legal.
    """
    if game is not None and not isinstance(game, Backgammon):
        raise UserError("files of matches (.mat) hold games of backgammon")
    lines = text.expandtabs(8).splitlines()
    starts = [i for i, line in enumerate(lines) if HEADER.match(line)]
    if not starts:
        raise RecordError("line 1, column 1: no match of backgammon: no line 'Game 1'")
    tags = {found[1].lower(): found[2] for line in lines[: starts[0]] if (found := TAG.match(line))}
    length = next((found[1] for line in lines[: starts[0]] if (found := MATCH.match(line))), "0")
    tags |= {"match_length": length} if int(length) else {}
    ends = [*starts[1:], len(lines)]
    return [
        _game(lines, start, end, game or Backgammon(), tags) for start, end in zip(starts, ends, strict=True)
    ]


def _game(lines: list[str], start: int, end: int, game: Game[Any], tags: dict[str, str]) -> GameRecord:
    names, scores, middle, first = ("", ""), ("0", "0"), DEFAULT_MIDDLE, start + 1
    found = next(((i, NAMES.match(lines[i])) for i in range(first, end) if lines[i].strip()), (first, None))
    if found[1] is not None:
        first, told = found[0] + 1, found[1]
        names, scores, middle = (told[1], told[3]), (told[2], told[4]), max(told.start(3) - 3, 12)
    reader = _Reader(begin(game))
    for number in range(first, end):
        for cell in _cells(lines[number], number + 1, middle):
            reader.take(cell)
    swapped = reader.first == 1
    players = names[::-1] if swapped else names
    score = ":".join(scores[::-1] if swapped else scores)
    about = tags | ({"score": score} if score != "0:0" else {})
    returns, ending = reader.result()
    return GameRecord(game, tuple(reader.plies), players if any(players) else (), returns, ending, tags=about)


def _cells(line: str, number: int, middle: int) -> list[Cell]:
    turn = TURN.match(line)
    begin_at = turn.end() if turn else 0
    found = []
    for cell in CELL.finditer(line, begin_at):
        side = int(cell.start() >= middle) if turn or cell.start() >= middle else 0
        if found and found[-1].side == side:
            side = 1
        found.append(Cell(side, cell[0].strip(), number, cell.start() + 1))
    return found


class _Reader:
    """A game while it is read; `first` is the side that rolls first."""

    def __init__(self, episode: HostEpisode) -> None:
        self.episode, self.plies = episode, list[Ply]()
        self.first: int | None = None
        self.dropped: int | None = None
        self.won: tuple[int | None, float] | None = None

    def take(self, cell: Cell) -> None:
        """Obey a cell.

        Raises:
            RecordError: it cannot be.
        """
        try:
            self._take(cell)
        except UserError as error:
            raise RecordError(f"line {cell.line}, column {cell.column}: {error}") from None

    def _take(self, cell: Cell) -> None:
        if found := WINS.match(cell.text):
            points = parse_digits(found[1])
            self.won = (None if self.first is None else int(cell.side != self.first), float(points or 1))
        elif CUBE.match(cell.text):
            self._cube(cell)
        elif re.match(r"[1-6]{2}:", cell.text):
            self._turn(cell)
        else:
            raise UserError(f"{cell.text[:40]!r} is not expected here, such as 31: 8/5 6/5")

    def _cube(self, cell: Cell) -> None:
        said = " ".join(cell.text.split())
        if said.lower().startswith(("drops", "resigns")) and self.first is not None:
            self.dropped = int(cell.side != self.first)
        if self.plies:
            comment = f"{self.plies[-1].comment} {said}".strip()
            self.plies[-1] = self.plies[-1]._replace(comment=comment)

    def _turn(self, cell: Cell) -> None:
        self.first = cell.side if self.first is None else self.first
        episode, rest = self.episode, cell.text[3:].strip()
        if episode.state.terminated:
            raise UserError("the game is over")
        if int(episode.state.turn) != int(cell.side != self.first):
            raise UserError("it is the other player's turn")
        count = len(episode.events)
        if episode.player != CHANCE:
            raise UserError("the turn before is not over")
        episode.follow(read_roll(cell.text[:2]))
        if rest and set(rest) <= {"?"}:  # not known: the last turn of a game that was broken off
            rest = ""
        elif episode.player != CHANCE:
            play_turn(episode, [] if NOTHING.fullmatch(rest) else read_moves(rest))
        self.plies += [tell_ply(episode.before(i + 1)) for i in range(count, len(episode.events))]

    def result(self) -> tuple[tuple[float, ...] | None, str | None]:
        """What both earned, and how the game ended."""
        if self.episode.state.terminated:
            return tuple(map(float, self.episode.returns)), "rules"
        if self.dropped is None and self.won is None:
            return None, None
        winner, points = self.won or (None, 1.0)
        winner = 1 - self.dropped if winner is None and self.dropped is not None else winner
        if winner is None:
            return None, None
        return ((points, -points), (-points, points))[winner], "resigned"
