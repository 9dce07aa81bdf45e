"""A game as a row of pictures: what the replay page and the animated picture are made of."""

from typing import Any, NamedTuple

from jaxplay.game import CHANCE
from jaxplay.records.model import GameRecord
from jaxplay.records.names import name_of
from jaxplay.records.scribe import replay


class Frame(NamedTuple):
    """A position.

    Attributes:
        caption: what led to it; empty for the first.
        svg: its picture, with everything to be seen.
        num_plies: plies of the record up to it.
    """

    caption: str
    svg: str
    num_plies: int


def frames(record: GameRecord) -> list[Frame]:
    """The first position and one after each ply, but for those in which chance is to move."""
    episode = replay(record)
    names = [f"{_number(record, i)}{ply.name}" for i, ply in enumerate(record.plies)]
    found, waiting = [], []
    for number, state in enumerate(episode.states):
        waiting += names[number - 1 : number] if number else []
        if int(state.current_player) == CHANCE and not bool(state.terminated):
            continue
        found.append(Frame(" ".join(waiting), record.game.render_svg(state), number))
        waiting = []
    return found


def _number(record: GameRecord, index: int) -> str:
    """The number of a ply, in games without chance."""
    return "" if record.game.num_chance_outcomes or index < record.setup else f"{index - record.setup + 1}. "


def title(record: GameRecord) -> str:
    """Who played what, such as `mcts:400 - gnugo, go`."""
    players = " - ".join(filter(None, record.players))
    return f"{players}, {name_of(record.game)}" if players else name_of(record.game)


def result(record: GameRecord) -> str:
    """How the game ended, in a few words; empty where nobody has said."""
    if record.returns is None:
        return ""
    names = [name or f"player {i + 1}" for i, name in enumerate(record.players or [""] * len(record.returns))]
    why = {"resigned": ", by resignation", "time": ", on time", "forfeit": ", by forfeit"}
    if record.game.num_players != 2 or not record.game.zero_sum:
        earned = ", ".join(f"{name} {value:g}" for name, value in zip(names, record.returns, strict=True))
        return f"returns: {earned}"
    if record.returns[0] == record.returns[1]:
        return "a draw" if record.ending != "cut" else "cut at its limit of moves: a draw"
    winner = names[0] if record.returns[0] > record.returns[1] else names[1]
    return f"{winner} wins{why.get(record.ending or '', '')}"


def move_data(record: GameRecord, first: int, last: int) -> dict[str, Any]:
    """What is said of the plies of a frame, `first` to before `last`, as the page shows it."""
    plies = record.plies[first:last]
    said: dict[str, Any] = {"comment": " ".join(ply.comment for ply in plies if ply.comment)}
    for ply in plies:
        if ply.values is not None:
            said["value"] = round(ply.values[0], 4)
        if ply.loss is not None:
            said["loss"] = round(ply.loss, 4)
            said["best"] = ply.best or ""
    return {name: value for name, value in said.items() if value not in ("", None)}
