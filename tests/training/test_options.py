"""All options of training at once: one program, resumed bit for bit, exported; and what is refused."""

import dataclasses
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from copies import copied
from quick import quick_jit
from small_programs import LEAST
from small_runs import digest

from jaxplay.checkpoint import Checkpoints
from jaxplay.config import GumbelConfig, MLPConfig, PUCTConfig, SelfPlayConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.learners import loss_weights
from jaxplay.networks import build_network
from jaxplay.training import make_game, make_training

CONFIG = TrainingConfig(
    game="small_games:Coins",
    network=MLPConfig(width=8, depth=0, reply_head=True, ending_heads=True),
    search=PUCTConfig(
        num_simulations=6, root_temperature=1.25, forced_playouts=2.0, leaves=2, bfloat16_priors=True
    ),
    selfplay=SelfPlayConfig(
        num_matches=16,
        num_plies=4,
        max_opening_plies=2,
        full_share=0.5,
        cheap_simulations=2,
        keep_nodes=5,
        surprise_share=0.5,
        resign_value=-0.3,
        resign_moves=1,
        resign_control=0.25,
    ),
    learner=dataclasses.replace(LEAST.learner, min_positions=128, augment=True, reanalysis_plies=2),
    num_shards=2,
)
STEPS, MIDDLE = 8, 5


class Program:
    """The step with all options, compiled once (it refuses other shapes), and its run from a seed."""

    def __init__(self) -> None:
        self.training = make_training(CONFIG)
        self.start = quick_jit(self.training.init)
        shapes = jax.eval_shape(self.training.init, jax.random.key(0))
        self.jitted = quick_jit(self.training.step, donate_argnums=0)
        self.step: Any = self.jitted.lower(shapes).compile()

    def run(self, state: Any, steps: int) -> Any:
        lines = []
        for _ in range(steps):
            state, metrics = self.step(state)
            lines.append(jax.device_get(metrics))
        return state, lines


@cache
def program() -> Program:
    return Program()


def test_all_options_run_in_one_program():
    """Every metric is there and finite once learning began, but of controls that had nothing to tell."""
    state, lines = program().run(program().start(jax.random.key(0)), STEPS)
    expected = {"learned_share", "resigned", "resign_tests", "resign_errors", "reanalysis_change"}
    assert expected | {"reply_loss", "ownership_loss", "score_loss"} <= lines[-1].keys()
    for name, value in lines[-1].items():
        assert np.isfinite(value) or name == "resign_errors", name
    assert {float(line["learned_share"]) for line in lines} > {0.5}
    assert sum(line["resigned"] for line in lines) > 0 and sum(line["resign_tests"] for line in lines) > 0
    assert 0 < lines[-1]["reanalysis_change"] < 1 and np.isnan(lines[0]["reanalysis_change"])
    for leaf in jax.tree.leaves(state):
        assert not jnp.issubdtype(leaf.dtype, jnp.floating) or np.isfinite(leaf).all()


def test_the_memory_is_written_in_place():
    """Of two shards, and with reanalysis, which reads what it overwrites."""
    assert copied(program().step.as_text(), ".memory.") == set()


def test_a_resumed_run_is_the_same_run(tmp_path):
    """Saved after `MIDDLE` steps and restored: all that options remember lies in the state."""
    whole, lines = program().run(program().start(jax.random.key(1)), STEPS)
    half, _ = program().run(program().start(jax.random.key(1)), MIDDLE)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(half)
    checkpoints.wait()
    abstract = jax.eval_shape(program().training.init, jax.random.key(0))
    again, more = program().run(checkpoints.restore(abstract)[0], STEPS - MIDDLE)
    assert digest(again) == digest(whole)
    jax.tree.map(np.testing.assert_array_equal, more, lines[MIDDLE:])


def test_the_step_with_all_options_is_exported():
    shapes = jax.eval_shape(program().training.init, jax.random.key(0))
    exported: Any = jax.export.export(program().jitted, platforms=("cpu", "cuda", "tpu"))(shapes)
    assert "callback" not in exported.mlir_module()


def test_cheap_moves_of_gumbel_search():
    """Of its own number of simulations: the table of sequential halving is made for it."""
    play = SelfPlayConfig(
        num_matches=4, num_plies=3, max_opening_plies=0, full_share=0.5, cheap_simulations=2
    )
    config = dataclasses.replace(LEAST, search=GumbelConfig(num_simulations=4), selfplay=play)
    shapes = jax.eval_shape(make_training(config).init, jax.random.key(0))
    assert shapes.matches[0].episodes.ply.shape == (1, 4)


def changed(part: str, **fields: Any) -> TrainingConfig:
    return dataclasses.replace(LEAST, **{part: dataclasses.replace(getattr(LEAST, part), **fields)})


def test_endings_need_a_game_that_defines_them():
    with pytest.raises(UserError, match="needs a game that defines ownership or score"):
        make_training(changed("network", ending_heads=True))


def test_resignation_needs_two_players():
    config = dataclasses.replace(changed("selfplay", resign_value=-0.9), game="pgx:2048")
    with pytest.raises(UserError, match="nobody can resign"):
        make_training(config)


def test_weights_count_only_what_is_predicted():
    game = make_game(CONFIG)
    learner: Any = CONFIG.learner
    weights = loss_weights(learner, game, build_network(CONFIG.network, game))
    assert (weights.reply, weights.ownership, weights.score) == (0.15, 1.0, 0.25)
    weights = loss_weights(learner, game, build_network(MLPConfig(), game))
    assert (weights.reply, weights.ownership, weights.score) == (0.0, 0.0, 0.0) and not weights.endings


def test_defaults_remember_nothing_of_options():
    """No watch and no lanes in matches, no final states in replay."""
    shapes = jax.eval_shape(make_training(LEAST).init, jax.random.key(0))
    (matches,), (learner,) = shapes.matches, shapes.learners
    assert matches.episodes.watch is None and matches.lanes is None and learner.memory.final is None
