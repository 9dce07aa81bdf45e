"""Any Pgx environment as a `Game`, and any `Game` as a Pgx environment.

Pgx (https://github.com/sotetsuk/pgx) starts a JAX backend when it is imported, so this module imports it only
inside functions.
"""

import functools
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError, nearest
from jaxplay.game._chance import fresh, resolve_chance
from jaxplay.game._defaults import GameDefaults
from jaxplay.game._derived import num_edges, strip
from jaxplay.game._protocol import CHANCE, Game
from jaxplay.struct import pytree, replace

if TYPE_CHECKING:
    import pgx

NUM_ROLLS = 16
"""Outcomes of a chance node: how many continuations of one decision a search can see."""


class Facts(NamedTuple):
    """What Pgx does not tell of an environment.

    Bounds marked "cut" are for games that do not end by themselves: self-play stops them there, and the
    return bounds are what can be earned until then.
    """

    max_plies: int
    min_return: float = -1.0
    max_return: float = 1.0
    num_players: int = 2
    perfect_information: bool = True
    zero_sum: bool = True
    has_draws: bool = True
    chance: bool = False
    teams: tuple[int, ...] = ()


def _alone(max_plies: int, max_return: float) -> Facts:
    return Facts(max_plies, 0.0, max_return, num_players=1, zero_sum=False, chance=True)


BRIDGE = "bridge_bidding"

FACTS = {
    # Cut. 10,000 tiles of 4 weigh at most 40,008: no tile above 2^15, which scored 13 times its value.
    "2048": _alone(10_000, 520_104.0),
    "animal_shogi": Facts(256),
    "backgammon": Facts(2_000, -3.0, 3.0, chance=True),  # cut; random play takes 200 plies, at most 600
    # 7 no trumps, redoubled, vulnerable, and no trick made. Two who sit opposite are a team.
    BRIDGE: Facts(319, -7600.0, 7600.0, num_players=4, perfect_information=False, teams=(0, 1, 0, 1)),
    "chess": Facts(512),
    "connect_four": Facts(42),
    "gardner_chess": Facts(256),
    "go_9x9": Facts(2 * 9 * 9, has_draws=False),
    "go_19x19": Facts(2 * 19 * 19, has_draws=False),
    "hex": Facts(11 * 11 + 1, has_draws=False),  # the swap is a ply
    "kuhn_poker": Facts(3, -2.0, 2.0, perfect_information=False),
    "leduc_holdem": Facts(8, -13.0, 13.0, perfect_information=False),
    "minatar-asterix": _alone(1_000, 1_000.0),  # cut
    "minatar-breakout": _alone(1_000, 1_000.0),  # cut
    "minatar-freeway": _alone(2_501, 100.0),  # a crossing takes 9 moves of 3 frames
    "minatar-seaquest": _alone(1_000, 1_000.0),  # cut
    "minatar-space_invaders": _alone(1_000, 1_000.0),  # cut
    "othello": Facts(60 + 62),  # a pass after every placement at most, two at the end
    "shogi": Facts(512),
    "sparrow_mahjong": Facts(30, -2.0, 1.0, num_players=3, perfect_information=False),  # two can win off one
    "tic_tac_toe": Facts(9),
}


@functools.cache
def environment(env_id: str, dds_results: str = "") -> Any:
    """The Pgx environment called `env_id`, made once; `dds_results` as in `PgxGame`.

    Pgx computes arrays when its modules are imported. Those must not become part of a trace under way.
    """
    with jax.ensure_compile_time_eval():
        import pgx

        if env_id == BRIDGE:
            from pgx.bridge_bidding import BridgeBidding

            return BridgeBidding(dds_results)
        return pgx.make(env_id)  # pyright: ignore[reportArgumentType]


@functools.cache
def _num_actions(env_id: str, dds_results: str) -> int:
    """A, from abstract evaluation: Pgx itself runs `init` at every access."""
    init = environment(env_id, dds_results).init
    return jax.eval_shape(init, jax.eval_shape(jax.random.key, 0)).legal_action_mask.shape[0]


def _check_results(path: str) -> None:
    """Refuse what is no table of double-dummy results: Pgx would leave the process."""
    try:
        shape = np.load(path, mmap_mode="r").shape
    except (OSError, ValueError) as error:
        needs = "allowed: the file of a table of Pgx, which pgx.bridge_bidding.download_dds_results() fetches"
        raise UserError(f"pgx:{BRIDGE}: dds_results={path!r} cannot be read; {needs}") from error
    if len(shape) != 3 or (shape[0], shape[2]) != (2, 4):
        raise UserError(f"pgx:{BRIDGE}: {path!r} holds numbers {shape}; allowed: (2, deals, 4)")


