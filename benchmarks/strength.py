"""Strength against exact play: which share of Connect Four positions keep their outcome."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.arena.outcomes import Kept, measure
from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.players import Contender
from jaxplay.rollout.seats import Act

GAME = "connect_four"


def rows(game: Game[Any], contenders: Sequence[Contender], *, seed: int) -> Iterator[dict[str, Any]]:
    """A row for each way in which a player moves; a run also plays by its policy alone.

    Args:
        game: standard Connect Four.
        contenders: its players.
        seed: of the players' randomness.

    Raises:
        UserError: another game, or a mixture of players.
    """
    if game != make(GAME):
        raise UserError(f"exact outcomes are known of {make(GAME)}, not of {game}")
    for contender in contenders:
        for mode, act, params in ways(contender):
            kept = measure(act, params, jax.random.key(seed))
            yield {"player": contender.player.name, "mode": mode} | describe(kept)


def ways(contender: Contender) -> Iterator[tuple[str, Act, Any]]:
    """How a contender can play: what it is called, the program and its parameters."""
    player, agent = contender.single(), contender.agent
    searches = agent is not None and player.act is agent.player().act
    yield (f"{agent.num_simulations} simulations" if agent and searches else "itself"), *player[1:]
    if agent is not None and agent.params is not None and searches:
        predict = agent.programs.predict

        def policy(params: Any, key: Array, states: Any) -> Array:
            return jnp.argmax(predict(params, key, states).logits, axis=-1).astype(jnp.int32)

        yield "policy alone", policy, agent.params


def describe(kept: Kept) -> dict[str, Any]:
    """Shares of positions: all, those that are won and those that are drawn."""
    won, drawn, lost = kept.num_positions
    return {
        "kept": kept.share,
        "kept_won": kept.won,
        "kept_drawn": kept.drawn,
        "positions": won + drawn + lost,
    }
