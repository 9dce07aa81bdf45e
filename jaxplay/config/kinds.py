"""Choices between alternatives: families of configurations, each with a `kind` that names it.

A new alternative is one class: `@dataclass(frozen=True) class MyConfig(NetworkConfig)` with a `kind` of its
own. JSON, configuration files and the command line know it once the module that defines it was imported: on
the command line that is the module of a game of one's own. What builds it registers itself with the family's
build function (`jaxplay.networks.build_network`, `jaxplay.search.by_kind`, `jaxplay.learners.build_learner`).
"""

import types
from dataclasses import dataclass, field
from typing import Any, ClassVar, Union, get_args, get_origin

from jaxplay.errors import UserError


class Family:
    """Direct subclasses are families; their subclasses that have a `kind` are its alternatives."""

    kind: ClassVar[str]
    kinds: ClassVar[dict[str, type]]
    """The family's alternatives by name, in the order in which they were defined."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if Family in cls.__bases__:
            cls.kinds = {}
        elif "kind" in vars(cls):
            known = cls.kinds.get(cls.kind)
            if known is not None and (known.__module__, known.__qualname__) != (
                cls.__module__,
                cls.__qualname__,
            ):
                raise UserError(f"kind {cls.kind!r} is taken by {known.__module__}.{known.__qualname__}")
            cls.kinds[cls.kind] = cls


@dataclass(frozen=True)
class NetworkConfig(Family):
    """A network.

    Attributes:
        reply_head: Whether the network also learns to predict the policy of the next decision of the game.
        ending_heads: Whether the network also learns to predict ownership and score at the end of the
            game, where the game defines them.
    """

    reply_head: bool = field(default=False, kw_only=True)
    ending_heads: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class SearchConfig(Family):
    """A search of self-play, and without its noise that of play.

    Attributes:
        num_simulations: Simulations of a full search.
    """

    num_simulations: int = 32


@dataclass(frozen=True)
class LearnerConfig(Family):
    """A learner: what it makes of a trajectory, and how it plays to make one."""

    searches: ClassVar[bool] = True
    """Whether its players search; others play by their policy alone."""

    def as_member(self, *, num_updates: int, replay_positions: int, models_opponent: bool) -> "LearnerConfig":
        """The same learner as a member of a league, whose rules say what follows.

        Args:
            num_updates: gradient steps a step; 0: as it is.
            replay_positions: positions kept in replay; 0: as it is.
            models_opponent: whether its searches know their opponent.

        Raises:
            UserError: a kind of learner that has no such settings.
        """
        if num_updates or replay_positions or models_opponent:
            given = f"updates={num_updates}, replay_positions={replay_positions}, {models_opponent=}"
            raise UserError(f"a learner of kind {self.kind} has no such settings: {given}")
        return self


def members(hint: Any) -> tuple[Any, ...]:
    """The alternatives that a type allows: those of a union, of families all that are known, or the type."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    found: list[Any] = []
    for option in options:
        is_family = isinstance(option, type) and Family in option.__bases__
        found += [*option.kinds.values()] if is_family else [option]
    return tuple(found)
