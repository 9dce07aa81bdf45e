"""What searches and training steps cost on a TPU: operations that it does one element after the other."""

import json

import jax
from lowering import counts
from source import ROOT

from jaxplay import search
from jaxplay.config import MLPConfig
from jaxplay.game import make
from jaxplay.networks import build_network
from jaxplay.presets import preset
from jaxplay.training import make_training

GOLDEN = ROOT / "tests" / "golden" / "lowering_programs.json"


def found() -> dict[str, dict[str, int]]:
    """Of searches with 32 simulations, and of the steps of two presets."""
    game, key = make("connect_four"), jax.eval_shape(jax.random.key, 0)
    network = build_network(MLPConfig(width=8, depth=0), game)
    evaluate, params = network.on(game), jax.eval_shape(network.init, key)
    states = jax.eval_shape(lambda key: jax.vmap(game.init)(jax.random.split(key, 64)), key)
    searches = {
        "search by PUCT": search.puct(game, evaluate, 32),
        "search by Gumbel": search.gumbel(game, evaluate, 32),
    }
    told = {
        name: counts(lambda *args, one=one: one(*args), params, key, states) for name, one in searches.items()
    }
    for name in ("connect_four", "kuhn_poker"):
        training = make_training(preset(name).training)
        told[f"step of {name}"] = counts(training.step, jax.eval_shape(training.init, key))
    return told


def test_no_program_goes_beyond_its_budget(request):
    """The budgets are the counts of today, as in `tests/games/test_lowering.py`."""
    if request.config.getoption("--regenerate"):
        GOLDEN.write_text(json.dumps(found(), indent=1, sort_keys=True) + "\n")
    budget = json.loads(GOLDEN.read_text())
    for name, told in found().items():
        assert all(count <= budget[name].get(kind, 0) for kind, count in told.items()), (name, told)
