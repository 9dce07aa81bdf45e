"""Learning to bid in first-price auctions: a hedge over bids, paced by a budget, and its regret.

After each sale the bidder learns the highest bid of the others, so it knows what every own bid would have
earned. `hedge` weighs bids by what they would have earned; with a budget they earn less by a price of money,
which rises while more is spent than the budget allows a sale. Regret is what the best fixed bid would have
earned more, stopped where it runs out of money too.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

Carry = tuple[Array, Array, Array]
"""Scores of bids, the price of money, and what is left."""


class Sales(NamedTuple):
    """What a bidder did in T sales.

    Attributes:
        earned: `(T,)` float32: value less bid where it won.
        paid: `(T,)` float32: its bid where it won.
        best: `()` float32: what the best fixed bid would have earned.
    """

    earned: Array
    paid: Array
    best: Array

    @property
    def regret(self) -> Array:
        """`()` float32: what the best fixed bid would have earned more."""
        return self.best - self.earned.sum()


def hedge(
    bids: Array, value: float, others: Array, key: Array, *, budget: float | None = None, rate: float = 4.0
) -> Sales:
    """Bid in a row of sales.

    Args:
        bids: `(K,)` float32: bids to choose from.
        value: what a thing is worth.
        others: `(T,)` float32: the highest bid of the others in each sale; equal bids win.
        key: of the choices.
        budget: what may be paid altogether; None for as much as one likes.
        rate: the learning rate is `rate * sqrt(log K / T) / value`.
    """
    num_sales = others.shape[0]
    step = rate * jnp.sqrt(jnp.log(bids.shape[0]) / num_sales) / value
    purse = value * num_sales if budget is None else budget
    share = purse / num_sales

    def sale(carry: Carry, row: tuple[Array, Array]) -> tuple[Carry, tuple[Array, Array]]:
        scores, price, left = carry
        other, key = row
        weights = jnp.where(bids <= left, scores, -jnp.inf)
        bid = bids[jax.random.categorical(key, weights)]
        won = (bid >= other) & (bid <= left)
        paid = jnp.where(won, bid, 0.0)
        would = jnp.where(bids >= other, value - bids - price * bids, 0.0)
        price = jnp.clip(price + step * (paid - share), 0.0, 1 / step)
        return (scores + step * would, price, left - paid), (jnp.where(won, value - bid, 0.0), paid)

    start = jnp.zeros(bids.shape[0]), jnp.float32(0), jnp.float32(purse)
    keys = jax.random.split(key, num_sales)
    earned, paid = jax.lax.scan(sale, start, (others, keys))[1]
    return Sales(earned, paid, _best(bids, value, others, purse))


def _best(bids: Array, value: float, others: Array, budget: float) -> Array:
    """`()` float32: what the best fixed bid earns, which wins until its money is spent."""
    wins = (bids[:, None] >= others[None]).sum(axis=1).astype(jnp.float32)
    affordable = jnp.floor(budget / jnp.maximum(bids, 1e-9))
    return ((value - bids) * jnp.minimum(wins, affordable)).max()
