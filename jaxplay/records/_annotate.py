"""What an agent says of a game: values, the best move, and by how much each move is worse."""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, scalar_value, value_scale
from jaxplay.records.model import GameRecord, Ply
from jaxplay.records.scribe import replay
from jaxplay.rollout.host import HostEpisode

AT_ONCE = 8
"""Positions of a search: more take more memory, and a compiled search is of one size."""
DIGITS = 4
MISTAKE, BLUNDER = 0.1, 0.3
"""Losses, as shares of the value scale, from which a move is marked: a mistake (`?`), a blunder (`??`)."""
GLYPHS = (2, 4)

Report = Callable[[int, int], None]
"""Is told how many positions are judged, and of how many."""


class Judgement(NamedTuple):
    """What a search says of a position with a decision.

    Attributes:
        best: the action that it prefers.
        value: what the mover can expect to earn from here on, in units of returns.
        q: `(A,)` the same of each action; nothing where `visits` is 0.
        visits: `(A,)`.
        to_come: `(P,)` what each player can expect.
    """

    best: int
    value: float
    q: np.ndarray
    visits: np.ndarray
    to_come: np.ndarray


def annotate(
    record: GameRecord,
    agent: Agent,
    key: Array,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> GameRecord:
    """The game with the agent's opinion of each ply.

    A move's loss is what its player could expect before it less what it can expect after it, where the next
    position tells; behind chance, which brings luck too, it is what the search before the move says of both.
    Moves that lose a tenth of the value scale are marked as mistakes, three tenths as blunders.

    Args:
        record: the game.
        agent: who judges; it must search.
        key: of its searches.
        report: is told how many positions are judged, and of how many.

    Raises:
        UserError: the agent does not search, or plays another game.
    """
    if not agent.programs.searches:
        raise UserError(f"{agent.name} plays by its policy, without search: it cannot say what moves lose")
    if agent.game != record.game:
        raise UserError(f"{agent.name} plays {agent.game}; the record is of {record.game}")
    episode = replay(record)
    judged = _judge(episode, agent, key, report)
    earned = np.cumsum([np.asarray(state.rewards) for state in episode.states], axis=0)
    plies = []
    for number, ply in enumerate(record.plies):
        plies.append(_ply(ply, episode, number, judged, earned) if number >= record.setup else ply)
    return dataclasses.replace(record, plies=tuple(plies))


def _judge(episode: HostEpisode, agent: Agent, key: Array, report: Report) -> dict[int, Judgement]:
    """The positions of decisions, by how many plies led to them."""
    states = episode.states
    live = [
        i for i, state in enumerate(states) if int(state.current_player) != CHANCE and not state.terminated
    ]
    found: dict[int, Judgement] = {}
    for begin in range(0, len(live), AT_ONCE):
        report(begin, len(live))
        some = live[begin : begin + AT_ONCE]
        padded = [*some, *[some[-1]] * (AT_ONCE - len(some))]
        batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(states[i] for i in padded))
        output = agent.search(batch, jax.random.fold_in(key, begin))
        told = jax.device_get((output.action, output.value, output.q, output.visits))
        for row, index in enumerate(some):
            found[index] = _judgement(agent.game, int(states[index].current_player), *(t[row] for t in told))
    report(len(live), len(live))
    return found


def _judgement(game: Any, mover: int, action: Any, value: Any, q: Any, visits: Any) -> Judgement:
    scale, values = value_scale(game), np.atleast_1d(value)
    to_come = np.zeros(game.num_players)
    if scalar_value(game):
        to_come[mover] = values[0]
        if game.num_players == 2:
            to_come[1 - mover] = -values[0]
    else:
        to_come[[(mover + i) % game.num_players for i in range(game.num_players)]] = values
    return Judgement(int(action), float(values[0]) * scale, q * scale, visits, to_come * scale)


def _ply(
    ply: Ply, episode: HostEpisode, number: int, judged: dict[int, Judgement], earned: np.ndarray
) -> Ply:
    here, after, game = judged.get(number), judged.get(number + 1), episode.game
    over = bool(episode.states[number + 1].terminated)
    to_come = np.zeros(game.num_players) if over else None if after is None else after.to_come
    said: dict[str, Any] = {}
    if to_come is not None:
        said["values"] = tuple(round(float(value), DIGITS) for value in earned[number + 1] + to_come)
    loss = None if here is None else _loss(here, ply.action, episode, number, to_come)
    if here is not None and loss is not None:
        scale = value_scale(game)
        loss = 0.0 if here.best == ply.action else max(loss, 0.0)
        best = game.move_to_string(episode.states[number], here.best) if loss > 0.0 else None
        rank = (loss >= MISTAKE * scale) + (loss >= BLUNDER * scale)
        kept = tuple(mark for mark in ply.marks if mark not in GLYPHS)
        said |= {"loss": round(loss, DIGITS), "best": best}
        said["marks"] = (*kept, GLYPHS[rank - 1]) if rank else kept
    return ply._replace(**said)


def _loss(here: Judgement, action: int, episode: HostEpisode, number: int, to_come: Any) -> float | None:
    """By how much an action is worse than the best; None where the search says nothing of it."""
    mover = episode.events[number].player
    if to_come is not None:
        return here.value - float(episode.states[number + 1].rewards[mover]) - float(to_come[mover])
    if here.visits[action] == 0 or here.visits[here.best] == 0:
        return None
    return float(here.q[here.best] - here.q[action])
