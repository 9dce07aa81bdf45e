"""Strength against exact play: which share of Connect Four positions keep their outcome.

Of players it is told; without players, training with the game's preset is timed until its policy alone keeps
the share that was asked for, as the clock of somebody counts who waits for it: compilation included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.arena.outcomes import Kept, Set, measure
from jaxplay.benchmarks.records import Amount
from jaxplay.benchmarks.settings import Settings, number, whole
from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.players import Contender
from jaxplay.rollout.seats import Act

GAME = "connect_four"


@dataclass(frozen=True, kw_only=True)
class Options(Settings):
    """What is measured.

    Attributes:
        target: Without players: percent of positions whose outcome the policy alone is to keep.
        minutes: Without players: give up after so many.
        seed: Seed of all randomness.
    """

    target: float = number(80.0, 1, 100, "percent")
    minutes: float = number(15.0, 0.001, 10_000, "minutes")
    seed: int = whole(0, 0, 2**32 - 1)


def amounts(options: Options) -> Iterator[Amount]:
    """Seconds until the target, by the clock and by processors; or until it was given up."""
    from jaxplay.benchmarks.time_to_strength import train_until

    yield from train_until(GAME, options.target / 100.0, options.minutes, options.seed, quick=options.quick)


def rows(game: Game[Any], contenders: Sequence[Contender], options: Options) -> Iterator[dict[str, Any]]:
    """A row for each way in which a player moves; a run also plays by its policy alone.

    The share of the positions that no setting was chosen on comes first, `kept_tuned` is that of the others.

    Args:
        game: standard Connect Four.
        contenders: its players.
        options: of the measurement.

    Raises:
        UserError: another game, or a mixture of players.
    """
    if game != make(GAME):
        raise UserError(f"exact outcomes are known of {make(GAME)}, not of {game}")
    for contender in contenders:
        for mode, act, params in ways(contender):
            key = jax.random.key(options.seed)
            kept, held_out = (measure(act, params, key, name) for name in get_args(Set))
            row = {"player": contender.player.name, "mode": mode} | describe(held_out)
            yield row | {"kept_tuned": kept.share, "positions_tuned": sum(kept.num_positions)}


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
