"""The commands of GTP that are understood, with those of GoGui and HexGui."""

from collections.abc import Callable
from typing import Any

import numpy as np

from jaxplay import __version__
from jaxplay.errors import UserError, quoted
from jaxplay.games.go import Go
from jaxplay.protocols.gtp_session import COLOURS, GtpSession, TimeSettings
from jaxplay.records.files import load
from jaxplay.text import parse_digits, parse_float

Command = Callable[[GtpSession, list[str]], str]
BEST = 10
"""Moves that pictures label."""


def _colour(words: list[str], usage: str, count: int = 1) -> int:
    """The player that the first word names.

    Raises:
        UserError: it names none, or there are not so many words.
    """
    if len(words) != count or words[0].lower() not in COLOURS:
        raise UserError(f"syntax error: {usage}")
    return COLOURS[words[0].lower()]


def _boardsize(session: GtpSession, words: list[str]) -> str:
    sizes = [parse_digits(word) for word in words]
    if len(sizes) not in (1, 2) or None in sizes:
        raise UserError("syntax error: boardsize SIZE")
    if len(set(sizes)) != 1:
        raise UserError("unacceptable size")
    try:
        session.resize(sizes[0] or 0)
    except UserError as error:
        raise UserError(f"unacceptable size: {error}") from None
    return ""


def _clear(session: GtpSession, words: list[str]) -> str:
    session.resize(getattr(session.game, "size"))
    session.left = [None, None]
    session.warm_up()
    return ""


def _komi(session: GtpSession, words: list[str]) -> str:
    komi = parse_float(words[0]) if len(words) == 1 else None
    if komi is None:
        raise UserError("syntax error: komi NUMBER")
    session.set_komi(komi)
    return ""


def _play(session: GtpSession, words: list[str]) -> str:
    session.play(_colour(words, "play COLOUR VERTEX", 2), words[1])
    return ""


def _genmove(session: GtpSession, words: list[str]) -> str:
    return session.generate(_colour(words, "genmove COLOUR"), play=True)


def _reg_genmove(session: GtpSession, words: list[str]) -> str:
    return session.generate(_colour(words, "reg_genmove COLOUR"), play=False)


def _undo(session: GtpSession, words: list[str]) -> str:
    session.undo()
    return ""


def _showboard(session: GtpSession, words: list[str]) -> str:
    return "\n" + session.game.render(session.episode.state)


def _time_settings(session: GtpSession, words: list[str]) -> str:
    times = [parse_float(word) for word in words]
    if len(times) != 3 or any(value is None or not 0 <= value <= 1e6 for value in times):
        raise UserError("syntax error: time_settings MAIN PERIOD STONES")
    main, period, stones = (value or 0.0 for value in times)
    session.settings = TimeSettings(main, period, int(stones))
    session.left = [None, None]
    session.warm_up()
    return ""


def _time_left(session: GtpSession, words: list[str]) -> str:
    player = _colour(words, "time_left COLOUR SECONDS STONES", 3)
    seconds, stones = parse_float(words[1]), parse_digits(words[2])
    if seconds is None or stones is None:
        raise UserError("syntax error: time_left COLOUR SECONDS STONES")
    if session.settings is None:
        session.settings = TimeSettings(max(seconds, 0.0), 0.0, 0)
    session.left[player] = (max(seconds, 0.0), stones)
    return ""


def _final_score(session: GtpSession, words: list[str]) -> str:
    state, game = session.episode.state, session.game
    if isinstance(game, Go):
        margin = float(game.score(state))
        return "0" if margin == 0 else f"{'B' if margin > 0 else 'W'}+{abs(margin):g}"
    if not state.terminated:
        raise UserError("the game is not over")
    return "B+" if session.episode.returns[0] > 0 else "W+"


def _final_status(session: GtpSession, words: list[str]) -> str:
    game = session.game
    if not isinstance(game, Go) or words not in (["alive"], ["dead"], ["seki"]):
        raise UserError("syntax error: final_status_list alive, dead or seki")
    if words != ["alive"]:  # every stone on the board counts
        return ""
    stones = np.flatnonzero(np.asarray(session.episode.state.chains))
    return "\n".join(game.action_to_string(int(point)) for point in stones)


