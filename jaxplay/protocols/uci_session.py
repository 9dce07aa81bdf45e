"""A game of chess as a UCI controller leads it."""

import re
from typing import Any

import jax

from jaxplay.errors import UserError, quoted
from jaxplay.games.chess import Chess
from jaxplay.protocols.gtp_session import Sitter
from jaxplay.protocols.uci_limits import Limits, parse_limits
from jaxplay.protocols.uci_search import search
from jaxplay.records.scribe import begin
from jaxplay.rollout.host import HostEpisode

OVERHEAD = 30
"""Milliseconds that are kept for everything but the search, where the controller says nothing else."""
MOST_SIMULATIONS = 10_000_000


class UciSession:
    """The game, who plays it, and the options.

    Attributes:
        sitter: who plays.
        episode: the game so far.
        overhead: see `OVERHEAD`.
        simulations: of a search without limits.

    Args:
        sitter: who plays.
        key: of all searches.
    """

    def __init__(self, sitter: Sitter, key: Any) -> None:
        self.sitter, self._key = sitter, key
        self.game = Chess()
        self.episode: HostEpisode = begin(self.game)
        self.overhead = OVERHEAD
        agent = sitter.agent
        self.simulations = agent.num_simulations if agent is not None and agent.programs.searches else 0

    def identity(self) -> list[str]:
        """What `uci` is answered: name, options."""
        lines = [f"id name jaxplay {self.sitter.player.name}", "id author the jaxplay authors"]
        if self.simulations:
            told = f"type spin default {self.simulations} min 1 max {MOST_SIMULATIONS}"
            lines.append(f"option name Simulations {told}")
        return [*lines, f"option name Move Overhead type spin default {OVERHEAD} min 0 max 10000", "uciok"]

    def set_option(self, words: list[str]) -> None:
        """Obey `setoption`; options that there are not are passed over, as UCI wants it.

        Raises:
            UserError: a value that is not allowed.
        """
        found = re.fullmatch(r"name (.+?)(?: value (.*))?", " ".join(words))
        name = found[1].lower() if found else ""
        value = (found[2] or "") if found else ""
        if name not in ("simulations", "move overhead"):
            return
        most = MOST_SIMULATIONS if name == "simulations" else 10_000
        if not re.fullmatch(r"[0-9]{1,8}", value) or not int(name == "simulations") <= int(value) <= most:
            raise UserError(f"{name} is {quoted(value)}; allowed: a whole number to {most}")
        if name == "simulations" and self.simulations:
            self.simulations = int(value)
        elif name == "move overhead":
            self.overhead = int(value)

    def set_position(self, words: list[str]) -> None:
        """Obey `position [startpos | fen FEN] [moves MOVE ...]`.

        Raises:
            UserError: it is none; the position before stays.
        """
        at = words.index("moves") if "moves" in words else len(words)
        first, moves = words[:at], words[at + 1 :]
        if first[:1] not in (["startpos"], ["fen"]):
            raise UserError("position is startpos or fen, such as: position startpos moves e2e4")
        episode = begin(self.game, " ".join(first[1:]) if first[0] == "fen" else None)
        for move in moves:
            episode = self._living(episode)
            action = self.game.parse_move(episode.state, move)
            if action not in episode.legal():
                raise UserError(f"{quoted(move)} is not legal")
            episode.follow(action)
        self.episode = self._living(episode)

    def _living(self, episode: HostEpisode) -> HostEpisode:
        """The game; where it is drawn by repetition or fifty moves, without its past: UCI plays on."""
        if not episode.state.terminated:
            return episode
        fields = self.game.to_fen(episode.state).split()
        return begin(self.game, " ".join([*fields[:4], "0", fields[5]]))

    def warm_up(self) -> None:
        """Compile what searches need."""
        agent, state = self.sitter.agent, begin(self.game).state
        if agent is not None and agent.programs.searches:
            agent.think(state, self._key, 0.001)

    def go(self, words: list[str], watch: Any, write: Any) -> str:
        """Obey `go`; the answer, `bestmove ...`.

        Args:
            words: its limits.
            watch: is asked between simulations; true: stop.
            write: prints a line, such as `info ...`.

        Raises:
            UserError: a limit that is none.
        """
        black = self.episode.player == 1
        limits = parse_limits(words, black=black, overhead=self.overhead)
        state = self.episode.state
        if state.terminated:
            return "bestmove (none)"
        agent, key = self.sitter.agent, jax.random.fold_in(self._key, int(state.ply))
        if agent is None or not agent.programs.searches:
            action = self.sitter.player.act(state, self.episode.history, key)
            write(f"info depth 1 pv {self.episode.name(action)}")
            return f"bestmove {self.episode.name(action)}"
        if limits == Limits():
            limits = limits._replace(nodes=self.simulations)
        name, reply = search(agent, state, key, limits, watch, write)
        return f"bestmove {name}" + (f" ponder {reply}" if reply else "")
