"""Sizes that no machine like this one can hold are refused before anything is compiled.

What is counted is less than what a program takes, so that nothing is refused that would fit.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.config import NetworkConfig, RunConfig, TrainingConfig
    from jaxplay.presets import Sizes

EDGE_BYTES, POLICY_BYTES, FLOAT_BYTES = 12, 2, 4
"""Bytes of an action in a node of a tree, of one in replay, and of a number in a network."""
COPIES = 4
"""Arrays as large as a learner's parameters: these, their average, and two moments of the optimizer."""


class Need(NamedTuple):
    """What something takes.

    Attributes:
        what: What it is, and which settings it comes of.
        size: Bytes that it takes at least.
    """

    what: str
    size: float


def refuse_too_large(config: "RunConfig") -> None:
    """Refuse a training that does not fit.

    Raises:
        UserError: It does not; the message says how much it takes, and how much there is.
    """
    from jaxplay.game import make
    from jaxplay.presets import measure

    training = config.training
    game = measure(make(training.game, **dict(training.game_options)))
    refuse(list(training_needs(training, game)))


def training_needs(training: "TrainingConfig", game: "Sizes") -> Iterator[Need]:
    """The largest parts of a training."""
    search, learner, matches = training.search, training.learner, training.selfplay.num_matches
    trees = matches * tree_bytes(game, search.num_simulations, getattr(search, "max_edges", 0))
    if training.league is not None or training.exploiter is not None:
        trees /= 2  # half of the games search at a time
    yield Need(
        f"search trees (selfplay.num_matches {matches:,}, search.num_simulations {search.num_simulations:,})",
        trees,
    )
    position = game.state_bytes + POLICY_BYTES
    positions = getattr(learner, "replay_positions", 0)
    yield Need(f"replay (learner.replay_positions {positions:,})", positions * position)
    yield Need(
        f"learner (network {training.network.kind})", COPIES * FLOAT_BYTES * weights(training.network, game)
    )
    batch = getattr(learner, "batch_size", 0)
    yield Need(f"batches (learner.batch_size {batch:,})", batch * FLOAT_BYTES * (game.inputs + game.actions))


def tree_bytes(game: "Sizes", simulations: int, max_edges: int = 0) -> float:
    """A search tree of one position."""
    edges = min(game.actions, max_edges or game.actions)
    return (simulations + 1) * (game.state_bytes + EDGE_BYTES * edges)


def weights(network: "NetworkConfig", game: "Sizes") -> float:
    """Numbers in a network, without its heads; 0 of kinds that are not known here."""
    depth, width, channels = (getattr(network, name, 0) for name in ("depth", "width", "channels"))
    return width * game.inputs + 2 * depth * width**2 + 18 * depth * channels**2


def refuse(needs: list[Need]) -> None:
    """Refuse needs that are more together than there is.

    Raises:
        UserError: They are; the message names the largest.
    """
    there, total = available(), sum(need.size for need in needs)
    if there is not None and total > there:
        largest = max(needs, key=lambda need: need.size)
        raise UserError(
            f"this takes {told(total)} of memory or more, {told(largest.size)} of it for {largest.what};"
            f" there are {told(there)}"
        )


def refuse_players(game: Any, num_games: int, simulations: int) -> None:
    """Refuse games whose searches do not fit.

    Raises:
        UserError: They do not.
    """
    from jaxplay.presets import measure

    size = num_games * tree_bytes(measure(game), simulations)
    refuse([Need(f"search trees ({num_games:,} games at once, {simulations:,} simulations)", size)])


def available() -> float | None:
    """Bytes of memory of the device, in use or not; None where nobody knows."""
    import jax

    stats = jax.devices()[0].memory_stats()
    if stats and "bytes_limit" in stats:
        return float(stats["bytes_limit"])
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return None


def told(size: float) -> str:
    """Bytes in a unit that suits them."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:,.3g} {unit}" if size < 1000 * factor else f"{size / factor:,.0f} {unit}"
    return f"{size:,.0f} bytes"
