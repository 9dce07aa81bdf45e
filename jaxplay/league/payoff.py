"""Who beat whom: a table of all games between N players, older games counting less.

A game between two players ages every earlier game of that pair, in either seat, by one factor: AlphaStar's
0.99 (Vinyals et al. 2019) remembers about two hundred games. Games of a player against itself tell
nothing and are not counted.
"""

import math
from statistics import NormalDist

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.struct import pytree

DECAY = 0.99
"""What one game of a pair leaves of the weight of its earlier games."""


@pytree
class Payoff:
    """Games of the row player against the column player, by the row player's seat.

    In a game of teams, a seat is a team.

    Attributes:
        games: `(N, N, 2)` float32.
        wins: `(N, N, 2)` float32, of the row player, who earned more.
        draws: `(N, N, 2)` float32.
        returns: `(N, N, 2)` float32, sums of what the row player earned.
    """

    games: Array
    wins: Array
    draws: Array
    returns: Array


def new_payoff(num_players: int) -> Payoff:
    """No games yet."""
    return Payoff(*jnp.zeros((4, num_players, num_players, 2)))


def tally(num_players: int, players: Array, returns: Array, counted: Array) -> Payoff:
    """Count games, all with the same weight; tallies may be added up.

    Args:
        num_players: N.
        players: `(B, 2)` int32, who sat in which seat.
        returns: `(B, 2)` float32, what each seat earned.
        counted: `(B,)` bool; other games are left out, as are games of a player against itself.
    """
    counted = counted & (players[:, 0] != players[:, 1])
    row = jnp.where(counted[:, None], players, num_players)
    column, other = players[:, ::-1], returns[:, ::-1]
    seat = jnp.broadcast_to(jnp.arange(2), players.shape)
    facts = jnp.stack([jnp.ones_like(returns), returns > other, returns == other, returns], axis=-1)
    table = jnp.zeros((num_players, num_players, 2, 4)).at[row, column, seat].add(facts, mode="drop")
    return Payoff(*jnp.moveaxis(table, -1, 0))


def tally_lanes(
    num_players: int, row: Array, column: Array, games: Array, own: Array, other: Array
) -> Payoff:
    """Count games that are summed up already, for each of K pairs and seat of the row player.

    Args:
        num_players: N.
        row: `(K,)` int32 players.
        column: `(K,)` int32, their opponents; pairs may occur several times. Where both are the same, nothing
            is counted.
        games: `(K, 2)` float32, by the seat of the row player; a draw counts in no one's wins.
        own: `(K, 2, 2)` float32, wins and sums of returns of the row player.
        other: the same of the column player.
    """
    row = jnp.where(row == column, num_players, row)
    column = jnp.where(row == num_players, num_players, column)
    draws = games - own[..., 0] - other[..., 0]
    mine = jnp.stack([games, own[..., 0], draws, own[..., 1]], axis=-1)
    theirs = jnp.stack([games, other[..., 0], draws, other[..., 1]], axis=-1)[:, ::-1]
    table = jnp.zeros((num_players, num_players, 2, 4))
    table = table.at[row, column].add(mine, mode="drop").at[column, row].add(theirs, mode="drop")
    return Payoff(*jnp.moveaxis(table, -1, 0))


def absorb(payoff: Payoff, fresh: Payoff, decay: float = DECAY) -> Payoff:
    """`payoff` after the games of a tally, as if they had come one by one.

    The n games of a pair keep `decay^n` of the old table and count `(1 - decay^n) / (1 - decay)` together.
    Which of them came first is not known, so each counts as the mean of all orders.
    """
    count = fresh.games.sum(-1, keepdims=True)
    kept = jnp.power(decay, count)
    if decay == 1.0:
        weight = jnp.ones_like(count)
    else:
        mass = -jnp.expm1(count * math.log(decay)) / (1.0 - decay)
        weight = mass / jnp.maximum(count, 1.0)
    return jax.tree.map(lambda old, new: kept * old + weight * new, payoff, fresh)


def num_games(payoff: Payoff) -> Array:
    """`(N, N)`: games of each pair, both seats, by their weight."""
    return payoff.games.sum(-1)


def score(payoff: Payoff) -> Array:
    """`(N, N)`: points of the row player per game, a draw being half a point; 0.5 where unknown."""
    points = (payoff.wins + payoff.draws / 2).sum(-1)
    games = num_games(payoff)
    return jnp.where(games > 0.0, points / jnp.maximum(games, 1e-30), 0.5)


def advantage(payoff: Payoff) -> Array:
    """`(N, N)`, antisymmetric: half of what the row player earns more than the column player, in the mean.

    In a zero-sum game, what the row player earns; 0 where nothing is known.
    """
    games, earned = num_games(payoff), payoff.returns.sum(-1)
    return (earned - earned.T) / (2.0 * jnp.maximum(games, 1e-30))


def effective_games(games: Array, decay: float = DECAY) -> Array:
    """How many games of equal weight tell as much as `games`, a sum of falling weights.

    `(sum w)^2 / sum w^2`, where the newest game weighs 1; at most `(1 + decay) / (1 - decay)`.
    """
    return games * (1.0 + decay) / (2.0 - games * (1.0 - decay))


def lower_bound(score: Array, games: Array, confidence: float) -> Array:
    """Wilson's lower bound (1927) of shares of points; draws make it lower than need be.

    Args:
        score: shares in [0, 1].
        games: of equal weight, of the same shape; 0 gives 0.
        confidence: chance that the truth is above the bound, one-sided; 0.5 gives `score` itself.
    """
    z = NormalDist().inv_cdf(confidence)
    games = jnp.maximum(games, 1e-6)
    centre = score + z * z / (2.0 * games)
    margin = z * jnp.sqrt(score * (1.0 - score) / games + (z / (2.0 * games)) ** 2)
    return (centre - margin) / (1.0 + z * z / games)


def rearrange(payoff: Payoff, origin: Array) -> Payoff:
    """A table in which each player has the games of another, or none.

    Args:
        payoff: of N players.
        origin: `(N,)` int32: whose games a player now has; its own index where nothing changes, -1 for no
            games. Two players of the same origin have played no games against each other.
    """
    kept = (origin[:, None] >= 0) & (origin[None] >= 0) & (origin[:, None] != origin[None])
    source = jnp.maximum(origin, 0)
    return jax.tree.map(lambda x: jnp.where(kept[..., None], x[source][:, source], 0.0), payoff)
