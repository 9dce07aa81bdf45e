"""Moves of an agent below its full strength."""

from typing import Any

import jax
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.play.levels import Level


def weakened_move(agent: Agent, level: Level, state: Any, key: Array) -> int:
    """The move that an agent makes at a level in one position, `state`.

    An agent that searches makes fewer simulations and samples from the weights of their moves; another
    samples from its policy.
    """
    key_search, key_luck = jax.random.split(key)
    if agent.programs.searches:
        simulations = level.simulations(agent.num_simulations)
        output = agent.search(state, key_search, num_simulations=simulations)
        action, weights = int(output.action), np.asarray(output.action_weights)
    else:
        logits = np.asarray(agent.predict(state, key_search).logits, np.float64)
        weights = np.exp(logits - logits.max())
        action = int(weights.argmax())
    luck = np.random.default_rng(np.asarray(jax.random.key_data(key_luck)).ravel())
    legal = np.asarray(state.legal_action_mask)[: agent.game.num_actions]
    return level.choose(action, weights, legal, luck)
