"""`check_game` passes a sound game and catches every kind of broken one."""

import itertools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

from jaxplay.game import CHANCE, GameDefaults
from jaxplay.struct import pytree, replace
from jaxplay.testing import GameLawError, check_game, play, replay
from jaxplay.testing.play import LANES
from jaxplay.testing.value import check_import

PLIES = 512
FAULTS = (
    "none",
    "step guards mask",
    "step guards rewards",
    "observe guards mask",
    "observe nan",
    "observe mover",
    "player 1 begins",
    "third player",
    "ended at first",
    "reward at first",
    "infinite reward",
    "mask at end",
    "no move",
    "phantom move",
    "odds not one",
    "odds hidden",
    "not zero sum",
    "too much",
    "symmetry of mask",
    "symmetry of place",
    "no identity",
)
"""What can be wrong with a game of `Tug`: that of its seed, so that all are compiled once."""


def floats(*values: float) -> np.ndarray:
    """A float32 array."""
    return np.array(values, np.float32)


@pytree
class TugState:
    """Position of `Tug`."""

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    place: Array
    last: Array
    plies: Array
    turn: Array
    fault: Array

    def has(self, fault: str) -> Array:
        """Whether this game is the one with `fault`."""
        return self.fault == FAULTS.index(fault)


@dataclass(frozen=True)
class Tug(GameDefaults):
    """A rope is pulled left or right, never back; two places off the middle, who pulled last wins.

    After each pull chance may allow both directions again (outcome 1). Six pulls are a draw.
    """

    num_actions = 2
    num_chance_outcomes = 3
    max_plies = 6
    num_symmetries = 2

    @property
    def action_permutation(self) -> np.ndarray:
        return np.array([[0, 1], [1, 0]], np.int32)

    def chance_probs(self, state: TugState) -> Array:
        probs = jnp.where(state.has("odds not one"), floats(0.5, 0.75, 0), floats(0.25, 0.75, 0))
        return jnp.where(state.has("odds hidden"), floats(0.25, 0.5, 0.25), probs)

    def init(self, key: Array) -> TugState:
        zero, none = jnp.int32(0), jnp.zeros(2, jnp.float32)
        fault = (jax.random.key_data(key)[1] // PLIES).astype(jnp.int32)
        state = TugState(zero, jnp.arange(3) < 2, none, jnp.bool_(False), zero, zero, zero, zero, fault)
        second = state.has("player 1 begins").astype(jnp.int32)
        return replace(
            state,
            current_player=second,
            turn=second,
            terminated=state.has("ended at first"),
            legal_action_mask=state.legal_action_mask | state.has("ended at first"),
            rewards=none + state.has("reward at first"),
        )

    def step(self, state: TugState, action: Array) -> TugState:
        chance = state.current_player == CHANCE
        pull = jnp.where(chance, 0, 2 * action - 1)
        place, plies = state.place + pull, state.plies + ~chance
        won = abs(place) == 2
        over = won | (plies == 6)
        win = jnp.where(np.arange(2) == state.current_player, jnp.float32(1), jnp.float32(-1))
        turn = jnp.where(chance, state.turn, 1 - state.turn)
        moved = replace(
            state,
            current_player=jnp.where(chance | over, turn, CHANCE),
            rewards=jnp.where(won, win, jnp.float32(0)),
            terminated=over,
            place=place,
            last=jnp.where(chance, jnp.where(action == 1, 0, state.last), pull),
            plies=plies,
            turn=turn,
        )
        return self._spoiled(state, replace(moved, legal_action_mask=self._mask(moved)))

    def _mask(self, state: TugState) -> Array:
        chance = state.current_player == CHANCE
        free = jnp.stack([chance | (state.last <= 0), chance | (state.last >= 0), jnp.bool_(False)])
        return free | state.terminated

    def _spoiled(self, state: TugState, moved: TugState) -> TugState:
        """`moved` with the fault of this game."""
        mask, rewards, place = moved.legal_action_mask, moved.rewards, moved.place
        if state.legal_action_mask is not None:
            place = place + (state.has("step guards mask") & state.legal_action_mask[2])
        if state.rewards is not None:
            rewards = rewards + jnp.where(state.has("step guards rewards"), state.rewards, 0)
        mask = mask & ~(state.has("mask at end") & moved.terminated & (np.arange(3) == 0))
        mask = mask & ~(state.has("no move") & ~moved.terminated)
        mask = mask | (state.has("phantom move") & (moved.current_player >= 0) & (np.arange(3) == 2))
        rewards = rewards + (state.has("not zero sum") & moved.terminated) * floats(0, -0.5)
        rewards = rewards * jnp.where(state.has("too much"), 2, jnp.float32(1))
        rewards = jnp.where(state.has("infinite reward"), jnp.inf, rewards)
        third = state.has("third player") & (moved.current_player >= 0)
        player = jnp.where(third, 2, moved.current_player)
        return replace(moved, legal_action_mask=mask, rewards=rewards, place=place, current_player=player)

    def observe(self, state: TugState, player: Array | None = None) -> Array:
        seen = state.place + (state.has("observe mover") & (player is None))
        if state.legal_action_mask is not None:
            seen = seen + (state.has("observe guards mask") & state.legal_action_mask[2])
        player = state.current_player if player is None else player
        planes = jnp.stack([seen, state.last, player == state.turn]).astype(jnp.float32)
        return jnp.where(state.has("observe nan"), jnp.nan, planes)

    def symmetry(self, state: TugState, index: Array) -> TugState:
        index = jnp.where(state.has("no identity"), 1 - index, index)
        sign = 1 - 2 * index
        turned = replace(state, place=state.place * sign, last=state.last * sign)
        crooked = replace(turned, place=jnp.where(state.has("symmetry of place"), state.place, turned.place))
        mask = self._mask(
            replace(turned, last=jnp.where(state.has("symmetry of mask"), state.last, turned.last))
        )
        return replace(crooked, legal_action_mask=mask)


def test_a_sound_game_passes():
    report = check_game(Tug(), num_plies=PLIES)
    assert report.plies == PLIES and report.games > 20
    assert (report.state_bytes, report.stripped_bytes) == (36, 25)


FOUND = {
    "step guards mask": "law 5: step reads neither",
    "step guards rewards": "law 5: step reads neither",
    "observe guards mask": "law 5: observe reads neither",
    "observe nan": "observe is finite",
    "observe mover": "is that of the player to move",
    "player 1 begins": "law 1: player 0",
    "third player": "law 1: current_player",
    "ended at first": "law 3: the first state",
    "reward at first": "law 6: the first state has no rewards",
    "infinite reward": "law 6: rewards are finite",
    "mask at end": "law 4: the mask is all true",
    "no move": "law 4: a live state has a legal action",
    "phantom move": "law 4: what the mask allows exists",
    "odds not one": "law 2: chance_probs",
    "odds hidden": "law 4: the mask at a chance node",
    "not zero sum": "law 6: returns add up to zero",
    "too much": r"law 6: returns lie in \[-1, 1\]",
    "symmetry of mask": "law 8: a symmetry permutes the mask",
    "symmetry of place": "law 8: symmetries commute",
    "no identity": "law 8",
}


@pytest.mark.parametrize("fault", FAULTS[1:])
def test_a_broken_move_is_caught(fault: str):
    with pytest.raises(GameLawError, match=FOUND[fault]):
        check_game(Tug(), num_plies=PLIES, seed=FAULTS.index(fault))


def test_the_message_says_how_to_come_there():
    with pytest.raises(GameLawError, match="law 4") as caught:
        check_game(Tug(), num_plies=PLIES, seed=FAULTS.index("mask at end"))
    call = str(caught.value).partition("jaxplay.testing.replay")[2]
    state = eval(f"replay{call}", {"replay": replay, "Tug": Tug})
    assert state.terminated and not state.legal_action_mask.all()


def changed(**changes: Any) -> Any:
    """A game of a class like `Tug` but for `changes`."""
    return dataclass(frozen=True)(type("Broken", (Tug,), changes))()


def after(**changes: Any) -> Any:
    """A game like `Tug` whose `step` changes fields: functions of the state before and the state after."""

    def step(self: Tug, state: TugState, action: Array) -> TugState:
        moved = Tug.step(self, state, action)
        return replace(moved, **{name: change(state, moved) for name, change in changes.items()})

    return changed(step=step)


def at_first(**fields: Any) -> Any:
    """A game like `Tug` that begins with other fields."""
    return changed(init=lambda self, key: replace(Tug.init(self, key), **fields))


class Mutable(Tug):
    """Equal to its copies, but not frozen."""

    __setattr__ = object.__setattr__

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)


