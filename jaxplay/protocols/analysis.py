"""Positions analysed as KataGo's analysis engine does: a line of JSON asks, lines of JSON answer.

The queries of KataGo (https://github.com/lightvector/KataGo/blob/master/docs/Analysis_Engine.md), for every
game with two players of perfect information: moves are `["B", "D4"]`, or names alone. Win rates are those of
player 0 (black in Go, white in chess), as KataGo says them with reportAnalysisWinratesAs = BLACK.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay import __version__
from jaxplay.agent import Agent
from jaxplay.errors import UserError, quoted
from jaxplay.game import Game
from jaxplay.games.go import Go
from jaxplay.protocols.findings import Findings, findings, search_one
from jaxplay.protocols.gtp_session import COLOURS, FindSitter
from jaxplay.records.scribe import begin, read_move
from jaxplay.rollout.host import HostEpisode

MOST_LINE = 2**20
"""Characters of a query."""
MOST_VISITS = 100_000
AT_ONCE = 8
"""Positions of a search, where a query asks about several."""


class FieldError(UserError):
    """A field of a query is not as it should be.

    Args:
        field: its name.
        message: what is wrong.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Analyst:
    """Answers queries.

    Args:
        game: of positions whose query does not say otherwise.
        find: who plays a game; see `jaxplay.protocols.gtp_session`.
        key: of all searches.
    """

    def __init__(self, game: Game[Any], find: FindSitter, key: Any) -> None:
        self._game, self._find, self._key = game, find, key
        self._agents: dict[Game[Any], Agent] = {}
        self._agent(game)

    def _agent(self, game: Game[Any]) -> Agent:
        if game not in self._agents:
            agent = self._find(game).agent
            if agent is None or not agent.programs.searches:
                raise UserError("this player does not search: it has nothing to analyse with")
            self._agents[game] = agent
        return self._agents[game]

    def answer(self, line: str) -> Iterable[dict[str, Any]]:
        """The answers to a query; what is wrong with it is an answer too."""
        query: Any = None
        try:
            if len(line) > MOST_LINE:
                raise UserError(f"a query has {MOST_LINE} characters at most")
            query = _parse(line)
            yield from self._obey(query)
        except FieldError as error:
            yield {"id": query["id"], "error": str(error), "field": error.field}
        except UserError as error:
            known = isinstance(query, dict) and isinstance(query.get("id"), str)
            yield ({"id": query["id"]} if known else {}) | {"error": str(error)}

    def _obey(self, query: dict[str, Any]) -> Iterable[dict[str, Any]]:
        action = query.get("action")
        if action == "query_version":
            yield query | {"version": __version__, "git_hash": ""}
        elif action in ("clear_cache", "terminate", "terminate_all"):
            yield query
        elif action == "query_models":
            yield query | {"models": [{"name": self._agent(self._game).name}]}
        elif action is not None:
            raise FieldError("action", f"no action {quoted(action)}")
        else:
            yield from self._analyse(query)

    def _analyse(self, query: dict[str, Any]) -> Iterable[dict[str, Any]]:
        game = _game(query, self._game)
        try:
            agent = self._agent(game)
        except UserError as error:
            raise FieldError("boardXSize", str(error)) from None
        episode, first = _position(query, game)
        turns = _turns(query, len(episode.events) - first)
        visits = _whole(query, "maxVisits", agent.num_simulations, MOST_VISITS)
        live = [turn for turn in turns if not episode.states[first + turn].terminated]
        for turn in [turn for turn in turns if turn not in live]:
            yield {"id": query["id"], "turnNumber": turn, "isDuringSearch": False, "noResults": True}
        for begin_at in range(0, len(live), AT_ONCE):
            some = live[begin_at : begin_at + AT_ONCE]
            states = [episode.states[first + turn] for turn in some]
            for turn, state, found in zip(some, states, self._search(agent, states, visits), strict=True):
                about = {"id": query["id"], "isDuringSearch": False, "turnNumber": turn}
                yield about | _told(agent, state, found, with_policy=query.get("includePolicy") is True)

    def _search(self, agent: Agent, states: list[Any], visits: int) -> list[Findings]:
        if len(states) == 1:
            return [search_one(agent, states[0], self._key, visits)]
        padded = [*states, *[states[-1]] * (AT_ONCE - len(states))]
        batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *padded)
        found = agent.search(batch, self._key, num_simulations=visits)
        return [findings(agent.game, state, found, i) for i, state in enumerate(states)]


def _parse(line: str) -> dict[str, Any]:
    try:
        query = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = (
            error.msg
            if isinstance(error, json.JSONDecodeError)
            else "nested too deeply, or a number too long"
        )
        raise UserError(f"no JSON: {why}") from None
    if not isinstance(query, dict) or not isinstance(query.get("id"), str):
        raise UserError("a query is an object with an id, which is text")
    return query


