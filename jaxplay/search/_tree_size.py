"""How large a tree is, before one is made."""

import math
from typing import Any, Unpack

import jax

from jaxplay.evaluator import uniform
from jaxplay.game import Game, fresh
from jaxplay.search._nodes import make_root
from jaxplay.search._opponent import SearchParams
from jaxplay.search._simulator import TreeOptions, make_simulator
from jaxplay.search._tree import Tree, new_tree
from jaxplay.search.rules import proportional
from jaxplay.struct import replace


def tree_bytes(
    game: Game[Any], num_simulations: int, *, leaves: int = 1, **options: Unpack[TreeOptions]
) -> int:
    """The size of one element's tree in bytes; no device is touched.

    A batch of B takes B times as much, and while it is searched up to `4 capacity` bytes more for each
    element and each of its simulations that are made side by side.

    Args:
        game: that is searched.
        num_simulations: as of the search.
        leaves: as of the search.
        options: those of the search, see `TreeOptions`; evaluators do not matter.

    Raises:
        UserError: options that do not fit the game.
    """
    opponent = options.get("opponent")
    options["sees_everything"] = True  # nothing is searched
    if opponent is not None:
        options["opponent"] = opponent._replace(evaluate=uniform(game))
    sim = make_simulator(game, uniform(game), proportional, num_simulations, leaves=leaves, **options)

    def make() -> Tree:
        states = jax.vmap(lambda key: fresh(game, key))(jax.random.split(jax.random.key(0), 1))
        params = None if opponent is None else SearchParams(signal_weight=0.0)
        root = make_root(sim, params, jax.random.key(1), states)
        tree = new_tree(root, sim.capacity, prior_dtype=sim.prior_dtype, pending=leaves > 1)
        return replace(tree, size=None)  # pyright: ignore  # one for the whole batch

    return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(jax.eval_shape(make)))