def _loadsgf(session: GtpSession, words: list[str]) -> str:
    number = parse_digits(words[1]) if len(words) == 2 else None
    if len(words) not in (1, 2) or (len(words) == 2 and not number):
        raise UserError("syntax error: loadsgf FILE [MOVE]")
    session.load(load(words[0])[0], None if number is None else number - 1)
    return "" if session.episode.state.terminated else "bw"[session.episode.player]


def _value(session: GtpSession, words: list[str]) -> str:
    return f"{50 + 50 * session.findings().value:.1f}% for {'bw'[session.episode.player]}"


def _policy(session: GtpSession, words: list[str]) -> str:
    moves = session.findings().moves[:BEST]
    return " ".join(f"{session.vertex(move.name)} {100 * move.prior:.0f}" for move in moves)


def _visits(session: GtpSession, words: list[str]) -> str:
    moves = session.findings().moves[:BEST]
    return " ".join(f"{session.vertex(move.name)} {move.visits}" for move in moves)


def _variation(session: GtpSession, words: list[str]) -> str:
    return _line(session, session.findings().moves[0].line)


def _line(session: GtpSession, names: list[str]) -> str:
    turn = session.episode.player
    return " ".join(f"{'bw'[(turn + i) % 2]} {session.vertex(name)}" for i, name in enumerate(names))


def _gfx(session: GtpSession, words: list[str]) -> str:
    found = session.findings()
    lines = [f"VAR {_line(session, found.moves[0].line)}"]
    for move in found.moves[:BEST]:
        lines.append(f"LABEL {session.vertex(move.name)} {50 + 50 * move.value:.0f}")
        lines.append(f"INFLUENCE {session.vertex(move.name)} {move.visits / max(found.visits, 1):.3f}")
    lines.append(f"TEXT {_value(session, words)}, {found.visits} simulations")
    return "\n".join(line for line in lines if "pass" not in line.lower().split())


ANALYSES = (
    "gfx/Search/jaxplay-gfx",
    "pspairs/Visits/jaxplay-visits",
    "pspairs/Policy/jaxplay-policy",
    "var/Principal variation/jaxplay-variation",
    "string/Value/jaxplay-value",
)
"""Analyses that GoGui and HexGui offer: how the answer is shown, title, command."""


def _analyses(session: GtpSession, words: list[str]) -> str:
    return "\n".join(ANALYSES)


def _quit(session: GtpSession, words: list[str]) -> str:
    session.closed = True
    return ""


def _known(session: GtpSession, words: list[str]) -> str:
    return str(words[:1] != [] and words[0] in COMMANDS).lower()


def _name(session: GtpSession, words: list[str]) -> str:
    return f"jaxplay {session.sitter.player.name}"


def _rules(session: GtpSession, words: list[str]) -> str:
    return "go" if isinstance(session.game, Go) else "hex"


COMMANDS: dict[str, Any] = {
    "boardsize": _boardsize,
    "clear_board": _clear,
    "final_score": _final_score,
    "final_status_list": _final_status,
    "genmove": _genmove,
    "gogui-analyze_commands": _analyses,
    "gogui-rules_game_id": _rules,
    "hexgui-analyze_commands": _analyses,
    "jaxplay-gfx": _gfx,
    "jaxplay-policy": _policy,
    "jaxplay-value": _value,
    "jaxplay-variation": _variation,
    "jaxplay-visits": _visits,
    "known_command": _known,
    "komi": _komi,
    "list_commands": lambda session, words: "\n".join(COMMANDS),
    "loadsgf": _loadsgf,
    "name": _name,
    "play": _play,
    "protocol_version": lambda session, words: "2",
    "quit": _quit,
    "reg_genmove": _reg_genmove,
    "showboard": _showboard,
    "time_left": _time_left,
    "time_settings": _time_settings,
    "undo": _undo,
    "version": lambda session, words: __version__,
}


def obey(session: GtpSession, line: str) -> str | None:
    """The answer to a line, with its `=` or `?` and the line that ends it; None where it says nothing."""
    text = "".join(c for c in line.partition("#")[0].replace("\t", " ") if c.isprintable())
    words = text.split()
    number = words.pop(0) if words and words[0].isascii() and words[0].isdigit() else ""
    if not words:
        return None if not number else f"?{number} unknown command\n"
    name, *rest = words
    try:
        if name not in COMMANDS:
            raise UserError(f"unknown command: {quoted(name)[1:-1]}")
        return f"={number} {COMMANDS[name](session, rest)}\n"
    except UserError as error:
        return f"?{number} {error}\n"
