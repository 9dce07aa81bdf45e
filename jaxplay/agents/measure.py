"""The strength of an agent: exact where the game is small enough, by proofs and matches elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from jaxplay.agent import Agent
from jaxplay.agents.alone import TILE, final_boards
from jaxplay.agents.facts import Measurement
from jaxplay.agents.won import PROVING, measurable, won_positions
from jaxplay.arena import (
    Player,
    greedy_player,
    match,
    mcts_player,
    minimax_player,
    pubeval_player,
    random_player,
    wilson,
)
from jaxplay.arena.minimax import is_judged
from jaxplay.arena.outcomes import measure
from jaxplay.arena.pubeval import is_backgammon
from jaxplay.arena.strength import opening_plies
from jaxplay.game import make
from jaxplay.solve import every_line, exploitability, form_of
from jaxplay.solve.behaviour import asked
from jaxplay.solving import legal_probs

EVERY_LINE_PLIES = 9
"""In games of at most so many decisions every line of play is followed."""


DEPTH = 3
"""Moves that `minimax` looks ahead where a game has a heuristic."""


def measurements(
    agent: Agent, game_text: str, anchors: Sequence[int], *, num_games: int, seed: int = 0
) -> Iterator[Measurement]:
    """What can be measured of an agent, the firmest first.

    Args:
        agent: whose name is that by which players call it.
        game_text: the game as a command line has it.
        anchors: simulations of the tree searches with random playouts that it meets; 0: random play. They
            are met in games of perfect information for two.
        num_games: against each of them, an even number.
        seed: of the games, and of the agent's luck.
    """
    game, key = agent.game, jax.random.key(seed)
    two = game.perfect_information and game.num_players == 2
    if not agent.programs.searches and not game.perfect_information:
        yield _exploitability(agent)
    if two and game.max_plies <= EVERY_LINE_PLIES:
        yield _lines_lost(agent, key)
    if game == make("connect_four"):
        yield _outcomes_kept(agent, key)
    elif agent.programs.searches and measurable(game):
        yield from _won_kept(agent, num_games, seed)
    if game == make("twenty_forty_eight"):
        yield from _tiles(agent, num_games, seed)
    for player in _opponents(game, anchors) if two else ():
        yield _score(agent, game_text, player, num_games, seed)


def _opponents(game: Any, anchors: Sequence[int]) -> Iterator[Player]:
    """Whom an agent meets, the weakest kind first."""
    if 0 in anchors:
        yield random_player()
    if is_judged(game):
        if getattr(game, "max_score", 0):
            yield greedy_player(game)
        yield minimax_player(game, DEPTH)
    if is_backgammon(game):
        yield pubeval_player(game)
    for num_simulations in anchors:
        if num_simulations:
            yield mcts_player(game, num_simulations)


def _exploitability(agent: Agent) -> Measurement:
    """Of the policy as the agent says it, asked at every information set."""
    form = form_of(agent.game)
    ask = asked(form, legal_probs(agent.game, agent.programs.predict))
    found = exploitability(form, np.asarray(jax.jit(ask)(agent.params)))
    return Measurement(
        "exact exploitability", found.exploitability, None, "exact", f"jaxplay exploit {agent.name}"
    )


def _lines_lost(agent: Agent, key: jax.Array) -> Measurement:
    """Lines of play that the agent loses, of all that its opponent can choose."""
    player = agent.player()
    lines = every_line(agent.game, player.act, player.params, key=key)
    total = sum(found.won + found.drawn + found.lost for found in lines)
    lost = sum(found.lost for found in lines)
    what = f"lines of play lost, of all {total:,}, with {agent.num_simulations} simulations"
    return Measurement(what, float(lost), None, "exact", "jaxplay.solve.every_line(...)")


def _outcomes_kept(agent: Agent, key: jax.Array) -> Measurement:
    """Connect Four: the share of solved positions whose outcome the move keeps."""
    player = agent.player()
    kept = measure(player.act, player.params, key, "held_out")
    count = sum(kept.num_positions)
    spread = 1.96 * (kept.share * (1 - kept.share) / count) ** 0.5
    what = f"outcomes kept of {count:,} solved positions, with {agent.num_simulations} simulations"
    interval = (kept.share - spread, min(1.0, kept.share + spread))
    return Measurement(what, kept.share, interval, "sampled", f"jaxplay bench strength {agent.name}")


def _won_kept(agent: Agent, num_positions: int, seed: int) -> Iterator[Measurement]:
    """The share of proven wins that the agent's move keeps; nothing, where no win is proven."""
    found = won_positions(agent, num_positions, jax.random.key(seed), num_simulations=PROVING)
    if not found.num_positions:
        return
    open_ = found.num_positions - found.kept - found.failed
    what = (
        f"wins kept of {found.num_positions} positions proven won by {PROVING:,} simulations, with"
        f" {agent.num_simulations} of its own (a random move keeps {found.random_kept}; after {open_} of its"
        " moves nothing is proven, which counts as lost)"
    )
    share = found.kept / found.num_positions
    command = f"jaxplay.agents.won_positions(..., {num_positions}, jax.random.key({seed}))"
    yield Measurement(what, share, wilson(share, found.num_positions), "sampled", command)


def _tiles(agent: Agent, num_games: int, seed: int) -> Iterator[Measurement]:
    """2048: how often the tile is reached, and the mean score."""
    found = final_boards(agent, num_games, jax.random.key(seed))
    reached = int((found.tiles >= TILE).sum())
    how = f"with {agent.num_simulations} simulations, {num_games} games"
    command = f"jaxplay.agents.final_boards(..., {num_games}, jax.random.key({seed}))"
    share, interval = reached / num_games, wilson(reached / num_games, num_games)
    yield Measurement(f"share of games that reach {TILE:,}, {how}", share, interval, "matches", command)
    mean, spread = float(found.scores.mean()), 1.96 * float(found.scores.std()) / num_games**0.5
    interval = (mean - spread, mean + spread)
    yield Measurement(f"mean score, {how}", mean, interval, "matches", command)


def _score(agent: Agent, game_text: str, anchor: Player, num_games: int, seed: int) -> Measurement:
    """The share of the points against another player."""
    game: Any = agent.game
    plies = opening_plies(game)
    key = jax.random.key(seed)
    found = match(game, [agent.player(), anchor], num_games=num_games, key=key, opening_plies=plies)
    how = f" with {agent.num_simulations} simulations" if agent.programs.searches else ""
    what = f"score{how} against {anchor.name}, {num_games} games after {plies} random moves"
    command = f"jaxplay arena {agent.name} {anchor.name} --games {num_games} --game {game_text}"
    return Measurement(what, found.score, found.interval(), "matches", command)
