"""Snapshots of learners, the frozen players of a league, on their way to disk; the table of their payoffs."""

from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp

from jaxplay.checkpoint import (
    FrozenPlayer,
    LeagueTable,
    league_table,
    list_players,
    player_name,
    save_payoff,
    save_player,
)
from jaxplay.config import RunConfig
from jaxplay.league import KINDS, LeagueState, take
from jaxplay.training import learner_names


class SnapshotWriter:
    """Writes each frozen player of a league that is not on disk yet.

    Args:
        folder: of the run.
        config: of the run.
        warn: is given a line for each file of a player that is damaged.

    Attributes:
        players: facts about all frozen players that are on disk, by name.
    """

    def __init__(self, folder: Path, config: RunConfig, warn: Callable[[str], None]) -> None:
        self._folder, self._learners = folder, learner_names(config.training)
        self.players = {facts.name: facts for facts in list_players(folder, warn)}

    def save_new(self, state: LeagueState) -> list[FrozenPlayer]:
        """Save the frozen players that are not on disk yet, and return their facts.

        Raises:
            UserError: a player cannot be written. It is tried again at the next call.
        """
        new = []
        for slot, facts in self._present(state).items():
            if facts.name not in self.players:
                save_player(self._folder, facts, take(state.population, jnp.int32(slot)))
                self.players[facts.name] = facts
                new.append(facts)
        return new

    def save_table(self, state: LeagueState) -> LeagueTable:
        """Save and return the payoffs among all learners and frozen players.

        Raises:
            UserError: it cannot be written.
        """
        present = self._present(state)
        slots = range(len(state.population.present))
        names = [*self._learners, *(present[i].name if i in present else None for i in slots)]
        table = league_table(int(state.step), names, state.payoff)
        save_payoff(self._folder, table)
        return table

    def _present(self, state: LeagueState) -> dict[int, FrozenPlayer]:
        """The facts about frozen players, by slot."""
        people = state.population
        facts = jax.device_get((people.present, people.kind, people.parent, people.generation, people.born))
        found = {}
        for slot, (present, kind, parent, generation, born) in enumerate(zip(*facts, strict=True)):
            if present:
                learner = None if parent < 0 else self._learners[parent]
                name = player_name(learner, int(generation))
                found[slot] = FrozenPlayer(name, KINDS[kind], learner, int(generation), int(born))
        return found
