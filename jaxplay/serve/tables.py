"""Games in progress: who sits where, what a seat may see of them, and moves."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from jaxplay.errors import UserError, one_line
from jaxplay.play.levels import FULL, Level
from jaxplay.players import Contender
from jaxplay.records.scribe import read_move
from jaxplay.rollout.host import HostEpisode
from jaxplay.serve.batching import BusyError, Lane
from jaxplay.serve.players import Offer
from jaxplay.serve.thinking import Question, Thought

MOST_EVENTS = 2000
"""Moves and outcomes of chance that a game can be begun with."""
EVERY = "all"
"""The seat of somebody who plays for everybody."""


class ConflictError(UserError):
    """A request that does not fit the position any more, or a game that has failed."""


class MissingError(UserError):
    """A game that is not there."""


class Table:
    """One game. Its methods are called by one thread at a time, which holds `lock`.

    Attributes:
        id: that nobody guesses.
        offer: the game and its player.
        episode: the game so far.
        seat: of the person; None: of a spectator; `EVERY`: of somebody who plays for all.
        level: of the opponent.
        opponent: who plays the other seats.
        rival: who plays every second seat where a spectator watches.
        error: what went wrong; empty if nothing did.
        values: of positions for player 0, by their numbers, where they are known.

    Raises:
        UserError: no such seat or player, or a history that is no game or would tell what is hidden.
    """

    def __init__(
        self,
        offer: Offer,
        seat: int | str | None = 0,
        level: Level = FULL,
        history: Sequence[str] = (),
        opponent: str | None = None,
        rival: str | None = None,
    ) -> None:
        if history and not offer.game.perfect_information and seat is not None:
            raise UserError("a game of hidden information is begun in the middle by those alone who watch")
        self.id = secrets.token_urlsafe(12)
        self.offer, self.level, self.error = offer, level, ""
        self.seat = _check_seat(offer, seat)
        seed = secrets.randbits(31)
        self.opponent = offer.opponent(seed, opponent)
        self.rival = self.opponent if rival is None else offer.opponent(seed, rival)
        self.episode = _begun(offer, history, seed)
        self.values: dict[int, float] = {}
        self._names: list[str] = []
        self.lock = threading.Lock()
        self.used = time.monotonic()
        self._luck = np.random.default_rng(seed)

    @property
    def mover(self) -> Contender:
        """Who is to move, where it is not the person."""
        return self.rival if self.seat is None and self.episode.player % 2 else self.opponent

    @property
    def lane(self) -> Lane[Question, Thought]:
        """Where the move of `mover` comes from."""
        return self.offer.lane(self.mover)

    @property
    def names(self) -> list[str]:
        """All moves and outcomes of chance; each is put into words once, which takes long in some games."""
        missing = len(self.episode.events) - len(self._names)
        if missing > 0:
            self._names += self.episode.names(missing)
        return self._names

    @property
    def is_open(self) -> bool:
        """Whether nothing is hidden in this game."""
        return self.offer.game.perfect_information

    @property
    def sees_all(self) -> bool:
        """Whether the person may see everything."""
        return self.is_open or self.seat is None

    @property
    def marks(self) -> list[int]:
        """Events before each position that may be looked at.

        Where information is hidden these are the positions in which the person moved, and the last one: how
        often others have moved in between may be hidden too.
        """
        events = self.episode.events
        if self.sees_all:
            return list(range(len(events) + 1))
        return [i for i, event in enumerate(events) if event.player == self.seat] + [len(events)]

    @property
    def plies(self) -> int:
        """Steps from the first to the last position that may be looked at."""
        return len(self.marks) - 1

    @property
    def person_moves(self) -> bool:
        """Whether the person is to move."""
        return not self.episode.over and self.seat in (EVERY, self.episode.player)

    def state_at(self, ply: int) -> Any:
        """Position number `ply`."""
        return self.episode.states[self.marks[ply]]

    def play(self, action: int, ply: int) -> None:
        """Make the person's move, which was chosen in position number `ply`.

        Raises:
            UserError: it is not their turn, or the move is not legal.
        """
        self.check(ply)
        if not self.person_moves:
            raise ConflictError("it is not your turn")
        self.episode.play(action)

    def question(self, ply: int | None = None, share: float = 1.0) -> Question:
        """What the opponent is asked about a position, or whoever is to move about the last one (None)."""
        agent = (self.mover if ply is None else self.opponent).agent
        full = agent.num_simulations if agent is not None else 1
        state = self.episode.state if ply is None else self.state_at(ply)
        return Question(state, max(min(2, full), round(share * full)), secrets.randbits(31))

    def answer(self, thought: Thought, ply: int) -> None:
        """Make the opponent's move, of the table's level."""
        self.check(ply)
        legal = np.asarray(self.episode.state.legal_action_mask)[: self.offer.game.num_actions]
        weights = thought.weights[: len(legal)]
        action = self.level.choose(thought.action, weights, legal, self._luck)
        if thought.value is not None and self.is_open:
            self.values[ply] = thought.value
        self.episode.play(action)

    def undo(self) -> None:
        """Take back the person's last move, and all behind it.

        Raises:
            UserError: there is none, or it would show what is hidden.
        """
        if not self.is_open:
            raise UserError("where information is hidden, moves stand")
        if not self.episode.undo(self.seat if isinstance(self.seat, int) else None):
            raise UserError("there is no move to take back")
        del self._names[len(self.episode.events) :]
        self.values = {ply: value for ply, value in self.values.items() if ply <= self.plies}

    def sit(self, seat: Any) -> None:
        """Take another seat.

        Raises:
            UserError: there is none, or it would show what is hidden.
        """
        if not self.is_open and seat != self.seat:
            raise UserError("where information is hidden, seats are kept to the end of the game")
        self.seat = _check_seat(self.offer, seat)

    def check(self, ply: int) -> None:
        """Refuse what was asked in another position than the last."""
        if self.error:
            raise ConflictError(f"this game has failed: {self.error}")
        if ply != self.plies:
            raise ConflictError(f"the game has gone on: this is position {self.plies}, not {ply}")

    def fail(self, error: Exception) -> None:
        """Close the game, whose rules, picture or player have failed."""
        self.error = one_line(f"{type(error).__name__}: {error}")[:300]


def _begun(offer: Offer, history: Sequence[str], seed: int) -> HostEpisode:
    """A game, from its history on.

    Raises:
        UserError: the history is no game.
    """
    if len(history) > MOST_EVENTS:
        raise UserError(f"a game of {len(history):,} moves; allowed: {MOST_EVENTS:,} at most")
    episode = HostEpisode(offer.game, jax.random.key(seed), recorded=bool(history))
    for name in history:
        episode.follow(read_move(episode, name))
    if history:
        episode.go_on()
    return episode


def _check_seat(offer: Offer, seat: Any) -> int | str | None:
    if seat is None or (seat == EVERY and offer.game.perfect_information):
        return seat
    if isinstance(seat, int) and not isinstance(seat, bool) and 0 <= seat < offer.game.num_players:
        return seat
    allowed = f"0 to {offer.game.num_players - 1}, null to watch"
    more = f", {EVERY!r} to play for everybody" if offer.game.perfect_information else ""
    raise UserError(f"no seat {seat!r}; allowed: {allowed}{more}")


class Tables:
    """The games of a server, so many at most: the one that was not used for the longest time makes room.

    Args:
        most: games.
        idle: seconds after which a game makes room for a new one without being the oldest.
    """

    def __init__(self, most: int = 4000, idle: float = 60.0) -> None:
        self._tables: OrderedDict[str, Table] = OrderedDict()
        self._most, self._idle, self._lock = most, idle, threading.Lock()

    def __len__(self) -> int:
        return len(self._tables)

    def add(self, table: Table) -> None:
        """Keep a game.

        Raises:
            BusyError: there are too many, and all are in use.
        """
        with self._lock:
            if len(self._tables) >= self._most:
                oldest = next(iter(self._tables.values()))
                if time.monotonic() - oldest.used < self._idle:
                    raise BusyError("too many games are played here; try again in a minute")
                del self._tables[oldest.id]
            self._tables[table.id] = table

    def find(self, name: str) -> Table:
        """A game by its id.

        Raises:
            MissingError: it is not there.
        """
        with self._lock:
            if name not in self._tables:
                raise MissingError("this game is not here any more; begin a new one")
            self._tables.move_to_end(name)
            table = self._tables[name]
            table.used = time.monotonic()
        return table
