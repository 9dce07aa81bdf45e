"""The JSON form, which holds every game: `docs/records.md` documents it.

A file is one object `{"format": "jaxplay games", "version": 1, "games": [...]}`. Moves are named as the
terminal names them, outcomes of chance in brackets; what is said of a move makes an object of it.
"""

import json
import math
from typing import Any

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.game import Game
from jaxplay.records.model import ENDINGS, MOST_NESTED, GameRecord, Ply, RecordError, refuse
from jaxplay.records.names import game_of, name_of, options_of
from jaxplay.records.scribe import begin, read_move, tell_ply
from jaxplay.rollout.host import HostEpisode

FORMAT, VERSION = "jaxplay games", 1
GAME_FIELDS = (
    *("game", "options", "players", "start", "setup", "moves", "returns", "ending", "comment", "tags"),
)
MOVE_FIELDS = ("move", "comment", "values", "loss", "best", "clock", "marks", "variations")


def write(records: list[GameRecord]) -> str:
    """The text of a file, a move a line."""
    whole = {"format": FORMAT, "version": VERSION, "games": [game_data(record) for record in records]}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def read(text: str, game: Game[Any] | None = None) -> list[GameRecord]:
    """The games of a file.

    Args:
        text: of the file.
        game: of those that are not built in.

    Raises:
        RecordError: it is no such file.
    """
    try:
        whole = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise refuse(text, error.pos, f"no JSON: {error.msg}") from None
    except RecursionError:
        raise RecordError("nested too deeply") from None
    except ValueError as error:
        raise RecordError(str(error)) from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise RecordError(f"no record of games: it lacks the format {FORMAT!r}")
    if whole.get("version") != VERSION:
        raise RecordError(f"version is {quoted(whole.get('version'))}; allowed: {VERSION}")
    games = _typed(whole.get("games"), list, "games")
    return [read_game(data, game, f"games[{i}]") for i, data in enumerate(games)]


def game_data(record: GameRecord) -> dict[str, Any]:
    """A game as plain data; what nobody has said is left out."""
    found = {
        "game": name_of(record.game),
        "options": options_of(record.game),
        "players": list(record.players),
        "start": record.start,
        "setup": record.setup,
        "returns": None if record.returns is None else list(record.returns),
        "ending": record.ending,
        "comment": record.comment,
        "tags": dict(record.tags),
        "moves": [_ply_data(ply) for ply in record.plies],
    }
    return {name: value for name, value in found.items() if value or name in ("game", "moves")}


