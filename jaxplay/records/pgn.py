"""PGN, Portable Game Notation of chess: files of any number of games, with comments and variations.

Read as the standard's import format, and more leniently where files of the world are: superfluous file
letters, `0-0`, missing `x`, wrong marks of check. A game that went on after a draw by repetition or by fifty
moves, which end it here, keeps the rest of its moves as a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jaxplay.errors import UserError, quoted
from jaxplay.game import Game
from jaxplay.games.chess import Chess
from jaxplay.records._pgn_remarks import read_remarks
from jaxplay.records.model import MOST_NESTED, GameRecord, Ply, refuse
from jaxplay.records.san import glyph_of, read_san
from jaxplay.records.scribe import begin, tell_ply
from jaxplay.rollout.host import HostEpisode

RESULTS = {"1-0": (1.0, -1.0), "0-1": (-1.0, 1.0), "1/2-1/2": (0.0, 0.0), "1/2": (0.0, 0.0), "*": None}
TAGS = {"Event": "event", "Site": "place", "Date": "date", "Round": "round"}
TERMINATIONS = {
    "time": "time",
    "resign": "resigned",
    "agree": "agreed",
    "infraction": "forfeit",
    "adjud": "cut",
}
"""Endings by words of the Termination tag."""
STANDARD = ("", "standard", "normal", "chess", "from position")
TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<tag>\[\s*(?P<name>[A-Za-z0-9_+#=:-]+)\s*"(?P<value>(?:\\.|[^"\\\n])*)"\s*\])
    | (?P<comment>\{[^}]*\})
    | (?P<rest>;[^\n]*)
    | (?P<escape>%[^\n]*)
    | (?P<open>\() | (?P<close>\))
    | (?P<glyph>\$[0-9]{1,3})
    | (?P<result>1-0|0-1|1/2(?:-1/2)?|\*)(?=[\s;{(\[]|$)
    | (?P<number>[0-9]{1,5}(?:\s*\.+|(?=[\s]|$))|\.+)
    | (?P<mark>[!?]+)
    | (?P<null>--|Z0|z0|null|@@@@)
    | (?P<move>[A-Za-z0][A-Za-z0-9+\#=:/-]*(?:e\.p\.)?[+\#]*[!?]*)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of the text."""

    kind: str
    text: str
    offset: int


@dataclass
class _Line:
    """A line of play while it is read.

    Attributes:
        episode: its game.
        before: the game before its last move, where variations begin.
        plies: its moves so far.
        opening: a comment before its first move.
        dead: whether the rest of it is not played: words that follow are only kept.
    """

    episode: HostEpisode
    before: HostEpisode
    plies: list[Ply] = field(default_factory=list)
    opening: str = ""
    dead: bool = False


def read(text: str, game: Game[Any] | None = None) -> list[GameRecord]:
    """The games of a file.

    Raises:
        RecordError: it is no such file, or a move is not legal.
    """
    if game is not None and not isinstance(game, Chess):
        raise UserError("PGN files hold games of chess")
    return list(_games(text))


def _games(text: str) -> Iterator[GameRecord]:
    reader, seen = _Game(text), False
    for token in _tokens(text):
        if token.kind == "tag" and reader.begun:
            yield reader.record()
            reader = _Game(text)
        seen = True
        if reader.take(token):
            yield reader.record()
            reader = _Game(text)
    if reader.begun or reader.tags:
        yield reader.record()
    elif not seen:
        raise refuse(text, 0, "no PGN: the file is empty")


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise refuse(text, at, _why(text, at))
        kind = found.lastgroup or ""
        kind = "tag" if kind in ("name", "value") else kind
        if kind == "escape" and at and text[at - 1] != "\n":
            raise refuse(text, at, "'%' is not expected here")
        if kind not in ("space", "escape", "number"):
            yield Token(kind, found[0], at)
        at = found.end()


def _why(text: str, at: int) -> str:
    if text[at] == "{":
        return "a comment in { } does not end"
    if text[at] == "[":
        return 'a tag is not as it should be; allowed: [Name "value"]'
    return f"{text[at]!r} is not expected here"


