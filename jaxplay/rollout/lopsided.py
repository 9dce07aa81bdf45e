"""Openings that go well for one side: positions which self-play between equals never meets."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import Game

FAVOUR = 0.9
"""Share of the moves of a lopsided opening that are in one side's favour."""


def check_lopsided(game: Game[Any]) -> None:
    """Checks that a game can have lopsided openings.

    Raises:
        UserError: the game counts no score (`jaxplay.game.Scored`).
    """
    if not getattr(game, "max_score", 0):
        raise UserError(f"lopsided_openings is above 0; allowed: 0 in games without a score, such as {game}")


def wish(game: Any, state: Any, favoured: Array, key: Array) -> tuple[Array, Array]:
    """Whether the mover, whoever it is, plays in the `favoured` player's favour, and how. One state.

    `FAVOUR` of the moves do so, by chance; the others are random.

    Args:
        game: that counts a score.
        state: neither terminal nor a chance node.
        favoured: `()` int32, player 0 or 1; -1: nobody.
        key: of chance.

    Returns:
        Whether, `()` bool, and the legal action after which that player's score is best, `()` int32; equal
        ones are as likely.
    """
    key_whether, key_tie = jax.random.split(key)
    children = jax.vmap(lambda action: game.step(state, action))(jnp.arange(game.num_actions))
    lead = jax.vmap(game.score)(children)
    lead = jnp.where(favoured == 0, lead, -lead)
    lead = jnp.where(state.legal_action_mask[: game.num_actions], lead, -jnp.inf)
    luck = jax.random.uniform(key_tie, lead.shape)
    best = jnp.where(lead == lead.max(), luck, -1.0).argmax().astype(jnp.int32)
    return (favoured >= 0) & jax.random.bernoulli(key_whether, FAVOUR), best
