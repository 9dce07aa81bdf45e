"""The protocols `Game` and `State`; `jaxplay.game` has their laws."""

from typing import Any, Protocol, TypeVar, runtime_checkable

from jax import Array

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
    """Rules as pure functions of one state. Inherit `GameDefaults` for what most games share.

    A game may have more than this: `fresh(key)`, where chance deals much before the first decision
    (`jaxplay.game.fresh`), a `usual_return` (`jaxplay.game.value_scale`), and what
    `jaxplay.game.Scored`, `jaxplay.game.Judged` and `jaxplay.solve.Separable` tell.
    """

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


class Judged(Protocol):
    """Optional, in zero-sum games for two: a hand-made judgement, for players that others are measured by."""

    def heuristic(self, state: Any) -> Array:
        """`()` float32 from -1 to 1: how well player 0 seems to stand."""
        ...