def _whole(query: dict[str, Any], name: str, default: int, most: int) -> int:
    value = query.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise FieldError(name, f"{name} is {quoted(value)}; allowed: a whole number from 1 to {most}")
    return value


def _game(query: dict[str, Any], game: Game[Any]) -> Game[Any]:
    """The game of a query: that of the command, on a board of the size that the query says."""
    options: dict[str, Any] = {}
    size = getattr(game, "size", None)
    if size is not None:
        sides = [_whole(query, name, size, 99) for name in ("boardXSize", "boardYSize")]
        if sides[0] != sides[1]:
            raise FieldError("boardYSize", "boards are square")
        options = {"size": sides[0]} if sides[0] != size else {}
    if isinstance(game, Go) and query.get("komi") is not None:
        komi = query["komi"]
        if not isinstance(komi, int | float) or isinstance(komi, bool):
            raise FieldError("komi", f"komi is {quoted(komi)}; allowed: a number")
        options |= {"komi": float(komi)} if komi != game.komi else {}
    try:
        return dataclasses.replace(game, **options) if options else game  # pyright: ignore
    except UserError as error:
        raise FieldError("komi" if "komi" in options else "boardXSize", str(error)) from None


def _position(query: dict[str, Any], game: Game[Any]) -> tuple[HostEpisode, int]:
    """The game of a query, and how many of its plies set it up."""
    episode = begin(game)
    stones, moves = (_list(query, name) for name in ("initialStones", "moves"))
    if stones and not isinstance(game, Go):
        raise FieldError("initialStones", "initialStones are for go")
    for move in stones:
        _place(episode, move, "initialStones")
    if isinstance(game, Go) and (stones or "initialPlayer" in query):
        wanted = COLOURS.get(str(query.get("initialPlayer", "w" if stones else "b")).lower())
        if wanted is None:
            raise FieldError("initialPlayer", "initialPlayer is B or W")
        if episode.player != wanted:
            episode.follow(game.num_points)
    first = len(episode.events)
    for move in moves:
        _place(episode, move, "moves")
    return episode, first


def _list(query: dict[str, Any], name: str) -> list[Any]:
    found = query.get(name, [])
    if not isinstance(found, list):
        raise FieldError(name, f"{name} is a list of moves")
    return found


def _place(episode: HostEpisode, move: Any, field: str) -> None:
    """Make a move of a query; in Go the other colour passes, if need be."""
    colour, name = move if isinstance(move, list) and len(move) == 2 else (None, move)
    if not isinstance(name, str) or not (colour is None or isinstance(colour, str)):
        raise FieldError(field, f"{quoted(move)} is not a move, such as ['B', 'D4'] or 'D4'")
    try:
        player = None if colour is None else COLOURS.get(colour.lower())
        game = episode.game
        if isinstance(game, Go) and player is not None and player != episode.player:
            episode.follow(game.num_points)
        episode.follow(read_move(episode, name))
    except UserError as error:
        raise FieldError(field, f"move {quoted(move)}: {error}") from None


def _turns(query: dict[str, Any], last: int) -> list[int]:
    turns = query.get("analyzeTurns", [last])
    if not isinstance(turns, list) or not all(isinstance(turn, int) and 0 <= turn <= last for turn in turns):
        raise FieldError("analyzeTurns", f"analyzeTurns is a list of numbers from 0 to {last}")
    return list(dict.fromkeys(map(int, turns)))


def _told(agent: Agent, state: Any, found: Findings, *, with_policy: bool) -> dict[str, Any]:
    """What is said of a position."""
    player = int(state.current_player)
    sign = 1 if player == 0 else -1

    def rate(value: float) -> float:
        return round((1 + sign * value) / 2, 6)

    infos = [
        {
            "move": move.name,
            "visits": move.visits,
            "winrate": rate(move.value),
            "utility": round(sign * move.value, 6),
            "prior": round(move.prior, 6),
            "order": order,
            "pv": move.line,
        }
        for order, move in enumerate(found.moves)
    ]
    root = {
        "winrate": rate(found.value),
        "utility": round(sign * found.value, 6),
        "visits": found.visits,
        "currentPlayer": "BW"[player],
    }
    told: dict[str, Any] = {"moveInfos": infos, "rootInfo": root}
    if with_policy:
        logits = np.asarray(agent.predict(state).logits, np.float64)
        shares = np.exp(logits - np.logaddexp.reduce(logits[np.isfinite(logits)]))
        told["policy"] = [
            round(float(share), 6) if np.isfinite(logit) else -1
            for share, logit in zip(shares, logits, strict=True)
        ]
    return told


def serve(analyst: Analyst, lines: Iterable[str], write: Callable[[str], None]) -> None:
    """Answer queries, a line each, until there are no more."""
    for line in lines:
        if line.strip():
            for answer in analyst.answer(line):
                write(json.dumps(answer))
