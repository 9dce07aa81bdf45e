"""The replay ring against a plain list of games."""

from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_games import NimState

from jaxplay.replay import clear, insert, new_replay, sample, unpack
from jaxplay.rollout import Trajectory
from jaxplay.struct import replace

PLIES, MATCHES, ACTIONS = 4, 2, 3
GOES_ON, TERMINATED, TRUNCATED = range(3)
FINAL = 100_000
"""What `state.piles` of a final state is above that of the last position."""


def make_moves(ends: np.ndarray, first_id: int, values: int = 1) -> Trajectory:
    """Trajectory with `ends` `(T, B)`, of NumPy arrays; `state.piles` numbers positions from `first_id`."""
    number = first_id + np.arange(ends.size, dtype=np.int32).reshape(ends.shape)
    noise = np.random.default_rng(first_id)
    target = np.stack([number % 2, 1 - number % 2, np.zeros_like(number)], axis=-1)
    legal = np.stack([number % 3 < 2, number % 4 > 0, number % 2 < 0], axis=-1)
    zero = np.zeros(ends.shape, np.int32)
    state: Any = (number, zero, None, None, zero > 0)
    final: Any = (number + FINAL, zero, None, None, ends == TERMINATED)
    fields: Any = {
        "state": NimState(*state),
        "final": NimState(*final),
        "player": zero,
        "action": zero,
        "legal_action_mask": legal,
        "policy_target": target.astype(np.float32),
        "log_prob": zero.astype(np.float32),
        "value": noise.integers(-8, 9, (*ends.shape, values)).astype(np.float32) / 8,
        "rewards": noise.integers(-2, 3, (*ends.shape, values)).astype(np.float32),
        "terminated": ends == TERMINATED,
        "truncated": ends == TRUNCATED,
        "policy_weight": (number % 3 > 0).astype(np.float32),
        "value_weight": (number % 5 > 0).astype(np.float32),
    }
    return Trajectory(**fields)


class Model:
    """What the ring should hold: every position ever, by its number, with what followed it."""

    def __init__(self) -> None:
        self.games: list[list[int]] = [[] for _ in range(MATCHES)]
        self.rows: list[list[int]] = []
        self.reward: dict[int, np.ndarray] = {}
        self.return_to_go: dict[int, np.ndarray] = {}
        self.reply: dict[int, int] = {}
        self.last: dict[int, int] = {}

    def insert(self, moves: Any) -> None:
        for t in range(len(moves.player)):
            numbers = moves.state.piles[t].tolist()
            self.rows.append(numbers)
            for match, number in enumerate(numbers):
                self.reward[number] = moves.rewards[t, match]
                self.reply.update((before, number) for before in self.games[match][-1:])
                self.games[match].append(number)
                if moves.terminated[t, match]:
                    self._end(match, self.reward[number])
                elif moves.truncated[t, match]:
                    self._end(match, moves.value[t, match])

    def _end(self, match: int, last: np.ndarray) -> None:
        """The game is over; its last position is worth `last`."""
        total = last
        for number in reversed(self.games[match]):
            total = total if number == self.games[match][-1] else total + self.reward[number]
            self.return_to_go[number], self.last[number] = total, self.games[match][-1]
        self.games[match] = []


@cache
def functions(rows: int, values: int):
    """The empty ring of one shard, and both functions compiled."""
    example = make_moves(np.zeros((PLIES, MATCHES), np.int32), 0, values)
    return (
        new_replay(example, rows),
        jax.jit(lambda replay, moves: insert(replay, one_shard(moves))),
        jax.jit(lambda replay, key, size: sample(replay, 0, key, size, replies=True), static_argnums=2),
    )


def one_shard(moves: Trajectory) -> Trajectory:
    """Moves with an axis of shards in front."""
    return jax.tree.map(lambda leaf: leaf[None], moves)


