"""What a tree keeps for each node is at most a quarter of a state of Pgx, in every game that both have."""

from typing import Any

import jax
import pytest

from jaxplay.benchmarks.env import PGX_NAMES, SIZES, num_bytes
from jaxplay.game import make, names, strip
from jaxplay.game.pgx import FACTS, environment

OURS = {"go_19x19": SIZES["go_19x19"]} | {name: (name, {}) for name in names()}
THEIRS = {name: PGX_NAMES.get(name, name) for name in OURS}
SHARED = sorted(name for name, pgx_name in THEIRS.items() if pgx_name in FACTS)


def state(init: Any) -> Any:
    """The shapes of a first state."""
    with jax.numpy_rank_promotion("allow"):  # Pgx's chess needs it
        return jax.eval_shape(init, jax.eval_shape(jax.random.key, 0))


def test_games_that_both_have():
    assert len(SHARED) == 11


@pytest.mark.parametrize("name", SHARED)
def test_a_node_takes_a_quarter(name: str):
    base, options = OURS[name]
    node, theirs = state(make(base, **options).init), state(environment(THEIRS[name]).init)
    assert 4 * num_bytes(strip(node)) <= num_bytes(theirs)
