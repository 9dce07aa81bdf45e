"""The arrays of a game whose players' memories are separate, by its traces."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.errors import TooLargeError, UserError
from jaxplay.game import Game
from jaxplay.solve._build_form import sequence_form
from jaxplay.solve._build_treeplex import build_treeplex
from jaxplay.solve._grow import game_tree
from jaxplay.solve._sequence_form import Form
from jaxplay.solve._trace_form import TraceForm
from jaxplay.solve._traces import Enumeration, Paid
from jaxplay.solve._worlds import Separable, View, worlds_of
from jaxplay.solve.estimate import estimate_num_histories
from jaxplay.solve.tree import GameTree, Infosets
from jaxplay.solve.treeplex import Treeplex

MAX_VIEWS = 400_000_000
"""The default limit of views."""
MAX_WORLDS = 200_000
"""The limit of worlds: boards of nine cells have fewer than 40,000."""
MARGIN = 2
"""A game is refused before it is enumerated where the estimate is this many times the limit."""
BYTES_PER_VIEW = 24
"""Of memory at the worst moment."""
VIEWS_PER_SECOND = 3e6
"""On one core, to enumerate a game and to measure a policy; as `BYTES_PER_VIEW` from dark Hex."""


class Size(NamedTuple):
    """How large a game is, by an estimate.

    Attributes:
        views: pairs of what a player remembers and a trace, of both players, ends of the game included.
        gib: of memory that its arrays take at the worst moment.
        minutes: on one core, to enumerate it and to measure a policy.
    """

    views: float
    gib: float
    minutes: float

    def __str__(self) -> str:
        return f"about {self.views:.1g} views, which take {self.gib:.2g} GiB and {self.minutes:.2g} minutes"


def form_of(
    game: Game[Any],
    tree: Callable[[Game[Any]], GameTree] = game_tree,
    *,
    on_size: Callable[[Size], Any] | None = None,
) -> Form:
    """A game as arrays: by its tree of histories, or where these are too many by its traces.

    Args:
        game: any game.
        tree: enumerates its histories.
        on_size: see `trace_form`.

    Raises:
        TooLargeError: the game is too large for both.
        UserError: see `game_tree`.
    """
    try:
        return sequence_form(tree(game))
    except TooLargeError:
        if not isinstance(game, Separable):
            raise
    return trace_form(game, on_size=on_size)


def trace_form(
    game: Game[Any], *, max_views: int = MAX_VIEWS, on_size: Callable[[Size], Any] | None = None
) -> TraceForm:
    """A game as arrays by its traces, where histories are too many and the players' memories separate.

    Args:
        game: for two players, without chance, with `forget` and `remind` (`Separable`).
        max_views: the largest number of views to go through.
        on_size: is told how many there may be, and what that takes, before they are enumerated.

    Raises:
        TooLargeError: the game is too large.
        UserError: it is no such game.
    """
    size = size_by_traces(game)
    if size.views > MARGIN * max_views:
        raise TooLargeError(f"this game has too many views: {size}; allowed: {max_views} views (max_views)")
    if on_size is not None:
        on_size(size)
    found = Enumeration(game, worlds_of(game, max_worlds=MAX_WORLDS), max_views)
    found.run()
    tree = Infosets(
        game=game,
        owner=np.concatenate(found.owner),
        legal=np.concatenate(found.legal),
        states=jax.tree.map(lambda *x: np.concatenate(x), *found.states),
    )
    parents = np.concatenate(found.parent).astype(np.int64)
    treeplexes = tuple(build_treeplex(tree, parents, player) for player in range(2))
    numbers = [_numbers(tree, treeplex) for treeplex in treeplexes]
    payments = tuple(_renumbered(paid, numbers) for paid in found.paid)
    return TraceForm(tree, treeplexes, payments, found.num_views, found.num_traces)


def size_by_traces(game: Game[Any]) -> Size:
    """How large a game is by its traces: an estimate from random play, or a lower bound where that is huge.

    It counts too many where a failed attempt is an effect, because the other player may then fail for ever.

    Raises:
        UserError: the game does not tell what its players remember apart.
    """
    if not isinstance(game, Separable):
        raise UserError(f"{game} does not tell apart what its players remember: it has no forget and remind")
    key = jax.random.key(0)
    views = 2 * math.sqrt(estimate_num_histories(game, key))  # at least: histories are pairs of views
    if views <= MARGIN * MAX_VIEWS:
        sides: list[Any] = [View(game, player) for player in range(2)]
        views = sum(estimate_num_histories(side, key) for side in sides)
    return Size(views, views * BYTES_PER_VIEW / 2**30, views / VIEWS_PER_SECOND / 60)


def _numbers(tree: Infosets, treeplex: Treeplex) -> np.ndarray:
    """`(1 + I A,)` int32: the numbers of a treeplex for sequences `1 + A infoset + action`."""
    number = np.zeros(1 + tree.legal.size, np.int32)
    at = np.flatnonzero(treeplex.legal)
    number[1 + treeplex.infoset[at].astype(np.int64) * tree.legal.shape[1] + treeplex.action[at]] = 1 + at
    return number


def _renumbered(paid: Paid, numbers: list[np.ndarray]) -> Paid:
    return paid._replace(own=numbers[paid.mover][paid.own], other=numbers[1 - paid.mover][paid.other])
