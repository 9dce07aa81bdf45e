"""A mixture of players as one player: who plays is sampled at the start of a game, and plays all of it."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import jax
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.rollout.seats import Act


class Player(NamedTuple):
    """Who plays: a compiled program and the parameters it runs with."""

    name: str
    act: Act
    params: Any = None


class Mixture(NamedTuple):
    """Players of whom one is sampled for each game.

    The arena samples one for each opening, which is played from all seats. It plays the games of each
    player together, so that no game has a copy of a network of its own.
    """

    name: str
    players: tuple[Player, ...]
    weights: tuple[float, ...]
    """Weights of 0 or more, in proportion to which members are sampled."""

    def sample(self, key: Array) -> int:
        """Who of `players` plays one game. Raises like `sample_meetings`."""
        return int(_sample_members(self, 1, _numbers(key))[0])


@runtime_checkable
class PlaysAs(Protocol):
    """What can play in the arena, such as a `jaxplay.agent.Agent`."""

    def player(self) -> Player:
        """As a player of the arena."""
        ...


HostAct = Callable[[Any, tuple[int, ...], Array], int]
"""`(state, history, key) -> action`.

`history` holds all actions and chance outcomes from the first state to `state`, so that a program
with rules of its own can follow the game. It raises `GivenUpError` to give the game up.
"""


class HostPlayer(NamedTuple):
    """Who plays on the host: a Python function."""

    name: str
    act: HostAct


class GivenUpError(Exception):
    """Raised by a `HostAct`: the player gives up, or has lost by what the rules of the game do not know.

    Args:
        why: in a word, such as `resigned` or `time`.
    """

    def __init__(self, why: str = "resigned") -> None:
        super().__init__(why)
        self.why = why


Entrant: TypeAlias = Player | Mixture | HostPlayer | PlaysAs
"""Who may enter a tournament."""


class Meeting(NamedTuple):
    """Games among the same players."""

    players: tuple[Player, ...]
    num_games: int


def as_entry(entrant: Entrant) -> Player | Mixture | HostPlayer:
    """An entrant as the arena takes it."""
    return entrant if isinstance(entrant, Player | Mixture | HostPlayer) else entrant.player()


def sample_meetings(players: tuple[Player | Mixture, ...], num_games: int, key: Array) -> list[Meeting]:
    """Who meets whom, in whole openings; all games between the same players come together.

    Each member of a mixture plays its share of the openings, rounded up or down, and members of several
    mixtures meet at random.

    Args:
        players: that meet.
        num_games: a multiple of the number of players.
        key: of the samples.

    Raises:
        UserError: a mixture without players, or weights that are not chances.
    """
    if all(isinstance(player, Player) for player in players):
        return [Meeting(players, num_games)]  # pyright: ignore[reportArgumentType]
    num_openings = num_games // len(players)
    rng = _numbers(key)
    sampled = np.stack([_sample_members(player, num_openings, rng) for player in players])
    meetings, counts = np.unique(sampled, axis=1, return_counts=True)
    return [
        Meeting(tuple(map(_member, players, map(int, members))), int(count) * len(players))
        for members, count in zip(meetings.T, counts, strict=True)
    ]


def _numbers(key: Array) -> np.random.Generator:
    return np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel())


def _sample_members(player: Player | Mixture, num: int, rng: np.random.Generator) -> np.ndarray:
    """`(num,)` int: members sampled by systematic sampling (Madow 1944), in random order."""
    if isinstance(player, Player):
        return np.zeros(num, int)
    reach = np.cumsum(_chances(player))
    points = (np.arange(num) + rng.random()) / num
    return rng.permutation(np.minimum(np.searchsorted(reach, points, side="right"), len(reach) - 1))


def _chances(mixture: Mixture) -> np.ndarray:
    """`(M,)` float64: the weights as chances that sum to one."""
    weights = np.asarray(mixture.weights, float)
    if weights.shape != (len(mixture.players),) or not len(weights):
        raise UserError(f"{mixture.name} has {len(mixture.players)} players and weights {mixture.weights}")
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.sum() <= 0:
        raise UserError(f"weights of {mixture.name} are {mixture.weights}; allowed: 0 or more, not all 0")
    return weights / weights.sum()


def _member(player: Player | Mixture, number: int) -> Player:
    return player if isinstance(player, Player) else player.players[number]