def check(ends: list[np.ndarray], rows: int, values: int = 1) -> None:
    """Insert chunk after chunk; after each, every sample must be what the model says."""
    replay, write, draw = functions(rows, values)
    model, chunks = Model(), {}
    for i, chunk in enumerate(ends):
        moves = make_moves(chunk, i * chunk.size, values)
        chunks |= {n: (moves, i) for i, n in np.ndenumerate(moves.state.piles)}
        replay = write(replay, moves)
        model.insert(moves)
        samples = jax.device_get(draw(replay, jax.random.key(i), 1024))
        kept = {number for row in model.rows[-rows:] for number in row}
        assert set(samples.state.piles.tolist()) == kept
        numbers, first = np.unique(samples.state.piles, return_index=True)
        for number, j in zip(numbers.tolist(), first.tolist(), strict=True):
            source, place = chunks[number]
            np.testing.assert_array_equal(samples.legal_action_mask[j], source.legal_action_mask[place])
            np.testing.assert_array_equal(samples.policy_target[j], source.policy_target[place])
            np.testing.assert_array_equal(samples.value[j], source.value[place])
            assert samples.policy_weight[j] == source.policy_weight[place]
            known = number in model.return_to_go
            assert samples.value_weight[j] == (source.value_weight[place] if known else 0.0)
            np.testing.assert_allclose(
                samples.return_to_go[j], model.return_to_go.get(number, np.zeros(values))
            )
            check_ends(samples, j, model, number, chunks)


def check_ends(samples: Any, j: int, model: Model, number: int, chunks: dict[int, Any]) -> None:
    """Sample `j` is position `number`: how its game ended, and what was to be played next."""
    if number in model.last:
        last = model.last[number]
        assert samples.final.piles[j] == last + FINAL
        assert samples.final.terminated[j] == chunks[last][0].terminated[chunks[last][1]]
    own, at = chunks[number]
    if number not in model.reply or own.value_weight[at] == 0.0:
        assert samples.reply_weight[j] == 0.0
        return
    source, place = chunks[model.reply[number]]
    assert samples.reply_weight[j] == source.policy_weight[place]
    np.testing.assert_array_equal(samples.reply_target[j], source.policy_target[place])


CHUNK = st.lists(
    st.sampled_from([GOES_ON, GOES_ON, TERMINATED, TRUNCATED]),
    min_size=PLIES * MATCHES,
    max_size=PLIES * MATCHES,
).map(lambda ends: np.reshape(ends, (PLIES, MATCHES)))


@settings(max_examples=50, deadline=None)
@given(st.lists(CHUNK, min_size=1, max_size=6), st.sampled_from([(4, 1), (8, 1), (12, 3)]))
def test_samples_are_those_of_a_list_of_games(ends, sizes):
    check(ends, *sizes)


def test_one_game_longer_than_the_ring_and_games_of_one_ply():
    """A game that began before the oldest row, then table slots that are used again and again."""
    long = [np.zeros((PLIES, MATCHES), np.int32)] * 4
    short = [np.full((PLIES, MATCHES), TERMINATED)] * 5
    check([*long, *short, *long], rows=8)


def test_a_truncated_game_ends_in_the_value_of_its_last_search():
    ends = np.zeros((PLIES, MATCHES), np.int32)
    ends[2, 0], ends[3, 1] = TRUNCATED, TERMINATED
    moves = make_moves(ends, 0)
    replay, write, draw = functions(4, 1)
    samples = jax.device_get(draw(write(replay, moves), jax.random.key(0), 256))
    found = dict(zip(samples.state.piles.tolist(), samples.return_to_go[:, 0].tolist(), strict=True))
    reward, value = moves.rewards[..., 0], moves.value[..., 0]
    assert found[0] == reward[0, 0] + reward[1, 0] + value[2, 0]
    assert found[4] == value[2, 0]
    assert found[6] == 0.0  # of a new game that has not ended
    assert found[1] == reward[:, 1].sum()


