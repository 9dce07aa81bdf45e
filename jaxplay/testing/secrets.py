"""What a game shows and what it hides: observations against pictures, and against what it says of itself."""

from collections import defaultdict
from typing import Any

import jax
import numpy as np

from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.law import law
from jaxplay.testing.play import Move, require
from jaxplay.testing.recorded import Recorded

SEES_LESS = "law 9: a player sees less than another, and perfect_information is True"
KNOWS_MORE = (
    "has seen the same pictures and made the same moves, but observes something else: observe shows what is"
    " hidden, or render(player) hides what was seen"
)
PICTURES = 400
"""Positions that are rendered, at most, for each player."""


def check_perfect_information(game: Game[Any], moves: Move, sights: np.ndarray) -> None:
    """Hold `perfect_information`: positions that look the same to one player look the same to every other.

    Args:
        game: that says so.
        moves: random games, `(num_steps, LANES)`.
        sights: `(num_steps, LANES, P, 2)` uint32: fingerprints of what everybody observes before each move.
    """
    mover = moves.lane.state.current_player
    told = np.ones(moves.action.shape, np.bool_)
    first: dict[tuple[int, int, bytes], bytes] = {}
    for place in np.argwhere((mover != CHANCE) & ~moves.lane.state.terminated):
        step, lane = map(int, place)
        everyone = sights[step, lane].tobytes()
        for player in range(game.num_players):
            key = player, int(mover[step, lane]), sights[step, lane, player].tobytes()
            told[step, lane] &= first.setdefault(key, everyone) == everyone
    require(game, moves, told, SEES_LESS, before=True)


def check_secrets(game: Game[Any], recorded: Recorded, sights: np.ndarray) -> None:
    """Hold observations against pictures: who was shown and has done the same all along observes the same.

    Args:
        game: of hidden information.
        recorded: histories of it.
        sights: `(N, P, ...)`: what every player observes.
    """
    mover = recorded.states.current_player
    decides = np.flatnonzero(~recorded.states.terminated & (mover != CHANCE))
    for player in range(game.num_players):
        own, depth = _own_moves(recorded, mover == player)
        seen = _Seen(game, recorded, player)
        first: dict[tuple[int, int, int], int] = {}
        for number in _in_question(decides, own, sights[:, player], depth):
            if seen.rendered >= PICTURES:
                break
            key = int(own[number]), int(mover[number]), seen.history(number)
            one = first.setdefault(key, number)
            law(
                (sights[one, player] == sights[number, player]).all(),
                f"law 9: player {player} {KNOWS_MORE}; see {recorded.call(one)} and {recorded.call(number)}",
            )


def _own_moves(recorded: Recorded, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`(N,)` int twice: a number for the moves that a player has made in each history; its length."""
    names: dict[tuple[int, int, int], int] = {}
    moves, depth = (np.zeros(len(own), np.int64) for _ in range(2))
    for number, parent in enumerate(recorded.parent):
        if parent >= 0:
            depth[number] = depth[parent] + 1
            action = int(recorded.action[number]) if own[parent] else -1
            moves[number] = names.setdefault((int(moves[parent]), int(depth[number]), action), len(names) + 1)
    return moves, depth


def _in_question(decides: np.ndarray, own: np.ndarray, sights: np.ndarray, depth: np.ndarray) -> list[int]:
    """The histories after which a player may know too much, the shortest first.

    They are those beside others of the same own moves in which something else is observed; of each that looks
    the same to the player, one or two.
    """
    groups: dict[int, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in decides:
        groups[int(own[number])][sights[number].tobytes()].append(int(number))
    chosen = [members[0] for group in groups.values() if len(group) > 1 for members in group.values()]
    return sorted(chosen, key=lambda number: int(depth[number]))


class _Seen:
    """What `render` has shown a player on the way to histories: equal numbers where it is the same."""

    def __init__(self, game: Game[Any], recorded: Recorded, player: int) -> None:
        self.game, self.recorded, self.player = game, recorded, player
        self.rendered = 0
        self._histories: dict[int, int] = {-1: 0}
        self._numbers: dict[tuple[int, str], int] = {}

    def history(self, number: int) -> int:
        """The number of the pictures up to history `number`."""
        path = []
        while number not in self._histories:
            path.append(number)
            number = int(self.recorded.parent[number])
        known = self._histories[number]
        for step in reversed(path):
            key = known, self._picture(step)
            known = self._histories[step] = self._numbers.setdefault(key, len(self._numbers) + 1)
        return known

    def _picture(self, number: int) -> str:
        self.rendered += 1
        state = jax.tree.map(lambda x: x[number], self.recorded.states)
        return self.game.render(strip(state), self.player)
