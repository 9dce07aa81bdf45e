"""What an agent thinks of a position, in words."""

from typing import Any

import jax
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.evaluator import Prediction
from jaxplay.game import Game, scalar_value, value_scale
from jaxplay.search import SearchOutput, principal_variation

WORDS = ((0.95, "winning"), (0.3, "good"), (-0.3, "about even"), (-0.95, "bad"))
"""What a value from -1 to 1 means, from so much on; below the last it is losing."""

MOST_EXPECTED = 8
"""Moves of the line of play that a hint expects."""


def hint(
    agent: Agent,
    state: Any,
    key: Array,
    seconds: float = 0.0,
    num_lines: int = 5,
    who: str = "the player to move",
) -> list[str]:
    """The moves that a search of `state` (one) prefers, best first: visits, value, prior; and what follows.

    Args:
        agent: Agent that is asked.
        state: One position, in which a player is to move.
        key: Key of the search.
        seconds: Seconds that the search takes; with 0 it makes the agent's own number of simulations.
        num_lines: Moves that are shown, at most.
        who: What the player to move is called.
    """
    if not agent.programs.searches:
        return _policy(agent, state, key, num_lines)
    output, line = _searched(agent, state, key, seconds)
    share = output.visits / max(output.visits.sum(), 1)
    order = np.lexsort((-output.prior, -share))[:num_lines]
    order = sorted((a for a in order if output.prior[a] > 0), key=lambda a: a != output.action)
    told = _values(agent.game, np.asarray(output.value), state)
    word = f" ({meaning(float(output.value))} for {who})" if _is_contest(agent.game) else ""
    lines = [f"{agent.name}, {output.visits.sum()} simulations: {told}{word}"]
    names = {action: agent.game.move_to_string(state, action) for action in order}
    width = max(map(len, [*names.values(), "move"]))
    lines.append(f"  {'move':>{width}}  visits  value  prior")
    for action in order:
        value = f"{output.q[action] * value_scale(agent.game):+.2f}" if output.visits[action] else "-"
        prior, visits = 100 * output.prior[action], 100 * share[action]
        lines.append(f"  {names[action]:>{width}}  {visits:5.0f}%  {value:>5}  {prior:4.0f}%")
    if line:
        lines.append(f"expected: {' '.join(line)}")
    if agent.params is None:
        return lines
    chances = expected(agent.game, jax.device_get(agent.predict(state, key)))
    return lines if chances is None else [*lines, f"without search, {who} can expect: {chances}"]


def _searched(agent: Agent, state: Any, key: Array, seconds: float) -> tuple[SearchOutput, list[str]]:
    """What a search of `state` finds, and the moves that it expects; none of a search by the clock."""
    if seconds > 0:
        return jax.device_get(agent.think(state, key, seconds)), []
    found = agent.search(jax.tree.map(lambda leaf: leaf[None], state), key)
    line = principal_variation(agent.game, found)[:MOST_EXPECTED]
    return jax.device_get(jax.tree.map(lambda leaf: leaf[0], found._replace(tree=None))), line


def _policy(agent: Agent, state: Any, key: Array, num_lines: int) -> list[str]:
    """How often each move is played, most often first."""
    prediction = jax.device_get(agent.predict(state, key))
    probs = np.exp(prediction.logits - np.logaddexp.reduce(prediction.logits))
    order = [int(action) for action in np.argsort(-probs, kind="stable")[:num_lines] if probs[action] > 0]
    names = {action: agent.game.move_to_string(state, action) for action in order}
    width = max(map(len, [*names.values(), "move"]))
    lines = [f"{agent.name}, by its policy: {_values(agent.game, prediction.value, state)}"]
    lines.append(f"  {'move':>{width}}  played")
    return [*lines, *(f"  {names[action]:>{width}}  {100 * probs[action]:5.1f}%" for action in order)]


def evaluation(agent: Agent, state: Any, key: Array) -> list[str]:
    """The value of `state` (one) before any search, and after one."""
    prediction = jax.device_get(agent.predict(state, key))
    lines = [f"{agent.programs.told_as}: {_values(agent.game, prediction.value, state)}"]
    chances = expected(agent.game, prediction)
    if chances is not None:
        lines[0] += f" ({chances})"
    if not agent.programs.searches:
        return lines
    value = np.asarray(agent.search(state, key).value)
    return [*lines, f"after {agent.num_simulations} simulations: {_values(agent.game, value, state)}"]


def meaning(value: float) -> str:
    """A value from -1 (a sure loss) to 1 (a sure win) in a word or two."""
    return next((word for least, word in WORDS if value >= least), "losing")


def _is_contest(game: Game[Any]) -> bool:
    """Whether two players win, draw or lose."""
    return game.num_players == 2 and game.zero_sum


def expected(game: Game[Any], prediction: Prediction) -> str | None:
    """The chances that a network gives to win, draw and loss; None if it gives none, or the stakes vary.

    Where no game is drawn, half of what it gives to draws counts for either side: the value stays the same.
    """
    if prediction.outcome is None or not _is_contest(game) or value_scale(game) != 1:
        return None
    loss, draw, win = np.exp(prediction.outcome - np.logaddexp.reduce(prediction.outcome))
    shares = {"win": win, "draw": draw, "loss": loss}
    if not getattr(game, "has_draws", True):
        shares = {"win": win + draw / 2, "loss": loss + draw / 2}
    return ", ".join(f"{name} {100 * share:.0f}%" for name, share in shares.items())


def _values(game: Game[Any], value: np.ndarray, state: Any) -> str:
    """A value, `()` or `(P,)` in order of turn, in units of the game's returns."""
    scaled = np.atleast_1d(value) * value_scale(game)
    if scalar_value(game):
        return f"{scaled[0]:+.2f} for the player to move"
    first = int(state.current_player)
    turn = [(first + i) % game.num_players for i in range(game.num_players)]
    return ", ".join(f"{scaled[turn.index(p)]:+.2f} for player {p + 1}" for p in range(game.num_players))