def test_samples_are_uniform():
    """Over rows and matches alike: a chi-squared statistic within five standard deviations."""
    replay, write, draw = functions(8, 1)
    ends = np.zeros((PLIES, MATCHES), np.int32)
    for i in range(3):
        replay = write(replay, make_moves(ends, i * ends.size))
    counts = np.bincount(draw(replay, jax.random.key(7), 16384).state.piles, minlength=24)[8:]
    expected = 16384 / 16
    assert ((counts - expected) ** 2 / expected).sum() < 15 + 5 * np.sqrt(2 * 15)


def test_filled_counts_rows_up_to_the_size_of_the_ring():
    replay, write, _ = functions(8, 1)
    filled = []
    for i in range(3):
        replay = write(replay, make_moves(np.zeros((PLIES, MATCHES), np.int32), 8 * i))
        filled.append((replay.filled.tolist(), replay.row.tolist()))
    assert filled == [([4], [4]), ([8], [0]), ([8], [4])]


def test_what_a_game_earned_is_forgotten_with_it():
    """Else sums grow for as long as the run lasts, and lose digits."""
    replay, write, _ = functions(8, 1)
    ends = np.zeros((PLIES, MATCHES), np.int32)
    ends[-1, 0] = TERMINATED
    moves = make_moves(ends, 0)
    after = write(replay, moves)
    np.testing.assert_array_equal(after.current_return[0, :, 0], [0.0, moves.rewards[:, 1].sum()])
    assert after.current_game.tolist() == [[1, 0]]


def test_policy_targets_are_kept_in_half_precision():
    """A share of visits is off by no more than a two-thousandth, and what is 0 stays so."""
    moves = make_moves(np.zeros((PLIES, MATCHES), np.int32), 0)
    target = np.random.default_rng(0).dirichlet(np.ones(ACTIONS), (PLIES, MATCHES)).astype(np.float32)
    target[..., 1] = 0.0
    replay, write, _ = functions(4, 1)
    kept = np.asarray(write(replay, replace(moves, policy_target=target)).policy_target)[0]
    assert kept.dtype == jnp.float16 and (kept[..., 1] == 0).all()
    np.testing.assert_allclose(kept.astype(np.float32), target, rtol=1 / 2048)


