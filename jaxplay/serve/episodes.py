"""A game that is looked at, taken back and begun again from the names of its moves."""

from collections.abc import Sequence
from typing import Any

from jax import Array

from jaxplay.errors import UserError, quoted
from jaxplay.game import CHANCE, Game
from jaxplay.rollout.host import Event, HostEpisode

MOST_EVENTS = 4000
"""Moves and outcomes of chance that a game can be begun with."""


class Episode(HostEpisode):
    """A game on the host whose earlier positions can be seen.

    Args:
        game: to play.
        key: of all chance that `history` does not tell.
        history: moves and outcomes of chance to begin with, as `names` writes them.

    Raises:
        UserError: `history` is no game.
    """

    def __init__(self, game: Game[Any], key: Array, history: Sequence[str] = ()) -> None:
        if len(history) > MOST_EVENTS:
            raise UserError(f"a game of {len(history):,} moves; allowed: {MOST_EVENTS:,} at most")
        self._script = list(history)[::-1]
        super().__init__(game, key)
        while self._script:
            name = self._script.pop()
            if self.over:
                raise UserError(f"{quoted(name)} comes after the end of the game")
            self.play(self.game.parse_move(self.state, name))

    def state_at(self, ply: int) -> Any:
        """The position after so many moves and outcomes of chance."""
        return self._states[ply]

    def _resolve_chance(self, key: Array) -> list[Event]:
        """Outcomes that the history tells, and then those of `key`."""
        start = len(self.events)
        while self._script and self.player == CHANCE and not self.over:
            self._step(self._outcome(self._script.pop()))
        super()._resolve_chance(key)
        return self.events[start:]

    def _outcome(self, name: str) -> int:
        """The outcome of chance that has this name here."""
        mask = self.state.legal_action_mask[: self.game.num_chance_outcomes]
        for outcome in (number for number, there in enumerate(mask.tolist()) if there):
            if f"({self.game.outcome_to_string(self.state, outcome)})" == name:
                return outcome
        raise UserError(f"{quoted(name)} is no outcome of chance here")
