"""Agents that ship with the package, loaded, and who plays a game where nobody was named."""

from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from jaxplay.agent import Agent, PolicyPrograms, network_programs, policy_programs
from jaxplay.agents.facts import AgentFacts
from jaxplay.agents.files import FOLDER, agent_facts, agent_names, agent_path, read_agent
from jaxplay.checkpoint.leaves import Named, check_shapes, from_host, shapes
from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.networks import build_network
from jaxplay.solve.table import table_of
from jaxplay.solving import Strategy, strategy_evaluate

PREFIX = "agents:"
"""What the names of shipped agents begin with, in the grammar of players."""
SEARCHER = "mcts:100"
"""Who plays a game of perfect information for which no agent ships."""


def load_agent(name: str, folder: Path = FOLDER) -> Agent:
    """An agent that ships with the package.

    Args:
        name: one of `agent_names()`.
        folder: with the files of agents.

    Raises:
        UserError: there is no such agent, or its file is damaged.
    """
    path = agent_path(name, folder)
    facts, arrays = read_agent(path)
    game = game_of(facts)
    if facts.network is None:
        return Agent(PREFIX + name, game, _strategy(arrays), strategy_programs(game), 0)
    init = build_network(facts.network, game).init
    abstract = jax.eval_shape(init, jax.eval_shape(jax.random.key, 0))
    check_shapes(shapes(arrays), shapes(abstract), str(path))
    if facts.search is None:
        programs = policy_programs(game, facts.network)
    else:
        programs = network_programs(game, facts.network, facts.search)
    return Agent(PREFIX + name, game, from_host(arrays, abstract), programs, facts.num_simulations)


def game_of(facts: AgentFacts) -> Game[Any]:
    """The game that an agent plays."""
    return make(facts.game, **dict(facts.game_options))


def agent_for(game: Game[Any], folder: Path = FOLDER) -> str | None:
    """The name of the shipped agent that plays `game`; None: there is none."""
    found = (name for name in agent_names(folder) if game_of(agent_facts(name, folder)) == game)
    return next(found, None)


def default_player(game: Game[Any]) -> str:
    """Who plays `game` where nobody was named, in the grammar of players.

    It is the shipped agent of the game. Where there is none, it is a tree search with random playouts in
    games of perfect information, and random play elsewhere: a search would see what is hidden.
    """
    name = agent_for(game)
    if name is not None:
        return PREFIX + name
    return SEARCHER if game.perfect_information else "random"


@cache
def strategy_programs(game: Game[Any]) -> PolicyPrograms:
    """The programs of a player by a strategy's table."""
    return PolicyPrograms(game, strategy_evaluate(game))


def _strategy(arrays: Named) -> Strategy:
    if set(arrays) != {"hashes", "probs", "returns"}:
        raise UserError("the file of an agent holds neither a network nor a strategy")
    probs, returns = jnp.asarray(arrays["probs"]), jnp.asarray(arrays["returns"])
    return Strategy(table_of(arrays["hashes"]), probs, returns)
