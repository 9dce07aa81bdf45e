"""Turns of backgammon: what a file writes as `8/5 6/5*` is one checker after the other here."""

import itertools
import re
from typing import NamedTuple

import numpy as np

from jaxplay.errors import UserError, quoted
from jaxplay.game import CHANCE
from jaxplay.games.backgammon import DICE, OFF, ROLLS
from jaxplay.rollout.host import HostEpisode

STEP = re.compile(r"(bar|[0-9]{1,2})((?:/(?:off|[0-9]{1,2})\*?)+)(?:\(([1-4])\))?", re.IGNORECASE)
PASS = 0
MOST_POSITIONS = 2_000
"""Positions that are looked at to find the order of a turn's moves; a turn has four moves at most."""


class Move(NamedTuple):
    """A checker's way in a turn, by places from the mover's bar (0) to beyond the last point (25)."""

    source: int
    target: int


def read_roll(text: str) -> int:
    """The outcome of chance that two digits name, in any order.

    Raises:
        UserError: they are no dice.
    """
    low, high = sorted(int(die) - 1 for die in text)
    found = np.flatnonzero((np.array([low, high]) == ROLLS).all(axis=1))
    if not found.size:
        raise UserError(f"{quoted(text)} is no roll of two dice")
    return int(found[0])


def read_moves(text: str) -> list[Move]:
    """The moves of a turn as a file writes them: `24/18*/13 6/5(2) bar/20 3/off`.

    Raises:
        UserError: a word is none.
    """
    found = []
    for word in text.split():
        step = STEP.fullmatch(word)
        if step is None:
            raise UserError(f"{quoted(word)} is no move, such as 8/5")
        stops = [step[1], *step[2].replace("*", "").split("/")[1:]]
        places = [_place(stop, word) for stop in stops]
        ways = list(itertools.pairwise(places))
        if any(source >= target for source, target in ways):
            raise UserError(f"{quoted(word)} goes backwards")
        found += [Move(*way) for way in ways] * int(step[3] or 1)
    if len(found) > 8:
        raise UserError(f"{quoted(text)} is more than a turn")
    return found


def _place(stop: str, word: str) -> int:
    if stop.lower() in ("bar", "off"):
        return 0 if stop.lower() == "bar" else OFF
    if int(stop) > OFF:
        raise UserError(f"{quoted(word)}: points are 1 to 24")
    return OFF - int(stop)


def play_turn(episode: HostEpisode, moves: list[Move]) -> None:
    """Make a turn's moves, checker by checker, in an order in which the rules allow them; passes too.

    Raises:
        UserError: there is none.
    """
    wanted = _board_after(np.asarray(episode.state.board), moves)
    way = _as_written(episode, moves) or _find(episode, wanted, int(episode.state.turn))
    if way is None:
        raise UserError("these moves are not legal here")
    for action in way:
        episode.follow(action)


def _as_written(episode: HostEpisode, moves: list[Move]) -> tuple[int, ...] | None:
    """Actions that make the moves one by one in their order and end the turn; None where that cannot be."""
    if not moves:
        return None
    source, target = moves[0]
    for action in episode.legal():
        start, die = divmod(action, 6)
        if (start - 1, min(start + die, OFF)) != (source, target) or action < DICE.size:
            continue
        after = episode.before(len(episode.events))
        after.follow(action)
        if len(moves) == 1 and (after.state.terminated or after.player == CHANCE):
            return (action,)
        passing = after.state.moves.any() and not after.state.terminated and after.legal() == [PASS]
        rest = (PASS,) if len(moves) == 1 and passing else _as_written(after, moves[1:])
        if rest is not None:
            return (action, *rest)
    return None


def _board_after(board: np.ndarray, moves: list[Move]) -> np.ndarray:
    """`(26,)`: the board, as the mover counts it, after moves that hit whoever stands alone at their ends."""
    after = board.astype(np.int32)
    for source, target in moves:
        after[source] -= 1
        if target < OFF:
            if after[target] == -1:
                after[target], after[OFF] = 0, after[OFF] - 1
            after[target] += 1
    return after


def _find(episode: HostEpisode, wanted: np.ndarray, turn: int) -> tuple[int, ...] | None:
    """Actions that lead to a board and end the turn, or the game; breadth first over at most four moves."""
    waiting: list[tuple[HostEpisode, tuple[int, ...]]] = [(episode, ())]
    seen: set[tuple[bytes, bytes]] = set()
    while waiting and len(seen) < MOST_POSITIONS:
        here, way = waiting.pop(0)
        for action in here.legal():
            after = here.before(len(here.events))
            after.follow(action)
            board = np.asarray(after.state.board, np.int32)
            over = bool(after.state.terminated)
            ends = over or after.player == CHANCE
            own = -board[::-1] if int(after.state.turn) != turn else board
            if ends and (own == wanted).all():
                return (*way, action)
            mark = (own.tobytes(), np.asarray(after.state.moves).tobytes())
            if not ends and mark not in seen:
                seen.add(mark)
                waiting.append((after, (*way, action)))
    return None
