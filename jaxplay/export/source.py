"""What can be exported: a player with its parameters, and the configuration that says how to use them."""

from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.agent import Agent, network_of
from jaxplay.agents import agent_facts
from jaxplay.checkpoint import read_config, versions
from jaxplay.checkpoint.files import first_line, write_whole
from jaxplay.config import NetworkConfig, SearchConfig, to_json
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.players import make_players, parse_player
from jaxplay.solving import read_facts

ABOUT_FILE = "agent.json"
"""Name of the file that says what else is in the folder of an export."""


class Source(NamedTuple):
    """A player that can be exported.

    Attributes:
        agent: with its game and its parameters.
        game: name of the game, as `jaxplay.make` takes it.
        game_options: of the game, as pairs.
        network: whose parameters these are; None: the agent has the table of a strategy.
        search: by which it moves; None: it does not search.
    """

    agent: Agent
    game: str
    game_options: tuple[tuple[str, Any], ...]
    network: NetworkConfig | None
    search: SearchConfig | None

    def about(self) -> dict[str, Any]:
        """All of it as JSON data, but the parameters; and the versions of what wrote it."""
        return {
            "player": self.agent.name,
            "game": self.game,
            "game_options": dict(self.game_options),
            "network": None if self.network is None else to_json(self.network),
            "search": None if self.search is None else to_json(self.search),
            "num_simulations": self.agent.num_simulations if self.search is not None else 0,
            "versions": versions(),
        }


def find_source(player: str, game: Game[Any] | str | None = None) -> Source:
    """The player that a name stands for.

    Args:
        player: a run or a player of it, a solution, or an agent that ships, in the grammar of players.
        game: where the player may not name it; see `jaxplay.agent.load`.

    Raises:
        UserError: no such player, or one that has no parameters of its own.
    """
    spec = parse_player(player)
    if spec.kind not in ("run", "shipped", "strategy"):
        raise UserError(f"{player} has nothing to export; allowed: a run, a solution, or agents:NAME")
    contenders = make_players([player], game)[1]
    agent = contenders[0].agent
    if len(contenders) > 1 or agent is None:
        raise UserError(f"{player} is several players; name one of them")
    if spec.kind == "shipped":
        facts = agent_facts(spec.player)
        return Source(agent, facts.game, facts.game_options, facts.network, facts.search)
    if spec.kind == "strategy":
        told = read_facts(spec.run)
        return Source(agent, told.game, told.game_options, None, None)
    training = read_config(spec.run).training
    exploiter = training.exploiter
    if exploiter is not None and exploiter.models_opponent and spec.player == "main":
        raise UserError(f"{player} plays by two networks; export one of a run that has one")
    search = training.search if training.learner.searches else None
    network = network_of(training, spec.player)
    return Source(agent, training.game, training.game_options, network, search)


def new_folder(folder: Path) -> Path:
    """The folder, made if it is missing.

    Raises:
        UserError: it is not empty, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UserError(f"{folder} is not an empty folder; name another")
    except OSError as error:
        raise UserError(f"cannot write {folder}: {first_line(error)}") from error
    return folder


def write_file(path: Path, data: bytes | str) -> Path:
    """Write a file, whole or not at all; returns its path.

    Raises:
        UserError: it cannot be written.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        raise UserError(f"cannot write {path}: {first_line(error)}") from error
    return path