def _ply_data(ply: Ply) -> Any:
    said = {
        "move": ply.name,
        "comment": ply.comment or None,
        "values": None if ply.values is None else list(ply.values),
        "loss": ply.loss,
        "best": ply.best,
        "clock": ply.clock,
        "marks": list(ply.marks) or None,
        "variations": [[_ply_data(other) for other in line] for line in ply.variations] or None,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return ply.name if len(said) == 1 else said


def read_game(data: Any, game: Game[Any] | None = None, where: str = "game") -> GameRecord:
    """The inverse of `game_data`.

    Args:
        data: as JSON gives it.
        game: see `read`.
        where: what errors call it.

    Raises:
        RecordError: it is no game.
    """
    _known(data, GAME_FIELDS, where)
    try:
        named = _typed(data.get("game"), str, f"{where}.game")
        found = game_of(named, _typed(data.get("options", {}), dict, f"{where}.options"), game)
        start = data.get("start")
        episode = begin(found, None if start is None else _typed(start, str, f"{where}.start"))
    except RecordError:
        raise
    except UserError as error:
        raise RecordError(f"{where}: {error}") from None
    plies = _line(episode, data.get("moves"), f"{where}.moves", 0)
    returns, players = data.get("returns"), _texts(data.get("players", []), f"{where}.players")
    if players and len(players) != found.num_players:
        raise RecordError(f"{where}.players: {len(players)} names; allowed: {found.num_players}")
    return GameRecord(
        found,
        plies,
        players,
        None if returns is None else _numbers(returns, found.num_players, f"{where}.returns"),
        _ending(data.get("ending"), f"{where}.ending"),
        _setup(data.get("setup", 0), len(plies), f"{where}.setup"),
        start,
        _typed(data.get("comment", ""), str, f"{where}.comment"),
        _tags(data.get("tags", {}), f"{where}.tags"),
    )


def _line(episode: HostEpisode, moves: Any, where: str, depth: int) -> tuple[Ply, ...]:
    """Moves that follow each other; the episode goes along."""
    if depth > MOST_NESTED:
        raise RecordError(f"{where}: variations are nested too deeply; allowed: {MOST_NESTED}")
    plies = []
    for number, told in enumerate(_typed(moves, list, where)):
        place, data = f"{where}[{number}]", {"move": told} if isinstance(told, str) else told
        _known(data, MOVE_FIELDS, place)
        before = episode.before(len(episode.events))
        try:
            episode.follow(read_move(episode, _typed(data.get("move"), str, f"{place}.move")))
        except RecordError:
            raise
        except UserError as error:
            raise RecordError(f"{place}: {error}") from None
        plies.append(tell_ply(episode, **_said(data, episode.game.num_players, place)))
        lines = _typed(data.get("variations", []), list, f"{place}.variations")
        if lines:
            others = [
                _line(before.before(len(before.events)), line, f"{place}.variations[{i}]", depth + 1)
                for i, line in enumerate(lines)
            ]
            plies[-1] = plies[-1]._replace(variations=tuple(others))
    return tuple(plies)


def _said(data: dict[str, Any], num_players: int, where: str) -> dict[str, Any]:
    """What is said of a move, checked; None where nothing is."""
    found: dict[str, Any] = {"comment": _typed(data.get("comment", ""), str, f"{where}.comment")}
    if data.get("values") is not None:
        found["values"] = _numbers(data["values"], num_players, f"{where}.values")
    for name in ("loss", "clock"):
        if data.get(name) is not None:
            found[name] = _number(data[name], f"{where}.{name}")
    if data.get("best") is not None:
        found["best"] = _typed(data["best"], str, f"{where}.best")
    marks = _typed(data.get("marks", []), list, f"{where}.marks")
    for mark in marks:
        if not isinstance(mark, int) or isinstance(mark, bool) or not 0 <= mark <= 255:
            raise RecordError(f"{where}.marks: {quoted(mark)}; allowed: 0 to 255")
    return found | {"marks": tuple(marks)}


def _typed(value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        words = {dict: "an object", list: "a list", str: "text", int: "a whole number"}
        raise RecordError(f"{where} is {quoted(value)}; allowed: {words[kind]}")
    return value


def _known(data: Any, allowed: tuple[str, ...], where: str) -> None:
    for name in _typed(data, dict, where):
        if name not in allowed:
            raise RecordError(f"{where} has no field {quoted(name)}{nearest(name, allowed)}")


def _number(value: Any, where: str) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    if not usable or not math.isfinite(value):
        raise RecordError(f"{where} is {quoted(value)}; allowed: a finite number")
    return float(value)


def _numbers(values: Any, count: int, where: str) -> tuple[float, ...]:
    found = tuple(_number(value, where) for value in _typed(values, list, where))
    if len(found) != count:
        raise RecordError(f"{where}: {len(found)} numbers; allowed: {count}, one a player")
    return found


def _texts(values: Any, where: str) -> tuple[str, ...]:
    return tuple(_typed(value, str, where) for value in _typed(values, list, where))


def _tags(values: Any, where: str) -> dict[str, str]:
    return {
        name: _typed(value, str, f"{where}.{name}") for name, value in _typed(values, dict, where).items()
    }


def _ending(value: Any, where: str) -> str | None:
    if value is not None and value not in ENDINGS:
        raise RecordError(f"{where} is {quoted(value)}; allowed: {', '.join(ENDINGS)}")
    return value


def _setup(value: Any, most: int, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise RecordError(f"{where} is {quoted(value)}; allowed: a number of moves, 0 to {most}")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"no JSON: {name} is no number")
