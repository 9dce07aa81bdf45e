"""A game in the terminal, or from a script: one line of text a turn."""

import difflib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
from jax import Array

from jaxplay.errors import UserError
from jaxplay.play.explain import evaluation, hint
from jaxplay.play.session import Event, Session
from jaxplay.players import Contender

HELP = """\
MOVE   play a move, such as {example}
moves  list the legal moves
hint   what the agent would play: visits, value and prior of the best moves
eval   what the agent thinks of the position
undo   take your last move back
board  draw the position again
quit   leave the game"""

COMMANDS = [line.split()[0] for line in HELP.splitlines()[1:]] + ["help"]
MAX_LISTED = 24
"""Legal moves that an error lists."""


class Table(NamedTuple):
    """Who sits where.

    Attributes:
        session: the game.
        humans: seats of the person at the keyboard.
        contender: who plays the other seats, and answers questions; one player, no mixture.
        key: of the contender's moves.
        seconds: that the contender's agent thinks about a move or a hint; 0: as long as its simulations take.
    """

    session: Session
    humans: frozenset[int]
    contender: Contender
    key: Array
    seconds: float = 0.0


def play(table: Table, lines: Iterator[str], write: Callable[[str], None]) -> None:
    """Play a game to its end, or to the end of `lines`.

    Args:
        table: the game and who plays it.
        lines: what the person types.
        write: prints a line.
    """
    session = table.session
    if session.events and _shown(table):
        write(f"chance: {session.record()}")
    write(board(table))
    while not session.over:
        if session.player not in table.humans:
            write(_contender_moves(table))
            write(board(table))
        elif not _human_turn(table, lines, write):
            write(f"moves: {session.record()}" if session.events else "no moves")
            return
    write(result(table))
    write(f"moves: {session.record()}")


def _human_turn(table: Table, lines: Iterator[str], write: Callable[[str], None]) -> bool:
    """Obey one line; False where the person leaves."""
    line = next(lines, "quit").strip()
    if line.lower() == "quit":
        return False
    try:
        if line:
            _obey(table, line, write)
    except UserError as error:
        write(str(error))
    return True


def _obey(table: Table, line: str, write: Callable[[str], None]) -> None:
    session, command = table.session, line.lower()
    if command == "moves":
        write(" ".join(map(session.name, session.legal())))
    elif command == "help":
        write(HELP.format(example=session.name(session.legal()[0])))
    elif command in ("hint", "eval"):
        agent = table.contender.agent
        if agent is None:
            raise UserError(f"{table.contender.player.name} plays without a search: it has no {command}")
        if command == "hint":
            lines = hint(agent, session.state, _key(table), table.seconds)
        else:
            lines = evaluation(agent, session.state, _key(table))
        write("\n".join(lines))
    elif command == "board":
        write(board(table))
    elif command == "undo":
        alone = len(table.humans) == session.game.num_players
        if not session.undo(None if alone else next(iter(table.humans))):
            raise UserError("you have no move to take back")
        write(board(table))
    else:
        write(_outcomes(table, session.play(parse_move(session, line))) + board(table))


def parse_move(session: Session, text: str) -> int:
    """The legal action that `text` names.

    Raises:
        UserError: it names none; the message lists the legal moves, or the command that comes nearest.
    """
    try:
        action = session.game.parse_move(session.state, text)
    except UserError:
        close = difflib.get_close_matches(text.lower(), COMMANDS, n=1, cutoff=0.7)
        if close:
            raise UserError(f"{text!r} is not a move; did you mean {close[0]!r}?") from None
        raise
    legal = session.legal()
    if action not in legal:
        listed = ", ".join(map(session.name, legal[:MAX_LISTED]))
        more = ", ..." if len(legal) > MAX_LISTED else ""
        raise UserError(f"{text!r} is not legal here; legal: {listed}{more}")
    return action


def _contender_moves(table: Table) -> str:
    session, agent, seat = table.session, table.contender.agent, table.session.player
    if table.seconds > 0 and agent is not None:
        found = agent.think(session.state, _key(table), table.seconds)
        action, thought = int(found.action), f" after {int(found.num_simulations):,} simulations"
    else:
        player, thought = table.contender.single(), ""
        states = jax.tree.map(lambda leaf: leaf[None], session.state)
        action = int(player.act(player.params, _key(table), states)[0])
    move = f"plays {session.name(action)}" if _shown(table) else "moves"
    outcomes = session.play(action)
    return f"{seat_name(table, seat)} {move}{thought}\n{_outcomes(table, outcomes)}".rstrip("\n")


def _key(table: Table) -> Array:
    return jax.random.fold_in(table.key, len(table.session.events))


def _outcomes(table: Table, events: list[Event]) -> str:
    return f"chance: {table.session.told(len(events))}\n" if events and _shown(table) else ""


def _shown(table: Table) -> bool:
    """Whether chance and others' moves may be told; of hidden information the drawing tells enough."""
    return table.session.game.perfect_information or not table.humans


def board(table: Table) -> str:
    """The position as the person may see it."""
    session = table.session
    eyes: Any = None
    if not session.game.perfect_information and table.humans:
        eyes = session.player if session.player in table.humans else min(table.humans)
    return session.game.render(session.state, eyes) + "\n"


def seat_name(table: Table, seat: int) -> str:
    """The player in a seat, such as `mcts:100 (player 2)`."""
    name = "you" if seat in table.humans else table.contender.player.name
    return f"{name} (player {seat + 1})"


def result(table: Table) -> str:
    """How the game ended: who won, or what everybody earned."""
    session, game = table.session, table.session.game
    ending = "the game is cut at its limit of moves; " if session.truncated else ""
    returns = session.returns
    if game.num_players != 2 or not game.zero_sum:
        earned = ", ".join(f"{seat_name(table, p)} {returns[p]:g}" for p in range(game.num_players))
        return f"{ending}returns: {earned}"
    if returns[0] == returns[1] or session.truncated:
        return f"{ending}a draw"
    winner = int(returns[1] > returns[0])
    verb = "win" if winner in table.humans else "wins"
    return f"{seat_name(table, winner)} {verb}"
