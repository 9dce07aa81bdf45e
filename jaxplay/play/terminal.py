"""A game in the terminal, or from a script: one line of text a turn."""

import datetime
import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax
from jax import Array

from jaxplay.agent import Agent
from jaxplay.arena import GivenUpError
from jaxplay.errors import LONGEST, UserError, quoted
from jaxplay.game import GameDefaults
from jaxplay.play.colours import paint
from jaxplay.play.explain import evaluation, hint
from jaxplay.play.levels import FULL, Level
from jaxplay.play.weakened import weakened_move
from jaxplay.players import Contender
from jaxplay.records import GameRecord, record_of, save
from jaxplay.records.files import format_of
from jaxplay.rollout.host import Event, HostEpisode

HELP = """\
MOVE   play a move, such as {example}; {written}
moves  list the legal moves
hint   what the agent would play: visits, value and prior of the best moves, and what they mean for you
eval   what the agent thinks of the position
undo   take your last move back
board  draw the position again
save   keep the game so far: save FILE with .json (every game), .sgf, .pgn, .mat, .html; or save alone
resign give the game up
quit   leave the game"""

COMMANDS = [line.split()[0] for line in HELP.splitlines()[1:]] + ["help"]
LEAVING = ("quit", "exit")
GAME_FILE = "game.json"
"""What `save` writes where it is told no other."""
MAX_LISTED = 24
"""Legal moves that an error lists."""
MOST_FIELDS = 40
"""Lines of a state without a drawing that a person can make something of."""


class Table(NamedTuple):
    """Who sits where.

    Attributes:
        session: The game that is played.
        humans: Seats of the person at the keyboard.
        contender: Player of the other seats, who also answers questions; no mixture.
        key: Key of the contender's moves.
        seconds: Seconds that the contender's agent thinks about a move or a hint; with 0 it makes its own
            number of simulations.
        picture: File that each position is drawn in too, as SVG.
        start: text of the first position, where that is not the usual one.
        colours: whether the terminal shows colours.
        level: how strong the contender plays, if it is an agent.
    """

    session: HostEpisode
    humans: frozenset[int]
    contender: Contender
    key: Array
    seconds: float = 0.0
    picture: Path | None = None
    start: str | None = None
    colours: bool = False
    level: Level = FULL


def play(table: Table, lines: Iterator[str], write: Callable[[str], None]) -> None:
    """Play a game to its end, or to the end of `lines`.

    Args:
        table: the game and who plays it.
        lines: what the person types.
        write: prints a line.

    Raises:
        UserError: the game has no drawing that a terminal could show, and there is no picture.
    """
    session = table.session
    if session.events and _shown(table):
        write(f"chance: {session.told()}")
    write(board(table))
    while not session.over:
        if session.player not in table.humans:
            write(_contender_moves(table))
            write(board(table))
        elif not _human_turn(table, lines, write):
            write(f"moves: {session.told()}" if session.events else "no moves")
            return
    if session.given_up is None:
        write(result(table))
    write(f"moves: {session.told()}")


def _human_turn(table: Table, lines: Iterator[str], write: Callable[[str], None]) -> bool:
    """Obey one line; False where the person leaves or resigns."""
    session, line = table.session, next(lines, "quit").strip()
    command, _, rest = line.partition(" ")
    try:
        if line.lower() in LEAVING:
            return False
        if line.lower() == "resign":
            write(_give_up(table, "resigned"))
        elif command.lower() == "save":
            write(f"saved as {_save(table, rest.strip() or GAME_FILE)}")
        elif line.lower() in _TOLD:
            write(_TOLD[line.lower()](table))
        elif line:
            write(_outcomes(table, session.play(parse_move(session, line))) + board(table))
        else:
            write(f"type a move, such as {_example(table)}, or help")
    except UserError as error:
        write(str(error))
    return True


def _help(table: Table) -> str:
    return HELP.format(example=_example(table), written=_written(table))


def _written(table: Table) -> str:
    """How moves are written, in the game's own words."""
    try:
        table.session.game.parse_move(table.session.state, "\x00")
    except UserError as error:
        _, _, allowed = str(error).partition("allowed: ")
        return f"moves are written as {allowed}" if allowed else "moves lists them all"
    return "moves lists them all"


def _example(table: Table) -> str:
    return table.session.name(table.session.legal()[0])


def _moves(table: Table) -> str:
    return " ".join(map(table.session.name, table.session.legal()))


def _hint(table: Table) -> str:
    agent = _agent(table, "hint")
    return "\n".join(hint(agent, table.session.state, _key(table), table.seconds, who="you"))


def _evaluation(table: Table) -> str:
    return "\n".join(evaluation(_agent(table, "eval"), table.session.state, _key(table)))


def _agent(table: Table, what: str) -> Agent:
    """Who answers questions.

    Raises:
        UserError: nobody does.
    """
    if table.contender.agent is None:
        raise UserError(f"{table.contender.player.name} plays without a search: it has no {what}")
    return table.contender.agent