@pytree
class PgxState:
    """A position of a Pgx environment.

    Attributes:
        inner: the Pgx state, None in place of the fields that follow from the rest.
        seats: `(P,)` int32: the Pgx id of each player. Pgx chooses at random who begins; here player 0
            begins.
        key: `(2,)` uint32: what the next roll comes from. None in a game without chance.
        action: `()` int32: at a chance node, the decision that awaits its roll. None without chance.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    inner: Any
    seats: Array
    key: Any
    action: Any


@dataclass(frozen=True)
class PgxGame(GameDefaults):
    """A Pgx environment as a game; `jaxplay.make("pgx:go_9x9")`.

    Actions, observations (cast to float32) and rules are those of Pgx. An environment that rolls dice inside
    `step` gets a chance node after every decision, with `NUM_ROLLS` equally likely outcomes: outcome `i`
    steps the environment with `fold_in(key, i)`. The state holds that key; `reseed` replaces it, so that a
    search does not see the rolls to come. Cards dealt by `init` stay in the state: a search of poker sees
    them.

    Attributes:
        env_id: the environment's name in Pgx.
        dds_results: of bridge_bidding only: the file of deals and their double-dummy results, such as
            `dds_results_500K.npy` of Pgx.

    Raises:
        UserError: Pgx has no such environment, or its file is not there.
    """

    env_id: str
    dds_results: str = field(default="", repr=False)
    num_players: int = field(init=False, repr=False)
    num_chance_outcomes: int = field(init=False, repr=False)
    max_plies: int = field(init=False, repr=False)
    min_return: float = field(init=False, repr=False)
    max_return: float = field(init=False, repr=False)
    perfect_information: bool = field(init=False, repr=False)
    zero_sum: bool = field(init=False, repr=False)
    has_draws: bool = field(init=False, repr=False)
    teams: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.env_id not in FACTS:
            raise UserError(f"no Pgx game {self.env_id!r}{nearest(self.env_id, FACTS)}")
        if self.env_id == BRIDGE:
            _check_results(self.dds_results)
        elif self.dds_results:
            raise UserError(f"pgx:{self.env_id} has no option dds_results; only {BRIDGE} has")
        facts = FACTS[self.env_id]._asdict()
        facts["num_chance_outcomes"] = NUM_ROLLS if facts.pop("chance") else 0
        for name, value in facts.items():
            object.__setattr__(self, name, value)

    @property
    def num_actions(self) -> int:
        """A."""
        return _num_actions(self.env_id, self.dds_results)

    @property
    def env(self) -> Any:
        """The environment itself."""
        return environment(self.env_id, self.dds_results)

    def init(self, key: Array) -> PgxState:
        """The environment's first state: Pgx deals, rolls and shuffles here."""
        key_init, key_rolls = jax.random.split(key)
        inner = self.env.init(key_init)
        if not self.num_chance_outcomes:
            return self._state(inner, self._seats(inner), None, None)
        rolls = jax.random.bits(key_rolls, (2,), jnp.uint32)
        return self._state(inner, self._seats(inner), rolls, jnp.int32(0))

    def step(self, state: PgxState, action: Array) -> PgxState:
        """Play a decision; in a game with chance, only keep it until the roll is known."""
        if state.key is None:
            inner = self.env.step(self._restore(state, live=True), action)
            return self._state(inner, state.seats, None, None)
        return jax.lax.cond(state.current_player == CHANCE, self._roll, self._decide, state, action)

    def observe(self, state: PgxState, player: Array | None = None) -> Array:
        """Pgx's observation as float32. Those of its poker games leave out the betting history."""
        inner = self._restore(state, live=False)
        pgx_player = inner.current_player if player is None else state.seats[player]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*`player_id` in `observe`", DeprecationWarning)
            return self.env.observe(inner, pgx_player).astype(jnp.float32)

    def chance_probs(self, state: PgxState) -> Array:
        """`(O,)` float32: all rolls are equally likely."""
        count = self.num_chance_outcomes
        return jnp.full((count,), 1 / max(count, 1), jnp.float32)

    def reseed(self, state: PgxState, key: Array) -> PgxState:
        """Redraw the rolls to come."""
        if state.key is None:
            return state
        return replace(state, key=jax.random.bits(key, (2,), jnp.uint32))

    def render(self, state: PgxState, player: int | None = None) -> str:
        """The fields of the Pgx state; for a player who does not see all of them, the observation."""
        if player is None or self.perfect_information:
            return super().render(strip(state))
        on_device = jax.tree.map(jnp.asarray, state)  # Pgx compares its fields with traced numbers
        return f"observation = {self.observe(on_device, jnp.int32(player))}"

    def render_svg(self, state: PgxState, player: int | None = None) -> str:
        """Pgx's drawing; for a player who does not see all of it, the observation."""
        if player is None or self.perfect_information:
            inner = jax.tree.map(jnp.asarray, self._restore(state, live=False))
            return inner.replace(observation=self.env.observe(inner)).to_svg()  # MinAtar's draw that
        return super().render_svg(state, player)

    def _decide(self, state: PgxState, action: Array) -> PgxState:
        return replace(
            state,
            current_player=jnp.int32(CHANCE),
            legal_action_mask=jnp.arange(num_edges(self)) < NUM_ROLLS,
            rewards=jnp.zeros(self.num_players, jnp.float32),
            action=action.astype(jnp.int32),
        )

    def _roll(self, state: PgxState, outcome: Array) -> PgxState:
        key = jax.random.wrap_key_data(state.key, impl="threefry2x32")
        key_roll, key_next = jax.random.split(jax.random.fold_in(key, outcome))
        inner = self.env.step(self._restore(state, live=True), state.action, key_roll)
        return self._state(inner, state.seats, jax.random.key_data(key_next), state.action)

    def _seats(self, inner: Any) -> Array:
        """The order of play, from who begins on: Pgx shuffles it where it knows more than two players."""
        numbers = jnp.arange(self.num_players, dtype=jnp.int32)
        order = getattr(inner, "_shuffled_players", numbers)
        return order[(jnp.argmax(order == inner.current_player) + numbers) % self.num_players]

    def _state(self, inner: Any, seats: Array, key: Array | None, action: Array | None) -> PgxState:
        padding = num_edges(self) - self.num_actions
        mask = jnp.pad(inner.legal_action_mask, (0, padding)) | inner.terminated
        return PgxState(
            current_player=jnp.argmax(seats == inner.current_player).astype(jnp.int32),
            legal_action_mask=mask,
            rewards=inner.rewards[seats],
            terminated=inner.terminated,
            inner=_masked(inner, None).replace(
                observation=None, rewards=None, legal_action_mask=None, terminated=None, truncated=None
            ),
            seats=seats,
            key=key,
            action=action,
        )

    def _restore(self, state: PgxState, *, live: bool) -> Any:
        """The Pgx state, with neutral values for what it does not read: no action is illegal."""
        legal = np.ones(self.num_actions, np.bool_)
        return _masked(state.inner, legal).replace(
            rewards=jnp.zeros(self.num_players, jnp.float32),
            legal_action_mask=jnp.asarray(legal),
            terminated=jnp.bool_(False) if live else state.terminated,
            truncated=jnp.bool_(False),
        )


