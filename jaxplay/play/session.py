"""The course of one game on the host: positions, moves, luck, and what can be taken back."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, sample_outcome


class Event(NamedTuple):
    """A move, or an outcome of chance (`player` is `CHANCE`)."""

    player: int
    action: int


class Rules(NamedTuple):
    """The compiled functions of a game, of one state each."""

    init: Callable[[Array], Any]
    step: Callable[[Any, Any], Any]
    draw: Callable[[Any, Array], Array]


@cache
def compiled(game: Game[Any]) -> Rules:
    """Compiled once for each game."""
    return Rules(
        jax.jit(game.init),
        jax.jit(game.step),
        jax.jit(lambda state, key: sample_outcome(game.chance_probs(state), key)),
    )


class Session:
    """One game, from its first decision on. Chance is played as it comes.

    Attributes:
        game: that is played.
        events: moves and chance outcomes so far.

    Args:
        game: to play.
        key: of all luck. What follows a move taken back is drawn anew.
    """

    def __init__(self, game: Game[Any], key: Array) -> None:
        self.game = game
        self.events: list[Event] = []
        self._rules = compiled(game)
        self._states = [self._rules.init(jax.random.fold_in(key, 0))]
        self._key = key
        self._draws = 0
        self._resolve_chance()

    @property
    def state(self) -> Any:
        """The position now: a decision, or the end."""
        return self._states[-1]

    @property
    def player(self) -> int:
        """Who is to move."""
        return int(self.state.current_player)

    @property
    def num_moves(self) -> int:
        """Decisions so far."""
        return sum(event.player != CHANCE for event in self.events)

    @property
    def truncated(self) -> bool:
        """Whether the game was cut at its limit of plies."""
        return not self.state.terminated and self.num_moves >= self.game.max_plies

    @property
    def over(self) -> bool:
        """Whether nobody moves any more."""
        return bool(self.state.terminated) or self.truncated

    @property
    def returns(self) -> np.ndarray:
        """`(P,)` float32: what each player has earned."""
        return np.sum([np.asarray(state.rewards) for state in self._states], axis=0)

    def legal(self) -> list[int]:
        """The actions that may be played."""
        return np.flatnonzero(np.asarray(self.state.legal_action_mask)[: self.game.num_actions]).tolist()

    def name(self, action: int) -> str:
        """An action as the player to move calls it."""
        return self.game.move_to_string(self.state, action)

    def play(self, action: int) -> list[Event]:
        """Make a move. Returns the outcomes of chance that followed.

        Raises:
            UserError: the game is over, or the action is not legal.
        """
        if self.over:
            raise UserError("the game is over")
        if action not in self.legal():
            raise UserError(f"{self.name(action)} is not legal here")
        self._step(action)
        return self._resolve_chance()

    def undo(self, player: int | None = None) -> bool:
        """Go back to before the last move of `player` (None: of anybody); False if there is none."""
        own = [i for i, e in enumerate(self.events) if e.player != CHANCE and player in (None, e.player)]
        if not own:
            return False
        del self.events[own[-1] :], self._states[own[-1] + 1 :]
        return True

    def record(self) -> str:
        """The whole game as `told` tells it."""
        return self.told(len(self.events))

    def told(self, count: int) -> str:
        """The last `count` events: moves in the game's notation, outcomes of chance in brackets."""
        name, luck = self.game.move_to_string, self.game.outcome_to_string
        played = list(zip(self._states, self.events, strict=False))[len(self.events) - count :]
        return " ".join(
            name(s, e.action) if e.player != CHANCE else f"({luck(s, e.action)})" for s, e in played
        )

    def _step(self, action: int) -> None:
        self.events.append(Event(self.player, action))
        self._states.append(self._rules.step(self.state, np.int32(action)))

    def _resolve_chance(self) -> list[Event]:
        start = len(self.events)
        while self.player == CHANCE and not self.state.terminated:
            self._draws += 1
            self._step(int(self._rules.draw(self.state, jax.random.fold_in(self._key, self._draws))))
        return self.events[start:]
