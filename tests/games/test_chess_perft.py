"""Chess: the number of move sequences from positions that are hard to get right."""

import operator
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest

from jaxplay.games.chess import Chess

GAME = Chess()
STEP = jax.jit(jax.vmap(GAME.step))
CHUNK = 2048
"""Positions that step at once."""

POSITIONS = {
    "start": "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
    "kiwipete": "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
    "position 3": "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1",
    "position 4": "r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1",
    "position 5": "rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8",
    "position 6": "r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - - 0 10",
    "promotions": "n1n5/PPPk4/8/8/8/8/4Kppp/5N1N b - - 0 1",
}
COUNTS = {
    "start": [20, 400, 8902, 197281],
    "kiwipete": [48, 2039, 97862, 4085603],
    "position 3": [14, 191, 2812, 43238, 674624],
    "position 4": [6, 264, 9467, 422333],
    "position 5": [44, 1486, 62379, 2103487],
    "position 6": [46, 2079, 89890, 3894594],
    "promotions": [24, 496, 9483, 182838],
}
"""https://www.chessprogramming.org/Perft_Results"""
DEEP_COUNTS = {
    "start": [20, 400, 8902, 197281, 4865609],
    "position 3": [14, 191, 2812, 43238, 674624, 11030083],
    "position 4": [6, 264, 9467, 422333, 15833292],
    "promotions": [24, 496, 9483, 182838, 3605103],
}


def perft(fen: str, depth: int) -> list[int]:
    """The number of move sequences of length 1 to `depth`."""
    counts = [0] * depth

    def descend(states: Any, level: int) -> None:
        legal = states.legal_action_mask & ~states.terminated[:, None]
        counts[level] += int(legal.sum())
        if level + 1 < depth:
            for after in children(states, *np.nonzero(legal)):
                descend(after, level + 1)

    descend(jax.tree.map(lambda leaf: np.asarray(leaf)[None], GAME.from_fen(fen)), 0)
    return counts


def children(states: Any, parents: np.ndarray, actions: np.ndarray) -> Iterator[Any]:
    """The positions after `actions`, some at a time, so that one program does for all, in little memory."""
    for start in range(0, len(parents), CHUNK):
        count = min(CHUNK, len(parents) - start)
        rows = np.resize(parents[start : start + count], CHUNK)
        before = jax.tree.map(operator.itemgetter(rows), states)
        after = STEP(before, np.resize(actions[start : start + count], CHUNK).astype(np.int32))
        yield jax.tree.map(operator.itemgetter(slice(count)), jax.device_get(after))


@pytest.mark.parametrize("name", COUNTS)
def test_perft(name: str):
    assert perft(POSITIONS[name], len(COUNTS[name])) == COUNTS[name]


@pytest.mark.full
@pytest.mark.parametrize("name", DEEP_COUNTS)
def test_deep_perft(name: str):
    assert perft(POSITIONS[name], len(DEEP_COUNTS[name])) == DEEP_COUNTS[name]
