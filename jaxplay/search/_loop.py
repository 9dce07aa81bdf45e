"""The loop of simulations: how many, until when, and how deep they went."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.search._edges import root_edges
from jaxplay.search._paths import path_buffer, start
from jaxplay.search._simulate import simulate, simulate_leaves
from jaxplay.search._simulator import Simulator
from jaxplay.search._tree import Tree
from jaxplay.search.rules import Edges


class DepthStatistics(NamedTuple):
    """How many simulations each element made, and the sum and maximum of their depths; `(B,)` int32 each."""

    number: Array
    sum: Array
    max: Array


def zero_depths(batch: int) -> DepthStatistics:
    """Zero-initialised depth statistics."""
    zero = jnp.zeros((batch,), jnp.int32)
    return DepthStatistics(zero, zero, zero)


def add_depths(depths: DepthStatistics, depth: Array, active: Array) -> DepthStatistics:
    """Add simulations that took `depth` `(W, B)` edges, where `active` `(W, B)`."""
    depth = jnp.where(active, depth, 0)
    number = depths.number + active.sum(0, dtype=jnp.int32)
    return DepthStatistics(number, depths.sum + depth.sum(0), jnp.maximum(depths.max, depth.max(0)))


ChooseAtRoot = Callable[[Edges, Array], Array]
"""`edges of the root, number of the simulation () -> edge to take (B,)`."""

Decided = Callable[[Edges, Array], Array]
"""`edges of the root, simulations left (B,) -> whether they can change nothing (B,)`."""


def certain(edges: Edges, left: Array) -> Array:
    """`(B,)` bool: a win is proven, or there is one action only: no search can decide otherwise."""
    won = (edges.proven > 0).any(-1)
    only = (edges.prior >= 0.0).sum(-1) == 1
    return won | (only & (edges.visits > 0).any(-1))


class Plan(NamedTuple):
    """How much to simulate.

    Attributes:
        choose_at_root: chooses the edges of the root.
        maximum: the most simulations of an element.
        budget: `(B,)` int32, simulations of each element; None: the maximum.
        leaves: simulations of a tree that are evaluated at once.
        decided: ends elements early; None: nothing does.
    """

    choose_at_root: ChooseAtRoot
    maximum: int
    budget: Array | None
    leaves: int = 1
    decided: Decided | None = None


def limits(tree: Tree, maximum: int, budget: Array | None) -> Array:
    """`(B,)` int32: the simulations that each element may make."""
    limit = jnp.full((tree.parent.shape[1],), maximum, jnp.int32)
    return limit if budget is None else jnp.minimum(budget, limit)


def rounds_that_fit(tree: Tree, width: int) -> Array:
    """`()` int32: how many times the trees have room for the nodes of `width` simulations."""
    return (tree.parent.shape[0] - tree.size) // width


_Carry = tuple[Tree, Array, DepthStatistics, Array, Array]


def run_simulations(
    sim: Simulator, tree: Tree, params: Params, key: Array, plan: Plan
) -> tuple[Tree, DepthStatistics]:
    """Simulate as planned, `plan.leaves` simulations at a time."""
    batch, leaves = tree.parent.shape[1], plan.leaves
    limit = jnp.minimum(limits(tree, plan.maximum, plan.budget), rounds_that_fit(tree, leaves) * leaves)

    def goes_on(tree: Tree, i: Array) -> Array:
        going = i < limit
        return going if plan.decided is None else going & ~plan.decided(root_edges(sim.game, tree), limit - i)

    def body(carry: _Carry) -> _Carry:
        tree, buffer, depths, i, active = carry
        key_now = jax.random.fold_in(key, i)
        each = active[None] & (i + jnp.arange(leaves)[:, None] < limit[None])

        def choose_edge(tree: Tree) -> Array:
            return plan.choose_at_root(root_edges(sim.game, tree), i)

        if leaves == 1:
            simulations = start(choose_edge(tree)[None], each)
            tree, buffer, depth = simulate(sim, tree, buffer, params, key_now, simulations)
        else:
            tree, buffer, depth = simulate_leaves(sim, tree, buffer, params, key_now, choose_edge, each)
        depths = add_depths(depths, depth.reshape(leaves, batch), each)
        return tree, buffer, depths, i + leaves, active & goes_on(tree, i + leaves)

    first = jnp.int32(0)
    carry = (tree, path_buffer(tree, leaves * batch), zero_depths(batch), first, goes_on(tree, first))
    tree, _, depths, _, _ = jax.lax.while_loop(lambda carry: carry[4].any(), body, carry)
    return tree, depths
