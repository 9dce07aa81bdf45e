"""The `host` dispatch: a game on the host, move by move, for people and programs that are not compiled."""

import copy
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, value_scale
from jaxplay.rollout.episode import chance_outcome, final_returns, is_cut, opening_decision, waits_for_chance

ANEW = 2**31 - 1
"""What the key of chance is folded with when a move is taken back; no game has so many plies."""


class Event(NamedTuple):
    """A move, or an outcome of chance (`player` is `CHANCE`)."""

    player: int
    action: int


class _Functions(NamedTuple):
    """The compiled functions of a game, of one state each."""

    init: Callable[[Array], Any]
    step: Callable[[Any, Any], Any]
    chance: Callable[[Any, Array, int], Array]
    opening: Callable[[Any, Array], tuple[Array, Array, Any, Array]]


@cache
def _functions(game: Game[Any]) -> _Functions:
    """Compiled once for each game."""
    parts = (partial(chance_outcome, game), partial(opening_decision, game))
    return _Functions(jax.jit(game.init), jax.jit(game.step), *map(jax.jit, parts))


class HostEpisode:
    """One game, from its first decision on. Chance is played as it comes.

    With the keys of a match of the `seats` dispatch it has the opening and the chance of that match.

    Attributes:
        game: that is played.
        events: moves and chance outcomes so far.
        given_up: who gave the game up, and why, such as `resigned`; None while nobody has.

    Args:
        game: to play.
        key: of the first position and of random plies.
        key_chance: of all later chance; None: made of `key`. What follows a move taken back is sampled anew.
        opening_plies: random plies to begin with; one that would end the game is not played.
        start: the position to begin with; None: that of the game.
        recorded: whether the game is told by `follow`, chance too, until `go_on` lets chance play.
    """

    def __init__(
        self,
        game: Game[Any],
        key: Array,
        key_chance: Array | None = None,
        opening_plies: int = 0,
        *,
        start: Any = None,
        recorded: bool = False,
    ) -> None:
        self.game = game
        self.events: list[Event] = []
        self.given_up: tuple[int, str] | None = None
        self._functions = _functions(game)
        self._key = jax.random.fold_in(key, ANEW) if key_chance is None else key_chance
        key_begin, key_plies = jax.random.split(key)
        key_init, key_first = jax.random.split(key_begin)
        self._states = [self._functions.init(key_init) if start is None else start]
        if recorded:
            return
        self._resolve_chance(key_first)
        for i in range(opening_plies):
            key_try = jax.random.fold_in(key_plies, i)
            action, key_ply, _, plays = self._functions.opening(self.state, key_try)
            if plays:
                self._decide(int(action), key_ply)

    @property
    def state(self) -> Any:
        """The position now: a decision, or the end."""
        return self._states[-1]

    @property
    def states(self) -> tuple[Any, ...]:
        """The first position, and the one after each event."""
        return tuple(self._states)

    @property
    def player(self) -> int:
        """Who is to move."""
        return int(self.state.current_player)

    @property
    def history(self) -> tuple[int, ...]:
        """All actions and chance outcomes, from the first state on."""
        return tuple(event.action for event in self.events)

    @property
    def num_moves(self) -> int:
        """Decisions so far."""
        return sum(event.player != CHANCE for event in self.events)

    @property
    def truncated(self) -> bool:
        """Whether the game was cut at its bound of plies."""
        cut = is_cut(self.game, self.state.terminated, jnp.int32(self.num_moves))
        return self.given_up is None and bool(cut)

    @property
    def over(self) -> bool:
        """Whether nobody moves any more."""
        return bool(self.state.terminated) or self.given_up is not None or self.truncated

    @property
    def earned(self) -> np.ndarray:
        """`(P,)` float32: the sum of rewards of each player so far."""
        return np.sum([np.asarray(state.rewards) for state in self._states], axis=0)

    @property
    def returns(self) -> np.ndarray:
        """`(P,)` float32: the result of each player; of a game that goes on, what it has earned so far.

        Who gives up loses all there is to lose.
        """
        if self.given_up is not None:
            lost = np.arange(2) == self.given_up[0]
            return np.where(lost, -1.0, 1.0).astype(np.float32) * value_scale(self.game)
        return np.asarray(final_returns(self.game, self.earned, np.bool_(self.truncated)))  # pyright: ignore

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
            known = 0 <= action < self.game.num_actions
            raise UserError(f"{self.name(action) if known else action} is not legal here")
        return self._decide(action, jax.random.fold_in(self._key, self.num_moves))

    def follow(self, action: int) -> None:
        """What happened in a game that was played before: a move, or an outcome of chance.

        A recorded game may be longer than the bound at which self-play cuts.

        Raises:
            UserError: the game is over, or that cannot happen here.
        """
        if self.state.terminated:
            raise UserError("the game is over")
        mask = np.asarray(self.state.legal_action_mask)
        if not (0 <= action < len(mask) and mask[action]):
            raise UserError(f"action {action} is not legal here")
        self._step(action)

    def go_on(self) -> list[Event]:
        """Let chance play where it is to move. Returns its outcomes."""
        return self._resolve_chance(jax.random.fold_in(self._key, self.num_moves))

    def give_up(self, player: int, why: str = "resigned") -> None:
        """A player loses without playing on.

        Raises:
            UserError: the game is over, or it is not for two who win or lose.
        """
        if self.over:
            raise UserError("the game is over")
        if self.game.num_players != 2 or not self.game.zero_sum:
            raise UserError("resigning is for games that two players win or lose")
        self.given_up = (player, why)

    def before(self, num_events: int) -> "HostEpisode":
        """A copy of the game as it stood after so many events."""
        copied = copy.copy(self)
        vars(copied).update(
            given_up=None, events=self.events[:num_events], _states=self._states[: num_events + 1]
        )
        return copied

    def undo(self, player: int | None = None) -> bool:
        """Go back to before the last move of `player` (None: of anybody); False if there is none."""
        own = [i for i, e in enumerate(self.events) if e.player != CHANCE and player in (None, e.player)]
        if not own:
            return False
        del self.events[own[-1] :], self._states[own[-1] + 1 :]
        self.given_up = None
        self._key = jax.random.fold_in(self._key, ANEW)
        return True

    def told(self, last: int | None = None) -> str:
        """The last events (None: all) by their `names`."""
        return " ".join(self.names(last))

    def names(self, last: int | None = None) -> list[str]:
        """The last events (None: all): moves in the game's notation, outcomes of chance in brackets."""
        name, outcome = self.game.move_to_string, self.game.outcome_to_string
        played = list(zip(self._states, self.events, strict=False))
        return [
            name(s, e.action) if e.player != CHANCE else f"({outcome(s, e.action)})"
            for s, e in played[0 if last is None else len(played) - last :]
        ]

    def _decide(self, action: int, key: Array) -> list[Event]:
        """A decision, and the chance that follows it with `key`; returns the outcomes."""
        self._step(action)
        return self._resolve_chance(key)

    def _resolve_chance(self, key: Array) -> list[Event]:
        start = len(self.events)
        while waits_for_chance(self.state):
            turn = len(self.events) - start
            self._step(int(self._functions.chance(self.state, key, turn)))
        return self.events[start:]

    def _step(self, action: int) -> None:
        self.events.append(Event(self.player, action))
        self._states.append(self._functions.step(self.state, np.int32(action)))
