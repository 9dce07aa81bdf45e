"""Evaluation of a run: its averaged parameters against anchors, probes, and games to look at.

It has its own keys and changes nothing that training reads. It is done in parts, the most telling first. A
part is begun only if the time that it may take is there, by what it took the last time. The first time each
part compiles programs, which takes far longer: about as long as compiling the training step, until other
parts have shown how long. The last evaluation of a run goes on until something was measured, however long
that takes, in fewer games where the machine is slow.
"""

import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.arena.anchors import random_player
from jaxplay.arena.batches import Choose, in_batches
from jaxplay.arena.entrants import Player
from jaxplay.arena.probes import PROBES
from jaxplay.arena.records import Record as GameRecord
from jaxplay.arena.records import record_games
from jaxplay.arena.result import ArenaResult
from jaxplay.arena.strength import Anchors, make_anchors, meet, opening_plies, strength_of
from jaxplay.config import RunConfig, TrainingConfig
from jaxplay.networks import build_network
from jaxplay.policies import as_act, from_evaluate
from jaxplay.rollout.seats import Act
from jaxplay.run.exact import Measure, exact_measure
from jaxplay.run.records import Record
from jaxplay.search import build_search
from jaxplay.training import TrainState, make_game

SEED = 20
"""Seed of all evaluations of all runs, so that they can be compared."""
LEAST_GAMES = 8
"""No evaluation is of fewer games, unless its settings say so."""
NUM_RECORDS = 2
"""Sample games: one from the start, one after random moves."""


class Report(NamedTuple):
    """An evaluation: its record for the metrics, and sample games."""

    record: Record
    games: list[GameRecord]


class _Subject(NamedTuple):
    """Who is evaluated, with the keys of this evaluation, and what was found so far."""

    player: Player
    choose: Choose
    key_games: Array
    key_probe: Array
    key_records: Array
    record: Record
    results: list[ArenaResult]
    games: list[GameRecord]


