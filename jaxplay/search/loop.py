"""The loop of simulations: how many, until when, and how deep they went."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.search.nodes import Simulator, root_edges
from jaxplay.search.paths import room, set_out
from jaxplay.search.rules import Edges
from jaxplay.search.simulate import simulate, simulate_leaves
from jaxplay.search.tree import Tree


class Depths(NamedTuple):
    """Of the simulations of each element, `(B,)` int32: how many, their depths' sum and maximum."""

    number: Array
    sum: Array
    max: Array


def no_depths(batch: int) -> Depths:
    """Of no simulations."""
    zero = jnp.zeros((batch,), jnp.int32)
    return Depths(zero, zero, zero)


def add_depths(depths: Depths, depth: Array, active: Array) -> Depths:
    """With simulations that took `depth` `(W, B)` edges, where `active` `(W, B)`."""
    depth = jnp.where(active, depth, 0)
    number = depths.number + active.sum(0, dtype=jnp.int32)
    return Depths(number, depths.sum + depth.sum(0), jnp.maximum(depths.max, depth.max(0)))


Start = Callable[[Edges, Array], Array]
"""`edges of the root, number of the simulation () -> edge to start with (B,)`."""

Decided = Callable[[Edges, Array], Array]
"""`edges of the root, simulations to come (B,) -> nothing more can change the decision (B,)`."""


def certain(edges: Edges, left: Array) -> Array:
    """`(B,)` bool: a win is proven, or there is one action only: no search can decide otherwise."""
    won = (edges.proven > 0).any(-1)
    only = (edges.prior >= 0.0).sum(-1) == 1
    return won | (only & (edges.visits > 0).any(-1))


class Plan(NamedTuple):
    """How much to simulate.

    Attributes:
        start: chooses the edges of the root.
        maximum: simulations of an element.
        budget: `(B,)` int32, of single elements; None: the maximum.
        leaves: of a tree, evaluated at once.
        decided: ends elements early; None: nothing does.
    """

    start: Start
    maximum: int
    budget: Array | None
    leaves: int = 1
    decided: Decided | None = None


def limits(tree: Tree, maximum: int, budget: Array | None) -> Array:
    """`(B,)` int32: simulations that each element may make."""
    limit = jnp.full((tree.parent.shape[1],), maximum, jnp.int32)
    return limit if budget is None else jnp.minimum(budget, limit)


def rounds_with_room(tree: Tree, width: int) -> Array:
    """`()` int32: how many times the trees have room for the nodes of `width` walkers."""
    return (tree.parent.shape[0] - tree.size) // width


def run_simulations(
    sim: Simulator, tree: Tree, params: Params, key: Array, plan: Plan
) -> tuple[Tree, Depths]:
    """Simulate as planned, `plan.leaves` simulations at a time."""
    batch, leaves = tree.parent.shape[1], plan.leaves
    limit = jnp.minimum(limits(tree, plan.maximum, plan.budget), rounds_with_room(tree, leaves) * leaves)

    def open_(tree: Tree, i: Array) -> Array:
        going = i < limit
        return going if plan.decided is None else going & ~plan.decided(root_edges(sim.game, tree), limit - i)

    def body(carry: tuple[Tree, Array, Depths, Array, Array]) -> tuple[Tree, Array, Depths, Array, Array]:
        tree, scratch, depths, i, active = carry
        key_now = jax.random.fold_in(key, i)
        each = active[None] & (i + jnp.arange(leaves)[:, None] < limit[None])
        if leaves == 1:
            walkers = set_out(plan.start(root_edges(sim.game, tree), i)[None], each)
            tree, scratch, depth = simulate(sim, tree, scratch, params, key_now, walkers)
        else:
            tree, scratch, depth = simulate_leaves(
                sim,
                tree,
                scratch,
                params,
                key_now,
                lambda tree: plan.start(root_edges(sim.game, tree), i),
                each,
            )
        depths = add_depths(depths, depth.reshape(leaves, batch), each)
        return tree, scratch, depths, i + leaves, active & open_(tree, i + leaves)

    first = jnp.int32(0)
    carry = (tree, room(tree, leaves * batch), no_depths(batch), first, open_(tree, first))
    tree, _, depths, _, _ = jax.lax.while_loop(lambda carry: carry[4].any(), body, carry)
    return tree, depths
