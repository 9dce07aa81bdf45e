"""What the players of a league earn of each other, as last measured: `players/payoff.json` of a run."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxplay import league
from jaxplay.arena import nash_average
from jaxplay.checkpoint.files import first_line, write_whole
from jaxplay.errors import UserError

PLAYERS = "players"
"""The folder of a run that holds frozen players."""
PAYOFF_FILE = "payoff.json"
FORMAT = 2
WITHOUT_OUTCOMES = 1
"""A format that is read too: it told points, not wins and draws."""
DIGITS = 6
"""After the point, of numbers in the file."""
LEAST_WEIGHT = 0.01
"""A player with less of the weight of the mixture's heaviest is left out."""
TABLES = {"games": 2, "score": 2, "advantage": 2, "returns": 3, "outcomes": 4}
"""Axes of each, the first of `(N, N, 2, 3)`."""


@dataclass(frozen=True, eq=False)
class LeagueTable:
    """The payoff among the N players that are in a league.

    Attributes:
        step: of the league.
        names: of learners and frozen players.
        games: `(N, N)` float64, weight of the games behind each entry.
        score: `(N, N)` float64, share of the points of the row player; 0.5 where unknown.
        advantage: `(N, N)` float64, antisymmetric, what the row player earns in the mean; 0 where unknown.
        returns: `(N, N, 2)` float64, mean return of the row player in each seat; nan where unknown.
        outcomes: `(N, N, 2, 3)` float64, weight of the games that the row player won, drew and lost in each
            seat.
    """

    step: int
    names: tuple[str, ...]
    games: np.ndarray
    score: np.ndarray
    advantage: np.ndarray
    returns: np.ndarray
    outcomes: np.ndarray


def league_table(step: int, names: Sequence[str | None], payoff: league.Payoff) -> LeagueTable:
    """The table of the players that have names.

    Args:
        step: of the league.
        names: of its L + C players, learners first; None for an empty slot.
        payoff: of all of them.
    """
    there = [i for i, name in enumerate(names) if name is not None]
    tables = {
        "games": league.num_games(payoff),
        "score": league.score(payoff),
        "advantage": league.advantage(payoff),
        "sums": payoff.returns,
        "by_seat": payoff.games,
        "wins": payoff.wins,
        "draws": payoff.draws,
    }
    pick = {name: np.asarray(x, float)[np.ix_(there, there)] for name, x in jax.device_get(tables).items()}
    unknown = np.full(pick["sums"].shape, np.nan)
    returns = np.divide(pick["sums"], pick["by_seat"], out=unknown, where=pick["by_seat"] > 0)
    losses = np.maximum(pick["by_seat"] - pick["wins"] - pick["draws"], 0.0)
    outcomes = np.stack([pick["wins"], pick["draws"], losses], axis=-1)
    shown = tuple(name for name in names if name is not None)
    return LeagueTable(int(step), shown, pick["games"], pick["score"], pick["advantage"], returns, outcomes)


def save_payoff(folder: Path, table: LeagueTable) -> None:
    """Write the table of the run in `folder`, over the one that was there.

    Raises:
        UserError: it cannot be written; the one that was there stays.
    """
    path = folder / PLAYERS / PAYOFF_FILE
    text = json.dumps({"format": FORMAT} | {name: _plain(x) for name, x in vars(table).items()})
    try:
        write_whole(path, text + "\n")
    except OSError as error:
        raise UserError(f"cannot write {path}: {first_line(error)}") from error


def read_payoff(folder: Path) -> LeagueTable:
    """The newest table of the run in `folder`.

    Raises:
        UserError: there is none, or it is damaged.
    """
    path = folder / PLAYERS / PAYOFF_FILE
    if not path.is_file():
        raise UserError(f"{folder} has no payoff among frozen players: it is no league, or too young")
    try:
        about = json.loads(path.read_text())
        version = about["format"]
        if version == WITHOUT_OUTCOMES:
            about, version = about | {"outcomes": _points_as_wins(about)}, FORMAT
        tables = {name: np.array(about[name], float) for name in TABLES}
        table = LeagueTable(int(about["step"]), tuple(map(str, about["names"])), **tables)
        size = len(table.names)
        for name, axes in TABLES.items():
            if tables[name].shape != (size, size, 2, 3)[:axes]:
                raise ValueError(f"{name} has shape {tables[name].shape}")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {error}") from error
    if version != FORMAT:
        raise UserError(f"{path} has format {version}; this version of jaxplay reads {FORMAT}")
    return table


def _points_as_wins(about: dict[str, Any]) -> np.ndarray:
    """`(N, N, 2, 3)`: outcomes where only points are known, as many of each seat, a draw half won."""
    games, score = (np.array(about[name], float) for name in ("games", "score"))
    each = np.stack([score * games, 0.0 * games, (1.0 - score) * games], axis=-1) / 2.0
    return np.stack([each, each], axis=2)


def cut_payoff(folder: Path, step: int) -> None:
    """Forget a table that was measured after a step of the league."""
    path = folder / PLAYERS / PAYOFF_FILE
    try:
        late = read_payoff(folder).step > step
    except UserError:
        late = True
    if late:
        path.unlink(missing_ok=True)


def nash_weights(table: LeagueTable, names: Collection[str]) -> dict[str, float]:
    """The Nash equilibrium of greatest entropy of the game among some players: who plays it, how often.

    Args:
        table: that holds their payoffs.
        names: of the players.

    Returns:
        Weights above zero by name, heaviest first, that sum to one.

    Raises:
        UserError: none of the players is in the table.
    """
    those = [i for i, name in enumerate(table.names) if name in names]
    if not those:
        raise UserError("no frozen player is in the table of payoffs")
    mixture = nash_average(table.advantage[np.ix_(those, those)]).mixture
    kept = np.where(mixture >= LEAST_WEIGHT * mixture.max(), mixture, 0.0)
    order = np.argsort(-kept, kind="stable")[: np.count_nonzero(kept)]
    return {table.names[those[i]]: float(kept[i] / kept.sum()) for i in order}


def _plain(value: Any) -> Any:
    """For JSON, which knows no nan."""
    if not isinstance(value, np.ndarray):
        return value
    plain = np.round(value, DIGITS).astype(object)
    plain[np.isnan(value)] = None
    return plain.tolist()
