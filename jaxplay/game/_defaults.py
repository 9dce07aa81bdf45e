"""What most games share, to inherit from."""

import functools
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from jaxplay.errors import MOST, UserError, quoted
from jaxplay.game._derived import num_edges
from jaxplay.game._options import check_fields
from jaxplay.text import parse_digits


class GameDefaults:
    """What most games share: two players, zero sum, wins +1, no chance, no symmetry, no `Scored` end.

    `Self` must be a frozen dataclass, so that a game is hashable and can be static under `jit`. Its fields
    are the options of the game, which get the types of their annotations when a game is made: a
    `__post_init__` of one's own calls this one first. `step` takes a Python int for an action too, and checks
    it.
    """

    num_players = 2
    num_chance_outcomes = 0
    perfect_information = True
    zero_sum = True
    min_return = -1.0
    max_return = 1.0
    usual_return = 0.0
    """What values are divided by (`jaxplay.game.value_scale`); 0: the largest return there may be."""
    teams: tuple[int, ...] = ()
    num_symmetries = 1
    ownership_size = 0
    max_score = 0.0
    has_draws = True
    """Whether a zero-sum game for two that ends by its rules can be drawn."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "step" in vars(cls):
            cls.step = _taking_ints(vars(cls)["step"])

    def __post_init__(self) -> None:
        check_fields(self)

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
        number, num_actions = parse_digits(text), getattr(self, "num_actions")
        if number is None or number >= num_actions or str(number) != text.strip():
            raise UserError(f"{quoted(text)} is not an action; allowed: 0 to {num_actions - 1}")
        return number

    def move_to_string(self, state: Any, action: int) -> str:
        """The same for every player and in every position."""
        return getattr(self, "action_to_string")(action)

    def parse_move(self, state: Any, text: str) -> int:
        """The inverse of `move_to_string`."""
        return getattr(self, "parse_action")(text)

    def outcome_to_string(self, state: Any, outcome: int) -> str:
        """The outcome's number."""
        return str(int(outcome))


def _taking_ints(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step`, which takes a Python int for an action too. Arrays are passed on as they are."""

    @functools.wraps(step)
    def checked(game: Any, state: Any, action: Any) -> Any:
        return step(game, state, _legal_action(game, state, action) if isinstance(action, int) else action)

    return checked


def _legal_action(game: Any, state: Any, action: int) -> Array:
    """`action` as an array.

    Raises:
        UserError: no action or outcome has this number, or it is not legal in `state`.
    """
    if not 0 <= action < num_edges(game):
        raise UserError(f"{quoted(action)} is no action; allowed: 0 to {num_edges(game) - 1}")
    mask = state.legal_action_mask
    if isinstance(mask, np.ndarray | Array) and not isinstance(mask, Tracer):
        legal = np.asarray(mask)
        if legal.ndim == 1 and not legal[action]:
            allowed = ", ".join(map(str, np.flatnonzero(legal)[:MOST]))
            raise UserError(f"action {action} is not legal here; allowed: {allowed}")
    return jnp.int32(action)
