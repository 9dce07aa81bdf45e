"""Let an agent judge the moves of recorded games: what each loses, and what would have been best.

A table tells each player's mean loss and worst moves; --out keeps all that is said in a record, for example
as a page that shows win chances over the game. Losses are in units of the game's returns.
"""

import argparse
import json
from typing import TYPE_CHECKING, Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_sims
from jaxplay.cli.convert import RECORDS, add_reading, read_records
from jaxplay.cli.output import add_json, show_table, working
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.records import GameRecord

EXAMPLE = "jaxplay annotate game.sgf mcts:400 --out game.html"
WORST = 3
"""Moves of a player that the table names."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("file", type=inputs.path, metavar="FILE", help="Record of games (see convert).")
    parser.add_argument("player", type=inputs.player, metavar="PLAYER", help=f"Who judges: {PLAYER_HELP}")
    parser.add_argument(
        "--out", type=inputs.NewFile(RECORDS), metavar="FILE", help="Write the annotated games there."
    )
    add_reading(parser)
    add_sims(parser, "the run's own number")
    parser.add_argument("--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of the searches.")
    add_cache(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Judge, and tell."""
    use_cache(args)
    import jax

    from jaxplay.cli.memory import refuse_players
    from jaxplay.players import make_players, parse_player
    from jaxplay.records import annotate, save

    found, key = [], jax.random.key(args.seed)
    for number, record in enumerate(read_records(args)):
        _, contenders = make_players([args.player], record.game, args.sims or 0)
        agent = contenders[0].agent
        if agent is None:
            raise UserError(f"{parse_player(args.player).text} has no search: it cannot say what moves lose")
        refuse_players(record.game, 8, agent.num_simulations)
        with working(f"judging game {number + 1}", quiet=args.json) as tell:
            report = lambda done, total, n=number, tell=tell: tell(  # noqa: E731
                f"game {n + 1}: {done} of {total} positions judged"
            )
            found.append(annotate(record, agent, jax.random.fold_in(key, number), report))
    if args.out is not None:
        save(args.out, found)
    rows = [row for record in found for row in summary(record)]
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        show_table([{**row, "worst": "  ".join(row["worst"])} for row in rows])
        if args.out is not None:
            print(f"written to {args.out}")


def summary(record: "GameRecord") -> list[dict[str, Any]]:
    """A row for each player of a game: judged moves, mean loss, share of best moves, and the worst ones."""
    from jaxplay.records import replay

    events = replay(record).events
    rows = []
    for player in range(record.game.num_players):
        own = [
            (i, ply)
            for i, (event, ply) in enumerate(zip(events, record.plies, strict=True))
            if event.player == player and ply.loss is not None
        ]
        losses = [ply.loss or 0.0 for _, ply in own]
        worst = sorted(own, key=lambda entry: -(entry[1].loss or 0.0))[:WORST]
        rows.append(
            {
                "player": record.players[player] if record.players else f"player {player + 1}",
                "moves": len(own),
                "mean_loss": sum(losses) / max(len(losses), 1),
                "best_%": round(100 * sum(ply.best is None for _, ply in own) / max(len(own), 1)),
                "worst": [
                    f"{i - record.setup + 1}. {ply.name} ({ply.loss:.2f}; {ply.best})"
                    for i, ply in worst
                    if ply.best is not None and ply.loss
                ],
            }
        )
    return rows
