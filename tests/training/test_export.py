"""The step lowers for every backend, whatever the machine that lowers it."""

import dataclasses
from typing import Any

import jax
import pytest
import small_leagues
from policy_gradients import KUHN
from small_programs import LEAST
from small_runs import TRAINING

from jaxplay.config import (
    ExploiterConfig,
    GumbelConfig,
    MinimaxConfig,
    PolicyGradientConfig,
    ResNetConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.errors import UserError
from jaxplay.training import compile_step, make_training

EXPLOITER = dataclasses.replace(
    small_leagues.LEAGUE.main_exploiters, models_opponent=True, minimax=MinimaxConfig()
)
BACKENDS = ("cpu", "cuda", "tpu")
CONFIGS = {
    "perceptron": TRAINING,
    "convolutions": dataclasses.replace(
        TRAINING, game="connect_four", network=ResNetConfig(channels=4, depth=1, bfloat16=True)
    ),
    "gumbel": dataclasses.replace(LEAST, search=GumbelConfig(num_simulations=4)),
    "dice": dataclasses.replace(LEAST, game="pgx:backgammon"),
    "shards": dataclasses.replace(LEAST, num_shards=4),
    "policy gradients": dataclasses.replace(KUHN, num_shards=2),
    "policy gradients by a critic": dataclasses.replace(
        KUHN, learner=PolicyGradientConfig(advantage="q", vtrace=True)
    ),
    "league": dataclasses.replace(small_leagues.with_league(main_exploiters=EXPLOITER), num_shards=2),
} | {
    f"exploiter with {form}": dataclasses.replace(
        LEAST, exploiter=ExploiterConfig(opponent_simulations=-1, minimax=MinimaxConfig(form))
    )
    for form in ("target", "edge", "potential")
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_step_is_exported(name):
    """With no callback, donated argument and typed key included; the state comes back as it went in."""
    training = make_training(CONFIGS[name])
    shapes = jax.eval_shape(training.init, jax.random.key(0))
    exported: Any = jax.export.export(compile_step(training), platforms=BACKENDS)(shapes)
    assert exported.platforms == BACKENDS
    assert "callback" not in exported.mlir_module()
    after, _ = jax.tree.unflatten(exported.out_tree, exported.out_avals)
    same = jax.tree.map(lambda a, b: (a.shape, a.dtype) == (b.shape, b.dtype), shapes, after)
    assert all(jax.tree.leaves(same))


def test_hidden_information_is_refused():
    config = TrainingConfig(game="pgx:kuhn_poker", selfplay=SelfPlayConfig(num_matches=16))
    with pytest.raises(UserError, match="kuhn_poker has hidden information"):
        make_training(config)
