"""`check_game` passes a sound game and catches every kind of broken one."""

import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from tug import FAULTS, PLIES, Tug, TugState, changed

from jaxplay.game import CHANCE
from jaxplay.struct import pytree, replace
from jaxplay.testing import GameLawError, check_game, play, replay
from jaxplay.testing.play import LANES
from jaxplay.testing.value import check_import


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


class Rendering:
    """Ways to render that fail in some positions."""

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
    "parse_move of '0' is action 1, .*|names that differ; 0 and 1 are '0'": changed(
        move_to_string=lambda self, state, action: "0" if state.plies >= 4 else str(action)
    ),
    "raises UserError; it raised ValueError": changed(
        parse_action=lambda self, text: int(text) if text.isdigit() else Tug.parse_action(self, text)
    ),
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
    "a position can be rendered for player None: ValueError: the end": changed(render=Rendering.end),
    "a position can be rendered for player None: ValueError: luck": changed(render=Rendering.luck),
    "no game is drawn, as has_draws says": changed(has_draws=False),
    "it is <p>": changed(render_svg=lambda self, state, player=None: "<p/>"),
    "render shows something to player None": changed(render=lambda self, state, player=None: " "),
}
"""Message to game."""


@pytest.mark.parametrize("message", BROKEN)
def test_a_broken_game_is_caught(message: str):
    with pytest.raises(GameLawError, match=message):
        check_game(BROKEN[message], num_plies=PLIES)


def test_rewards_count_where_a_game_is_cut():
    """No game comes to its end after a single pull."""

    def step(self: Tug, state: TugState, action: Array) -> TugState:
        moved = Tug.step(self, state, action)
        return replace(moved, rewards=moved.rewards + 2)

    with pytest.raises(GameLawError, match="law 6: returns lie in"):
        check_game(changed(step=step, zero_sum=False, max_plies=1), num_plies=PLIES, may_be_cut=True)


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
