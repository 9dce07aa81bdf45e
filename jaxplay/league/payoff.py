"""Who beat whom: a table of all games between N players, in which older games count less.

A game between two players ages every earlier game of that pair, in either seat, by one factor: with
AlphaStar's 0.99 (Vinyals et al. 2019) about two hundred games count. Games of a player against itself tell
nothing and are not counted.
"""

import math
from statistics import NormalDist

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.struct import pytree

DECAY = 0.99
"""The factor by which one game of a pair lowers the weight of its earlier games."""


@pytree
class Payoff:
    """Games of the row player against the column player, by the row player's seat.

    In a game of teams, a seat is a team.

    Attributes:
        games: `(N, N, 2)` float32, the weight of all games.
        wins: `(N, N, 2)` float32, the weight of the games in which the row player earned more.
        draws: `(N, N, 2)` float32, the weight of the games in which both earned the same.
        returns: `(N, N, 2)` float32, weighted sums of what the row player earned.
    """

    games: Array
    wins: Array
    draws: Array
    returns: Array


def new_payoff(num_players: int) -> Payoff:
    """A table without any games."""
    return Payoff(*jnp.zeros((4, num_players, num_players, 2)))


def tally(num_players: int, players: Array, returns: Array, counted: Array) -> Payoff:
    """Count games, all with the same weight; tallies may be added up.

    Args:
        num_players: N.
        players: `(B, 2)` int32, who sat in which seat.
        returns: `(B, 2)` float32, what each seat earned.
        counted: `(B,)` bool, the games that count. Games of a player against itself never do.
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
    """Count games from sums over each of K pairs and each seat of the row player.

    Args:
        num_players: N.
        row: `(K,)` int32 players.
        column: `(K,)` int32, their opponents; pairs may occur several times. Where both are the same player,
            nothing is counted.
        games: `(K, 2)` float32, the number of games by the seat of the row player. Games that neither won
            are draws.
        own: `(K, 2, 2)` float32, the wins of the row player and the sum of its returns.
        other: `(K, 2, 2)` float32, the same for the column player, also by the seat of the row player.
    """
    row = jnp.where(row == column, num_players, row)
    column = jnp.where(row == num_players, num_players, column)
    draws = games - own[..., 0] - other[..., 0]
    mine = jnp.stack([games, own[..., 0], draws, own[..., 1]], axis=-1)
    theirs = jnp.stack([games, other[..., 0], draws, other[..., 1]], axis=-1)[:, ::-1]
    table = jnp.zeros((num_players, num_players, 2, 4))
    table = table.at[row, column].add(mine, mode="drop").at[column, row].add(theirs, mode="drop")
    return Payoff(*jnp.moveaxis(table, -1, 0))


def add_games(payoff: Payoff, fresh: Payoff, decay: float = DECAY) -> Payoff:
    """`payoff` with the games of a tally added, as if they had been played one by one.

    The n games of a pair leave `decay^n` of the old table and count `(1 - decay^n) / (1 - decay)` together.
    Which of them came first is not known, so each counts as the mean over all orders.

    Args:
        payoff: the table so far.
        fresh: a tally, whose games all weigh one.
        decay: the factor by which one game lowers the weight of the pair's earlier games.
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
    """`(N, N)`: the weight of the games of each pair, both seats together."""
    return payoff.games.sum(-1)


def score(payoff: Payoff) -> Array:
    """`(N, N)`: points of the row player per game, a draw being half a point; 0.5 for pairs without games."""
    points = (payoff.wins + payoff.draws / 2).sum(-1)
    games = num_games(payoff)
    return jnp.where(games > 0.0, points / jnp.maximum(games, 1e-30), 0.5)


def advantage(payoff: Payoff) -> Array:
    """`(N, N)`, antisymmetric: half of what the row player earns more than the column player, in the mean.

    In a zero-sum game this is what the row player earns. It is 0 for pairs without games.
    """
    games, earned = num_games(payoff), payoff.returns.sum(-1)
    return (earned - earned.T) / (2.0 * jnp.maximum(games, 1e-30))


def effective_games(games: Array, decay: float = DECAY) -> Array:
    """The number of games of equal weight that tell as much as `games`, a sum of falling weights.

    `(sum w)^2 / sum w^2`, where the newest game weighs 1; at most `(1 + decay) / (1 - decay)`.
    """
    return games * (1.0 + decay) / (2.0 - games * (1.0 - decay))


def lower_bound(score: Array, games: Array, confidence: float) -> Array:
    """Wilson's lower bound (1927) of shares of the points; draws make it lower than it need be.

    Args:
        score: shares in [0, 1].
        games: the number of games of equal weight, of the same shape. Without games the bound is 0.
        confidence: the probability that the truth is above the bound, one-sided; 0.5 gives `score` itself.
    """
    z = NormalDist().inv_cdf(confidence)
    games = jnp.maximum(games, 1e-6)
    centre = score + z * z / (2.0 * games)
    margin = z * jnp.sqrt(score * (1.0 - score) / games + (z / (2.0 * games)) ** 2)
    return (centre - margin) / (1.0 + z * z / games)


def rearrange(payoff: Payoff, origin: Array) -> Payoff:
    """A table in which each player has the games of another, or none.

    Args:
        payoff: the table of N players.
        origin: `(N,)` int32, whose games each player takes over: its own index where nothing changes, -1 for
            no games. Two players of the same origin have played no games against each other.
    """
    kept = (origin[:, None] >= 0) & (origin[None] >= 0) & (origin[:, None] != origin[None])
    source = jnp.maximum(origin, 0)
    return jax.tree.map(lambda x: jnp.where(kept[..., None], x[source][:, source], 0.0), payoff)