@pytree
class ComputedState:
    """Computes the player to move."""

    legal_action_mask: Array
    rewards: Array
    terminated: Array

    @property
    def current_player(self) -> Array:
        return jnp.int32(0)


class Observing:
    """Ways to observe that are none."""

    @staticmethod
    def mask(game: Tug, state: TugState, player: Array | None = None) -> Array:
        return state.legal_action_mask.astype(jnp.float32)

    @staticmethod
    def two_shapes(game: Tug, state: TugState, player: Array | None = None) -> Array:
        return jnp.zeros(2 if player is None else 3)


class Endless:
    """A rope that never comes far."""

    @staticmethod
    def step(game: Tug, state: TugState, action: Array) -> TugState:
        return Tug.step(game, replace(state, place=state.place * 0, plies=state.plies * 0), action)


class Drawing:
    """Ways to draw that fail in some positions."""

    @staticmethod
    def end(game: Tug, state: TugState, player: int | None = None) -> str:
        if state.terminated:
            raise ValueError("the end")
        return "a rope"

    @staticmethod
    def luck(game: Tug, state: TugState, player: int | None = None) -> str:
        if state.current_player == CHANCE:
            raise ValueError("luck")
        return "a rope"


TABLE = np.array([[0, 1], [1, 0]], np.int32)
COMPUTED = ComputedState(jnp.ones(3, jnp.bool_), jnp.zeros(2), jnp.bool_(False))
count = itertools.count()

