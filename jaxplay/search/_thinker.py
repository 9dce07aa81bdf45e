"""Search by the clock, for play: the host lengthens a search until time is up. Not for use under `jit`."""

import functools
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.search._edges import root_edges
from jaxplay.search._loop import certain
from jaxplay.search._output import Search, SearchOutput
from jaxplay.search._reuse import empty_tree
from jaxplay.search._tree import Tree

Think = Callable[..., SearchOutput]
Watch = Callable[[SearchOutput], bool]
"""Is given what is found so far, whose tree it must not keep; true: that is enough."""


def thinker(game: Any, search: Search) -> Think:
    """`search` as a function of the seconds that it may take.

    Args:
        game: that is searched.
        search: its number of simulations is made between two looks at the clock; its `capacity` is the
            most nodes that the trees can hold.

    Returns:
        `think(params, key, states, seconds, tree=None, watch=None)`. It calls `search` at least once, and
        then until the time is up, the trees are full, or all actions are certain: wins are proven, or there
        is one action only. `tree` is what is known already, as `search` takes it; it is donated. `watch` is
        given what is found after each call, and stops it by returning true.
    """

    @functools.partial(jax.jit, donate_argnames="tree")
    def more(params: Params, key: Array, states: Any, tree: Tree) -> tuple[SearchOutput, Array]:
        found = search(params, key, states, tree=tree)
        assert found.tree is not None
        left = tree.parent.shape[0] - found.tree.size
        sure = certain(root_edges(game, found.tree), jnp.full(found.action.shape, left))
        return found, (left <= 0) | sure.all()

    def think(
        params: Params,
        key: Array,
        states: Any,
        seconds: float,
        tree: Tree | None = None,
        watch: Watch | None = None,
    ) -> SearchOutput:
        if tree is None:
            tree = empty_tree(jax.eval_shape(search, params, key, states).tree)
        found, done = more(params, jax.random.fold_in(key, 0), states, tree)
        deadline = time.monotonic() + seconds  # from here, as the first call may have been compiled
        call, count = 1, found.num_simulations
        while not done and time.monotonic() < deadline:
            if watch is not None and watch(found._replace(num_simulations=count)):
                break
            found, done = more(params, jax.random.fold_in(key, call), states, found.tree)
            call, count = call + 1, count + found.num_simulations
        return found._replace(num_simulations=count)

    return think