def _masked(inner: Any, mask: np.ndarray | None) -> Any:
    """`inner` with `mask` in the second copy of the mask that chess and shogi keep in their own state."""
    rules = getattr(inner, "_x", None)
    if not hasattr(rules, "legal_action_mask"):
        return inner
    mask = None if mask is None else jnp.asarray(mask)  # pyright: ignore[reportAssignmentType]
    return inner.replace(_x=rules._replace(legal_action_mask=mask))  # pyright: ignore[reportOptionalMemberAccess]


@functools.cache
def to_pgx(game: Game[Any]) -> "pgx.Env":
    """`game` as a Pgx environment, for programs written for Pgx (mctx with Pgx, say).

    Player 0 always begins. Chance is sampled with the key of `init` and `step`: `step` of a game with chance
    needs one. The state holds the game's own in `position`, without mask and rewards.
    """
    import pgx

    state_class = _pgx_state(game)

    class Environment(pgx.Env):
        """`game` behind the interface of Pgx."""

        id: Any = type(game).__name__
        version: Any = "v0"
        num_players: Any = game.num_players
        num_actions: Any = game.num_actions

        @property
        def observation_shape(self) -> tuple[int, ...]:
            return jax.eval_shape(self.init, jax.eval_shape(jax.random.key, 0)).observation.shape

        def _init(self, key: Array) -> Any:
            return state_class(
                observation=None,
                truncated=jnp.bool_(False),
                _step_count=jnp.int32(0),
                **_pgx_fields(game, fresh(game, key)),
            )

        def _step(self, state: Any, action: Array, key: Array | None) -> Any:
            after = game.step(state.position, action)
            if game.num_chance_outcomes:
                if key is None:
                    raise UserError(f"{self.id} has chance; allowed: step(state, action, key)")
                after = resolve_chance(game, after, key)
            return state.replace(**_pgx_fields(game, after))

        def _observe(self, state: Any, player_id: Array) -> Array:
            return game.observe(state.position, player_id)

    return Environment()


def _pgx_fields(game: Game[Any], state: Any) -> dict[str, Any]:
    """The fields of a Pgx state that `state` decides."""
    return {
        "current_player": state.current_player,
        "rewards": state.rewards,
        "terminated": state.terminated,
        "legal_action_mask": state.legal_action_mask[: game.num_actions],
        "position": strip(state),
    }


def _pgx_state(game: Game[Any]) -> Any:
    """The class of the states of `to_pgx(game)`."""
    import pgx

    @pytree  # pyright: ignore[reportGeneralTypeIssues]  # pgx.State does not say that it is frozen
    class PgxEnvironmentState(pgx.State):
        position: Any

        @property
        def env_id(self) -> Any:
            return type(game).__name__

        def to_svg(self, **_: Any) -> str:
            return game.render_svg(self.position)

        def save_svg(self, filename: Any, **_: Any) -> None:
            Path(filename).write_text(self.to_svg())

    return PgxEnvironmentState
