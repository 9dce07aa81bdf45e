"""Tables: normal-form games, games in sequence form, and the unconstrained bilinear game."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.table import Episode, Plans, Policies, Tree, Vector, exploitability
from jaxplay.dynamics.walk import Walk, pick, walk_of
from jaxplay.errors import UserError, quoted
from jaxplay.game import Game
from jaxplay.solve import SequenceForm, sequence_form, simplex


@dataclass(frozen=True, eq=False)
class NormalForm:
    """A game in which each of P players acts once, at the same time.

    Attributes:
        payoffs: `(A0, ..., P)` float64, what each player earns by the actions of all.
    """

    payoffs: np.ndarray

    @property
    def spaces(self) -> tuple[Tree, ...]:
        """A simplex for each player."""
        return tuple(Tree(simplex(size)) for size in self.payoffs.shape[:-1])

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest payoff."""
        return float(self.payoffs.min()), float(self.payoffs.max())

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + A,)`: what each action earns against the mixtures of the others; 0 first."""
        earned = jnp.asarray(self.payoffs[..., player], plans[player].dtype)
        for other in reversed(range(len(plans))):
            if other != player:
                earned = jnp.tensordot(earned, plans[other][1:], axes=(other, 0), precision="highest")
        return jnp.concatenate([jnp.zeros(1, earned.dtype), earned])

    def gap(self, plans: Plans) -> Array:
        """`()`: exploitability."""
        return exploitability(self, plans)

    def sample(self, policies: Policies, key: Array) -> Episode:
        """Everybody samples an action."""
        chance = jax.random.uniform(key, (len(policies),))
        actions = jnp.stack([pick(policy, chance[i]) for i, policy in enumerate(policies)])
        returns = jnp.asarray(self.payoffs, policies[0].dtype)[tuple(actions)]
        return Episode(1 + actions, returns)


@dataclass(frozen=True, eq=False)
class ExtensiveForm:
    """A game of moves in turn, chance and hidden information, or of repeated rounds.

    Attributes:
        form: its arrays.
    """

    form: SequenceForm

    @property
    def spaces(self) -> tuple[Tree, ...]:
        """A treeplex for each player."""
        return tuple(Tree(treeplex) for treeplex in self.form.treeplexes)

    @property
    def bounds(self) -> tuple[float, float]:
        """The bounds of returns that the game states."""
        return float(self.form.game.min_return), float(self.form.game.max_return)

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + S,)`: see `jaxplay.solve.SequenceForm.gains`."""
        return self.form.gains(player, plans)

    def gap(self, plans: Plans) -> Array:
        """`()`: exploitability."""
        return exploitability(self, plans)

    @cached_property
    def walk(self) -> Walk:
        """The histories, to sample from."""
        return walk_of(self.form)

    def sample(self, policies: Policies, key: Array) -> Episode:
        """One play from the first history to an end."""
        end = self.walk.end(jnp.concatenate(policies), key)
        returns = jnp.asarray(self.walk.returns, policies[0].dtype)[end]
        return Episode(jnp.asarray(self.form.sequences)[end], returns)


@dataclass(frozen=True, eq=False)
class Bilinear:
    """Two players without bounds: player 0 earns `-x A y`, player 1 `x A y`; both rest at 0.

    Regret compares with 0, and `gap` is the squared distance from it.

    Attributes:
        matrix: `(n, m)` float64, A.
        start: the value of every coordinate at the beginning.
    """

    matrix: np.ndarray = field(default_factory=lambda: np.ones((1, 1)))
    start: float = 1.0

    @property
    def spaces(self) -> tuple[Vector, ...]:
        """A vector space for each player."""
        return tuple(Vector((self.start,) * size, (0.0,) * size) for size in self.matrix.shape)

    @property
    def bounds(self) -> tuple[float, float]:
        """None."""
        return -np.inf, np.inf

    def gains(self, player: int, plans: Plans) -> Array:
        """`(n,)` or `(m,)`: the gradient of the player's payoff."""
        matrix = jnp.asarray(self.matrix, plans[0].dtype)
        return -matrix @ plans[1] if player == 0 else matrix.T @ plans[0]

    def gap(self, plans: Plans) -> Array:
        """`()`: the squared distance from the equilibrium."""
        return jnp.stack([(plan * plan).sum() for plan in plans]).sum()

    def sample(self, policies: Policies, key: Array) -> Episode:
        """There are no moves to sample. Raises `UserError`."""
        raise UserError("a bilinear game without bounds has no episodes; feedback: exact, noisy or delayed")


def normal_form(payoffs: Any) -> NormalForm:
    """A game by its table.

    Args:
        payoffs: `(A0, ..., P)`, what each player earns; or `(N, M)` of a zero-sum game of two, what the row
            player receives and the column player pays.

    Raises:
        UserError: the table has another shape, or entries that are not finite.
    """
    table = np.asarray(payoffs, np.float64)
    if table.ndim == 2:
        table = np.stack([table, -table], axis=-1)
    if table.ndim < 2 or table.size == 0 or table.shape[-1] != table.ndim - 1:
        raise UserError(f"payoffs has shape {table.shape}; allowed: actions of each player, then players")
    if not np.isfinite(table).all():
        raise UserError(f"payoffs={quoted(payoffs)}; allowed: finite numbers")
    return NormalForm(table)


def extensive_form(game: Game[Any] | SequenceForm, **limits: int) -> ExtensiveForm:
    """A game as its sequence form; see `jaxplay.solve.sequence_form` for limits and what it refuses."""
    return ExtensiveForm(sequence_form(game, **limits))
