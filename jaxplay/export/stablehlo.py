"""StableHLO by `jax.export`: rules, network and moves as programs that need JAX and nothing else.

JAX promises that a program runs on releases of the six months after the one that wrote it
(https://docs.jax.dev/en/latest/export/export.html), and later refuses what is too old: to keep an agent, use
the archive.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
from jax import Array

from jaxplay.checkpoint.leaves import named, shapes
from jaxplay.errors import UserError
from jaxplay.export.network import predictor
from jaxplay.export.source import ABOUT_FILE, Source, new_folder, write_file
from jaxplay.game import Game
from jaxplay.rollout.episode import advance_all, begin

PLATFORMS = ("cpu", "cuda", "tpu")
SUFFIX = ".stablehlo"
PROMISED = timedelta(days=182)
"""How long JAX promises to read what it wrote."""
KEY = jax.ShapeDtypeStruct((2,), jnp.uint32)
"""The data of a key."""
Leaves = dict[str, Array]
"""A batch of states: arrays `(B, ...)` by the name of the field, such as `legal_action_mask`."""


def export_stablehlo(source: Source, to: str | Path, *, batch_size: int = 1) -> list[Path]:
    """Write programs that play the game as the agent does.

    B states are a dictionary of arrays by name. A key is the data of `jax.random.key`: `(2,)` uint32.

    - `init(key) -> states`: B new games at their first decision.
    - `step(key, states, actions (B,)) -> states`: moves made, and chance resolved.
    - `act(key, states) -> (B,) int32`: what the agent plays.
    - `observe(states) -> (B, ...)`: what the players to move see.
    - `predict(observations (N, ...)) -> logits (N, A), values`: the network alone, for any N.

    Args:
        source: the player.
        to: a folder, new or empty.
        batch_size: B, which is part of the programs.

    Returns:
        The files: one for each program, `predict` for networks only, and `agent.json`.

    Raises:
        UserError: the batch is empty, or the folder is not, or cannot be written.
    """
    if batch_size < 1:
        raise UserError(f"batch_size is {batch_size}; allowed: 1 or more")
    folder = new_folder(Path(to))
    programs = _programs(source, batch_size)
    paths = [write_file(folder / f"{name}{SUFFIX}", data) for name, data in programs.items()]
    today = datetime.now(UTC).date()
    about = source.about() | {
        "format": "stablehlo",
        "files": [path.name for path in paths],
        "platforms": list(PLATFORMS),
        "batch_size": batch_size,
        "states": shapes(_states(source.agent.game, batch_size)),
        "written": today.isoformat(),
        "promised_until": (today + PROMISED).isoformat(),
    }
    return [*paths, write_file(folder / ABOUT_FILE, json.dumps(about, indent=1) + "\n")]


def _states(game: Game[Any], batch_size: int) -> Any:
    """The form of B states; nothing is computed."""
    keys = jax.eval_shape(lambda: jax.random.split(jax.random.key(0), batch_size))
    return jax.eval_shape(jax.vmap(lambda key: begin(game, key)), keys)


def _programs(source: Source, batch_size: int) -> dict[str, bytes]:
    """Each program, as bytes, by name."""
    agent, game = source.agent, source.agent.game
    like = _states(game, batch_size)
    act = agent.programs.act(agent.num_simulations)

    def states_of(leaves: Leaves) -> Any:
        return jax.tree.unflatten(jax.tree.structure(like), [leaves[name] for name in named(like)])

    def init(key: Array) -> Leaves:
        return named(jax.vmap(lambda k: begin(game, k))(_split(key, batch_size)))

    def step(key: Array, leaves: Leaves, actions: Array) -> Leaves:
        return named(advance_all(game, states_of(leaves), actions, jax.random.wrap_key_data(key)))

    def move(key: Array, leaves: Leaves) -> Array:
        return act(agent.params, jax.random.wrap_key_data(key), states_of(leaves))

    def observe(leaves: Leaves) -> Array:
        return jax.vmap(game.observe)(states_of(leaves))

    leaves = {name: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for name, leaf in named(like).items()}
    actions = jax.ShapeDtypeStruct((batch_size,), jnp.int32)
    programs = {
        "init": _exported(init, KEY),
        "step": _exported(step, KEY, leaves, actions),
        "act": _exported(move, KEY, leaves),
        "observe": _exported(observe, leaves),
    }
    return programs if source.network is None else programs | {"predict": _network(source)}


def _network(source: Source) -> bytes:
    """The network as a program for any number of observations."""
    predict, shape = predictor(source)
    (count,) = jax.export.symbolic_shape("n")
    return _exported(predict, jax.ShapeDtypeStruct((count, *shape), jnp.float32))


def _split(key: Array, count: int) -> Array:
    """Typed keys, of the data of one."""
    return jax.random.split(jax.random.wrap_key_data(key), count)


def _exported(function: Callable[..., Any], *forms: Any) -> bytes:
    return bytes(jax.export.export(jax.jit(function), platforms=PLATFORMS)(*forms).serialize())
