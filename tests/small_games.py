"""Games small enough to check by hand, for tests of what plays games."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, GameDefaults, State, random_action
from jaxplay.struct import pytree


@pytree
class NimState:
    """Position of `Nim`."""

    piles: Array
    """`(num_piles,)` int32: objects left in each pile."""
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Nim(GameDefaults):
    """Take any number of objects from one pile; who takes the last object wins.

    Action `pile * max(piles) + count - 1` takes `count` objects from `pile`. The player to move wins
    if and only if the bitwise xor of the pile sizes is not zero (Bouton 1901).
    """

    piles: tuple[int, ...] = (1, 2, 3)

    @property
    def num_actions(self) -> int:
        """A pile and a count."""
        return len(self.piles) * max(self.piles)

    @property
    def max_plies(self) -> int:
        """One object at a time."""
        return sum(self.piles)

    def init(self, key: Array | None = None) -> NimState:
        """All piles full."""
        return self._state(jnp.array(self.piles, jnp.int32), jnp.int32(0), jnp.zeros(2), jnp.array(False))

    def step(self, state: NimState, action: Array) -> NimState:
        """Take objects."""
        pile, count = action // max(self.piles), action % max(self.piles) + 1
        piles = state.piles.at[pile].add(-count)
        done = jnp.all(piles == 0)
        sign = jnp.where(jnp.arange(2) == state.current_player, 1.0, -1.0)
        return self._state(piles, 1 - state.current_player, jnp.where(done, sign, 0.0), done)

    def observe(self, state: NimState, player: Array | None = None) -> Array:
        """`(num_piles,)` float32: the piles."""
        return state.piles.astype(jnp.float32)

    def _state(self, piles: Array, player: Array, rewards: Array, done: Array) -> NimState:
        legal = (jnp.arange(max(self.piles))[None] < piles[:, None]).reshape(-1) | done
        return NimState(piles, player.astype(jnp.int32), legal, rewards, done)


class SidedNim(Nim):
    """Nim whose players have names of their own for actions: numbers with `a` or `b` before them."""

    def move_to_string(self, state: NimState, action: int) -> str:
        """Such as `a0`."""
        return f"{'ab'[int(state.current_player)]}{action}"

    def parse_move(self, state: NimState, text: str) -> int:
        """The number of `a0`, which only player 0 may say."""
        if not text.startswith("ab"[int(state.current_player)]):
            raise UserError(f"{text!r} is not an action")
        return self.parse_action(text[1:])


@pytree
class RaceState:
    """Position of `Race`."""

    scores: Array
    """`(num_players,)` int32: points of each player."""
    rolling: Array
    """`()` bool: the next event is the die."""
    plies: Array
    """`()` int32: decisions taken."""
    mover: Array
    """`()` int32: who decides next, also while the die rolls."""
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Race(GameDefaults):
    """Chance, double moves and rewards on the way, for one or two players.

    For `length` turns the mover takes one point for certain (action 0) or rolls (action 1) a die with
    outcomes 0 (probability 1/4, no point), 1 (1/4, one point) and 2 (1/2, three points and another
    turn). Points are rewards at once: to the mover, and against the other of two players. Rolling is
    best: it earns 7/4 at each turn, and half the time the next turn too.
    """

    players: int = 2
    length: int = 4

    num_actions = 2
    num_chance_outcomes = 3

    @property
    def num_players(self) -> int:
        """One or two."""
        return self.players

    @property
    def max_plies(self) -> int:
        """One decision a turn."""
        return self.length

    @property
    def zero_sum(self) -> bool:
        """Two players share a purse."""
        return self.players == 2

    @property
    def max_return(self) -> float:
        """Three points a turn."""
        return 3.0 * self.length

    @property
    def min_return(self) -> float:
        """The other player's best."""
        return -self.max_return if self.players == 2 else 0.0

    def init(self, key: Array | None = None) -> RaceState:
        """No points."""
        scores = jnp.zeros(self.players, jnp.int32)
        return self._state(scores, jnp.array(False), jnp.int32(0), jnp.int32(0), jnp.zeros(self.players))

    def step(self, state: RaceState, action: Array) -> RaceState:
        """Take the point, call for the die, or its outcome."""
        roll = ~state.rolling & (action == 1)
        gain = jnp.where(state.rolling, jnp.array([0, 1, 3], jnp.int32)[action], jnp.where(roll, 0, 1))
        mine = jnp.arange(self.players) == state.mover
        sign = jnp.where(mine, 1.0, -1.0 if self.players == 2 else 0.0)
        again = roll | (state.rolling & (action == 2))
        mover = jnp.where(again, state.mover, (state.mover + 1) % self.players)
        plies = state.plies + (~state.rolling).astype(jnp.int32)
        scores = state.scores + jnp.where(mine, gain, 0)
        return self._state(scores, roll, plies, mover, sign * gain.astype(jnp.float32))

    def chance_probs(self, state: RaceState) -> Array:
        """`(3,)` float32."""
        return jnp.array([0.25, 0.25, 0.5], jnp.float32)

    def observe(self, state: RaceState, player: Array | None = None) -> Array:
        """`(num_players + 1,)` float32: points and turns."""
        return jnp.append(state.scores, state.plies).astype(jnp.float32)

    def outcome_to_string(self, state: RaceState, outcome: int) -> str:
        """The points, such as `+3`."""
        return f"+{(0, 1, 3)[outcome]}"

    def _state(self, scores: Array, rolling: Array, plies: Array, mover: Array, rewards: Array) -> RaceState:
        done = (plies >= self.length) & ~rolling
        legal = (jnp.arange(3) < jnp.where(rolling, 3, 2)) | done
        player = jnp.where(rolling, CHANCE, mover).astype(jnp.int32)
        mover = mover.astype(jnp.int32)
        return RaceState(scores, rolling, plies, mover, player, legal, rewards.astype(jnp.float32), done)


