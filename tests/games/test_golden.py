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
LONG = 30_000
"""Characters after which only actions are written, and the end."""
MANY, ROW = 32, 12
"""Planes from which those are drawn that are not the same everywhere, and how many side by side."""


def playthrough(name: str) -> str:
    """A random game of `name`: positions with their pictures, observations and actions."""
    game = make(name)
    step, observe = jax.jit(game.step), jax.jit(game.observe)
    random = np.random.RandomState(SEED)  # its numbers are the same in every version of NumPy
    state, returns = game.init(jax.random.key(SEED)), np.zeros(game.num_players)
    lines, decided = [name, *facts(game)], 0
    for ply in range(10 * game.max_plies):
        returns += np.asarray(state.rewards)
        told = sum(map(len, lines)) < LONG
        if told or state.terminated:
            lines += ["", f"# {ply}", game.render(strip(state))]
        if state.terminated:
            break
        edges = np.flatnonzero(state.legal_action_mask)
        action = random.choice(edges)
        if state.current_player == CHANCE:
            lines += (
                roll(game, state, action)
                if told
                else [f"# {ply}: chance {game.outcome_to_string(strip(state), action)}"]
            )
        elif told:
            decided += 1
            lines += [
                *views(game, strip(state), decided),
                *decision(game, observe(state), state, edges, action),
            ]
        else:
            lines.append(f"# {ply}: {game.move_to_string(state, action)}")
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
    name = game.outcome_to_string(strip(state), outcome)
    return [f"chance: {' '.join(f'{p:.4g}' for p in probs)}", f"outcome: {name} ({outcome})"]


def views(game: Game[Any], state: Any, number: int) -> list[str]:
    """What each player sees of a decision where information is hidden: of number 1, 2, 4, 8 and so on."""
    if game.perfect_information or number & (number - 1):
        return []
    return [
        f"as player {player} sees it:\n{game.render(state, player)}" for player in range(game.num_players)
    ]


def decision(game: Game[Any], observation: Any, state: Any, legal: np.ndarray, action: int) -> list[str]:
    """What the player to move sees and may do, and what was done."""
    state = jax.device_get(state)
    return [
        f"player: {state.current_player}",
        *planes(np.asarray(observation)),
        f"legal: {' '.join(game.move_to_string(state, edge) for edge in legal)}",
        f"action: {game.move_to_string(state, action)} ({action})",
    ]


def planes(observation: np.ndarray) -> list[str]:
    """An observation as text: boards side by side, a plane each, `1` and `.` where nothing else is seen."""
    if observation.ndim != 3:
        return [f"observation: {' '.join(f'{value:g}' for value in observation.reshape(-1))}"]
    if observation.shape[-1] > MANY:
        return [f"observation: everywhere {constants(observation)}", *drawn(observation)]
    rows = [
        "  ".join("".join(f"{v:g}" if v else "." for v in row) for row in board.T) for board in observation
    ]
    return ["observation:", *rows]


def constants(observation: np.ndarray) -> str:
    """The planes that are the same everywhere, but for those that are 0, and their values."""
    same, values = (observation == observation[:1, :1]).all(axis=(0, 1)), observation[0, 0]
    return " ".join(f"{i}={values[i]:g}" for i in np.flatnonzero(same & (values != 0)))


def drawn(observation: np.ndarray) -> Iterator[str]:
    """The other planes, some side by side below their numbers."""
    differ = np.flatnonzero((observation != observation[:1, :1]).any(axis=(0, 1)))
    for group in (differ[start : start + ROW] for start in range(0, len(differ), ROW)):
        yield f"planes {' '.join(map(str, group))}"
        yield from planes(observation[..., group])[1:]


@pytest.mark.parametrize("name", names())
def test_playthrough_is_the_same(name: str, request: pytest.FixtureRequest):
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--regenerate"):
        path.write_text(playthrough(name))
    assert playthrough(name) == path.read_text()


def test_every_file_has_a_game():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(names())