def test_masks_of_any_number_of_actions_are_kept():
    """They fill whole bytes and parts of one, and say nothing of the policy target: both are zero here."""
    moves = make_moves(np.zeros((PLIES, MATCHES), np.int32), 0)
    for actions in (1, 8, 19):
        legal = np.random.default_rng(actions).random((PLIES, MATCHES, actions)) < 0.5
        wide = replace(moves, legal_action_mask=legal, policy_target=np.zeros(legal.shape, np.float32))
        replay = insert(new_replay(wide, PLIES), one_shard(wide))
        assert replay.legal_actions.shape[-1] == -(-actions // 8)
        np.testing.assert_array_equal(unpack(replay.legal_actions, actions)[0], legal)
        samples = sample(replay, 0, jax.random.key(0), 64)
        places = np.unravel_index(samples.state.piles, (PLIES, MATCHES))
        np.testing.assert_array_equal(samples.legal_action_mask, legal[places])


def test_replies_and_endings_are_told_only_if_asked_for():
    moves = replace(make_moves(np.zeros((PLIES, MATCHES), np.int32), 0), final=None)
    samples = sample(insert(new_replay(moves, 4), one_shard(moves)), 0, jax.random.key(0), 8)
    assert samples.reply_target is samples.reply_weight is samples.final is None


def test_a_ring_that_is_no_multiple_of_a_chunk_is_refused():
    replay, write, _ = functions(6, 1)
    with pytest.raises(ValueError, match="multiple"):
        write(replay, make_moves(np.zeros((PLIES, MATCHES), np.int32), 0))


def test_a_cleared_ring_holds_what_came_after():
    """Games under way go on: a position knows what its game had earned before, and how it ends."""
    replay, write, draw = functions(8, 1)
    goes_on, ends = np.zeros((PLIES, MATCHES), np.int32), np.zeros((PLIES, MATCHES), np.int32)
    ends[1, 0], ends[3] = TERMINATED, TERMINATED
    old, new = make_moves(ends, 0), make_moves(goes_on, 100)
    replay = write(write(write(replay, old), make_moves(goes_on, 8)), make_moves(ends, 16))
    under_way = write(replay, make_moves(goes_on, 24))
    replay = jax.jit(clear)(under_way)
    assert replay.filled.tolist() == replay.row.tolist() == [0] and (replay.finished == -1).all()
    np.testing.assert_array_equal(replay.current_return, under_way.current_return)
    np.testing.assert_array_equal(replay.current_game, under_way.current_game)
    replay = write(replay, new)
    samples = jax.device_get(draw(replay, jax.random.key(0), 256))
    assert set(samples.state.piles.tolist()) == set(range(100, 108)) and not samples.value_weight.any()
    replay = write(replay, make_moves(ends, 108))
    found = jax.device_get(draw(replay, jax.random.key(1), 512))
    assert set(found.state.piles.tolist()) == set(range(100, 116))
    last = make_moves(ends, 108)
    total = new.rewards[:, 1].sum() + last.rewards[:, 1].sum()  # of the game of match 1, from row 0 on
    np.testing.assert_allclose(found.return_to_go[found.state.piles == 101], total, atol=1e-5)


def test_candidates_leave_out_what_is_not_learned():
    """Of positions of which most have no weight, those that have one, as often as each other."""
    moves = make_moves(np.zeros((PLIES, MATCHES), np.int32), 0)
    learned = np.zeros((PLIES, MATCHES), np.float32)
    learned[1], learned[2, 0] = 1.0, 1.0
    moves = replace(moves, policy_weight=learned, value_weight=learned)
    replay = insert(new_replay(moves, PLIES), one_shard(moves))
    draw = jax.jit(partial(sample, candidates=6), static_argnums=3)
    found = np.bincount(draw(replay, 0, jax.random.key(0), 4096).state.piles, minlength=8)
    assert found.sum() == 4096 and set(np.flatnonzero(found)) == {2, 3, 4}
    np.testing.assert_allclose(found[[2, 3, 4]], 4096 / 3, rtol=0.1)
    few = jax.device_get(
        jax.jit(partial(sample, candidates=2), static_argnums=3)(replay, 0, jax.random.key(1), 4096)
    )
    weighted = few.policy_weight > 0  # two times 3 / 8 do not fill it: all that there are come first
    assert 0.7 < weighted.mean() < 0.8 and weighted[: weighted.sum()].all()


def test_shards_are_written_and_read_apart():
    """Each of three shards holds its own moves, and samples are those of a ring that holds them alone."""
    ends = np.zeros((3, PLIES, MATCHES), np.int32)
    ends[0, 1, 0], ends[1, 2, 1], ends[2, 3] = TERMINATED, TRUNCATED, TERMINATED
    moves = [make_moves(each, 100 * shard) for shard, each in enumerate(ends)]
    _, write, draw = functions(8, 1)
    together = new_replay(moves[0], 8, shards=3)
    alone = [new_replay(moves[0], 8)] * 3
    for _ in range(3):
        together = jax.jit(insert)(together, jax.tree.map(lambda *each: np.stack(each), *moves))
        alone = [write(replay, each) for replay, each in zip(alone, moves, strict=True)]
    read = jax.jit(lambda replay, shard, key: sample(replay, shard, key, 64, replies=True))
    for shard, replay in enumerate(alone):
        found = read(together, shard, jax.random.key(shard))
        jax.tree.map(np.testing.assert_array_equal, found, draw(replay, jax.random.key(shard), 64))
        assert set((found.state.piles // 100).tolist()) == {shard}
