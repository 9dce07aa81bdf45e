"""A random game of each of ours, written out to be read; a change of rules shows as a change of text.

To write the files of `tests/golden/games` anew: `python -m pytest tests/games/test_golden.py --regenerate`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.game import CHANCE, Game, make, names, strip

GOLDEN = Path(__file__).parent.parent / "golden" / "games"
SEED = 2


def playthrough(name: str) -> str:
    """A random game of `name`, every position with its drawing, observation and actions."""
    game = make(name)
    step, observe = jax.jit(game.step), jax.jit(game.observe)
    random = np.random.RandomState(SEED)  # its numbers are the same in every version of NumPy
    state, returns = game.init(jax.random.key(SEED)), np.zeros(game.num_players)
    lines = [name, *facts(game)]
    for ply in range(10 * game.max_plies):
        returns += np.asarray(state.rewards)
        lines += ["", f"# {ply}", game.render(strip(state))]
        if state.terminated:
            break
        edges = np.flatnonzero(state.legal_action_mask)
        chance = state.current_player == CHANCE
        action = random.choice(edges)
        lines += roll(game, state, action) if chance else decision(game, observe(state), state, edges, action)
        state = step(state, jnp.int32(action))
    return "\n".join([*lines, f"returns: {' '.join(f'{value:g}' for value in returns)}", ""])


def facts(game: Game[Any]) -> Iterator[str]:
    """What a game says of itself."""
    for name in (
        "num_players",
        "num_actions",
        "num_chance_outcomes",
        "max_plies",
        "min_return",
        "max_return",
    ):
        yield f"{name}: {getattr(game, name):g}"
    yield f"perfect_information: {game.perfect_information}, zero_sum: {game.zero_sum}, teams: {game.teams}"


def roll(game: Game[Any], state: Any, outcome: int) -> list[str]:
    """A chance node, and what was drawn."""
    probs = np.asarray(game.chance_probs(state))
    return [f"chance: {' '.join(f'{p:.4g}' for p in probs)}", f"outcome: {outcome}"]


def decision(game: Game[Any], observation: Any, state: Any, legal: np.ndarray, action: int) -> list[str]:
    """What the player to move sees and may do, and what was done."""
    return [
        f"player: {state.current_player}",
        *planes(np.asarray(observation)),
        f"legal: {' '.join(game.action_to_string(edge) for edge in legal)}",
        f"action: {game.action_to_string(action)} ({action})",
    ]


def planes(observation: np.ndarray) -> list[str]:
    """An observation as text: boards side by side, a plane each, `1` and `.` where nothing else is seen."""
    if observation.ndim != 3:
        return [f"observation: {' '.join(f'{value:g}' for value in observation.reshape(-1))}"]
    rows = [
        "  ".join("".join(f"{v:g}" if v else "." for v in row) for row in board.T) for board in observation
    ]
    return ["observation:", *rows]


@pytest.mark.parametrize("name", names())
def test_playthrough_is_the_same(name: str, request: pytest.FixtureRequest):
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--regenerate"):
        path.write_text(playthrough(name))
    assert playthrough(name) == path.read_text()


def test_every_file_has_a_game():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(names())