class Evaluation:
    """Evaluates the first learner of a run. Programs are compiled, and anchors rated, when first needed.

    Args:
        config: of the run.
        first: seconds that a part is expected to take that has never been done.

    Attributes:
        num_games: against each opponent.
    """

    def __init__(self, config: RunConfig, first: float = 0.0) -> None:
        training, self._config = config.training, config
        self.num_games = config.evaluate_games
        self._game = make_game(training)
        self._network = build_network(training.network, self._game).on(self._game)
        self._probe = PROBES.get(training.game) if not training.game_options else None
        self._anchors: Anchors | None = None
        self._seconds: dict[str, float] = {}
        self._measure: list[Measure | None] = []
        self._first, self._parts = first, self._all_parts()
        self._act = self._act_of(training)

    def _act_of(self, training: TrainingConfig) -> Act:
        """How the player plays: by a search, or by its policy, sampled where information is hidden."""
        game, network = self._game, self._network
        if not training.learner.searches:
            return as_act(from_evaluate(game, network, sample=not game.perfect_information))
        simulations = self._config.evaluate_simulations
        search = build_search(training.search, game, network, num_simulations=simulations, noise=False)

        def act(params: Any, key: Array, states: Any) -> Array:
            return search(params, key, states).action

        return act

    def _all_parts(self) -> dict[str, Callable[[_Subject], None]]:
        """What is done, by what a person is told of it."""
        two_sides = self._game.num_players == 2
        hides = not (self._game.perfect_information or self._config.training.learner.searches)
        parts = {
            "exact exploitability": self._exploit if hides else None,
            "probes": self._run_probe if self._probe is not None else None,
            "games against random play": self._meet_random if two_sides else None,
            "games": self._play_alone if self._game.num_players == 1 else None,
            "ratings of anchors": self._rate_anchors if two_sides else None,
            "games against anchors": self._meet_anchors if two_sides else None,
            "sample games": self._record_games,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def least(self) -> float:
        """Seconds that it should have: as long as all known parts and one new part took, or should take."""
        known = sum(self._seconds.values())
        return known + (self._first if len(self._seconds) < len(self._parts) else 0.0)

    def most(self) -> float:
        """Seconds that all parts are expected to take."""
        return sum(map(self._expected, self._parts))

    def floor(self) -> float:
        """Seconds that the first part is expected to take, which the last evaluation does in any case."""
        return self._expected(next(iter(self._parts)))

    def _expected(self, name: str) -> float:
        """Seconds that a part is expected to take."""
        return self._seconds.get(name, self._first)

    def fit(self, seconds: float, pace: float, plies: float | None) -> None:
        """Play as many games as fit, where nothing was evaluated yet: their number is compiled in.

        Args:
            seconds: that there are.
            pace: seconds that a position takes in training.
            plies: of a game; None: nobody knows.
        """
        training, simulations = self._config.training, self._config.evaluate_simulations
        if training.learner.searches:
            pace *= simulations / training.search.num_simulations
        game = pace * min(plies or math.inf, self._game.max_plies)
        while not self._seconds and self.num_games > LEAST_GAMES and self.num_games * game > seconds:
            self.num_games = max(LEAST_GAMES, self.num_games // 4 * 2)

    def run(
        self,
        state: TrainState,
        step: int,
        allows: Callable[[float], bool],
        status: Callable[[str], None],
        *,
        always: bool = False,
    ) -> Report | None:
        """Do all parts for which there is time, in order.

        Args:
            state: of the run, whose first learner is evaluated.
            step: of the run.
            allows: tells whether so many more seconds may be taken.
            status: is told what goes on.
            always: something is measured, however long it takes.

        Returns:
            What was found; `left_out` of its record names the parts for which there was no time. None if
            there was none for any.
        """
        began, subject = time.monotonic(), self._subject(state, step)
        names = list(self._parts)
        done = 0
        for done, name in enumerate(names):
            forced = always and not _measured(subject.record)
            if not forced and not allows(self._expected(name)):
                break
            status(f"evaluation, {done + 1} of {len(names)}: {name} ...")
            self._do(name, subject)
        else:
            done = len(names)
        if done == 0:
            return None
        if done < len(names):
            subject.record["left_out"] = names[done:]
        subject.record["evaluation_seconds"] = round(time.monotonic() - began, 3)
        return Report(subject.record, subject.games)

    def _do(self, name: str, subject: _Subject) -> None:
        """Do a part, and note its seconds."""
        began, new = time.monotonic(), name not in self._seconds
        self._parts[name](subject)
        self._seconds[name] = time.monotonic() - began
        if new:  # what is known of parts that compile replaces the guess
            firsts = [] if len(self._seconds) == 1 else [self._first]
            self._first = max([*firsts, self._seconds[name]])

    def _subject(self, state: TrainState, step: int) -> _Subject:
        player = Player("agent", self._act, state.learners[0].ema)
        choose = in_batches(player, self.num_games // self._game.num_players)
        key_games, key_probe, key_records = jax.random.split(
            jax.random.fold_in(jax.random.key(SEED), step), 3
        )
        record: Record = {"kind": "evaluation", "step": step, "num_games": self.num_games, "scores": {}}
        return _Subject(player, choose, key_games, key_probe, key_records, record, [], [])

    def _meet(self, subject: _Subject, opponent: Player | None) -> ArenaResult:
        """Games against one more opponent."""
        key = jax.random.fold_in(subject.key_games, len(subject.results))
        result = meet(self._game, subject.player, opponent, self.num_games, key)
        subject.results.append(result)
        return result

    def _exploit(self, subject: _Subject) -> None:
        """What a best response wins, where the game is small enough to tell."""
        if not self._measure:
            self._measure.append(exact_measure(self._game, self._network))
        (measure,) = self._measure
        if measure is not None:
            subject.record["exploitability"] = round(float(measure(subject.player.params)), 6)

    def _meet_random(self, subject: _Subject) -> None:
        opponent = random_player()
        subject.record["scores"][opponent.name] = self._meet(subject, opponent).score

    def _play_alone(self, subject: _Subject) -> None:
        subject.record["scores"]["return"] = self._meet(subject, None).mean_return

    def _run_probe(self, subject: _Subject) -> None:
        assert self._probe is not None
        subject.record["probes"] = dict(self._probe(subject.choose, subject.key_probe))

    def _rate_anchors(self, subject: _Subject) -> None:
        if self._anchors is None:
            config, key = self._config, jax.random.key(SEED)
            self._anchors = make_anchors(self._game, config.anchor_simulations, self.num_games, key)

    def _meet_anchors(self, subject: _Subject) -> None:
        """Games against all anchors but the first, who plays at random, and a rating by all results."""
        assert self._anchors is not None
        for opponent in self._anchors.players[1:]:
            self._meet(subject, opponent)
        strength = strength_of(self._anchors, subject.results)
        low, high = strength.interval()
        names = [anchor.name for anchor in self._anchors.players]
        subject.record["scores"] |= strength.scores
        subject.record.update(rating=strength.rating, rating_low=low, rating_high=high)
        subject.record["anchors"] = dict(zip(names, self._anchors.ratings, strict=True))

    def _record_games(self, subject: _Subject) -> None:
        """Games of the player with itself, played by the programs of its games with others."""
        opening = np.minimum(np.arange(NUM_RECORDS), 1) * opening_plies(self._game)
        size = max(self.num_games, NUM_RECORDS * self._game.num_players)
        subject.games.extend(
            record_games(self._game, subject.player, subject.key_records, NUM_RECORDS, opening, size=size)
        )


def _measured(record: Record) -> bool:
    """Whether a record tells something about the player."""
    return bool(record["scores"]) or "probes" in record or "exploitability" in record
