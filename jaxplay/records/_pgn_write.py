"""PGN from records: the seven tags first, lines of 80 columns, moves in SAN."""

import re
from collections.abc import Iterator

from jaxplay.errors import UserError
from jaxplay.games.chess import Chess
from jaxplay.records._pgn_remarks import write_remarks
from jaxplay.records.model import GameRecord, Ply
from jaxplay.records.pgn import TAGS
from jaxplay.records.scribe import begin
from jaxplay.rollout.host import HostEpisode

WIDTH = 80
UNKNOWN = {"Event": "?", "Site": "?", "Date": "????.??.??", "Round": "?"}
RESULTS = {1.0: "1-0", -1.0: "0-1", 0.0: "1/2-1/2"}
TERMINATIONS = {
    "time": "time forfeit",
    "resigned": "resigned",
    "agreed": "agreed",
    "forfeit": "rules infraction",
    "cut": "adjudication",
}
TAG = re.compile(r"[A-Za-z0-9_]+")


def write(records: list[GameRecord]) -> str:
    """The text of a file.

    Raises:
        UserError: a game is not chess.
    """
    for record in records:
        if not isinstance(record.game, Chess):
            raise UserError("PGN files hold games of chess; other games go to JSON")
    return "\n".join(map(_game, records))


def _game(record: GameRecord) -> str:
    result = "*" if record.returns is None else RESULTS[record.returns[0]]
    tags = {name: _date(record.tags.get(key, UNKNOWN[name])) for name, key in TAGS.items()}
    players = record.players or ("?", "?")
    tags |= {"White": players[0], "Black": players[1], "Result": result}
    tags |= {} if record.start is None else {"SetUp": "1", "FEN": record.start}
    tags |= {"Termination": TERMINATIONS[record.ending]} if record.ending in TERMINATIONS else {}
    tags |= {
        key: value for key, value in record.tags.items() if key not in TAGS.values() and TAG.fullmatch(key)
    }
    head = "".join(f'[{name} "{_escaped(value)}"]\n' for name, value in tags.items())
    words = [*_braced(record.comment), *_line(begin(record.game, record.start), record.plies), result]
    return f"{head}\n{_wrapped(words)}\n"


def _date(text: str) -> str:
    return text.replace("-", ".") if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def _line(episode: HostEpisode, plies: tuple[Ply, ...]) -> Iterator[str]:
    """The words of a line; black's move has a number where the line begins or was interrupted."""
    game, interrupted = episode.game, True
    assert isinstance(game, Chess)
    for ply in plies:
        number, black = int(episode.state.ply) // 2 + 1, bool(episode.state.current_player)
        if not black or interrupted:
            yield f"{number}{'...' if black else '.'}"
        before = episode.before(len(episode.events))
        yield game.san(episode.state, ply.action)
        episode.follow(ply.action)
        yield from (f"${mark}" for mark in ply.marks)
        said = f"{write_remarks(ply)} {ply.comment}".strip()
        yield from _braced(said)
        for line in ply.variations:
            words = list(_line(before.before(len(before.events)), line))
            yield from (f"({words[0]}", *words[1:-1], f"{words[-1]})")
        interrupted = bool(said or ply.variations)


def _braced(comment: str) -> list[str]:
    """A comment as words; a closing brace would end it, so a round one stands for it."""
    words = comment.replace("{", "(").replace("}", ")").split()
    return [f"{{{' '.join(words)}}}"] if words else []


def _wrapped(words: list[str]) -> str:
    lines, line = [], ""
    for word in (part for whole in words for part in whole.split(" ")):
        if line and len(line) + 1 + len(word) > WIDTH - 1:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])
