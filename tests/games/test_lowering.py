"""What games cost on a TPU: what it does one element after the other, each game with its budget."""

import json
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering import counts
from source import ROOT

from jaxplay.game import make, names
from jaxplay.games import _dense
from jaxplay.games.go import Go

GOLDEN = ROOT / "tests" / "golden" / "lowering.json"
BATCH = 64


def budget(name: str) -> dict[str, dict[str, int]]:
    """Of a batch of steps, and of observations."""
    game = make(name)
    states = jax.eval_shape(
        lambda key: jax.vmap(game.init)(jax.random.split(key, BATCH)), jax.eval_shape(jax.random.key, 0)
    )
    actions = jax.ShapeDtypeStruct((BATCH,), jnp.int32)
    return {
        "step": counts(jax.vmap(game.step), states, actions),
        "observe": counts(jax.vmap(game.observe), states),
    }


def test_no_game_goes_beyond_its_budget(request):
    """The budgets are the counts of today: who adds a gather sees it in the diff of the golden file."""
    found = {name: budget(name) for name in names()}
    if request.config.getoption("--regenerate"):
        GOLDEN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    allowed = json.loads(GOLDEN.read_text())
    for name, parts in found.items():
        for part, told in parts.items():
            assert all(count <= allowed[name][part].get(kind, 0) for kind, count in told.items()), (
                name,
                told,
            )


def test_counts_see_computed_indices_only():
    table, index = jax.ShapeDtypeStruct((9,), jnp.float32), jax.ShapeDtypeStruct((4,), jnp.int32)
    assert counts(lambda t, i: t[i], table, index) == {"gather": 1}
    assert counts(lambda t: t[jnp.array([3, 1])], table) == {}
    assert counts(lambda t, i: t.at[i].add(1.0), table, index) == {"scatter": 1}


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.uint32, np.bool_])
def test_both_ways_are_the_same(dtype):
    """Of random values and groups, some of which are out of range as far as each function allows."""
    chance = np.random.default_rng(0)
    values = jnp.asarray(chance.integers(0, 2 if dtype == np.bool_ else 100, (30, 2)).astype(dtype))
    group = jnp.asarray(chance.integers(0, 31, 30).astype(np.int32))
    index = jnp.asarray(chance.integers(0, 30, (3, 5)).astype(np.int8))
    np.testing.assert_array_equal(_dense.taken(values, index), _dense.take(values, index))
    np.testing.assert_array_equal(_dense.greatest_of_pairs(values, group), _dense.greatest(values, group))
    if dtype != np.bool_:
        one = values[:, 0]
        np.testing.assert_array_equal(_dense.sum_of_pairs(one, group), _dense.sum_by(one, group))


def test_go_is_the_same_game_on_a_tpu(monkeypatch):
    """Random games, step by step: with comparisons of all pairs and with gathers."""
    game = Go(size=5)

    def play(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        def ply(state, key):
            masked = jnp.where(state.legal_action_mask, 0.0, -jnp.inf)
            state = game.step(state, jax.random.categorical(key, masked))
            return state, (state.legal_action_mask, state.chains)

        return jax.lax.scan(ply, game.init(key), jax.random.split(key, 48))[1]

    keys = jax.random.split(jax.random.key(0), 16)
    usual = jax.jit(jax.vmap(play))(keys)
    monkeypatch.setattr(jax.lax, "platform_dependent", lambda *args, tpu, default: tpu(*args))
    other = jax.jit(jax.vmap(partial(play)))(keys)
    assert int((usual[1] == 0).sum()) > 0
    jax.tree.map(np.testing.assert_array_equal, usual, other)
