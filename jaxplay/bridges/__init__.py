"""Games for other libraries, and numbers for their dashboards; each library is imported where it is used."""

from typing import TYPE_CHECKING, Any

from jaxplay.bridges.extras import require_module
from jaxplay.bridges.trackers import TRACKERS, Track, track, tracker
from jaxplay.game import Game

if TYPE_CHECKING:
    import pettingzoo
    import pyspiel

__all__ = ["TRACKERS", "Track", "openspiel_game", "pettingzoo_env", "require_module", "track", "tracker"]


def pettingzoo_env(game: Game[Any], name: str = "", render_mode: str | None = None) -> "pettingzoo.AECEnv":
    """A game as a PettingZoo environment of agents that take turns.

    Agents are `player_0` and so on, in the order of our player ids. An observation is a dictionary:
    `observation`, what the agent sees (`game.observe`, float32), and `action_mask`, `(A,)` int8, all zero for
    agents who are not to move. Chance is played by itself. A game is truncated after `game.max_plies`
    decisions.

    Args:
        game: any.
        name: of the environment; default: that of the game's class.
        render_mode: `ansi`: `render` gives the position as text, all that is hidden included.

    Raises:
        UserError: PettingZoo is not installed, or another way to render is asked for.
    """
    require_module("pettingzoo", "pettingzoo")
    from jaxplay.bridges._aec import GameEnv

    return GameEnv(game, name or type(game).__name__.lower(), render_mode)


def openspiel_game(game: Game[Any], name: str = "") -> "pyspiel.Game":
    """A game as a Python game of OpenSpiel, registered there, so that `pyspiel.load_game(name)` finds it.

    Actions, outcomes and players have our numbers. Rewards are paid at the end, as their sum. Where
    information is hidden, what `game.observe` says is the information state; where it is not, it is the
    observation, and information states are histories. A game is over after `game.max_plies` decisions.

    Args:
        game: whose chance is explicit.
        name: under which it is registered; default: `jaxplay_` and that of the game's class. The name of a
            game that is registered already must be that of an equal game.

    Raises:
        UserError: OpenSpiel is not installed, the name is taken, or chance is dealt by the key of `init`.
    """
    require_module("pyspiel", "peers")
    from jaxplay.bridges._spiel import registered

    return registered(game, name or f"jaxplay_{type(game).__name__.lower()}")
