"""What benchmarks that train are asked for: which settings, of which games, with how many seeds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jaxplay.benchmarks.settings import whole
from jaxplay.errors import UserError, nearest


@dataclass(frozen=True)
class Rounds:
    """How often, and how large.

    Attributes:
        rounds: Trainings of each setting, with a seed each.
        seed: Seed of the first round; the next ones follow.
        quick: Take tiny sizes, to see that everything runs.
    """

    rounds: int = whole(5)
    seed: int = whole(0, 0, 2**32 - 1)
    quick: bool = False

    @property
    def seeds(self) -> range:
        """One for each round."""
        return range(self.seed, self.seed + self.rounds)


@dataclass(frozen=True)
class GameRounds(Rounds):
    """Rounds in several games.

    Attributes:
        games: Names of games; without any all that the benchmark has.
    """

    games: tuple[str, ...] = ()

    def chosen(self, known: Collection[str]) -> list[str]:
        """The games to train, each one of `known`. Raises `UserError` where one is not."""
        return checked("game", self.games, known)


@dataclass(frozen=True)
class LeagueRounds(GameRounds):
    """Trainings of leagues beside self-play, at equal numbers of positions.

    Attributes:
        positions: Positions that are played from one measurement to the next.
    """

    positions: int = whole(50_000, 1, 2**31 - 1)

    @property
    def looks(self) -> int:
        """How often is measured."""
        return 2 if self.quick else 12

    @property
    def looks_at_mixtures(self) -> int:
        """Every how many of them mixtures are measured too."""
        return 2 if self.quick else 4

    @property
    def marks(self) -> list[int]:
        """After how many positions is measured."""
        each = 400 if self.quick else self.positions
        return [each * look for look in range(1, self.looks + 1)]


def checked(kind: str, names: Sequence[str], known: Collection[str]) -> list[str]:
    """The names, or all that are known where there are none.

    Args:
        kind: what they name, such as "setting".
        names: of some.
        known: of all.

    Raises:
        UserError: a name is not known.
    """
    for name in names:
        if name not in known:
            raise UserError(f"no {kind} {name!r} in this benchmark{nearest(name, known)}")
    return list(names) or list(known)