@pytree
class CoinsState:
    """Position of `Coins`."""

    owner: Array
    """`(5,)` int8: 0 for a coin on the table, else 1 for player 0's and -1 for player 1's."""
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Coins(GameDefaults):
    """Five coins of values 1, 3, 5, 3, 1 lie in a row; the players take one in turn; the richer wins.

    It is `Scored`: points are coins, the score is the difference of what the players hold. Symmetric.
    """

    num_actions = 5
    max_plies = 5
    num_symmetries = 2
    ownership_size = 5
    max_score = 13.0

    @property
    def action_permutation(self) -> np.ndarray:
        """As it is, and turned around."""
        return np.array([[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]], np.int32)

    def init(self, key: Array | None = None) -> CoinsState:
        """All coins on the table."""
        return self._state(jnp.zeros(5, jnp.int8), jnp.int32(0))

    def step(self, state: CoinsState, action: Array) -> CoinsState:
        """Take a coin."""
        mine = jnp.where(state.current_player == 0, 1, -1).astype(jnp.int8)
        return self._state(state.owner.at[action].set(mine), 1 - state.current_player)

    def observe(self, state: CoinsState, player: Array | None = None) -> Array:
        """`(5,)` float32: 1 for the mover's coins, -1 for the other's."""
        player = state.current_player if player is None else player
        return self.ownership(state) * jnp.where(player == 0, 1.0, -1.0)

    def symmetry(self, state: CoinsState, index: Array) -> CoinsState:
        """Turned around."""
        return self._state(jnp.where(index == 1, state.owner[::-1], state.owner), state.current_player)

    def ownership(self, state: CoinsState) -> Array:
        """`(5,)` float32: who holds each coin."""
        return state.owner.astype(jnp.float32)

    def score(self, state: CoinsState) -> Array:
        """What player 0 holds less what player 1 does."""
        return self._ahead(state.owner)

    def _ahead(self, owner: Array) -> Array:
        return (owner.astype(jnp.float32) * jnp.array([1.0, 3.0, 5.0, 3.0, 1.0])).sum()

    def _state(self, owner: Array, player: Array) -> CoinsState:
        done = jnp.all(owner != 0)
        sign = jnp.where(done, jnp.sign(self._ahead(owner)), 0.0)
        legal = (owner == 0) | done
        return CoinsState(owner, player.astype(jnp.int32), legal, sign * jnp.array([1.0, -1.0]), done)


def random_act(params: None, key: Array, states: State) -> Array:
    """`(B,)` int32: uniform legal actions."""
    keys = jax.random.split(key, states.terminated.shape[0])
    return jax.vmap(random_action)(states.legal_action_mask, keys)


def nim_act(params: None, key: Array, states: NimState) -> Array:
    """`(B,)` int32: the first action that leaves xor zero in `Nim`, else any legal one."""
    largest = states.legal_action_mask.shape[-1] // states.piles.shape[-1]
    pile, count = jnp.divmod(jnp.arange(states.legal_action_mask.shape[-1]), largest)
    left = states.piles[:, pile] - count[None] - 1
    total = jax.lax.reduce(states.piles, jnp.int32(0), jax.lax.bitwise_xor, (1,))
    balanced = (total[:, None] ^ states.piles[:, pile] ^ left) == 0
    scores = jnp.where(states.legal_action_mask, 1 + balanced.astype(jnp.int32), 0)
    return jnp.argmax(scores, axis=-1).astype(jnp.int32)


@pytree
class ItemState:
    """Position of `Choose`."""

    item: Array
    """`()` int32: what was chosen; -1 before."""
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Choose(GameDefaults):
    """One player chooses one of three items, and earns nothing."""

    num_players: int = 1
    num_actions: int = 3
    max_plies: int = 1
    zero_sum: bool = False

    def init(self, key: Array | None = None) -> ItemState:
        """Nothing is chosen."""
        return self._state(jnp.int32(-1))

    def step(self, state: ItemState, action: Array) -> ItemState:
        """Choose."""
        return self._state(action.astype(jnp.int32))

    def observe(self, state: ItemState, player: Array | None = None) -> Array:
        """`(1,)` float32: there is nothing to see."""
        return jnp.ones(1, jnp.float32)

    def _state(self, item: Array) -> ItemState:
        every = jnp.ones(3, bool)
        return ItemState(item, jnp.int32(0), every, jnp.zeros(1), item >= 0)
