"""Tree search on a game of Pgx.

Every environment of Pgx (https://github.com/sotetsuk/pgx) is a game here, named `pgx:ENV_ID`.
Run: python examples/pgx_search.py [ENV_ID]
"""

import sys

import jax

import jaxplay


def main(env_id: str = "connect_four", *, num_simulations: int = 64, num_games: int = 4) -> None:
    """Begin some games by PUCT without a network: equal priors, values by proofs alone."""
    game = jaxplay.make(f"pgx:{env_id}")
    search = jax.jit(jaxplay.search.puct(game, jaxplay.evaluator.uniform(game), num_simulations))
    step = jax.jit(jax.vmap(game.step))
    states = jax.vmap(game.init)(jax.random.split(jax.random.key(0), num_games))
    for ply in range(3):
        found = search(None, jax.random.key(ply), states)
        print(f"ply {ply}: actions {found.action}, mean depth of the search {found.depth.mean():.1f}")
        states = step(states, found.action)


if __name__ == "__main__":
    main(*sys.argv[1:2])
