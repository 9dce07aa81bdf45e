"""ONNX by jax2onnx: the network as a graph that any runtime of ONNX evaluates, checked before it is kept.

A search is not converted. Its loops keep random keys, and ONNX has no operation that splits one
(docs/decisions/0025).
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import jaxpr_as_fun

from jaxplay.errors import UserError
from jaxplay.export.network import Predict, predictor
from jaxplay.export.source import ABOUT_FILE, Source, new_folder, write_file

ONNX_FILE = "network.onnx"
OPSET = 18
"""Of ONNX operators: widely supported, and new enough for all that our networks do."""
TOLERANCE = 1e-5
"""Largest difference from JAX that is accepted, relative to the largest output, or absolute below 1."""
NUM_CHECKED = 64
"""Random observations that are compared."""
INPUT, OUTPUTS = "observation", ("logits", "value")


def export_onnx(source: Source, to: str | Path) -> list[Path]:
    """Write the network of a player, once onnxruntime has computed the same with it as JAX.

    Args:
        source: the player.
        to: a folder, new or empty.

    Returns:
        The files: `network.onnx`, from `observation (N, ...)` to `logits (N, A)` and `value (N,)`, or
        `(N, P)`, float32 for any N, and `agent.json`.

    Raises:
        UserError: the player has no network, the extra `export` is not installed, the network cannot be
            converted, onnxruntime computes something else, or the folder cannot be written.
    """
    predict, shape = predictor(source)
    data = converted(predict, shape)
    difference = check_onnx(data, predict, shape)
    folder = new_folder(Path(to))
    about = source.about() | {
        "format": "onnx",
        "files": [ONNX_FILE],
        "opset": OPSET,
        "observation": list(shape),
        "largest_difference": difference,
    }
    path = write_file(folder / ONNX_FILE, data)
    return [path, write_file(folder / ABOUT_FILE, json.dumps(about, indent=1) + "\n")]


def converted(predict: Predict, shape: tuple[int, ...]) -> bytes:
    """A function of observations of a shape as an ONNX model, for any number of observations.

    It is traced first, and the trace converted: jax2onnx has its own layers for those of flax, which it
    cannot batch.

    Raises:
        UserError: the extra `export` is not installed, or the function cannot be converted.
    """
    (count,) = jax.export.symbolic_shape("N")
    form = jax.ShapeDtypeStruct((count, *shape), jnp.float32)
    traced = jaxpr_as_fun(jax.make_jaxpr(predict)(form))
    names: Any = {"input_names": [INPUT], "output_names": list(OUTPUTS)}
    try:
        with _jnp_restored(), _quiet():
            model = _extra("jax2onnx").to_onnx(lambda x: tuple(traced(x)), [form], opset=OPSET, **names)
    except (NotImplementedError, TypeError, ValueError, KeyError) as error:
        raise UserError(f"the network has no form in ONNX: {error}") from error
    return model.SerializeToString()


def check_onnx(data: bytes, predict: Predict, shape: tuple[int, ...]) -> float:
    """The largest difference between onnxruntime and JAX on random observations.

    Raises:
        UserError: onnxruntime is not installed, refuses the model, or the difference is above `TOLERANCE`.
    """
    runtime = _extra("onnxruntime")
    inputs = np.random.default_rng(0).normal(size=(NUM_CHECKED, *shape)).astype(np.float32)
    try:
        session = runtime.InferenceSession(data, providers=["CPUExecutionProvider"])
        found = session.run(list(OUTPUTS), {INPUT: inputs})
    except Exception as error:  # of classes that pybind11 makes
        raise UserError(f"onnxruntime refuses the network: {error}") from error
    difference = max(map(_difference, found, jax.jit(predict)(inputs)))
    if not difference <= TOLERANCE:
        raise UserError(f"onnxruntime differs by {difference:.2g} from JAX; allowed: {TOLERANCE:g}")
    return difference


def _difference(found: np.ndarray, wanted: Array) -> float:
    right = np.asarray(wanted)
    return float(np.abs(found - right).max() / max(1.0, np.abs(right).max()))


def _extra(name: str) -> Any:
    """A module of the extra `export`, which takes long to import."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(f"ONNX needs {name}: pip install 'jaxplay[export]'") from error


@contextmanager
def _jnp_restored() -> Iterator[None]:
    """`jax.numpy` is afterwards as before: jax2onnx leaves a `cumsum` there that takes no axis by place."""
    before = dict(vars(jnp))
    try:
        yield
    finally:
        for name, value in before.items():
            if vars(jnp).get(name) is not value:
                setattr(jnp, name, value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of the converter about shapes that it does not know."""
    loggers = [logging.getLogger(name) for name in ("onnx_ir", "jax2onnx")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
