"""Players as they are named on the command line, and the game that they meet in."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.named import GAME_HELP, make_game, split_game
from jaxplay.errors import UserError

PLAYER_HELP = (
    "random, mcts:N (tree search with N playouts), minimax:N (N moves ahead), greedy (the best score now),"
    " pubeval (backgammon), solver (exact, small games), scripted:NAME (tit_for_tat and others, in repeated"
    " matrix games), or RUN[@STEP][:PLAYER][,sims=N], where RUN is the folder of a run and PLAYER a learner,"
    " a frozen player such as main-12, or nash, the mixture of these;"
    " gtp:COMMAND and uci:COMMAND are programs (go and hex; chess), such as 'uci:stockfish,nodes=1000'."
)


MOST = 5
"""Players that an error names."""


def add_game(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add `--game`."""
    parser.add_argument(
        "--game",
        type=inputs.word,
        metavar="GAME",
        help=f"The game, where no run tells it or it is one of your own: {GAME_HELP}",
    )


def add_sims(parser: argparse.ArgumentParser | argparse._ArgumentGroup, default: str) -> None:
    """Add `--sims`, for players that are runs."""
    parser.add_argument(
        "--sims",
        type=inputs.SIMULATIONS,
        metavar="INT",
        help=f"Simulations of each search by runs that do not say sims=N. (default: {default})",
    )


def find_players(
    texts: Sequence[str], game: str | None, num_simulations: int | None = None, default: int = 0
) -> tuple[Any, list[Any]]:
    """The game, and a `jaxplay.players.Contender` for each of `texts`.

    Args:
        texts: Names of players; `RUN:all` names several.
        game: Its name, if given; its options are those of the runs unless it has some of its own.
        num_simulations: Simulations of runs that do not say.
        default: The same where it is None; 0: their own choice.

    Raises:
        UserError: See `jaxplay.players.make_players`; no such game; or simulations where no run takes them.
    """
    from jaxplay.players import make_players, parse_player

    if num_simulations is not None:
        takes = [
            spec.kind in ("run", "shipped") and not spec.num_simulations for spec in map(parse_player, texts)
        ]
        inputs.refuse_idle("--sims", "runs that do not say sims=N", any(takes), texts)
    return make_players(texts, find_game(game), num_simulations or default)


def find_game(text: str | None) -> Any:
    """The game that `--game` names: itself where it has options, else its name, as runs know theirs.

    Raises:
        UserError: no such game, or no such option of it.
    """
    if text is None:
        return None
    named = make_game(text)
    return named if split_game(text)[1] else text


def find_opponent(text: str, game: str | None) -> tuple[str, str | None]:
    """Who is meant by `text`, and the game: the name of a game stands for its default player.

    Raises:
        UserError: `text` is a game, or the options of one, that cannot be; or `game` is named besides.
    """
    from jaxplay.agents import PREFIX, default_player
    from jaxplay.game import names

    known = text.partition(",")[0] in names() or text.startswith("pgx:")
    if not known or Path(text).exists():
        return text, game
    if game is not None:
        raise UserError(f"{text} is a game, and --game names another; give a player, or leave out --game")
    player = default_player(make_game(text))
    return player, None if player.startswith(PREFIX) else text


def find_one(text: str, game: str | None, num_simulations: int | None = None) -> tuple[Any, Any]:
    """The game, and the one `jaxplay.players.Contender` that `text` names.

    Raises:
        UserError: See `find_players`; or it names several.
    """
    found, contenders = find_players([text], game, num_simulations)
    if len(contenders) > 1:
        names = [contender.player.name for contender in contenders]
        more = ", ..." if len(names) > MOST else ""
        raise UserError(f"{text} is {len(names)} players; name one of: {', '.join(names[:MOST])}{more}")
    return found, contenders[0]


def most_simulations(contenders: Sequence[Any]) -> int:
    """The largest search among these players; 0 where nobody searches."""
    members = [member for contender in contenders for member in (*contender.members, contender)]
    return max((member.agent.num_simulations for member in members if member.agent is not None), default=0)
