"""The strength of an agent: exact where the game is small enough, by matches elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from jaxplay.agent import Agent
from jaxplay.agents.facts import Measurement
from jaxplay.arena import match, mcts_player, random_player
from jaxplay.arena.outcomes import measure
from jaxplay.arena.strength import opening_plies
from jaxplay.game import make
from jaxplay.solve import every_line, exploitability, form_of
from jaxplay.solve.behaviour import asked
from jaxplay.solving import legal_probs

EVERY_LINE_PLIES = 9
"""In games of at most so many decisions every line of play is followed."""


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
    if not agent.programs.searches and not game.perfect_information:
        yield _exploitability(agent)
    if game.perfect_information and game.num_players == 2 and game.max_plies <= EVERY_LINE_PLIES:
        yield _lines_lost(agent, key)
    if game == make("connect_four"):
        yield _outcomes_kept(agent, key)
    for num_simulations in anchors if game.num_players == 2 and game.perfect_information else ():
        yield _score(agent, game_text, num_simulations, num_games, seed)


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
    kept = measure(player.act, player.params, key)
    count = sum(kept.num_positions)
    spread = 1.96 * (kept.share * (1 - kept.share) / count) ** 0.5
    what = f"outcomes kept of {count} solved positions, with {agent.num_simulations} simulations"
    interval = (kept.share - spread, min(1.0, kept.share + spread))
    return Measurement(what, kept.share, interval, "sampled", f"jaxplay bench strength {agent.name}")


def _score(agent: Agent, game_text: str, num_simulations: int, num_games: int, seed: int) -> Measurement:
    """The share of the points against random play or a search with random playouts."""
    game: Any = agent.game
    anchor = mcts_player(game, num_simulations) if num_simulations else random_player()
    plies = opening_plies(game)
    key = jax.random.key(seed)
    found = match(game, [agent.player(), anchor], num_games=num_games, key=key, opening_plies=plies)
    how = f" with {agent.num_simulations} simulations" if agent.programs.searches else ""
    what = f"score{how} against {anchor.name}, {num_games} games after {plies} random moves"
    command = f"jaxplay arena {agent.name} {anchor.name} --games {num_games} --game {game_text}"
    return Measurement(what, found.score, found.interval(), "matches", command)
