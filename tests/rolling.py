"""Rollouts for tests: self-play by a search, and matches in lanes."""

from typing import Any

import jax.numpy as jnp

from jaxplay.config import SelfPlayConfig
from jaxplay.policies import from_search
from jaxplay.rollout import MatchState, Periods, Rollout, halves, rollout, shared
from jaxplay.rollout._halves import Decide
from jaxplay.search import Search
from jaxplay.struct import replace

RANDOM: dict[str, Any] = {"temperature_early": 1.0, "temperature_late": 1.0, "temperature_plies": 0}
"""Temperatures at which all moves are sampled from the weights as they are."""


def self_play(
    game: Any, search: Search, *, cheap: Search | None = None, endings: bool = False, **options: Any
) -> Rollout:
    """Games of a search with itself; without openings unless `options` ask for them."""
    config = SelfPlayConfig(**({"max_opening_plies": 0} | options))
    dispatch = shared(from_search(game, search, config, cheap=cheap))
    return rollout(game, dispatch, config, endings=endings)


def in_lanes(
    game: Any,
    decide: Decide,
    *,
    num_lanes: int,
    num_matches: int,
    period: int,
    horizon: int = 0,
    num_selfplay: int = 0,
    potential: bool = False,
    endings: bool = False,
    **options: Any,
) -> Rollout:
    """Matches in lanes; without openings unless `options` ask for them."""
    config = SelfPlayConfig(**({"max_opening_plies": 0, "num_matches": num_matches} | options))
    periods = Periods(period, horizon or 2 * game.max_plies)
    sizes = {"num_lanes": num_lanes, "num_matches": num_matches, "num_selfplay": num_selfplay}
    dispatch = halves(game, decide, config, periods, **sizes, potential=potential)
    return rollout(game, dispatch, config, num_matches=num_matches, periods=periods, endings=endings)


def seated(matches: MatchState, player: Any, opponent: Any) -> MatchState:
    """The first matches with these players in the lanes."""
    lanes: Any = matches.lanes
    player, opponent = (jnp.asarray(x, jnp.int32) for x in (player, opponent))
    return replace(matches, lanes=replace(lanes, player=player, opponent=opponent))
