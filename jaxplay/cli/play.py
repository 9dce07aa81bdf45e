"""Play against an agent in the terminal, with hints, evaluations and moves taken back."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_one, find_opponent, most_simulations
from jaxplay.errors import UserError, nearest, quoted
from jaxplay.text import parse_digits

EXAMPLE = "jaxplay play runs/c4 --seat second"

SAVED = (".json", ".sgf", ".pgn", ".mat", ".html", ".svg")
SEATS = {"first": 0, "second": 1}
SAMPLE = 2**31 - 1
"""What the key is folded with to sample a member of a mixture; no game is so long."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    own = "The name of a game stands for the agent of it that ships, or else for a search."
    parser.add_argument("player", type=inputs.player, metavar="PLAYER", help=f"{PLAYER_HELP} {own}")
    add_game(parser)
    add_sims(parser, "the run's own number")
    parser.add_argument(
        "--think",
        type=inputs.SECONDS,
        metavar="SECONDS",
        help="Seconds for each of its moves, instead of a number of simulations.",
    )
    parser.add_argument(
        "--level",
        type=inputs.word,
        default="full",
        metavar="LEVEL",
        help="How strong it plays: beginner, casual, intermediate, strong or full.",
    )
    parser.add_argument(
        "--seat",
        type=inputs.word,
        default="first",
        metavar="SEAT",
        help="Your seat: first, second, a number, random, all (you play every seat) or none (you watch).",
    )
    parser.add_argument(
        "--picture",
        type=inputs.NewFile((".svg",)),
        metavar="FILE.svg",
        help="Draw each position there too, for a browser to show.",
    )
    parser.add_argument(
        "--from",
        dest="record",
        type=inputs.path,
        metavar="FILE",
        help="Go on with a recorded game (see convert): the last of the file.",
    )
    parser.add_argument(
        "--save", type=inputs.NewFile(SAVED), metavar="FILE", help="Keep the game there when it ends."
    )
    parser.add_argument(
        "--seed", type=inputs.SEED, metavar="INT", help="Seed of all luck. (default: another each time)"
    )
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Play a game."""
    use_cache(args)
    import secrets

    import jax

    from jaxplay.cli.memory import refuse_players
    from jaxplay.play.levels import FULL, find_level
    from jaxplay.play.terminal import Table, play, record
    from jaxplay.records import save
    from jaxplay.rollout.host import HostEpisode

    player, game_name = find_opponent(args.player, args.game)
    game, named = find_one(player, game_name, args.sims)
    seed = secrets.randbits(32) if args.seed is None else args.seed
    key_luck, key_player = jax.random.split(jax.random.key(seed))
    humans = find_seats(args.seat, game.num_players, seed)
    contender = named.sample(jax.random.fold_in(key_player, SAMPLE))
    if args.think is not None:
        thinks = contender.agent is not None and contender.agent.programs.searches
        inputs.refuse_idle("--think", "players that search", thinks, [player])
    level = find_level(args.level)
    if level != FULL:
        inputs.refuse_idle("--level", "agents", contender.agent is not None, [player])
        if args.think is not None:
            raise UserError("--think is for the full level: a level says how much the player thinks")
    refuse_players(game, 1, most_simulations([contender]))
    if contender is not named:
        print(f"{args.player} plays this game as {contender.player.name}\n")
    if player != args.player:
        print(f"you play against {player}\n")
    start, episode = None, None
    if args.record is not None:
        start, episode = go_on(args.record, game, key_luck)
    episode = HostEpisode(game, key_luck) if episode is None else episode
    seconds, colours = args.think or 0.0, sys.stdout.isatty() and "NO_COLOR" not in os.environ
    table = Table(episode, humans, contender, key_player, seconds, args.picture, start, colours, level)
    if humans:
        print("type a move, or help; the first search takes longer, because it is compiled\n")
    play(table, read_lines(), lambda line: print(line, flush=True))
    if args.save is not None:
        save(args.save, [record(table)])
        print(f"saved as {args.save}")


def go_on(path: Path, game: Any, key: Any) -> tuple[str | None, Any]:
    """The text of the first position and the game of a record, where it goes on.

    Raises:
        UserError: it cannot be read, is of another game, or is over.
    """
    from jaxplay.records import load, replay

    record = load(path, game)[-1]
    if record.game != game:
        raise UserError(f"{path} is a game of {record.game}; this player plays {game}")
    episode = replay(record, key=key)
    if record.ending in ("resigned", "time", "forfeit", "agreed") or episode.over:
        raise UserError(f"the game of {path} is over; `jaxplay convert` shows it")
    episode.go_on()
    return record.start, episode


def find_seats(text: str, num_players: int, seed: int) -> frozenset[int]:
    """The seats that `text` names.

    Raises:
        UserError: no such seat in a game for `num_players`.
    """
    everyone = frozenset(range(num_players))
    if text in ("all", "none"):
        return everyone if text == "all" else frozenset()
    if text == "random":
        return frozenset([seed % num_players])
    number = parse_digits(text)
    seat = SEATS.get(text, -1) if number is None else number - 1
    if seat not in everyone:
        names = [name for name, seat in SEATS.items() if seat in everyone]
        allowed = [*names, *(str(seat + 1) for seat in everyone), "random", "all", "none"]
        raise UserError(f"no seat {quoted(text)}{nearest(text, allowed)}")
    return frozenset([seat])


def read_lines() -> Iterator[str]:
    """Lines that the person types, until there are no more; a script's are shown as they are read.

    What is not UTF-8 comes with its bytes escaped: no move, and so the person is asked again.
    """
    getattr(sys.stdin, "reconfigure", lambda **_: None)(errors="backslashreplace")
    while True:
        try:
            line = input("> ")
        except EOFError:
            print()
            return
        if not sys.stdin.isatty():
            print(line)
        yield line
