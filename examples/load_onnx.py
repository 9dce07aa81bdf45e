"""Evaluate an exported network with onnxruntime: neither JAX nor jaxplay is needed.

`jaxplay export PLAYER --to FOLDER --format onnx` writes `network.onnx`, which other runtimes load too, and
`agent.json`. It maps observations to the logits of all actions and to the value for the player to move.
Run: python examples/load_onnx.py [FOLDER]   (needs the extra `export`)
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime


def load(folder: str) -> tuple[dict[str, Any], Callable[[np.ndarray], Any]]:
    """The facts, and a function of observations `(N, ...)`."""
    about = json.loads((Path(folder) / "agent.json").read_text())
    session = onnxruntime.InferenceSession(Path(folder) / "network.onnx")

    def predict(observations: np.ndarray) -> Any:
        return session.run(["logits", "value"], {"observation": observations})

    return about, predict


def main(folder: str = "") -> None:
    """Load, and evaluate an empty board."""
    if not folder:
        from jaxplay.export import export_onnx, find_source

        folder = "exported-onnx"
        export_onnx(find_source("agents:tic_tac_toe"), folder)
    about, predict = load(folder)
    logits, values = predict(np.zeros((1, *about["observation"]), np.float32))
    print(f"{about['player']}: prefers action {logits[0].argmax()}, value {values[0]:+.3f}")
    print(f"differed by {about['largest_difference']:.1e} from JAX when it was written")


if __name__ == "__main__":
    main(*sys.argv[1:2])
