"""Round robins, in which all players meet all others, and cross-play, the table of who beats whom."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
from jax import Array

from jaxplay.arena._match import match
from jaxplay.arena.crossplay import CrossPlay, OneAgainstAll, tabulate, tabulate_one
from jaxplay.arena.entrants import Entrant, HostPlayer, Mixture, Player, as_entry
from jaxplay.arena.host import Keep
from jaxplay.arena.rating import Ratings, mean_interval, wilson
from jaxplay.arena.result import ArenaResult
from jaxplay.arena.strength import opening_plies as usual_plies
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.rollout.seats import Act
from jaxplay.rollout.sides import side_of_seats

Report = Callable[[ArenaResult], None]


class Standing(NamedTuple):
    """How a player did in all of its games.

    Attributes:
        name: of the player.
        num_games: that it played.
        score: share of games that it won, ties split; nan in a game with one side.
        interval: 95 % Wilson interval of the score.
        mean_return: what it, or its team, earned a game.
        return_interval: 95 %, by the spread of openings.
    """

    name: str
    num_games: int
    score: float
    interval: tuple[float, float]
    mean_return: float
    return_interval: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Tournament:
    """What came of a round robin of N players.

    Attributes:
        names: of the players.
        matches: one for each combination of players that meet, in their order.
    """

    names: tuple[str, ...]
    matches: tuple[ArenaResult, ...]

    @cached_property
    def table(self) -> CrossPlay:
        """Who beat whom. Raises `UserError` unless two met in each match."""
        return tabulate(self.names, self.matches)

    @cached_property
    def ratings(self) -> Ratings:
        """Elo ratings. Raises `UserError` unless two met in each match."""
        if any(result.num_sides != 2 or len(result.names) != 2 for result in self.matches):
            raise UserError("Elo ratings are of matches between two; here scores and mean returns tell")
        return self.table.ratings()

    def standings(self) -> list[Standing]:
        """How each player did in all of its games."""
        return [_standing(name, self.matches) for name in self.names]


def round_robin(
    game: Game[Any],
    players: Sequence[Entrant],
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
    report: Report = lambda result: None,
    keep: Keep | None = None,
) -> Tournament:
    """Play `num_games` games among each combination of players that a game seats; openings are the same.

    A game with S sides (players, or teams, each of which one player plays) seats S. So a player of a game
    for one, or for one team, plays by itself.

    Args:
        game: for any number of players or teams.
        players: S or more. Players of the same name get numbers.
        num_games: a multiple of S; each player of a combination sits on each side equally often.
        key: see `jaxplay.arena.match`.
        opening_plies: see there.
        report: is given each match when it is over.
        keep: see `jaxplay.arena.match`.

    Raises:
        UserError: fewer players than a game seats, and see `jaxplay.arena.match`.
    """
    entries, num_sides = distinct(players), int(side_of_seats(game).max()) + 1
    if len(entries) < num_sides:
        raise UserError(f"a match of this game needs {num_sides} players, {len(entries)} given")
    settings = {"num_games": num_games, "key": key, "opening_plies": opening_plies, "keep": keep}
    matches = _play(game, list(combinations(entries, num_sides)), settings, report)
    return Tournament(tuple(entry.name for entry in entries), matches)


def cross_play(
    game: Game[Any],
    players: Sequence[Entrant],
    others: Sequence[Entrant] = (),
    *,
    num_games: int,
    key: Array,
    opening_plies: int | None = None,
    report: Report = lambda result: None,
) -> CrossPlay | OneAgainstAll:
    """The table of games of each two players, or of each player against each of `others`.

    In a game with two sides it is a `CrossPlay`, in others a `OneAgainstAll`: the row player sits on one seat
    and copies of the column player on all others. Where all are one team, that is how well players get on
    with each other. There players also meet copies of themselves.

    Args:
        game: for two players or more.
        players: N, agents or players of the arena. Players of the same name get numbers.
        others: M more, the last rows of the table. If there are any, the N and the M do not play among
            themselves: `payoff[:N, N:]` is what `relative_performance` takes.
        num_games: see `jaxplay.arena.match`.
        key: see there.
        opening_plies: see there. None: 1 to 4, by the length of the game.
        report: is given each match when it is over.

    Raises:
        UserError: a game for one player, and see `jaxplay.arena.match`.
    """
    num_sides = int(side_of_seats(game).max()) + 1
    if game.num_players == 1:
        raise UserError("cross-play needs a game for two players or more: here round_robin tells")
    entries = distinct([*players, *others])
    names = [entry.name for entry in entries]
    ours, theirs = entries[: len(players)], entries[len(players) :]
    plies = usual_plies(game) if opening_plies is None else opening_plies
    settings = {"num_games": num_games, "key": key, "opening_plies": plies}
    if num_sides == 2:
        pairs = list(product(ours, theirs) if theirs else combinations(ours, 2))
        return tabulate(names, _play(game, pairs, settings, report))
    copies = (num_sides if num_sides > 1 else game.num_players) - 1
    groups = [(one, *[other] * copies) for one, other in product(ours, theirs or ours)]
    return tabulate_one(names, _play(game, groups, settings, report))


def _play(
    game: Game[Any],
    groups: Sequence[tuple[Player | Mixture | HostPlayer, ...]],
    settings: dict[str, Any],
    report: Report,
) -> tuple[ArenaResult, ...]:
    # A loop for each group of programs would compile each program as often as it has opponents.
    programs = {act for group in groups for entry in group for act in _programs(entry)}
    matches = []
    for group in groups:
        matches.append(match(game, group, by_ply=len(programs) > len(group), **settings))
        report(matches[-1])
    return tuple(matches)


def _programs(entry: Player | Mixture | HostPlayer) -> list[Act]:
    if isinstance(entry, HostPlayer):
        return []
    return [player.act for player in ((entry,) if isinstance(entry, Player) else entry.players)]


def distinct(players: Sequence[Entrant]) -> list[Player | Mixture | HostPlayer]:
    """The entries, numbered where a name came before: `random`, `random (2)`."""
    entries, names = [], set()
    for entry in map(as_entry, players):
        name, number = entry.name, 1
        while name in names:
            number += 1
            name = f"{entry.name} ({number})"
        names.add(name)
        entries.append(entry._replace(name=name))
    return entries


def _standing(name: str, matches: Sequence[ArenaResult]) -> Standing:
    """A player's games in all of its matches."""
    own = [(result, result.names.index(name)) for result in matches if name in result.names]
    shares = np.concatenate([result.shares[:, entrant] for result, entrant in own])
    openings = np.concatenate([result.opening_returns[:, entrant] for result, entrant in own])
    score, none = float(shares.mean()), (math.nan, math.nan)
    interval = none if math.isnan(score) else wilson(score, len(shares))
    mean = float(openings.mean())
    return Standing(name, len(shares), score, interval, mean, mean_interval(openings))
