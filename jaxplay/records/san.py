"""Chess moves as people and programs have written them: SAN, with what is often added or left out."""

import re

import numpy as np

from jaxplay.errors import UserError, quoted
from jaxplay.games.chess import Chess
from jaxplay.rollout.host import HostEpisode

MOVE = re.compile(r"([KQRBN]?)([a-h]?[1-8]?)[x:-]?([a-h][1-8])(?:=?([QRBNqrbn]))?")
GLYPHS = {"!": 1, "?": 2, "!!": 3, "??": 4, "!?": 5, "?!": 6}
"""Numbers of the signs behind a move."""


def read_san(episode: HostEpisode, text: str) -> int:
    """The legal action that a move's text names: `Nf3`, `Ngxf3+!?`, `0-0`, `e8Q`, `e2-e4`, `g1f3`.

    Raises:
        UserError: it names none, or several.
    """
    game, state = episode.game, episode.state
    assert isinstance(game, Chess)
    word = re.sub(r"(?:[+#!?]|e\.p\.)+$", "", text).replace("0", "O")
    table = game.legal_by_san(state)
    if word in table:
        return table[word]
    found = MOVE.fullmatch(word)
    if found is None:
        raise UserError(f"{quoted(text)} is not a move of chess")
    piece, source, target, promotion = found.groups(default="")
    if len(source) == 2 and not piece:
        return _by_squares(episode, source + target + promotion.lower(), text)
    fitting = [
        action
        for san, action in table.items()
        if (other := MOVE.fullmatch(san)) is not None
        and (other[1], other[3], other[4] or "") == (piece, target, promotion.upper())
        and all(part in game.move_to_string(state, action)[:2] for part in source)
    ]
    if len(fitting) != 1:
        why = "is several moves" if fitting else "is not legal here"
        raise UserError(f"{quoted(text)} {why}")
    return fitting[0]


def _by_squares(episode: HostEpisode, name: str, text: str) -> int:
    for written in (name, f"{name}q"):
        try:
            action = episode.game.parse_move(episode.state, written)
        except UserError:
            continue
        if np.asarray(episode.state.legal_action_mask)[action]:
            return action
    raise UserError(f"{quoted(text)} is not legal here")


def glyph_of(text: str) -> tuple[int, ...]:
    """The number of the signs at the end of a move, if there are any."""
    found = re.search(r"[!?]+$", text)
    return (GLYPHS[found[0]],) if found is not None and found[0] in GLYPHS else ()
