"""Measures of strength that only one game has."""

from collections.abc import Callable, Mapping
from typing import Any

from jax import Array

from jaxplay.evaluate.loop import Act
from jaxplay.evaluate.outcomes import measure

Probe = Callable[[Act, Any, Array], Mapping[str, float]]
"""`act, params, key -> numbers by name`: what a player does in positions of one game."""


def outcome_probe(act: Act, params: Any, key: Array) -> dict[str, float]:
    """Connect Four: the share of positions in which the move keeps the outcome of perfect play."""
    kept = measure(act, params, key)
    return {"outcome_kept": kept.share, "outcome_kept_won": kept.won, "outcome_kept_drawn": kept.drawn}


PROBES: dict[str, Probe] = {"connect_four": outcome_probe}
"""By the name that `jaxplay.make` knows the game by, without options."""
