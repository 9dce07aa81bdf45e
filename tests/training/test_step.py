"""The compiled step: one program, no host in it, the same numbers from the same seed."""

import re
from collections import Counter
from functools import cache
from typing import Any

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_programs import LEAST
from small_runs import TRAINING, digest

from jaxplay.config import AlphaZeroConfig
from jaxplay.struct import replace
from jaxplay.training import compile_step, make_training

assert isinstance(TRAINING.learner, AlphaZeroConfig)
WARM = TRAINING.learner.min_positions // TRAINING.selfplay.num_matches // TRAINING.selfplay.num_plies
"""The step, counted from 1, with the first gradient steps: the memory holds enough."""


class Program:
    """The tiny run, whose step may be traced once only."""

    def __init__(self) -> None:
        self.training = make_training(TRAINING)
        self.init = quick_jit(self.training.init)
        step = chex.assert_max_traces(self.training.step, n=1)
        self.step: Any = compile_step(self.training._replace(step=step))

    def run(self, seed: int, steps: int) -> Any:
        """The state after `steps`, and the metrics of each."""
        state, lines = self.init(jax.random.key(seed)), []
        for _ in range(steps):
            state, metrics = self.step(state)
            lines.append(jax.device_get(metrics))
        return state, lines


@cache
def program() -> Program:
    return Program()


def test_it_compiles_once():
    """Also from the state that `init` makes to those that the step returns."""
    program().run(0, 5)
    assert program().step._cache_size() == 1


def test_it_never_asks_the_host():
    """No callback, no feed; what is called outside of XLA's own operations is named here."""
    text = program().step.lower(program().init(jax.random.key(0))).as_text()
    calls = Counter(re.findall(r"custom_call @([\w.]+)", text))
    assert not re.search("callback|infeed|outfeed|send|recv", text)
    assert set(calls) <= set(), calls


def test_nothing_is_transferred_between_two_steps():
    """The guard is seen to work on an argument that lies on the host."""
    state = program().run(0, 1)[0]
    with jax.transfer_guard("disallow"):
        for _ in range(3):
            state, _ = program().step(state)
        with pytest.raises(Exception, match=r"[Dd]isallowed"):
            quick_jit(jnp.sin)(np.ones(3, np.float32))
    assert state.step == 4


def test_the_argument_is_given_up_and_its_memory_used_again():
    """No array of the old state is left, and its bytes are those of the new one."""
    state = program().run(0, 1)[0]
    size = sum(leaf.nbytes for leaf in jax.tree.leaves(state) if leaf.dtype != state.key.dtype)
    stats = program().step.lower(state).compile().memory_analysis()
    after, _ = program().step(state)
    assert all(leaf.is_deleted() for leaf in jax.tree.leaves(state))
    assert not any(leaf.is_deleted() for leaf in jax.tree.leaves(after))
    assert stats.alias_size_in_bytes >= size


def test_equal_seeds_give_equal_runs():
    """Bit for bit, and no two seeds the same."""
    (first, lines), (again, more) = program().run(3, 4), program().run(3, 4)
    assert digest(first) == digest(again)
    jax.tree.map(np.testing.assert_array_equal, lines, more)
    other, _ = program().run(4, 4)
    assert digest(first) != digest(other)
    assert digest(first.matches) != digest(other.matches)


def test_a_step_draws_by_its_number():
    """The same position at another step is played differently; at the same step alike."""
    state = program().init(jax.random.key(0))
    again = program().init(jax.random.key(0))
    later = replace(program().init(jax.random.key(0)), step=jnp.int32(1))
    results = [digest(program().step(s)[0].matches) for s in (state, again, later)]
    assert results[0] == results[1] != results[2]


def test_learning_waits_for_the_memory():
    """Until then parameters stay as they were and no loss is told; from then on all move."""
    start = jax.device_get(program().init(jax.random.key(0)).learners[0].params)
    _, lines = program().run(0, WARM + 2)
    updates = [int(line["updates"]) for line in lines]
    assert updates == [*[0] * (WARM - 1), 2, 4, 6]
    waiting = program().run(0, WARM - 1)[0].learners[0]
    jax.tree.map(np.testing.assert_array_equal, start, jax.device_get(waiting.params))
    jax.tree.map(np.testing.assert_array_equal, start, jax.device_get(waiting.ema))
    moved = program().run(0, WARM)[0].learners[0]
    for tree in (moved.params, moved.ema):
        changed = jax.tree.map(lambda a, b: bool((a != b).any()), start, jax.device_get(tree))
        assert changed["heads"]["policy"]["kernel"] and changed["stem"]["kernel"]


def test_every_number_is_finite():
    """In the state always, in the metrics once learning began."""
    state, lines = program().run(1, WARM + 6)
    for leaf in jax.tree.leaves(state):
        if jnp.issubdtype(leaf.dtype, jnp.floating):
            assert np.isfinite(leaf).all()
    for number, line in enumerate(lines):
        wrong = {name for name, value in line.items() if not np.isfinite(value)}
        learned = {"policy_loss", "value_loss", "policy_gap", "value_error", "gradient_norm"}
        assert wrong == (learned if number < WARM - 1 else set())


def test_seeds_in_a_batch_are_runs_of_their_own():
    """`jax.vmap` of the step over two seeds: the single runs, up to rounding."""
    training = make_training(LEAST)
    init, step, step_all = (quick_jit(f) for f in (training.init, training.step, jax.vmap(training.step)))
    singles: list[Any] = [(init(jax.random.key(seed)), None) for seed in range(2)]
    states, metrics = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(state for state, _ in singles)), None
    for _ in range(5):
        states, metrics = step_all(states)
        singles = [step(state) for state, _ in singles]
    for seed, single in enumerate(singles):
        jax.tree.map(lambda one, many, seed=seed: assert_near(many[seed], one), single, (states, metrics))
        assert single[1]["updates"] > 0


def assert_near(found: Any, expected: Any) -> None:
    if jnp.issubdtype(expected.dtype, jax.dtypes.prng_key):
        found, expected = jax.random.key_data(found), jax.random.key_data(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
