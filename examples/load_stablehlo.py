"""Play a game by exported programs: JAX is needed, and nothing of jaxplay.

`jaxplay export PLAYER --to FOLDER --format stablehlo` writes the rules and the agent's moves as programs, for
cpu, cuda and tpu. They are promised to load for about half a year: `agent.json` says until when.
Run: python examples/load_stablehlo.py [FOLDER]
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.export


def load(folder: str) -> tuple[dict[str, Any], dict[str, Callable[..., Any]]]:
    """The facts, and each program by its name."""
    about = json.loads((Path(folder) / "agent.json").read_text())
    programs = {
        path.stem: jax.jit(jax.export.deserialize(bytearray(path.read_bytes())).call)
        for path in Path(folder).glob("*.stablehlo")
    }
    return about, programs


def play(programs: dict[str, Callable[..., Any]], seed: int = 0) -> tuple[list[int], jax.Array]:
    """The moves of a game of the agent with itself, and the last rewards by player."""
    keys = (jax.random.key_data(jax.random.fold_in(jax.random.key(seed), i)) for i in range(10**6))
    states, moves = programs["init"](next(keys)), []
    while not states["terminated"].all():
        actions = programs["act"](next(keys), states)
        states = programs["step"](next(keys), states, actions)
        moves.append(int(actions[0]))
    return moves, states["rewards"][0]


def main(folder: str = "") -> None:
    """Load, and play."""
    if not folder:
        from jaxplay.export import export_stablehlo, find_source

        folder = "exported-stablehlo"
        export_stablehlo(find_source("agents:tic_tac_toe"), folder)
    about, programs = load(folder)
    moves, rewards = play(programs)
    print(f"{about['player']} played {moves} with itself: rewards {rewards.tolist()}")
    print(f"loads at least until {about['promised_until']}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
