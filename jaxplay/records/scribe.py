"""Records from games on the host, and games on the host from records."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax import Array

from jaxplay.errors import UserError, quoted
from jaxplay.game import CHANCE, Game
from jaxplay.records.model import GameRecord, Ply
from jaxplay.rollout.host import HostEpisode


def begin(game: Game[Any], start: str | None = None, key: Array | None = None) -> HostEpisode:
    """A game that is told by `HostEpisode.follow`.

    Args:
        game: that was played.
        start: see `GameRecord.start`.
        key: of chance, if the game goes on.

    Raises:
        UserError: the game cannot begin there.
    """
    key = jax.random.key(0) if key is None else key
    return HostEpisode(game, key, start=read_start(game, start), recorded=True)


def read_start(game: Game[Any], start: str | None) -> Any:
    """The position that `start` names; None for the usual one.

    Raises:
        UserError: no such position, or a game that begins in one position only.
    """
    if start is None:
        return None
    from_text = getattr(game, "from_fen", None)
    if from_text is None:
        raise UserError(f"start is {quoted(start)}; allowed: in chess alone")
    return from_text(start)


def replay(record: GameRecord, num_plies: int | None = None, key: Array | None = None) -> HostEpisode:
    """The game of a record, on the host, after so many of its plies (None: all).

    Chance has not played beyond them: `HostEpisode.go_on` lets it.

    Raises:
        UserError: the record is of another game, or a ply cannot happen where it stands.
    """
    episode = begin(record.game, record.start, key)
    for number, ply in enumerate(record.plies[:num_plies], 1):
        try:
            episode.follow(ply.action)
        except UserError as error:
            raise UserError(f"ply {number}, {quoted(ply.name)}: {error}") from None
    return episode


def read_move(episode: HostEpisode, text: str) -> int:
    """The action, or at a chance node the outcome, that `text` names; it may happen here.

    Raises:
        UserError: it names none, or one that may not.
    """
    game, state = episode.game, episode.state
    if state.terminated:
        raise UserError(f"{quoted(text)}: the game is over")
    mask = np.asarray(state.legal_action_mask)
    if episode.player == CHANCE:
        wanted = text.strip().removeprefix("(").removesuffix(")")
        for outcome in np.flatnonzero(mask[: game.num_chance_outcomes]):
            if game.outcome_to_string(state, int(outcome)) == wanted:
                return int(outcome)
        raise UserError(f"{quoted(text)} is not what chance can do here")
    action = game.parse_move(state, text)
    if not mask[action]:
        raise UserError(f"{quoted(text)} is not legal here")
    return action


def tell_ply(episode: HostEpisode, **said: Any) -> Ply:
    """The last event of a game as a ply, with what is said of it."""
    return Ply(episode.events[-1].action, episode.names(1)[0], **said)


def record_of(
    episode: HostEpisode,
    players: tuple[str, ...] = (),
    *,
    start: str | None = None,
    setup: int = 0,
    tags: Mapping[str, str] | None = None,
    ending: str | None = None,
    returns: tuple[float, ...] | None = None,
) -> GameRecord:
    """The record of a game on the host.

    Args:
        episode: the game; it may go on.
        players: a name for each player.
        start: the text of its first position, where that is not the usual one.
        setup: see `GameRecord`.
        tags: see there.
        ending: how it ended, where it did not end by the rules or at its bound.
        returns: what each player earned then.
    """
    plies = tuple(
        Ply(event.action, name) for event, name in zip(episode.events, episode.names(), strict=True)
    )
    if ending is None and episode.over:
        played_out = "rules" if episode.state.terminated else "cut"
        ending = played_out if episode.given_up is None else episode.given_up[1]
        returns = tuple(map(float, episode.returns))
    return GameRecord(
        episode.game, plies, players, returns, ending, setup, start, tags={} if tags is None else dict(tags)
    )
