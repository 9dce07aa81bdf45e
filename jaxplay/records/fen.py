"""FEN: positions of chess, one a line; each is a game without moves."""

from typing import Any

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.games.chess import Chess
from jaxplay.records.model import GameRecord, RecordError
from jaxplay.records.scribe import replay


def read(text: str, game: Game[Any] | None = None) -> list[GameRecord]:
    """The positions of a file; empty lines and those that begin with `#` say nothing.

    Raises:
        RecordError: a line is no position.
    """
    if game is not None and not isinstance(game, Chess):
        raise UserError("FEN files hold positions of chess")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            try:
                state = Chess().from_fen(line)
            except UserError as error:
                raise RecordError(f"line {number}, column 1: {error}") from None
            found.append(GameRecord(Chess(), start=Chess().to_fen(state)))
    if not found:
        raise RecordError("line 1, column 1: no FEN: the file has no position")
    return found


def write(records: list[GameRecord]) -> str:
    """The last position of each game.

    Raises:
        UserError: a game is not chess.
    """
    lines = []
    for record in records:
        if not isinstance(record.game, Chess):
            raise UserError("FEN files hold positions of chess; other games go to JSON")
        lines.append(record.game.to_fen(replay(record).state))
    return "\n".join(lines) + "\n"
