"""Which games and players a server offers."""

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax

from jaxplay.agents import PREFIX, agent_for
from jaxplay.errors import UserError, nearest, quoted
from jaxplay.game import Game, make, names, parse_game, summary
from jaxplay.players import Contender, make_players
from jaxplay.records import names as names_of
from jaxplay.serve.areas import Board, board_of
from jaxplay.serve.batching import Lane
from jaxplay.serve.thinking import Question, Thought, lane_of, tree_lane

SIMULATIONS = 200
"""Playouts of the default player."""
FEWER = {"chess": 50, "go": 100, "gomoku": 100, "backgammon": 60, "twenty_forty_eight": 60}
"""The same in games whose playouts are long."""
SEARCHES = ("mcts:30", "mcts:100", "mcts:400")
"""Searches that can be chosen in any game of perfect information."""
MOST_GAMES = 64
"""Different games, options included, that one server plays: each compiles programs of its own."""


@dataclass(frozen=True, eq=False)
class Offer:
    """A game that can be played, and against whom.

    Attributes:
        name: with its options, as a command line has it.
        game: itself.
        contender: who plays it; a mixture is sampled for each game.
        lanes: where its players' moves come from, by name; filled as they are needed.
        others: further players by name; filled as they are needed.
    """

    name: str
    game: Game[Any]
    contender: Contender
    lanes: dict[str, Lane[Question, Thought]] = field(default_factory=dict)
    others: dict[str, Contender] = field(default_factory=dict)

    @cached_property
    def board(self) -> Board:
        """How the game is clicked."""
        return board_of(self.game)

    @property
    def players(self) -> list[str]:
        """Who can be chosen as an opponent, by name: the first is the game's own player."""
        searches = SEARCHES if self.game.perfect_information else ()
        return list(dict.fromkeys([self.contender.player.name, *searches, "random"]))

    def opponent(self, seed: int, name: str | None = None) -> Contender:
        """Who plays one game: one of `players`, the first where no name is given.

        Raises:
            UserError: no such player.
        """
        if name is None or name == self.contender.player.name:
            return self.contender.sample(jax.random.key(seed))
        if name not in self.players:
            raise UserError(f"no opponent {quoted(name)}{nearest(name, self.players)}")
        if name not in self.others:
            self.others[name] = make_players([name], self.game)[1][0]
        return self.others[name]

    def lane(self, opponent: Contender) -> Lane[Question, Thought]:
        """Where an opponent's moves come from."""
        name = opponent.player.name
        if name not in self.lanes:
            self.lanes[name] = lane_of(opponent, (self.name, name, "moves"))
        return self.lanes[name]

    def trees(self, opponent: Contender) -> Lane[Question, Thought]:
        """Where an opponent's analyses come from: searches that keep their trees, or what its policy says."""
        agent = opponent.agent
        if agent is None or not agent.programs.searches:
            return self.lane(opponent)
        return tree_lane(agent, (self.name, opponent.player.name, "tree"))


class Offers:
    """The games of a server.

    Args:
        name: of the game that is shown first.
        game: itself.
        contender: who plays it; None: the default player.
    """

    def __init__(self, name: str, game: Game[Any], contender: Contender | None = None) -> None:
        self.first = name
        self._lock = threading.Lock()
        self._known = {name: Offer(name, game, contender or default_player(name, game))}

    def find(self, name: str) -> Offer:
        """A game by its name and options.

        Raises:
            UserError: there is none, or too many others are played.
        """
        with self._lock:
            if name in self._known:
                return self._known[name]
            kind, options = parse_game(_offered(name))
            if len(self._known) >= MOST_GAMES:
                raise UserError(
                    f"this server plays {MOST_GAMES} games already: {quoted(name)} is one too many"
                )
            game = make(kind, **options)
            self._known[name] = Offer(name, game, default_player(name, game))
            return self._known[name]

    @cached_property
    def listed(self) -> list[dict[str, str]]:
        """Name, title, group and a line about each game."""
        rows = [_row(name) for name in names()]
        if self.first not in names():
            rows.insert(0, _row(self.first))
        return rows


def _offered(name: str) -> str:
    """The name of a game, if a page may ask for it: it must not name code to import.

    Raises:
        UserError: it may not.
    """
    if name.partition(",")[0] not in names():
        raise UserError(
            f"no game {quoted(name)} here; allowed: a name of the list, with options after commas"
        )
    return name


def _row(name: str) -> dict[str, str]:
    try:
        told = summary(name.partition(",")[0])
    except UserError:
        return {"name": name, "title": name, "text": "", "group": "other games"}
    options = name.partition(",")[2]
    title = f"{told.title} ({options})" if options else told.title
    return {"name": name, "title": title, "text": told.text, "group": told.group}


def default_player(name: str, game: Game[Any]) -> Contender:
    """The agent of the game that ships; else a search with random playouts, or random moves.

    Where information is hidden a search would see it.
    """
    shipped = agent_for(game)
    if shipped is not None:
        return make_players([PREFIX + shipped], game)[1][0]
    if not game.perfect_information:
        return make_players(["random"], game)[1][0]
    simulations = FEWER.get(name.partition(",")[0], SIMULATIONS)
    return make_players([f"mcts:{simulations}"], game)[1][0]


def name_of(game: Game[Any]) -> str:
    """A game as a command line has it, such as `hex,size=5`."""
    return ",".join([names_of.name_of(game), *(f"{k}={v}" for k, v in names_of.options_of(game).items())])
