"""Value targets of many lengths, against sums over lists of games."""

from functools import cache
from typing import Any

import jax
import numpy as np
import pytest
from quick import quick_jit
from small_games import NimState

from jaxplay.learners.traces import horizon, settle
from jaxplay.replay import insert, new_replay, sample
from jaxplay.rollout import Trajectory
from jaxplay.struct import replace

PLIES, MATCHES = 4, 3
GOES_ON, TERMINATED, TRUNCATED = range(3)


def make_moves(chunk: int, ends: np.ndarray, teaches: np.ndarray, values: int) -> Trajectory:
    """Trajectory with `ends` and `teaches` `(T, B)`; `state.piles` numbers positions over all chunks."""
    number = chunk * ends.size + np.arange(ends.size, dtype=np.int32).reshape(ends.shape)
    noise, zero = np.random.default_rng(chunk), np.zeros(ends.shape, np.int32)
    state: Any = NimState(number, zero, None, None, zero > 0)  # type: ignore[arg-type]
    fields: Any = {
        "state": state,
        "final": replace(state, terminated=ends == TERMINATED),
        "player": zero,
        "action": zero,
        "legal_action_mask": np.ones((*ends.shape, 2), bool),
        "policy_target": np.ones((*ends.shape, 2), np.float32),
        "log_prob": zero.astype(np.float32),
        "value": noise.uniform(-1, 1, (*ends.shape, values)).astype(np.float32),
        "rewards": noise.integers(-1, 2, (*ends.shape, values)).astype(np.float32),
        "terminated": ends == TERMINATED,
        "truncated": ends == TRUNCATED,
        "policy_weight": teaches.astype(np.float32),
        "value_weight": teaches.astype(np.float32),
    }
    return Trajectory(**fields)


@cache
def functions(decay: float, rows: int, values: int):
    """The empty ring of one shard, and both functions compiled."""
    nothing = np.zeros((PLIES, MATCHES), np.int32)
    example = make_moves(0, nothing, nothing == 0, values)

    def write(replay: Any, moves: Trajectory) -> Any:
        replay = insert(replay, jax.tree.map(lambda leaf: leaf[None], moves))
        return settle(replay, decay, PLIES)

    ring = new_replay(example, rows, targets=True)
    return ring, quick_jit(write), quick_jit(lambda replay, key: sample(replay, 0, key, 512))


def targets(games: list[Any], decay: float) -> dict[int, np.ndarray]:
    """By number, of positions that teach, in games `[(number, teaches, value, reward, end), ...]`."""
    found: dict[int, np.ndarray] = {}
    for game in games:
        behind: np.ndarray | None = None
        for number, teaches, value, reward, end in reversed(game):
            if end == TERMINATED:
                behind = np.zeros_like(reward)
            elif end == TRUNCATED:
                behind = value - reward  # a game that is cut ends in what was thought of its last position
            if teaches:
                weight = 0.0 if behind is None else decay
                later = np.zeros_like(reward) if behind is None else reward + behind
                behind = found[number] = (1 - weight) * value + weight * later
            elif behind is not None:
                behind = reward + behind
    return found


@pytest.mark.parametrize(("decay", "values"), [(0.0, 1), (0.3, 1), (0.7, 3), (0.95, 1)])
def test_targets_are_those_of_a_list_of_games(decay, values):
    """In a ring that is overwritten, with games that end, are cut, go on, and moves that teach nothing."""
    rows, chunks = 12, 9
    replay, write, draw = functions(decay, rows, values)
    luck = np.random.default_rng(int(100 * decay))
    under_way: list[list[Any]] = [[] for _ in range(MATCHES)]
    games: list[list[Any]] = []
    for chunk in range(chunks):
        ends = luck.choice(3, (PLIES, MATCHES), p=[0.75, 0.2, 0.05])
        moves = make_moves(chunk, ends, luck.random(ends.shape) < 0.75, values)
        for ply, match in np.ndindex(ends.shape):
            fields = (moves.state.piles, moves.value_weight, moves.value, moves.rewards, ends)
            under_way[match].append(tuple(field[ply, match] for field in fields))
            if ends[ply, match] != GOES_ON:
                games.append(under_way[match])
                under_way[match] = []
        replay = write(replay, moves)
        samples = jax.device_get(draw(replay, jax.random.key(chunk)))
        expected = targets([*games, *under_way], decay)
        taught = samples.value_weight > 0
        oldest = (chunk + 1) * ends.size - rows * MATCHES
        assert set(samples.state.piles[taught].tolist()) == {n for n in expected if n >= oldest}
        for number, found in zip(samples.state.piles[taught], samples.return_to_go[taught], strict=True):
            np.testing.assert_allclose(found, expected[int(number)], atol=2 * 0.01 + 1e-5)


def test_what_is_negligible_is_left_as_it_was():
    assert (horizon(0.0), horizon(0.01), horizon(0.5), horizon(0.9)) == (1, 1, 7, 44)


def test_a_game_that_goes_on_shows_no_ending():
    """Not that of an older game, whose place in the table is the same."""
    replay, write, draw = functions(0.5, 4, 1)
    every = np.ones((PLIES, MATCHES), bool)
    replay = write(replay, make_moves(0, np.full((PLIES, MATCHES), TERMINATED), every, 1))
    assert jax.device_get(draw(replay, jax.random.key(0))).final.terminated.all()
    replay = write(replay, make_moves(1, np.zeros((PLIES, MATCHES), np.int32), every, 1))
    samples = jax.device_get(draw(replay, jax.random.key(0)))
    assert samples.value_weight.all() and not samples.final.terminated.any()
