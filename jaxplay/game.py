"""What a game is: the `Game` and `State` protocols, their laws, and the registry.

A game is a frozen, hashable value with pure functions of **one** state; a batch of games is a
`jax.vmap`. The laws, which `jaxplay.testing.check_game` holds any game against:

1. Player 0 makes the first decision. Player ids are 0 to `num_players - 1`.
2. `step` is deterministic. Chance is explicit: at a chance node `current_player` is `CHANCE` and the
   action is an outcome below `num_chance_outcomes`, with probabilities `chance_probs(state)`.
3. `step` is called with legal actions of states that are not terminal. The engine, not the game,
   absorbs terminal states and guards against illegal input.
4. `legal_action_mask` is all true at a terminal state. At a chance node it tells which outcomes exist.
5. `step`, `observe`, `symmetry`, `chance_probs` and rendering never read `legal_action_mask` or `rewards`
   of their argument: trees and replay drop both (see `strip`).
6. `rewards` are what the last action earned, by player id. The returns of a game (sums of rewards)
   lie in `[min_return, max_return]`, and add up to zero if `zero_sum`.
7. Every game ends within `max_plies` decisions, or is cut there by self-play (never by the game).
8. Symmetries commute with `step`.
9. Where information is hidden, `observe` gives an information state, also to players who are not to move: it
   tells which player observes and all that this player has seen and done, and legal actions follow from it.
   What looks the same to a player is drawn the same for it, while the game goes on and the same player moves.
10. Outcomes of a chance node have names that differ (`outcome_to_string`), as actions have.
"""

import importlib
import pkgutil
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable
from xml.sax.saxutils import escape

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError, nearest
from jaxplay.sampling import by_probability, kth_set
from jaxplay.struct import replace

CHANCE = -1
"""`current_player` at a chance node."""


class State(Protocol):
    """One position. A game adds its own fields; all four below are stored fields, never computed."""

    @property
    def current_player(self) -> Array:
        """`()` int32: who decides, or `CHANCE`."""
        ...

    @property
    def legal_action_mask(self) -> Array:
        """`(max(A, O),)` bool: the actions (at a chance node: outcomes) that may be played."""
        ...

    @property
    def rewards(self) -> Array:
        """`(P,)` float32: earned by the last action, by player id."""
        ...

    @property
    def terminated(self) -> Array:
        """`()` bool: the game is over."""
        ...


S = TypeVar("S", bound=State)


