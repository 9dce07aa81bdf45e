"""A search that tells what it finds while it goes on."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxplay.agent import Agent
from jaxplay.protocols.findings import Findings, findings
from jaxplay.protocols.uci_limits import Limits
from jaxplay.records.centipawns import to_centipawns
from jaxplay.search import SearchOutput

EVERY = 0.5
"""Seconds between two lines of information."""
PAUSE = 0.02
DAY = 86_400.0


def search(
    agent: Agent,
    state: Any,
    key: Any,
    limits: Limits,
    watch: Callable[[], bool],
    write: Callable[[str], None],
) -> tuple[str, str | None]:
    """The move that is found within the limits, and the reply that is expected.

    Args:
        agent: who searches.
        state: one position.
        key: of the search.
        limits: of it.
        watch: whether somebody says stop.
        write: prints a line.
    """
    began, told = time.monotonic(), time.monotonic()
    last: Findings | None = None

    def look(found: SearchOutput) -> bool:
        nonlocal told, last
        enough = limits.nodes is not None and int(found.num_simulations[0]) >= limits.nodes
        stop = enough or watch()
        if stop or time.monotonic() - told > EVERY:
            told, last = time.monotonic(), findings(agent.game, state, found)
            write(information(last, found, time.monotonic() - began))
        return stop

    output = agent.think(state, key, limits.seconds or DAY, watch=look)
    action = int(output.action)
    while limits.endless and not watch():  # the tree is full: UCI waits for `stop` all the same
        time.sleep(PAUSE)
    name = agent.game.move_to_string(state, action)
    line = next((move.line for move in last.moves if move.action == action), [name]) if last else [name]
    if last is None or last.moves[0].action != action:
        told_value = score(float(np.ravel(output.value)[0]))
        write(f"info score {told_value} nodes {int(output.num_simulations)} pv {' '.join(line)}")
    return name, line[1] if len(line) > 1 else None


def information(found: Findings, output: SearchOutput, seconds: float) -> str:
    """A line of information: depth, score, simulations, time, the line that is expected."""
    best = found.moves[0]
    nodes = int(output.num_simulations[0])
    line = " ".join(best.line)
    return (
        f"info depth {max(round(float(output.depth[0])), 1)} seldepth {int(output.max_depth[0])}"
        f" score {score(found.value)} nodes {nodes} nps {round(nodes / max(seconds, 1e-3))}"
        f" time {round(1000 * seconds)} pv {line}"
    )


def score(value: float) -> str:
    """A value in centipawns; so is a proven win, since nobody knows how far the mate is."""
    return f"cp {to_centipawns(value)}"
