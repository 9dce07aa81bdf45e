"""The network that sees lines: which lines games have, and what it counts on them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.config import LinesConfig
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.networks import build_network, line_features

GAMES = [
    ("tic_tac_toe", {}, 8),
    ("connect_four", {}, 69),
    ("connect_four", {"rows": 4, "columns": 5, "k": 3}, 12 + 10 + 2 * 6),
    ("gomoku", {"rows": 6, "columns": 7, "k": 5}, 6 * 3 + 2 * 7 + 2 * 2 * 3),
]


@pytest.mark.parametrize(("name", "options", "count"), GAMES)
def test_lines_are_those_that_win(name, options, count):
    game: Any = make(name, **options)
    lines = game.lines
    assert lines.shape == (count, game.k) and len({tuple(sorted(line)) for line in lines.tolist()}) == count
    boards = np.zeros((count, game.rows * game.columns), bool)
    boards[np.arange(count)[:, None], lines] = True
    wins = jax.jit(jax.vmap(lambda board: game.has_line(game.grid.pack(board.reshape(game.grid.shape)))))
    assert wins(boards).all()
    short = boards.copy()
    short[np.arange(count), lines[:, 1]] = False
    assert not wins(short).any()


def test_counts_are_those_of_lines_that_can_still_win():
    game: Any = make("connect_four")
    lines = game.lines
    see = jax.jit(line_features(lines, 42))
    rng = np.random.default_rng(0)
    for _ in range(20):
        cells = rng.integers(0, 3, 42)
        stones = np.stack([cells == 1, cells == 2])
        seen = see(stones.T.astype(np.float32))
        stages = np.reshape(seen.stages, (2, 3, len(lines)))
        threats = np.zeros((2, 42))
        for number, line in enumerate(lines):
            mine, theirs = stones[:, line].sum(axis=1)
            wanted = np.zeros((2, 3))
            if theirs == 0 and 0 < mine < 4:
                wanted[0, mine - 1] = 1
            if mine == 0 and 0 < theirs < 4:
                wanted[1, theirs - 1] = 1
            np.testing.assert_array_equal(stages[:, :, number], wanted)
            for side, count in enumerate((mine, theirs)):
                if wanted[side, 2] and count == 3:
                    threats[side, line[~stones[:, line].any(axis=0)]] = 1
        np.testing.assert_array_equal(seen.threats, threats)


def test_whose_stones_they_are_matters():
    game = make("connect_four", rows=4, columns=4, k=3)
    network = build_network(LinesConfig(width=8, depth=1), game)
    params = network.init(jax.random.key(0))
    observation = game.observe(game.step(game.init(jax.random.key(0)), jnp.int32(1)))
    one, other = (network.apply(params, planes) for planes in (observation, observation[..., ::-1]))
    assert not jnp.allclose(one.logits, other.logits)


def test_games_without_lines_are_refused():
    with pytest.raises(UserError, match=r"network lines needs a game with lines \(tic_tac_toe, .*not Hex"):
        build_network(LinesConfig(), make("hex"))
