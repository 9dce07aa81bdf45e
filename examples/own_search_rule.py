"""A search by a selection rule of one's own.

A rule gives scores to the edges of a node, and a simulation follows the highest. All else (trees, chance,
proofs, budgets) is as in `jaxplay.search.puct`, and the search does wherever a search does.
Run: python examples/own_search_rule.py
"""

import jax
import jax.numpy as jnp
from jax import Array

import jaxplay
from jaxplay.search import Edges, tree_search


def ucb_tuned(edges: Edges) -> Array:
    """Scores `(B, E)`: UCB with a bonus that shrinks where values are extreme (after Auer et al. 2002)."""
    total = jnp.maximum(edges.visits.sum(-1, keepdims=True), 1.0)
    rate = jnp.log(total + 1.0) / jnp.maximum(edges.visits, 1.0)
    variance = jnp.minimum(1.0, 1.0 - edges.q**2 + jnp.sqrt(2.0 * rate))
    return jnp.where(edges.visits > 0, edges.q + jnp.sqrt(rate * variance), jnp.inf)


def main(num_simulations: int = 200) -> None:
    """Show the visits of both rules where either end of three discs in a row wins at once."""
    game = jaxplay.make("connect_four")
    state = game.init(jax.random.key(0))
    for action in (1, 1, 2, 2, 3, 3):
        state = game.step(state, jnp.int32(action))
    states = jax.tree.map(lambda leaf: leaf[None], state)
    evaluate = jaxplay.evaluator.rollout(game)
    searches = {
        "own rule": tree_search(game, evaluate, num_simulations, ucb_tuned),
        "PUCT": jaxplay.search.puct(game, evaluate, num_simulations),
    }
    print(game.render(state))
    for name, search in searches.items():
        found = jax.jit(search)(None, jax.random.key(1), states)
        print(f"{name}: plays {found.action[0]}, visits {found.visits[0].astype(int)}")


if __name__ == "__main__":
    main()
