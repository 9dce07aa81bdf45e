"""What a way to learn is: a pair of pure functions. A new one is a file with a function that returns it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from jax import Array


class Player(NamedTuple):
    """What one player carries from round to round.

    Attributes:
        policy: what it plays next, in its space.
        memory: the method's own.
    """

    policy: Array
    memory: Any


class Method(NamedTuple):
    """Pure functions, for `jit` and `vmap`.

    Attributes:
        init: `space, key, dtype -> Player`; the key is for players who begin at random.
        update: `space, player, signal -> Player`; the signal is what the feedback tells this player about
            the last round, of the kind that the method says it takes.
    """

    init: Callable[..., Player]
    update: Callable[[Any, Player, Any], Player]
