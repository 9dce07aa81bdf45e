"""Round robin: every player meets every other; and cross-play, the table of who beats whom."""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from jax import Array

from jaxplay.arena.arena import arena
from jaxplay.arena.crossplay import CrossPlay, tabulate
from jaxplay.arena.entrants import Entrant, Mixture, Player, as_entry
from jaxplay.arena.loop import Act
from jaxplay.arena.rating import Ratings
from jaxplay.arena.result import ArenaResult
from jaxplay.arena.strength import opening_plies as usual_plies
from jaxplay.game import Game

Report = Callable[[ArenaResult], None]


class Tournament(NamedTuple):
    """What came of a round robin of N players."""

    matches: tuple[ArenaResult, ...]
    """One for each pair, in the order of the players."""
    table: CrossPlay
    ratings: Ratings


def round_robin(
    game: Game[Any],
    players: Sequence[Entrant],
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
    report: Report = lambda result: None,
) -> Tournament:
    """Play `num_games` games between each two players; all pairs meet the same openings.

    Args:
        game: for two players.
        players: two or more. Players of the same name get numbers.
        num_games: see `arena`.
        key: see `arena`.
        opening_plies: see `arena`.
        report: is given each match when it is over.

    Raises:
        UserError: see `arena`.
    """
    entries = _distinct(players)
    settings = {"num_games": num_games, "key": key, "opening_plies": opening_plies}
    matches = _play(game, list(combinations(entries, 2)), settings, report)
    table = tabulate([entry.name for entry in entries], matches)
    return Tournament(matches, table, table.ratings())


def cross_play(
    game: Game[Any],
    players: Sequence[Entrant],
    others: Sequence[Entrant] = (),
    *,
    num_games: int,
    key: Array,
    opening_plies: int | None = None,
    report: Report = lambda result: None,
) -> CrossPlay:
    """The table of games of each two players, or of each player against each of `others`.

    Args:
        game: for two players.
        players: N, agents or players of the arena. Players of the same name get numbers.
        others: M more, the last rows of the table. If there are any, the N and the M do not play among
            themselves: `payoff[:N, N:]` is what `relative_performance` takes.
        num_games: see `arena`.
        key: see `arena`.
        opening_plies: see `arena`. None: 1 to 4, by the length of the game.
        report: is given each match when it is over.

    Raises:
        UserError: see `arena`.
    """
    entries = _distinct([*players, *others])
    ours, theirs = entries[: len(players)], entries[len(players) :]
    plies = usual_plies(game) if opening_plies is None else opening_plies
    settings = {"num_games": num_games, "key": key, "opening_plies": plies}
    pairs = list(product(ours, theirs) if theirs else combinations(ours, 2))
    return tabulate([entry.name for entry in entries], _play(game, pairs, settings, report))


def _play(
    game: Game[Any],
    pairs: Sequence[tuple[Player | Mixture, Player | Mixture]],
    settings: dict[str, Any],
    report: Report,
) -> tuple[ArenaResult, ...]:
    # A loop for each two programs would compile each program as often as it has opponents.
    programs = {act for pair in pairs for entry in pair for act in _programs(entry)}
    matches = []
    for first, second in pairs:
        matches.append(arena(game, first, second, by_ply=len(programs) > 2, **settings))
        report(matches[-1])
    return tuple(matches)


def _programs(entry: Player | Mixture) -> list[Act]:
    return [player.act for player in ((entry,) if isinstance(entry, Player) else entry.players)]


def _distinct(players: Sequence[Entrant]) -> list[Player | Mixture]:
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
