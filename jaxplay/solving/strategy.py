"""A strategy as a file: what to play in every information set of a game, and a player made of it."""

from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.checkpoint.files import DamagedError, first_line, write_whole
from jaxplay.checkpoint.weights import decode, encode
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Prediction
from jaxplay.game import Game
from jaxplay.perspective import frame_of_rewards, view_of_frame
from jaxplay.solve import SequenceForm, behaviour
from jaxplay.solve._expand import seen
from jaxplay.solve.table import Table, table_of
from jaxplay.struct import pytree

STRATEGY_FILE = "strategy.safetensors"
"""Name of the file in the folder of a solution."""


@pytree
class Strategy:
    """What to play, for `strategy_evaluate`.

    Attributes:
        table: finds information sets by a hash of what their owner observes.
        probs: `(I, A)` float32.
        returns: `(I, P)` float32, what each player can expect there.
    """

    table: Table
    probs: Array
    returns: Array


class Facts(NamedTuple):
    """What a file says of its strategy.

    Attributes:
        game: name of the game, as `jaxplay.make` takes it.
        game_options: of it, as pairs.
        algorithm: that found it.
        iterations: of that.
        exploitability: exact.
    """

    game: str
    game_options: tuple[tuple[str, Any], ...]
    algorithm: str
    iterations: int
    exploitability: float


def save_strategy(path: Path, form: SequenceForm, table: np.ndarray, facts: Facts) -> None:
    """Write a strategy, whole or not at all.

    Args:
        path: of the file.
        form: the game.
        table: `(I, A)` probabilities.
        facts: about it.

    Raises:
        UserError: it cannot be written.
    """
    returns = behaviour.expected_returns(form, table)
    arrays = {
        "hashes": form.tree.hashes,
        "probs": table.astype(np.float32),
        "returns": returns.astype(np.float32),
    }
    told = facts._asdict() | {"game_options": [list(pair) for pair in facts.game_options]}
    try:
        write_whole(path, encode(arrays, {"strategy": told}))
    except OSError as error:
        raise UserError(f"cannot write {path}: {first_line(error)}") from error


def read_facts(path: Path) -> Facts:
    """What a strategy's file says about it.

    Raises:
        UserError: it cannot be read, or is no strategy.
    """
    return _facts(path, _decode(path, whole=False)[0])


def load_strategy(path: Path, game: Game[Any]) -> Strategy:
    """The strategy of a file, for `game`.

    Raises:
        UserError: it cannot be read, or is one for another game.
    """
    facts, arrays = _decode(path, whole=True)
    _facts(path, facts)
    shape = (len(arrays["hashes"]), game.num_actions)
    if arrays["probs"].shape != shape or arrays["returns"].shape != (shape[0], game.num_players):
        raise UserError(f"{path} is a strategy for another game than {game}")
    return Strategy(table_of(arrays["hashes"]), jnp.asarray(arrays["probs"]), jnp.asarray(arrays["returns"]))


def _decode(path: Path, *, whole: bool) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        return decode(path, whole=whole)
    except DamagedError as error:
        raise UserError(f"cannot read {path}: {error}") from error


def _facts(path: Path, facts: dict[str, Any]) -> Facts:
    told = facts.get("strategy")
    if not isinstance(told, dict) or set(told) != set(Facts._fields):
        raise UserError(f"{path} is no strategy of jaxplay")
    told["game_options"] = tuple((name, value) for name, value in told["game_options"])
    return Facts(**told)


def strategy_evaluate(game: Game[Any]) -> Evaluate:
    """Says what a `Strategy` plays and expects in a position; uniform play and 0 where it knows nothing."""

    def evaluate(params: Strategy, key: Array, states: Any) -> Prediction:
        row = params.table.find(seen(game, states))
        known, row = row >= 0, jnp.maximum(row, 0)
        logits = jnp.where(known[:, None], jnp.log(params.probs[row]), 0.0)
        frame = frame_of_rewards(game, jnp.where(known[:, None], params.returns[row], 0.0))
        return Prediction(logits, view_of_frame(game, frame, states.current_player))

    return evaluate