def _undo(table: Table) -> str:
    alone = len(table.humans) == table.session.game.num_players
    if not table.session.undo(None if alone else next(iter(table.humans))):
        raise UserError("you have no move to take back")
    return board(table)


def _give_up(table: Table, why: str) -> str:
    """Who loses without playing on, and who wins by it.

    Raises:
        UserError: in this game nobody can.
    """
    seat = table.session.player
    try:
        table.session.give_up(seat, why)
    except UserError as error:
        raise UserError(f"{error}; quit leaves this one") from None
    winner = f"{seat_name(table, 1 - seat)} {_verb(table, 1 - seat, 'win')}"
    if why == "time":
        return f"{seat_name(table, seat)} {_verb(table, seat, 'lose')} on time; {winner}"
    return f"{seat_name(table, seat)} {_verb(table, seat, 'resign')}; {winner}"


def parse_move(session: HostEpisode, text: str) -> int:
    """The legal action that `text` names.

    Raises:
        UserError: it names none; the message lists the legal moves, or the command that comes nearest.
    """
    try:
        action = session.game.parse_move(session.state, text)
    except UserError as error:
        close = difflib.get_close_matches(text[:LONGEST].lower(), COMMANDS, n=1, cutoff=0.7)
        if close:
            raise UserError(f"{quoted(text)} is not a move; did you mean {close[0]!r}?") from None
        raise UserError(f"{error}; `moves` lists the legal ones, `help` the commands") from None
    legal = session.legal()
    if action not in legal:
        listed = ", ".join(map(session.name, legal[:MAX_LISTED]))
        more = ", ..." if len(legal) > MAX_LISTED else ""
        raise UserError(f"{quoted(text)} is not legal here; legal: {listed}{more}")
    return action


def _save(table: Table, name: str) -> Path:
    """Keep the game so far as a record; a file that is there stays, and the name gets a number.

    Raises:
        UserError: the end of the name tells no form that holds the game, or it cannot be written.
    """
    path, number = Path(name), 1
    format_of(path)
    try:
        while path.exists():
            number += 1
            path = Path(name).with_stem(f"{Path(name).stem}-{number}")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot write {quoted(name)}: {why}") from error
    save(path, [record(table)])
    return path


def record(table: Table) -> GameRecord:
    """The game so far as a record."""
    session = table.session
    names = [
        "you" if p in table.humans else table.contender.player.name for p in range(session.game.num_players)
    ]
    tags = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "event": "jaxplay play"}
    return record_of(session, tuple(names), start=table.start, tags=tags)


def _verb(table: Table, seat: int, verb: str) -> str:
    """A verb after the name of who sits there."""
    return verb if seat in table.humans else f"{verb}s"


def _contender_moves(table: Table) -> str:
    session, agent, seat = table.session, table.contender.agent, table.session.player
    thought = ""
    if table.level != FULL and agent is not None:
        action = weakened_move(agent, table.level, session.state, _key(table))
    elif table.seconds > 0 and agent is not None:
        found = agent.think(session.state, _key(table), table.seconds)
        action, thought = int(found.action), f" after {int(found.num_simulations):,} simulations"
    else:
        try:
            action = table.contender.on_host().act(session.state, session.history, _key(table))
        except GivenUpError as given:
            return _give_up(table, given.why)
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
    """The position as the person may see it; where that is only in the picture, the name of its file.

    Raises:
        UserError: it cannot be seen anywhere.
    """
    session, eyes = table.session, _eyes(table)
    text = session.game.render(session.state, eyes)
    if table.colours:
        before = session.states[-2] if len(session.states) > 1 else None
        text = paint(text, None if before is None else session.game.render(before, eyes))
    drawn = type(session.game).render is not GameDefaults.render
    if table.picture is not None:
        write_picture(table.picture, session.game.render_svg(session.state, eyes))
        return f"{text if drawn else f'drawn in {table.picture}'}\n"
    if not drawn and text.count("\n") >= MOST_FIELDS:
        raise UserError(
            "this game has no drawing in text: --picture FILE.svg draws it, for a browser to show"
        )
    return f"{text}\n"


def write_picture(path: Path, picture: str) -> None:
    """Write a drawing.

    Raises:
        UserError: it cannot be written.
    """
    try:
        path.write_text(picture)
    except OSError as error:
        raise UserError(f"cannot write {quoted(str(path))}: {error.strerror}") from error


def _eyes(table: Table) -> int | None:
    """Who looks at the position; None: somebody who may see everything."""
    session = table.session
    if session.game.perfect_information or not table.humans:
        return None
    return session.player if session.player in table.humans else min(table.humans)


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
    if returns[0] == returns[1]:
        return f"{ending}a draw"
    winner = int(returns[1] > returns[0])
    return f"{seat_name(table, winner)} {_verb(table, winner, 'win')}"


_TOLD: dict[str, Callable[[Table], str]] = {
    "help": _help,
    "moves": _moves,
    "hint": _hint,
    "eval": _evaluation,
    "undo": _undo,
    "board": board,
}
"""Commands that are answered by a text."""