class _Game:
    """One game while it is read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tags: dict[str, str] = {}
        self.lines: list[_Line] = []
        self.result = "*"

    @property
    def begun(self) -> bool:
        return bool(self.lines)

    def take(self, token: Token) -> bool:
        """Read a token; True where it ends the game."""
        if token.kind == "tag":
            found = TOKEN.match(self.text, token.offset)
            assert found is not None
            self.tags.setdefault(found["name"], re.sub(r"\\(.)", r"\1", found["value"]))
            return False
        if not self.lines:
            self._begin(token)
        line = self.lines[-1]
        if token.kind == "result":
            self.result = token.text if len(self.lines) == 1 else self.result
            return len(self.lines) == 1
        if token.kind == "open":
            self._open(token)
        elif token.kind == "close":
            self._close(token)
        elif token.kind in ("comment", "rest"):
            _comment(line, token.text[1:].removesuffix("}") if token.kind == "comment" else token.text[1:])
        elif line.dead or token.kind == "null" or (token.kind == "move" and line.episode.state.terminated):
            self._keep(line, token)
        elif token.kind == "move":
            self._move(line, token)
        else:
            self._mark(line, token)
        return False

    def _begin(self, token: Token) -> None:
        variant = self.tags.get("Variant", "").lower()
        if variant not in STANDARD:
            raise refuse(self.text, token.offset, f"Variant is {quoted(variant)}; allowed: standard chess")
        try:
            episode = begin(Chess(), self.tags.get("FEN"))
        except UserError as error:
            raise refuse(self.text, token.offset, f"FEN: {error}") from None
        self.lines = [_Line(episode, episode.before(0))]

    def _move(self, line: _Line, token: Token) -> None:
        line.before = line.episode.before(len(line.episode.events))
        try:
            line.episode.follow(read_san(line.episode, token.text))
        except UserError as error:
            raise refuse(self.text, token.offset, error) from None
        line.plies.append(tell_ply(line.episode, marks=glyph_of(token.text)))

    def _mark(self, line: _Line, token: Token) -> None:
        glyphs = (int(token.text[1:]),) if token.kind == "glyph" else glyph_of(token.text)
        if line.plies and all(0 < glyph < 256 for glyph in glyphs):
            line.plies[-1] = line.plies[-1]._replace(marks=(*line.plies[-1].marks, *glyphs))

    def _keep(self, line: _Line, token: Token) -> None:
        """Keep moves that cannot be played here: after a null move, or after the end by the rules."""
        told = token.text if line.dead else f"goes on: {token.text}"
        line.dead = True
        if token.kind in ("move", "null"):
            _comment(line, told)

    def _open(self, token: Token) -> None:
        if len(self.lines) > MOST_NESTED:
            raise refuse(self.text, token.offset, f"variations are nested too deeply; allowed: {MOST_NESTED}")
        line = self.lines[-1]
        if not line.plies:
            raise refuse(self.text, token.offset, "a variation stands before the first move")
        start = line.before.before(len(line.before.events))
        self.lines.append(_Line(start, start.before(len(start.events))))

    def _close(self, token: Token) -> None:
        if len(self.lines) == 1:
            raise refuse(self.text, token.offset, "')' closes nothing")
        variation = self.lines.pop()
        if variation.plies:
            first = variation.plies[0]
            variation.plies[0] = first._replace(comment=_joined(variation.opening, first.comment))
            last = self.lines[-1].plies[-1]
            told = (*last.variations, tuple(variation.plies))
            self.lines[-1].plies[-1] = last._replace(variations=told)
        elif variation.opening:
            _comment(self.lines[-1], variation.opening)

    def record(self) -> GameRecord:
        """The game, when all of it is read."""
        if len(self.lines) > 1:
            raise refuse(self.text, len(self.text), "the game ends inside a variation: a ')' is missing")
        if not self.lines:
            self._begin(Token("result", "*", len(self.text)))
        (line,), tags = self.lines, dict(self.tags)
        told = tags.pop("Result", "*")
        returns = RESULTS[self.result] if self.result != "*" else RESULTS.get(told)
        players = tuple(tags.pop(name, "") for name in ("White", "Black"))
        players = players if any(name not in ("", "?") for name in players) else ()
        ended = bool(line.episode.state.terminated) and not line.dead
        ending = _ending(tags, returns)
        if ended and returns in (None, tuple(map(float, line.episode.returns))):
            returns, ending = tuple(map(float, line.episode.returns)), "rules"
        start, _ = tags.pop("FEN", None), tags.pop("SetUp", None)
        kept = {
            TAGS.get(name, name): value for name, value in tags.items() if value.strip("?. ") or value == ""
        }
        if re.fullmatch(r"\d{4}\.\d\d\.\d\d", kept.get("date", "")):
            kept["date"] = kept["date"].replace(".", "-")
        return GameRecord(Chess(), tuple(line.plies), players, returns, ending, 0, start, line.opening, kept)


def _ending(tags: dict[str, str], returns: Any) -> str | None:
    """How a game ended, by its tag, which stays where it says something else."""
    said = tags.get("Termination", "").lower()
    for word, ending in TERMINATIONS.items():
        if word in said and returns is not None:
            del tags["Termination"]
            return ending
    return None


def _comment(line: _Line, text: str) -> None:
    told, said = read_remarks(" ".join(text.split()))
    if not line.plies:
        line.opening = _joined(line.opening, told)
        return
    last = line.plies[-1]
    line.plies[-1] = last._replace(comment=_joined(last.comment, told), **said)


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".strip()
