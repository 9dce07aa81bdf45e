"""A run on disk: its folder, its configuration, checkpoints of everything that it is, frozen players."""

from jaxplay.checkpoint.files import append_line, write_whole
from jaxplay.checkpoint.folder import (
    CONFIG_FILE,
    Goal,
    accept_config,
    create_run,
    read_config,
    read_goal,
    refuse_old,
    versions,
)
from jaxplay.checkpoint.formats import FORMAT
from jaxplay.checkpoint.lock import locked
from jaxplay.checkpoint.payoff import LeagueTable, league_table, nash_weights, read_payoff, save_payoff
from jaxplay.checkpoint.players import (
    OPPONENT,
    FrozenPlayer,
    cut_players,
    list_players,
    load_player,
    player_name,
    player_names,
    save_opponent,
    save_player,
)
from jaxplay.checkpoint.store import Checkpoints
from jaxplay.checkpoint.weights import export_weights, import_weights

__all__ = [
    "CONFIG_FILE",
    "FORMAT",
    "OPPONENT",
    "Checkpoints",
    "FrozenPlayer",
    "Goal",
    "LeagueTable",
    "accept_config",
    "append_line",
    "create_run",
    "cut_players",
    "export_weights",
    "import_weights",
    "league_table",
    "list_players",
    "load_player",
    "locked",
    "nash_weights",
    "player_name",
    "player_names",
    "read_config",
    "read_goal",
    "read_payoff",
    "refuse_old",
    "save_opponent",
    "save_payoff",
    "save_player",
    "versions",
    "write_whole",
]
