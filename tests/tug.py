"""A small game, a tug of war, and ways to make it break each law of games."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, GameDefaults
from jaxplay.struct import pytree, replace

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


def changed(**changes: Any) -> Any:
    """A game of a class like `Tug` but for `changes`."""
    return dataclass(frozen=True)(type("Broken", (Tug,), changes))()
