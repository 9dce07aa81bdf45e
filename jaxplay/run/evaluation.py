"""Evaluation of a run: its averaged parameters against anchors, probes, and games to look at.

It has its own keys and changes nothing that training reads.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.arena.arena import Player
from jaxplay.arena.batches import in_batches
from jaxplay.arena.probes import PROBES
from jaxplay.arena.records import Record as GameRecord
from jaxplay.arena.records import record_games
from jaxplay.arena.strength import Anchors, make_anchors, measure_strength, opening_plies
from jaxplay.config import RunConfig
from jaxplay.game import Game
from jaxplay.networks import build_network
from jaxplay.run.records import Record
from jaxplay.search import build_search
from jaxplay.training import TrainState, make_game

SEED = 20
"""Of all evaluations of all runs, so that they can be compared."""
NUM_RECORDS = 2
"""Sample games: one from the start, one after random moves."""


class Report(NamedTuple):
    """An evaluation: its record for the metrics, and sample games."""

    record: Record
    games: list[GameRecord]


def make_evaluation(config: RunConfig) -> Callable[[TrainState, int], Report]:
    """`state, step -> Report`. Programs are compiled, and anchors rated, at the first call."""
    game = make_game(config.training)
    network = build_network(config.training.network, game).on(game)
    search = build_search(
        config.training.search, game, network, num_simulations=config.evaluate_simulations, noise=False
    )
    probe = PROBES.get(config.training.game) if not config.training.game_options else None
    anchors: list[Anchors] = []

    def act(params: Any, key: Array, states: Any) -> Array:
        return search(params, key, states).action

    def evaluate(state: TrainState, step: int) -> Report:
        began = time.monotonic()
        key = jax.random.key(SEED)
        if not anchors:
            anchors.append(make_anchors(game, config.anchor_simulations, config.evaluate_games, key))
        player = Player("agent", act, state.learners[0].ema)
        key_games, key_probe, key_records = jax.random.split(jax.random.fold_in(key, step), 3)
        choose = in_batches(player, config.evaluate_games // game.num_players)
        record: Record = {"kind": "evaluation", "step": step}
        record |= _against_anchors(config, game, player, anchors[0], key_games)
        if probe is not None:
            record["probes"] = dict(probe(choose, key_probe))
        opening = np.minimum(np.arange(NUM_RECORDS), 1) * opening_plies(game)
        games = record_games(game, choose, key_records, NUM_RECORDS, opening)
        return Report(record | {"evaluation_seconds": round(time.monotonic() - began, 3)}, games)

    return evaluate


def _against_anchors(
    config: RunConfig, game: Game[Any], player: Player, anchors: Anchors, key: Array
) -> Record:
    strength, _ = measure_strength(game, player, anchors, config.evaluate_games, key)
    record: Record = {"scores": strength.scores}
    if anchors.players:
        low, high = strength.interval()
        record |= {"rating": strength.rating, "rating_low": low, "rating_high": high}
        names = [anchor.name for anchor in anchors.players]
        record["anchors"] = dict(zip(names, anchors.ratings, strict=True))
    return record
