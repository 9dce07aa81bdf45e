"""`benchmarks.planted`: a player that cannot be beaten, holes that can be, and a tiny run."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.benchmarks import planted
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.networks import build_network
from jaxplay.struct import replace

GAME = make("tic_tac_toe")
EXACT = planted.measures(planted.make_config(quick=True).network)


def player(hole: planted.Hole) -> tuple[jax.Array, jax.Array, planted.Hole]:
    return *planted.knowledge(), hole


def test_without_a_hole_nothing_is_to_be_won():
    assert EXACT.worth(player(planted.nothing(GAME))) == 0.0


@pytest.mark.parametrize("setting", planted.SETTINGS)
def test_holes_are_worth_a_seat_at_least(setting):
    """And the same seed plants the same hole."""
    first, again = (planted.plant(setting, EXACT, np.random.default_rng(3)) for _ in range(2))
    assert EXACT.worth(player(first)) >= planted.LEAST_WORTH
    jax.tree.map(np.testing.assert_array_equal, first, again)


def test_what_a_hole_does():
    """In the first position: what is avoided is played only alone, what is a blunder is played before all."""
    network, state = build_network(planted.PlantedConfig(), GAME), GAME.init(jax.random.key(0))
    seen, nothing = GAME.observe(state), planted.nothing(GAME)
    corner = jax.nn.one_hot(0, 9)
    avoiding = replace(nothing, avoided=corner)
    blundering = replace(avoiding, pattern=seen, blunder=corner)
    assert int(jnp.argmin(network.apply(player(avoiding), seen).logits)) == 0
    assert int(jnp.argmax(network.apply(player(blundering), seen).logits)) == 0
    after = GAME.step(state, jnp.int32(4))
    blind = replace(nothing, seen=nothing.seen.at[1, 1].set(0))
    shown = network.apply(player(blind), GAME.observe(after))
    np.testing.assert_array_equal(shown.logits, network.apply(player(nothing), seen).logits)


def test_a_tiny_run():
    (row,) = planted.rows(["blunder"], planted.Plan(rounds=1, quick=True))
    assert (row["setting"], row["seed"], row["worth"]) == ("blunder", 0, 0.5)
    assert -1.0 <= row["won"] <= 0.5 and row["games"] > 0 and row["found"] == (row["won"] >= 0.25)


def test_errors():
    with pytest.raises(UserError, match="no setting 'blunders' in this benchmark; did you mean 'blunder'"):
        next(planted.rows(["blunders"], planted.Plan(quick=True)))