@runtime_checkable
class Game(Protocol[S]):
    """Rules as pure functions of one state. Inherit `GameDefaults` for what most games share."""

    @property
    def num_players(self) -> int:
        """P."""
        ...

    @property
    def num_actions(self) -> int:
        """A: size of the fixed set of action ids."""
        ...

    @property
    def num_chance_outcomes(self) -> int:
        """O: size of the fixed set of chance outcomes, 0 in a game without chance."""
        ...

    @property
    def max_plies(self) -> int:
        """A bound on the decisions in one game."""
        ...

    @property
    def perfect_information(self) -> bool:
        """Whether every player sees the whole state."""
        ...

    @property
    def zero_sum(self) -> bool:
        """Whether the players' returns always add up to zero."""
        ...

    @property
    def min_return(self) -> float:
        """The least sum of rewards that a player can earn in a game."""
        ...

    @property
    def max_return(self) -> float:
        """The greatest sum of rewards that a player can earn in a game."""
        ...

    @property
    def teams(self) -> tuple[int, ...]:
        """Team of each player; empty: every player is its own team."""
        ...

    @property
    def num_symmetries(self) -> int:
        """Symmetries of the game, the identity (number 0) included."""
        ...

    @property
    def action_permutation(self) -> Any:
        """`(num_symmetries, A)` int array: entry `[i, a]` is action `a` after symmetry `i`."""
        ...

    def init(self, key: Array) -> S:
        """The first state. Games of this package do not use the key: their chance is explicit."""
        ...

    def step(self, state: S, action: Array) -> S:
        """The state after a legal action (or chance outcome) of a live state."""
        ...

    def observe(self, state: S, player: Array | None = None) -> Array:
        """What `player` (None: the player to move) knows, as network input: an information state."""
        ...

    def chance_probs(self, state: S) -> Array:
        """`(O,)` float32: outcome probabilities at a chance node, zero where an outcome is absent."""
        ...

    def reseed(self, state: S, key: Array) -> S:
        """Redraw randomness hidden in the state, so that a search cannot see what is to come."""
        ...

    def symmetry(self, state: S, index: Array) -> S:
        """The state under symmetry `index`, its action mask permuted by `action_permutation`."""
        ...

    def render(self, state: S, player: int | None = None) -> str:
        """The position as text, as `player` sees it (None: everything)."""
        ...

    def render_svg(self, state: S, player: int | None = None) -> str:
        """The position as an SVG document, as `player` sees it (None: everything)."""
        ...

    def action_to_string(self, action: int) -> str:
        """An action in the game's own notation."""
        ...

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`. Raises `UserError` where `text` names no action."""
        ...

    def move_to_string(self, state: S, action: int) -> str:
        """An action as the player to move in `state` calls it; law 5 holds."""
        ...

    def parse_move(self, state: S, text: str) -> int:
        """The inverse of `move_to_string`. Raises `UserError` where `text` names no action."""
        ...

    def outcome_to_string(self, state: S, outcome: int) -> str:
        """What chance does at a chance node, in the game's own notation; law 5 holds."""
        ...


class Scored(Protocol):
    """Optional, in zero-sum games for two: more of a game's end than who won, for networks to learn.

    Both functions take a terminal state (law 5 holds), also one under a symmetry, and speak for player 0.
    """

    @property
    def ownership_size(self) -> int:
        """How many numbers `ownership` has; 0: the game does not define it."""
        ...

    @property
    def max_score(self) -> float:
        """The greatest `score` in size; 0: the game does not define it."""
        ...

    def ownership(self, state: Any) -> Array:
        """`(ownership_size,)` float32: 1 for each point that player 0 holds, -1 for player 1's, else 0."""
        ...

    def score(self, state: Any) -> Array:
        """`()` float32: by how much player 0 is ahead."""
        ...


class GameDefaults:
    """What most games share: two players, zero sum, wins +1, no chance, no symmetry, no `Scored` end.

    `Self` must be a frozen dataclass, so that a game is hashable and can be static under `jit`.
    """

    num_players = 2
    num_chance_outcomes = 0
    perfect_information = True
    zero_sum = True
    min_return = -1.0
    max_return = 1.0
    teams: tuple[int, ...] = ()
    num_symmetries = 1
    ownership_size = 0
    max_score = 0.0

    @property
    def action_permutation(self) -> Any:
        """The identity only."""
        return np.arange(getattr(self, "num_actions"), dtype=np.int32)[None]

    def chance_probs(self, state: Any) -> Array:
        """No chance: an empty distribution."""
        return jnp.zeros((self.num_chance_outcomes,), jnp.float32)

    def ownership(self, state: Any) -> Array:
        """Not defined: no points."""
        return jnp.zeros((self.ownership_size,), jnp.float32)

    def score(self, state: Any) -> Array:
        """Not defined: nobody is ahead."""
        return jnp.float32(0.0)

    def reseed(self, state: Any, key: Array) -> Any:
        """Nothing is hidden in the state."""
        return state

    def symmetry(self, state: Any, index: Array) -> Any:
        """The identity only."""
        return state

    def render(self, state: Any, player: int | None = None) -> str:
        """Every field of the state, a line each."""
        leaves = jax.tree_util.tree_leaves_with_path(state)
        return "\n".join(f"{jax.tree_util.keystr(path)[1:]} = {leaf}" for path, leaf in leaves)

    def render_svg(self, state: Any, player: int | None = None) -> str:
        """The text rendering as an SVG document."""
        lines = getattr(self, "render")(state, player).splitlines()
        rows = "".join(f'<text x="8" y="{20 + 18 * i}">{escape(t)}</text>' for i, t in enumerate(lines))
        size = f'width="{16 + 9 * max(map(len, lines))}" height="{16 + 18 * len(lines)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="14"'
            f' xml:space="preserve">{rows}</svg>'
        )

    def action_to_string(self, action: int) -> str:
        """The action's number."""
        return str(int(action))

    def parse_action(self, text: str) -> int:
        """The number of an action."""
        num_actions = getattr(self, "num_actions")
        if text.strip().isdigit() and int(text) < num_actions:
            return int(text)
        raise UserError(f"{text!r} is not an action; allowed: 0 to {num_actions - 1}")

    def move_to_string(self, state: Any, action: int) -> str:
        """The same for every player and in every position."""
        return getattr(self, "action_to_string")(action)

    def parse_move(self, state: Any, text: str) -> int:
        """The inverse of `move_to_string`."""
        return getattr(self, "parse_action")(text)

    def outcome_to_string(self, state: Any, outcome: int) -> str:
        """The outcome's number."""
        return str(int(outcome))


def num_edges(game: Game[Any]) -> int:
    """`max(A, O)`: the length of `legal_action_mask`."""
    return max(game.num_actions, game.num_chance_outcomes)


def value_scale(game: Game[Any]) -> float:
    """Returns divided by this lie in [-1, 1]: the scale of every value in networks and trees."""
    return max(abs(game.min_return), abs(game.max_return))


def scalar_value(game: Game[Any]) -> bool:
    """Whether one number values a position: two-player zero-sum and one-player games."""
    return game.num_players == 1 or (game.num_players == 2 and game.zero_sum)


def strip(state: S) -> S:
    """`state` without mask and rewards (both None), as trees and replay store it (law 5)."""
    return replace(state, legal_action_mask=None, rewards=None)  # pyright: ignore[reportArgumentType]


def resolve_chance(game: Game[S], state: S, key: Array) -> S:
    """Sample chance outcomes until a player is to move or the game is over. One state.

    The result's `rewards` are those of `state` and of every outcome on the way, added up.
    """
    if game.num_chance_outcomes == 0:
        return state

    def waiting(carry: tuple[S, Array]) -> Array:
        return (carry[0].current_player == CHANCE) & ~carry[0].terminated

    def draw(carry: tuple[S, Array]) -> tuple[S, Array]:
        state, turn = carry  # a number, since a batch of keys carried along would take most of the time
        after = game.step(state, sample_outcome(game.chance_probs(state), jax.random.fold_in(key, turn)))
        return replace(after, rewards=state.rewards + after.rewards), turn + 1  # pyright: ignore[reportArgumentType]

    return jax.lax.while_loop(waiting, draw, (state, jnp.int32(0)))[0]


def sample_outcome(probs: Array, key: Array) -> Array:
    """One outcome, `()` int32, drawn from `probs` `(O,)`; never one of probability zero."""
    return by_probability(probs, jax.random.uniform(key))


def random_action(legal_action_mask: Array, key: Array) -> Array:
    """A legal action, `()` int32, uniformly: the k-th legal one by a single uniform draw."""
    return kth_set(legal_action_mask, jax.random.uniform(key))


def fresh(game: Game[S], key: Array) -> S:
    """A new game at its first decision: `init`, with chance resolved. One state."""
    key_init, key_chance = jax.random.split(key)
    return resolve_chance(game, game.init(key_init), key_chance)


_registered: dict[str, Any] = {}


def register(name: str, factory: Any) -> None:
    """Make `factory(**options)` known to `make` as `name`.

    Raises:
        UserError: the name is taken by another factory.
    """
    if name in _built_in() or _registered.get(name, factory) is not factory:
        raise UserError(f"game {name!r} is registered already")
    _registered[name] = factory


def names() -> tuple[str, ...]:
    """All names that `make` knows, sorted. Pgx games (`pgx:NAME`) are not listed."""
    return tuple(sorted((*_built_in(), *_registered)))


def make(name: str, **options: Any) -> Game[Any]:
    """The game called `name`.

    Args:
        name: a built-in or registered name, `pgx:ENV_ID`, or `module:attribute` of one's own.
        **options: the game's own, such as a board size.

    Raises:
        UserError: no such game, or no such option.
    """
    factory = _factory(name)
    try:
        return factory(**options)
    except TypeError as error:
        raise UserError(f"game {name!r}: {error}") from error


def _built_in() -> tuple[str, ...]:
    package = importlib.import_module("jaxplay.games")
    return tuple(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))


def _factory(name: str) -> Any:
    if name in _registered:
        return _registered[name]
    if name.startswith("pgx:"):
        return partial(importlib.import_module("jaxplay.pgx_game").PgxGame, name[4:])
    if ":" in name:
        return _attribute(*name.split(":", 1))
    if name not in _built_in():
        raise UserError(f"no game {name!r}{nearest(name, names())}")
    return importlib.import_module(f"jaxplay.games.{name}").GAME


def _attribute(module: str, attribute: str) -> Any:
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"no game {module}:{attribute}: {error}") from error
