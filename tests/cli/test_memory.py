"""What training and searches are said to take of memory."""

from typing import Any

import jax
import pytest

from jaxplay.cli import memory
from jaxplay.game import make
from jaxplay.presets import measure, preset
from jaxplay.search import tree_bytes
from jaxplay.training import make_training


def bytes_of(tree: Any) -> int:
    """Of all arrays of a tree."""
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))


@pytest.mark.parametrize("size", [3.9e9, 4.1e9])
def test_what_takes_more_than_half_of_the_memory_is_warned_about(size, capsys, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 8e9)
    memory.refuse([memory.Need("trees", 3e9), memory.Need("replay", size - 3e9)])
    line = "jaxplay: warning: this takes 4.1 GB of memory or more, 3 GB of it for trees; there are 8 GB\n"
    assert capsys.readouterr().err == (line if size > 4e9 else "")


@pytest.mark.parametrize("name", ["tic_tac_toe", "connect_four", "othello"])
def test_what_is_counted_is_what_is_there(name):
    """Replay and trees to a twentieth, parameters to a fifth; never more."""
    config, game = preset(name).training, make(name)
    trees, _, replay, learner, _ = (need.size for need in memory.training_needs(config, measure(game)))
    training = make_training(config)
    (learners,) = (jax.eval_shape(training.init, jax.random.key(0)).learners,)
    assert 0.95 < replay / bytes_of(learners[0].memory) <= 1
    assert 0.8 < learner / bytes_of((learners[0].params, learners[0].ema, learners[0].opt_state)) <= 1
    simulations = config.search.num_simulations
    true = config.selfplay.num_matches * tree_bytes(game, simulations)
    assert 0.95 < trees / true <= 1
