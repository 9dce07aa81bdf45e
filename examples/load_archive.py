"""Load an exported network with NumPy alone: neither JAX nor jaxplay is needed to compute it.

`jaxplay export PLAYER --to FOLDER` writes `weights.safetensors`, arrays by name, and `agent.json`, which says
what they belong to. The networks here are the residual perceptrons, `mlp` and `lines`.
Run: python examples/load_archive.py [FOLDER]
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

Predict = Callable[[np.ndarray], tuple[np.ndarray, float]]


def load(folder: str) -> tuple[dict[str, Any], Predict]:
    """The facts, and a function of one observation that gives logits and the value."""
    about = json.loads((Path(folder) / "agent.json").read_text())
    weights = load_file(Path(folder) / "weights.safetensors")
    sees_lines = about["network"]["kind"] == "lines"
    assert sees_lines or about["network"]["kind"] == "mlp"
    assert about["network"]["value_head"] == "outcome"
    below = "trunk." if sees_lines else ""

    def seen(observation: np.ndarray) -> np.ndarray:
        """The observation, how full each line is that one side has alone, and the cells that complete one."""
        stones = np.moveaxis(observation[..., :2], -1, 0).reshape(2, -1)
        lines = np.array(about["lines"])
        counts, threats = stones[:, lines].sum(-1), np.zeros_like(stones)
        alone = counts[::-1] == 0
        stages = [(counts == number) & alone for number in range(1, lines.shape[1])]
        for side, line in zip(*np.nonzero(stages[-1]), strict=True):
            threats[side, lines[line]] = 1
        threats *= ~stones.any(axis=0)
        return np.concatenate([part.reshape(-1) for part in (observation, np.stack(stages, 1), threats)])

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights[f"{below}{name}.kernel"] + weights[f"{below}{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        return x / np.sqrt((x * x).mean() + 1e-6) * weights[f"{below}{name}.scale"]

    def predict(observation: np.ndarray) -> tuple[np.ndarray, float]:
        observation = observation.astype(np.float32)
        x = linear(seen(observation) if sees_lines else observation.reshape(-1), "stem")
        for i in range(about["network"]["depth"]):
            inner = np.maximum(linear(norm(x, f"blocks.{i}.norm"), f"blocks.{i}.first"), 0)
            x = x + linear(inner, f"blocks.{i}.second")
        x = np.maximum(norm(x, "norm"), 0)
        outcome = np.exp(linear(x, "heads.value"))
        loss, _, win = outcome / outcome.sum()
        return linear(x, "heads.policy"), win - loss

    return about, predict


def main(folder: str = "") -> None:
    """Compute a network, and what JAX says of the same position."""
    import jax

    import jaxplay
    from jaxplay.export import export_archive, find_source

    if not folder:
        folder = "exported-archive"
        export_archive(find_source("agents:tic_tac_toe"), folder)
    about, predict = load(folder)
    agent = find_source(about["player"]).agent
    state = jaxplay.make(about["game"], **about["game_options"]).init(jax.random.key(0))
    logits, value = predict(np.asarray(agent.game.observe(state)))
    ours = agent.predict(state)
    difference = max(abs(logits - np.asarray(ours.logits)).max(), abs(value - float(ours.value)))
    print(f"{about['player']}: value {value:+.3f}, at most {difference:.0e} from JAX")


if __name__ == "__main__":
    main(*sys.argv[1:2])
