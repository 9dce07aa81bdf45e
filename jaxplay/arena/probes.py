"""Measures of strength that only one game has."""

from collections.abc import Callable, Mapping

from jax import Array

from jaxplay.arena.batches import Choose
from jaxplay.arena.outcomes import load_positions, outcome_kept

Probe = Callable[[Choose, Array], Mapping[str, float]]
"""`choose, key -> numbers by name`: what a player does in positions of one game."""


def outcome_probe(choose: Choose, key: Array) -> dict[str, float]:
    """Connect Four: the share of positions in which the move keeps the outcome of perfect play."""
    positions = load_positions()
    kept = outcome_kept(choose(key, positions.states), positions)
    return {"outcome_kept": kept.share, "outcome_kept_won": kept.won, "outcome_kept_drawn": kept.drawn}


PROBES: dict[str, Probe] = {"connect_four": outcome_probe}
"""By the name that `jaxplay.make` knows the game by, without options."""
