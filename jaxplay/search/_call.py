"""The one function that every search is, and what it refuses."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.search._opponent import Opponent, check_params
from jaxplay.search._output import Search, SearchOutput
from jaxplay.search._tree import Tree


class Call(NamedTuple):
    """What a search was called with, checked; fields as the arguments of `Search`."""

    params: Params
    key: Array
    states: Any
    num_simulations: Array | None
    tree: Tree | None


def as_search(
    game: Game[Any], run: Callable[[Call], SearchOutput], opponent: Opponent | None = None
) -> Search:
    """`run` as a search of `game`, whose arguments are checked before it gets them."""

    def search(
        params: Params,
        key: Array,
        states: Any,
        *,
        num_simulations: Array | None = None,
        tree: Tree | None = None,
    ) -> SearchOutput:
        check_params(opponent, params)
        batch = batch_size(game, states)
        if num_simulations is not None:
            num_simulations = _budget(num_simulations, batch)
        return run(Call(params, key, states, num_simulations, tree))

    return search


def batch_size(game: Game[Any], states: Any) -> int:
    """B of states `(B, ...)`.

    Raises:
        UserError: they are no states, one state, an empty batch, or a batch of batches.
    """
    if not hasattr(states, "terminated"):
        raise UserError(f"states is a {type(states).__name__}; allowed: a batch of states of {game}")
    shape = jnp.shape(states.terminated)
    if len(shape) == 0:
        raise UserError(
            "states is one state; allowed: a batch of them, such as jax.tree.map(lambda x: x[None], state)"
        )
    if len(shape) > 1 or shape[0] == 0:
        raise UserError(f"states has batch axes of sizes {shape}; allowed: one axis of size 1 or more")
    return shape[0]


def _budget(num_simulations: Any, batch: int) -> Array:
    """`(B,)` int32; one number is that of all elements.

    Raises:
        UserError: it has another shape, or is no integer.
    """
    given = jnp.asarray(num_simulations)
    if given.shape not in ((), (batch,)) or not jnp.issubdtype(given.dtype, jnp.integer):
        raise UserError(
            f"num_simulations is {given.dtype} of shape {given.shape}; allowed: integers of shape ({batch},)"
        )
    return jnp.broadcast_to(given.astype(jnp.int32), (batch,))