BROKEN = {
    "frozen": Mutable(),
    "its copy must be equal": changed(__eq__=object.__eq__, __hash__=object.__hash__),
    "are positive": changed(max_plies=0),
    "num_chance_outcomes": changed(num_chance_outcomes=-1),
    "law 6: min_return": changed(min_return=2.0),
    "teams has an entry": changed(teams=(0,)),
    "law 8: action_permutation has shape": changed(action_permutation=TABLE[:1]),
    "law 8: every row": changed(action_permutation=TABLE * 0),
    "law 8: symmetry 0 is": changed(action_permutation=TABLE[::-1]),
    "whose name it is": changed(action_to_string=lambda self, action: "0"),
    "raises UserError": changed(parse_action=lambda self, text: int(text) if text.isdigit() else 0),
    "parse_move of '0' is action 1": changed(move_to_string=lambda self, state, action: "0"),
    "parse_move of 'left' is action 0": changed(move_to_string=lambda self, state, action: "left"),
    "current_player is a stored field": changed(init=lambda self, key: COMPUTED),
    r"current_player is int32\[\]": at_first(current_player=np.zeros(1, np.int32)),
    "legal_action_mask is bool": at_first(legal_action_mask=np.zeros(3, np.float32)),
    r"it is bool\[2\]": at_first(legal_action_mask=np.zeros(2, np.bool_)),
    "step turns place from": after(place=lambda state, moved: moved.place.astype(jnp.float32)),
    "weakly typed": after(plies=lambda state, moved: jnp.where(moved.terminated, 1, 2)),
    "step turns last .* into nothing": after(last=lambda state, moved: None),
    "chance_probs is float32": changed(chance_probs=lambda self, state: jnp.ones(2)),
    "law 5: step reads": after(last=lambda state, moved: moved.last * state.legal_action_mask[0]),
    "law 5: observe reads": changed(observe=Observing.mask),
    "observe of a player turns": changed(observe=Observing.two_shapes),
    "law 2: step gives": after(last=lambda state, moved: moved.last + np.int32(next(count))),
    "law 7": changed(max_plies=1),
    "not XML": changed(render_svg=lambda self, state, player=None: "<p>"),
    "outcome_to_string gives outcomes names that differ; 0 and 1 are 'again'": changed(
        outcome_to_string=lambda self, state, outcome: "again"
    ),
    "a position can be drawn for player None: ValueError: the end": changed(render=Drawing.end),
    "a position can be drawn for player None: ValueError: luck": changed(render=Drawing.luck),
    "no game is drawn, as has_draws says": changed(has_draws=False),
    "it is <p>": changed(render_svg=lambda self, state, player=None: "<p/>"),
    "render draws": changed(render=lambda self, state, player=None: " "),
}
"""Message to game."""


@pytest.mark.parametrize("message", BROKEN)
def test_a_broken_game_is_caught(message: str):
    with pytest.raises(GameLawError, match=message):
        check_game(BROKEN[message], num_plies=PLIES)


def test_a_game_that_may_be_cut_passes():
    assert check_game(changed(max_plies=1), num_plies=PLIES, may_be_cut=True).games == 0


def test_a_game_that_is_longer_than_the_run_is_played_to_its_end(monkeypatch: pytest.MonkeyPatch):
    assert check_game(Tug(), num_plies=LANES).games > 0
    endless = changed(step=Endless.step, max_plies=40)
    with pytest.raises(GameLawError, match="law 7: a game goes on after max_plies=40"):
        check_game(endless, num_plies=PLIES)
    monkeypatch.setattr(play, "LONGEST", 3)
    seen = r"law 7: no game was seen to end in 3 moves; see .*, \[[01], \d, [01]\]\)"
    with pytest.raises(GameLawError, match=seen):
        check_game(endless, num_plies=PLIES)


def test_an_import_that_starts_a_backend_is_caught():
    with pytest.raises(GameLawError, match=r"importing pgx\.core starts a JAX backend"):
        check_import("pgx.core")
