"""The donor game over generations: who earns more has more children, and cooperation lasts or dies out.

Three kinds of players meet: those who give to all but the known bad (discriminators), those who never give,
and those who always do. Where a reputation is known with probability q, a discriminator and a defector earn

    D, D: b - c       D meets defector: -c (1 - q)       defector meets D: b (1 - q)       two defectors: 0

for a turn of both, so that a rare defector does worse than discriminators exactly if q > c / b (Nowak 2006).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import fresh, resolve_chance
from jaxplay.games.donor_game import GIVE, KEEP, PUNISH, DonorGame

KINDS = ("discriminate", "defect", "give", "punish")
"""Discriminators, defectors, givers, and discriminators who punish the known bad instead of keeping."""
DEFECT = KINDS.index("defect")


class Generations(NamedTuple):
    """How the shares of the kinds changed.

    Attributes:
        shares: `(T + 1, N)` float32: at first and after each generation.
    """

    shares: Array

    @property
    def cooperates(self) -> Array:
        """`()` bool: whether all but a thousandth of the last generation give to the good."""
        return self.shares[-1, DEFECT] < 1e-3


def payoffs(game: DonorGame) -> np.ndarray:
    """`(4, 4)` float64: what each of `KINDS` earns a turn as a donor and one as a recipient against each.

    It is what meetings come to in the long run: reputations are what their owners are, which with the norm
    `standing` they are after everybody's first turn.
    """
    b, c, q = game.benefit, game.cost, game.known
    gives = np.array([[1, 1 - q, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1], [1, 1 - q, 1, 1]])
    fines = np.zeros((4, 4))
    fines[3, 1] = q
    return -c * gives - game.fee * fines + b * gives.T - game.fine * fines.T


def evolve(
    table: Array | np.ndarray, shares: Array | np.ndarray, num_generations: int, rate: float = 0.1
) -> Generations:
    """Discrete replicator dynamics: each kind's share grows by what it earns.

    Args:
        table: `(N, N)` payoffs of each kind against each.
        shares: `(N,)` at first.
        num_generations: generations, T.
        rate: how much a point of payoff adds to the number of children.
    """
    table, start = jnp.asarray(table, jnp.float32), jnp.asarray(shares, jnp.float32)

    def generation(shares: Array, _: None) -> tuple[Array, Array]:
        grown = shares * jnp.exp(rate * (table @ shares))
        grown /= grown.sum()
        return grown, grown

    return Generations(
        jnp.concatenate([start[None], jax.lax.scan(generation, start, length=num_generations)[1]])
    )


def act(game: DonorGame, kind: Array, state: Any) -> Array:
    """`()` int32: what a donor of this kind (its place in `KINDS`) does in a position of the game."""
    now = (state.acts >= 0).sum()
    shown = jnp.where(np.arange(game.max_plies) == now, state.shown.astype(jnp.int32) + 1, 0).sum() - 1
    known_bad = shown == 0
    cold = jnp.where(kind == 3, PUNISH, KEEP) if game.punishment else KEEP
    gives = (kind == 2) | ((kind != 1) & ~known_bad)
    return jnp.where(gives, GIVE, jnp.where(kind == 1, KEEP, cold)).astype(jnp.int32)


def play(game: DonorGame, kinds: Array, key: Array) -> Array:
    """`(P,)` float32: what players of these kinds `(P,)` earn in one game."""

    def ply(carry: tuple[Any, Array], key: Array) -> tuple[tuple[Any, Array], None]:
        state, earned = carry
        mover = jnp.where(np.arange(game.players) == state.current_player, kinds, 0).sum()
        state = resolve_chance(game, game.step(state, act(game, mover, state)), key)
        return (state, earned + state.rewards), None

    key_start, key_plies = jax.random.split(key)
    start = fresh(game, key_start), jnp.zeros(game.players)
    return jax.lax.scan(ply, start, jax.random.split(key_plies, game.max_plies))[0][1]
