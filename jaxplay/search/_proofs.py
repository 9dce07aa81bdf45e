"""Proofs of wins and losses in a tree (Winands et al. 2008, Monte-Carlo tree search solver).

A proof speaks of the return of the whole game, not of its last reward: 1 says that player 0 is sure of the
greatest return that the game can have, of size 1 as it is scaled, and -1 says this of player 1. What was
paid on the way from where the tree began counts, and so do the rewards of the last action before that; what
was paid earlier is not known to a search. So a search from the middle of a game that pays on the way proves
nothing unless the rewards that it sees add up to a full return by themselves.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game
from jaxplay.search._paths import Simulations
from jaxplay.search._tree import Tree, take
from jaxplay.struct import replace

TOLERANCE = 1e-5
"""How far a sum of rewards may be from a full return by rounding."""


def provable(game: Game[Any]) -> bool:
    """Whether wins can be proven: two players, zero sum, no chance, nothing hidden."""
    two = game.num_players == 2 and game.zero_sum and game.perfect_information
    return two and game.num_chance_outcomes == 0


def end_proof(terminated: Array, rewards: Array) -> Array:
    """`(K,)` int8: the proof of nodes where the game ends, `rewards` `(K, 1)` on the path to them, scaled."""
    total = rewards[:, 0]
    full = terminated & (jnp.abs(jnp.abs(total) - 1.0) <= TOLERANCE)
    return jnp.where(full, jnp.sign(total), 0.0).astype(jnp.int8)


def node_proof(proven: Array, prior: Array, complete: Array | None, player: Array) -> Array:
    """`(K,)` int8: what the proofs `(K, E)` of the edges of a node prove of it; all in the fixed frame.

    One proven win of the player to move is enough; proven losses must be all that it can do.
    """
    sign = jnp.where(player == 0, 1, -1).astype(jnp.int8)
    mine = proven * sign[:, None]
    won = (mine > 0).any(-1)
    lost = ((mine < 0) | (prior < 0.0)).all(-1)
    if complete is not None:
        lost = lost & complete
    return jnp.where(won, sign, jnp.where(lost, -sign, 0)).astype(jnp.int8)


def root_proof(tree: Tree) -> Array:
    """`(B,)` int8: what is proven of the roots."""
    assert tree.proven is not None
    complete = None if tree.complete is None else tree.complete[0]
    return node_proof(tree.proven[0], tree.prior[0], complete, tree.state.current_player[0])


def carry_up(tree: Tree, simulations: Simulations, node: Array) -> Tree:
    """Carry the proofs of the nodes `(K,)` where simulations ended upwards while they prove what is above."""
    assert tree.proof is not None and tree.proven is not None
    owner, capacity = simulations.owner, tree.parent.shape[0]
    first = simulations.active & (node != 0) & (take(tree.proof, node, owner) != 0)

    def more(carry: tuple[Array, Array, Array, Array]) -> Array:
        return carry[3].any()

    def up(carry: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
        proof, proven, node, news = carry
        above, edge = take(tree.parent, node, owner), take(tree.action, node, owner)
        known = take(proof, node, owner)
        proven = proven.at[jnp.where(news, above, capacity), owner, edge].set(known, mode="drop")
        player = take(tree.state.current_player, above, owner)
        complete = None if tree.complete is None else take(tree.complete, above, owner)
        here = node_proof(take(proven, above, owner), take(tree.prior, above, owner), complete, player)
        news = news & (above != 0) & (here != 0)
        proof = proof.at[jnp.where(news, above, capacity), owner].set(here, mode="drop")
        return proof, proven, above, news

    proof, proven, _, _ = jax.lax.while_loop(more, up, (tree.proof, tree.proven, node, first))
    return replace(tree, proof=proof, proven=proven)
