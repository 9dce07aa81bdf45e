"""The game of OpenSpiel that plays one of ours; see `jaxplay.bridges.openspiel_game`."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
import pyspiel

from jaxplay.errors import UserError
from jaxplay.evaluator import sizes
from jaxplay.game import CHANCE, Game
from jaxplay.rollout.episode import final_returns, is_cut

_REGISTERED: dict[str, Game[Any]] = {}


class _Functions(NamedTuple):
    """The compiled functions of a game, of one state each."""

    init: Callable[[Any], Any]
    step: Callable[[Any, Any], Any]
    observe: Callable[[Any, Any], Any]
    chance_probs: Callable[[Any], Any]


@cache
def _functions(game: Game[Any]) -> _Functions:
    """Compiled once for each game."""
    return _Functions(*map(jax.jit, (game.init, game.step, game.observe, game.chance_probs)))


def registered(game: Game[Any], name: str) -> Any:
    """The game as OpenSpiel loads it by its name.

    Raises:
        UserError: another game has this name, or chance is dealt by the key of `init`.
    """
    _refuse_dealt_by_key(game)
    if name not in _REGISTERED:
        if name in pyspiel.registered_names():
            raise UserError(f"OpenSpiel has a game {name!r} already; choose another name")
        kind = _game_type(game, name)
        pyspiel.register_game(kind, _game_class(game, kind))
        _REGISTERED[name] = game
    if _REGISTERED[name] != game:
        raise UserError(f"{name!r} is {_REGISTERED[name]} already; choose another name")
    return pyspiel.load_game(name)


def _refuse_dealt_by_key(game: Game[Any]) -> None:
    one, other = (jax.device_get(_functions(game).init(jax.random.key(seed))) for seed in (0, 1))
    same = map(np.array_equal, jax.tree.leaves(one), jax.tree.leaves(other))
    if not all(same):
        raise UserError(f"{game} deals by the key of init; OpenSpiel needs chance that is moves")


def _game_type(game: Game[Any], name: str) -> Any:
    kinds, hidden = pyspiel.GameType, not game.perfect_information
    chance = (
        kinds.ChanceMode.EXPLICIT_STOCHASTIC if game.num_chance_outcomes else kinds.ChanceMode.DETERMINISTIC
    )
    together = bool(game.teams) and len(set(game.teams)) == 1
    return kinds(
        short_name=name,
        long_name=f"{type(game).__name__} of jaxplay",
        dynamics=kinds.Dynamics.SEQUENTIAL,
        chance_mode=chance,
        information=kinds.Information.IMPERFECT_INFORMATION
        if hidden
        else kinds.Information.PERFECT_INFORMATION,
        utility=_utility(game, together=together),
        reward_model=kinds.RewardModel.TERMINAL,
        max_num_players=game.num_players,
        min_num_players=game.num_players,
        provides_information_state_string=hidden,
        provides_information_state_tensor=hidden,
        provides_observation_string=True,
        provides_observation_tensor=True,
    )


def _utility(game: Game[Any], *, together: bool) -> Any:
    kinds = pyspiel.GameType.Utility
    if game.zero_sum:
        return kinds.ZERO_SUM
    return kinds.IDENTICAL if together else kinds.GENERAL_SUM


def _game_class(game: Game[Any], kind: Any) -> Any:
    """A class whose instances OpenSpiel makes by `load_game`."""
    info = pyspiel.GameInfo(
        num_distinct_actions=game.num_actions,
        max_chance_outcomes=game.num_chance_outcomes,
        num_players=game.num_players,
        min_utility=float(game.min_return),
        max_utility=float(game.max_return),
        utility_sum=0.0 if game.zero_sum else None,
        max_game_length=game.max_plies,
    )

    class SpielGame(pyspiel.Game):
        """The game, as OpenSpiel sees it."""

        def __init__(self, params: Any = None) -> None:
            super().__init__(kind, info, params or {})

        def new_initial_state(self) -> "SpielState":
            """The first position."""
            return SpielState(self, game)

        def make_py_observer(self, iig_obs_type: Any = None, params: Any = None) -> "Observer | None":
            """What writes observations as tensors and text; None for a kind that we have not."""
            return Observer(game) if _observes(game, iig_obs_type) else None

    return SpielGame


def _observes(game: Game[Any], wanted: Any) -> bool:
    """Whether we have a kind of observation: all that one player knows, and no part of that."""
    if wanted is None or game.perfect_information:
        return True
    return wanted.public_info and wanted.private_info == pyspiel.PrivateInfoType.SINGLE_PLAYER


class SpielState(pyspiel.State):
    """A position: ours, and what was earned on the way.

    Args:
        spiel: the game of OpenSpiel.
        game: ours.
    """

    def __init__(self, spiel: Any, game: Game[Any]) -> None:
        super().__init__(spiel)
        self._ours = game
        self.inner = jax.device_get(_functions(game).init(jax.random.key(0)))
        self._earned: Any = np.asarray(self.inner.rewards, np.float64)
        self._decisions = 0

    def current_player(self) -> Any:
        """Who is to move: a player, chance, or nobody."""
        if self.is_terminal():
            return pyspiel.PlayerId.TERMINAL
        player = int(self.inner.current_player)
        return pyspiel.PlayerId.CHANCE if player == CHANCE else player

    def is_terminal(self) -> bool:
        """Whether the game is over, or was cut."""
        return bool(self.inner.terminated) or self._is_cut()

    def returns(self) -> list[float]:
        """What each player has earned, once the game is over; 0 before."""
        if not self.is_terminal():
            return [0.0] * self._ours.num_players
        cut: Any = np.bool_(self._is_cut())
        return np.asarray(final_returns(self._ours, self._earned, cut)).tolist()

    def chance_outcomes(self) -> list[tuple[int, float]]:
        """Outcomes of chance and their probabilities."""
        probs = np.asarray(_functions(self._ours).chance_probs(self.inner), np.float64)
        found = np.flatnonzero(probs > 0)
        return [(int(i), float(p)) for i, p in zip(found, probs[found] / probs[found].sum(), strict=True)]

    def _legal_actions(self, player: int) -> list[int]:
        return np.flatnonzero(self.inner.legal_action_mask[: self._ours.num_actions]).tolist()

    def _apply_action(self, action: int) -> None:
        self._decisions += int(self.inner.current_player) != CHANCE
        self.inner = jax.device_get(_functions(self._ours).step(self.inner, np.int32(action)))
        self._earned = self._earned + np.asarray(self.inner.rewards, np.float64)

    def _action_to_string(self, player: int, action: int) -> str:
        if player == pyspiel.PlayerId.CHANCE:
            return self._ours.outcome_to_string(self.inner, action)
        return self._ours.move_to_string(self.inner, action)

    def _is_cut(self) -> bool:
        waits = int(self.inner.current_player) == CHANCE  # what a decision brought about belongs to it
        plies: Any = np.int32(self._decisions)
        return not waits and bool(is_cut(self._ours, self.inner.terminated, plies))

    def __str__(self) -> str:
        """The position as text."""
        return self._ours.render(self.inner)


class Observer:
    """What a player sees, in the form that OpenSpiel asks for.

    Attributes:
        tensor: `(n,)` float32, all numbers.
        dict: the same, in their shape, by the name `observation`.

    Args:
        game: ours.
    """

    def __init__(self, game: Game[Any]) -> None:
        self._game = game
        shape = sizes(game).observation
        self.tensor = np.zeros(int(np.prod(shape)), np.float32)
        self.dict = {"observation": self.tensor.reshape(shape)}

    def set_from(self, state: SpielState, player: int) -> None:
        """Write what `player` sees into `tensor`."""
        seen = _functions(self._game).observe(state.inner, np.int32(player))
        self.tensor[:] = np.asarray(seen, np.float32).reshape(-1)

    def string_from(self, state: SpielState, player: int) -> str:
        """What `player` sees as text: the numbers that are not 0, by their places."""
        self.set_from(state, player)
        places = np.flatnonzero(self.tensor)
        return f"player {player}: " + " ".join(f"{i}={self.tensor[i]:.9g}" for i in places)
