"""Sizes that no machine like this one can hold are refused before anything is compiled.

What is counted is less than what a program takes, so that nothing is refused that would fit. Compiled
programs of training were seen to take up to twice as much, so that more than half of the memory is worth a
warning.
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from jaxplay.cli.output import show_rows
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.planning import available, make_plan, told
from jaxplay.presets import measure

if TYPE_CHECKING:
    from jaxplay.config import NetworkConfig, RunConfig, TrainingConfig
    from jaxplay.presets import Sizes

FLOAT_BYTES = 4
"""Of a number in a network."""
NODE_BYTES, EDGE_BYTES = 16, 12
"""Of a node of a tree beside its state (`jaxplay.search.tree_bytes`), and of each of its actions."""
ROW_BYTES, CHOICE_BYTES = 28, 2 + 1 / 8
"""Of a position in replay beside its state (`jaxplay.replay.Replay`), and of each action there."""
MOVE_BYTES, OPTION_BYTES = 30, 5
"""The same of a move in what a step plays (`jaxplay.rollout.Trajectory`)."""
LARGE = 0.5
"""Share of the memory from which on a warning is given."""
PLANNED = 0.1
"""Share of the memory from which on a training is planned."""
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
    """Refuse a training that does not fit, with a table of what it takes.

    What is counted at once is less than what the program takes. Only where that is a tenth of the memory or
    more is the step traced, and planned (`jaxplay.planning`), which takes a second or two.

    Raises:
        UserError: It does not; the message says how much it takes, and how much there is.
    """
    training, there = config.training, available()
    needs = list(training_needs(training, measure(make(training.game, **dict(training.game_options)))))
    counted = sum(need.size for need in needs)
    if there is None or counted <= PLANNED * there:
        return
    if counted <= there:
        plan = make_plan(training)
        parts = [Need(f"{part.what} ({part.settings})", float(part.size)) for part in plan.state]
        needs = [*parts, Need(f"what a step needs ({plan.besides[0].settings})", float(plan.temporary))]
    if sum(need.size for need in needs) > there:
        show_needs(needs)
    refuse(needs)


def show_needs(needs: list[Need]) -> None:
    """Print what there is need of as a table."""
    rows = [{"what": need.what, "bytes": round(need.size), "size": told(need.size)} for need in needs]
    show_rows(rows, as_json=False)


def training_needs(training: "TrainingConfig", game: "Sizes") -> Iterator[Need]:
    """The largest parts of a training."""
    search, learner, matches = training.search, training.learner, training.selfplay.num_matches
    trees = matches * tree_bytes(game, search.num_simulations, getattr(search, "max_edges", 0))
    if not learner.searches:
        trees = 0.0
    if training.league is not None or training.exploiter is not None:
        trees /= 2  # half of the games search at a time
    yield Need(
        f"search trees (selfplay.num_matches {matches:,}, search.num_simulations {search.num_simulations:,})",
        trees,
    )
    plies = training.selfplay.num_plies
    yield Need(
        f"moves (selfplay.num_matches {matches:,}, selfplay.num_plies {plies:,})",
        matches * plies * (game.state_bytes + MOVE_BYTES + OPTION_BYTES * game.actions),
    )
    positions = getattr(learner, "replay_positions", 0)
    yield Need(
        f"replay (learner.replay_positions {positions:,})",
        max(positions, matches * plies) * (game.state_bytes + ROW_BYTES + CHOICE_BYTES * game.actions),
    )
    network = FLOAT_BYTES * weights(training.network, game)
    yield Need(f"learner (network {training.network.kind})", COPIES * network)
    if training.league is not None:
        yield Need(
            f"frozen players (league.slots {training.league.slots:,})", training.league.slots * network
        )
    batch = getattr(learner, "batch_size", 0)
    yield Need(f"batches (learner.batch_size {batch:,})", batch * FLOAT_BYTES * (game.inputs + game.actions))


def tree_bytes(game: "Sizes", simulations: int, max_edges: int = 0) -> float:
    """A search tree of one position."""
    edges = min(game.actions, max_edges or game.actions)
    return (simulations + 1) * (game.state_bytes + NODE_BYTES + EDGE_BYTES * edges)


def weights(network: "NetworkConfig", game: "Sizes") -> float:
    """Numbers in a network, without its heads; 0 of kinds that are not known here."""
    depth, width, channels = (getattr(network, name, 0) for name in ("depth", "width", "channels"))
    inputs = game.inputs if network.kind != "lines" else game.inputs + game.line_inputs
    return width * inputs + 2 * depth * width**2 + 18 * depth * channels**2


def refuse(needs: list[Need]) -> None:
    """Refuse needs that are more together than there is, and warn where there is not much more.

    Raises:
        UserError: They are; the message names the largest.
    """
    there, total = available(), sum(need.size for need in needs)
    if there is None or total <= LARGE * there:
        return
    largest = max(needs, key=lambda need: need.size)
    line = (
        f"this takes {told(total)} of memory or more, {told(largest.size)} of it for {largest.what};"
        f" there are {told(there)}"
    )
    if total > there:
        raise UserError(line)
    sys.stderr.write(f"jaxplay: warning: {line}\n")


def refuse_players(game: Any, num_games: int, simulations: int) -> None:
    """Refuse games whose searches do not fit.

    Raises:
        UserError: They do not.
    """
    size = num_games * tree_bytes(measure(game), simulations)
    refuse([Need(f"search trees ({num_games:,} games at once, {simulations:,} simulations)", size)])
