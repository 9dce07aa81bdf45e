"""What an agent thinks of a position, in words."""

from typing import Any

import jax
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.game import Game, scalar_value, value_scale

OUTCOMES = ("loss", "draw", "win")


def hint(agent: Agent, state: Any, key: Array, seconds: float = 0.0, num_lines: int = 5) -> list[str]:
    """The moves that a search of `state` (one) prefers, best first: visits, value, prior.

    Args:
        agent: that is asked.
        state: of the game.
        key: of the search.
        seconds: that it takes; 0: as many simulations as the agent makes.
        num_lines: moves shown, at most.
    """
    found = agent.think(state, key, seconds) if seconds > 0 else agent.search(state, key)
    output = jax.device_get(found._replace(tree=None))
    share = output.visits / max(output.visits.sum(), 1)
    order = np.lexsort((-output.prior, -share))[:num_lines]
    order = sorted((a for a in order if output.prior[a] > 0), key=lambda a: a != output.action)
    lines = [f"{agent.name}, {output.visits.sum()} simulations: {_values(agent.game, output.value, state)}"]
    names = {action: agent.game.move_to_string(state, action) for action in order}
    width = max(map(len, [*names.values(), "move"]))
    lines.append(f"  {'move':>{width}}  visits  value  prior")
    for action in order:
        value = f"{output.q[action] * value_scale(agent.game):+.2f}" if output.visits[action] else "-"
        prior, visits = 100 * output.prior[action], 100 * share[action]
        lines.append(f"  {names[action]:>{width}}  {visits:5.0f}%  {value:>5}  {prior:4.0f}%")
    return lines


def evaluation(agent: Agent, state: Any, key: Array) -> list[str]:
    """The value of `state` (one) before any search, and after one."""
    prediction = jax.device_get(agent.predict(state, key))
    lines = [f"without search: {_values(agent.game, prediction.value, state)}"]
    if prediction.outcome is not None:
        shares = np.exp(prediction.outcome - np.logaddexp.reduce(prediction.outcome))
        lines[0] += f" ({_outcomes(shares)})"
    value = np.asarray(agent.search(state, key).value)
    return [*lines, f"after {agent.num_simulations} simulations: {_values(agent.game, value, state)}"]


def _outcomes(shares: np.ndarray) -> str:
    parts = zip(OUTCOMES, shares, strict=True)
    return ", ".join(f"{name} {100 * share:.0f}%" for name, share in reversed(list(parts)))


def _values(game: Game[Any], value: np.ndarray, state: Any) -> str:
    """A value, `()` or `(P,)` in order of turn, in units of the game's returns."""
    scaled = np.atleast_1d(value) * value_scale(game)
    if scalar_value(game):
        return f"{scaled[0]:+.2f} for the player to move"
    first = int(state.current_player)
    turn = [(first + i) % game.num_players for i in range(game.num_players)]
    return ", ".join(f"{scaled[turn.index(p)]:+.2f} for player {p + 1}" for p in range(game.num_players))
