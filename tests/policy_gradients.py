"""Small trainings by policy gradients, and how exploitable they are."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp

from jaxplay.config import MLPConfig, PolicyGradientConfig, SelfPlayConfig, TrainingConfig
from jaxplay.networks import build_network
from jaxplay.solve import behaviour, game_tree, sequence_form
from jaxplay.training import make_game

KUHN = TrainingConfig(
    game="kuhn_poker",
    network=MLPConfig(width=32, depth=1, value_head="scalar"),
    selfplay=SelfPlayConfig(num_matches=64, num_plies=6, max_opening_plies=0),
    learner=PolicyGradientConfig(learning_rate=2e-3, ema_decay=0.995, num_minibatches=2),
)


@cache
def exploitability(config: TrainingConfig) -> Any:
    """`params -> ()`: exploitability of the network's policy, which plays all seats."""
    game = make_game(config)
    evaluate, form = build_network(config.network, game).on(game), sequence_form(game_tree(game))

    def ask(params: Any, states: Any) -> Any:
        logits = evaluate(params, jax.random.key(0), states).logits
        return jax.nn.softmax(jnp.where(states.legal_action_mask[:, : game.num_actions], logits, -1e9))

    table = behaviour.asked(form, ask)
    return jax.jit(lambda params: behaviour.gaps(form, table(params)).exploitability)
