"""SGF from records: a collection, each game a tree with its variations."""

from collections.abc import Iterator

from jaxplay.games.go import Go
from jaxplay.games.hex import Hex
from jaxplay.records._sgf_games import NUMBERS, Board, board_of, write_point
from jaxplay.records._sgf_result import write_result
from jaxplay.records._sgf_tree import escape
from jaxplay.records.model import GameRecord, Ply
from jaxplay.records.names import options_of
from jaxplay.records.scribe import replay
from jaxplay.records.sgf import (
    COLOURS,
    KEPT,
    MARKS,
    OWN_BEST,
    OWN_ENDING,
    OWN_LOSS,
    OWN_OPTION,
    OWN_VALUES,
    TAGS,
    WRITTEN_ENDINGS,
)
from jaxplay.rollout.host import HostEpisode

GLYPHS = {
    glyph: f"{name}[{i + 1}]" for name, pair in MARKS.items() for i, glyph in list(enumerate(pair))[::-1]
}


def write(records: list[GameRecord]) -> str:
    """The text of a file.

    Raises:
        UserError: SGF does not have the game.
    """
    return "\n".join(map(_game, records)) + "\n"


def _game(record: GameRecord) -> str:
    board, episode = board_of(record.game), replay(record)
    setup = [(event.player, event.action) for event in episode.events[: record.setup]]
    parts = [f"(;{_root(record, board, episode)}{_stones(board, setup)}"]
    if setup:
        parts.append(f"PL[{COLOURS[episode.before(record.setup).player]}]")
    start = episode.before(record.setup)
    parts += _line(board, start, record.plies[record.setup :])
    return "".join(parts) + ")"


def _root(record: GameRecord, board: Board, episode: HostEpisode) -> str:
    """The properties of a root, but for stones."""
    size = f"{board.columns}" if board.columns == board.rows else f"{board.columns}:{board.rows}"
    found = {"FF": "4", "CA": "UTF-8", "GM": str(NUMBERS[type(board.game)]), "SZ": size}
    options = options_of(record.game)
    if isinstance(record.game, Go):
        found["KM"] = f"{record.game.komi:g}"
    skipped = ("komi", "size", "rows", "columns") if not isinstance(record.game, Hex) else ("size",)
    own = [f"{name}:{value}" for name, value in options.items() if name not in skipped]
    for colour, name in zip(COLOURS, record.players, strict=False):
        found[f"P{colour}"] = name
    result = record.tags.get("result") or write_result(record, episode, "BW")
    found |= {"RE": result} | {key: record.tags.get(name, "") for key, name in TAGS.items()}
    found |= {key: record.tags.get(key, "") for key in KEPT}
    found |= {OWN_ENDING: record.ending} if record.ending in WRITTEN_ENDINGS else {}
    text = "".join(f"{key}[{escape(value, simple=key != 'GC')}]" for key, value in found.items() if value)
    text += f"{OWN_OPTION}{''.join(f'[{escape(option, simple=True)}]' for option in own)}" if own else ""
    return text + (f"C[{escape(record.comment)}]" if record.comment else "")


def _stones(board: Board, setup: list[tuple[int, int]]) -> str:
    text = ""
    for player, colour in enumerate(COLOURS):
        points = [write_point(board, a) for who, a in setup if who == player and a != board.passing]
        text += f"A{colour}{''.join(f'[{point}]' for point in points)}" if points else ""
    return text


def _line(board: Board, episode: HostEpisode, plies: tuple[Ply, ...]) -> Iterator[str]:
    """The nodes of plies; from where there are variations, the rest of the line is a tree beside them."""
    open_trees: list[str] = []
    for ply in plies:
        others = [
            f"\n({''.join(_line(board, episode.before(len(episode.events)), line))})"
            for line in ply.variations
        ]
        if others:
            yield "\n("
            open_trees.append("".join(others))
        yield _node(board, episode, ply)
        episode.follow(ply.action)
    for others in reversed(open_trees):
        yield f"){others}"


def _node(board: Board, episode: HostEpisode, ply: Ply) -> str:
    colour = COLOURS[episode.player]
    text = f"\n;{colour}[{write_point(board, ply.action)}]"
    text += f"C[{escape(ply.comment)}]" if ply.comment else ""
    text += "".join(GLYPHS[mark] for mark in ply.marks if mark in GLYPHS)
    text += "" if ply.clock is None else f"{colour}L[{ply.clock!r}]"
    if ply.values is not None:
        text += f"{OWN_VALUES}[{':'.join(map(repr, ply.values))}]"
    text += "" if ply.loss is None else f"{OWN_LOSS}[{ply.loss!r}]"
    return text + (f"{OWN_BEST}[{escape(ply.best, simple=True)}]" if ply.best else "")
