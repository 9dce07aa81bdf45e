"""Results as SGF writes them: `B+3.5`, `W+R`, `0`."""

import re
from typing import Any

from jaxplay.games.go import Go
from jaxplay.records.model import GameRecord
from jaxplay.rollout.host import HostEpisode

BY = {
    "r": "resigned",
    "resign": "resigned",
    "t": "time",
    "time": "time",
    "f": "forfeit",
    "forfeit": "forfeit",
}
LETTERS = {"resigned": "R", "time": "T", "forfeit": "F"}


def read_result(text: str, colours: str, *, ended: bool) -> tuple[tuple[float, ...] | None, str | None]:
    """What both players earned, and how the game ended; None where the text does not tell.

    Args:
        text: value of RE.
        colours: of players 0 and 1, such as `BW`.
        ended: whether the game is over by its rules.
    """
    said = text.strip().lower()
    played_out = "rules" if ended else "agreed"
    if said in ("0", "draw", "jigo"):
        return (0.0, 0.0), played_out
    found = re.match(r"([bw])\+(.*)", said)
    if found is None:
        return None, None
    won = 1.0 if found[1].upper() == colours[0] else -1.0
    how = found[2].strip()
    return (won, -won), BY.get(how, played_out if how or ended else None)


def write_result(record: GameRecord, episode: HostEpisode, colours: str) -> str:
    """The value of RE for a record, whose game has been replayed; empty where nothing is known."""
    if record.returns is None or record.ending == "cut":
        return ""
    first, second = record.returns
    if first == second:
        return "0"
    winner = colours[0] if first > second else colours[1]
    letter = LETTERS.get(record.ending or "")
    return f"{winner}+{letter if letter is not None else _score(record, episode)}"


def _score(record: GameRecord, episode: HostEpisode) -> str:
    """By how much a game of Go was won, if it ended by the rules and the count agrees."""
    game: Any = record.game
    if not isinstance(game, Go) or record.ending != "rules" or not episode.state.terminated:
        return ""
    margin, first = float(game.score(episode.state)), record.returns[0] if record.returns else 0.0
    return f"{abs(margin):g}" if margin * first > 0 else ""
