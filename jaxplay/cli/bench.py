"""Measure speed on this machine: medians of interleaved repeats, compilation apart.

Strength is measured too: `jaxplay bench strength PLAYER...`, `jaxplay bench peers PLAYER...`, and what
options of training and leagues are worth: `jaxplay bench ablations [SETTING...]`, `league_*`.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import add_game, count, find_players
from jaxplay.cli.output import add_json, show_rows
from jaxplay.errors import UserError, nearest

if TYPE_CHECKING:
    from jaxplay.benchmarks.harness import Case, Result

EXAMPLE = "jaxplay bench env --games connect_four --peers"

BENCHMARKS = {
    "env": "random play of games, in plies a second",
    "machine": "arithmetic and memory traffic, which bound all else",
    "search": "tree searches, in simulations a second",
    "train": "the compiled step and its parts, in positions a second",
    "league": "the compiled step of a league beside self-play of the same learners, in steps a second",
}

OF_PLAYERS = {
    "strength": "share of Connect Four positions whose exact outcome each PLAYER keeps",
    "peers": "score of each PLAYER against OpenSpiel's tree search",
    "variants": "what variants of search are worth to the network of each PLAYER, a run of Connect Four",
}
"""Benchmarks of strength: the names after them are players."""

OF_TRAINING = {
    "ablations": "share of exact positions kept after training with each SETTING (none: with all)",
    "exploiters": "games until exploiters of a Connect Four player win 70 %%, for each SETTING",
    "league_games": "exploitability of leagues and of self-play in matrix games, for each SETTING",
    "league_training": "exploitability of networks that leagues and self-play train, for each SETTING",
}
"""Benchmarks that train: the names after them are settings."""

ALL = BENCHMARKS | OF_PLAYERS | OF_TRAINING


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    listed = "; ".join(f"{name}: {what}" for name, what in ALL.items())
    parser.add_argument("names", nargs="+", metavar="NAME", help=listed)
    parser.add_argument("--games", default="", metavar="NAME,...", help="games to measure (default: all)")
    parser.add_argument(
        "--batch-sizes",
        type=counts,
        default=(),
        metavar="INT,...",
        help="games at once, of env (default: 1024)",
    )
    parser.add_argument("--peers", action="store_true", help="measure other libraries too, side by side")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument("--repeats", type=int, default=7, metavar="INT", help="timings of each case")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="FLOAT", help="least time of a timing")
    parser.add_argument("--out", type=Path, metavar="FILE", help="append a JSON line for each case")
    add_cache(parser)
    add_json(parser)
    strength = parser.add_argument_group("strength and peers")
    add_game(strength)
    strength.add_argument("--sims", type=count, default=64, metavar="INT", help="simulations of runs")
    strength.add_argument("--num-games", type=count, default=100, metavar="INT", help="of each match, even")
    strength.add_argument("--peer-sims", type=count, default=1000, metavar="INT", help="those of the peer")
    strength.add_argument("--seed", type=int, default=0, metavar="INT", help="of openings, players, training")
    training = parser.add_argument_group("training")
    training.add_argument(
        "--minutes", type=float, default=1.5, metavar="FLOAT", help="of processor time of each of ablations"
    )
    training.add_argument("--rounds", type=count, default=2, metavar="INT", help="trainings of each setting")


def run(args: argparse.Namespace) -> None:
    """Measure, and print a row for each case or player."""
    if args.names[0] in OF_PLAYERS:
        show_rows(measure_players(args), as_json=args.json)
        return
    if args.names[0] in OF_TRAINING:
        show_rows(told(measure_training(args), as_json=args.json), as_json=args.json)
        return
    for name in args.names:
        if name not in BENCHMARKS:
            raise UserError(f"no benchmark {name!r}{nearest(name, ALL)}")
    measure_speed(args)


def measure_players(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Rows of a benchmark of players."""
    name, *players = args.names
    if not players:
        raise UserError(f"{name} needs a player, such as: jaxplay bench {name} runs/c4")
    use_cache(args)
    game = args.game or (None if name == "peers" else "connect_four")
    found, contenders = find_players(players, game, args.sims)
    options = {"peer_simulations": args.peer_sims, "num_games": args.num_games} if name == "peers" else {}
    module = importlib.import_module(f"jaxplay.benchmarks.{name}")
    return list(module.rows(found, contenders, seed=args.seed, **options))


def measure_training(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Rows of a benchmark that trains; each is told, and written to a file, as soon as it is there."""
    from jaxplay.benchmarks.machine import describe

    name, *settings = args.names
    use_cache(args)
    module, machine = importlib.import_module(f"jaxplay.benchmarks.{name}"), describe()
    plan = module.Plan(**{field.name: getattr(args, field.name) for field in fields(module.Plan)})
    found = []
    for row in module.rows(settings, plan):
        found.append(row)
        print(f"trained {row['setting']}, {len(found)} so far", file=sys.stderr)
        if args.out:
            append(args.out, [{"benchmark": name, **row, "machine": machine}])
    return found


def told(rows: list[dict[str, Any]], *, as_json: bool) -> list[dict[str, Any]]:
    """Rows, for a table without their curves."""
    if as_json:
        return rows
    return [{name: value for name, value in row.items() if not isinstance(value, dict)} for row in rows]


def measure_speed(args: argparse.Namespace) -> None:
    """Measure each suite, and print a row for each case; exit status 1 where suites failed."""
    from jaxplay.benchmarks.harness import Options
    from jaxplay.benchmarks.machine import describe

    if args.repeats < 1:
        raise UserError(f"repeats is {args.repeats}; allowed: 1 or more")
    games = tuple(filter(None, args.games.split(",")))
    options = Options(games, args.batch_sizes, peers=args.peers, quick=args.quick)
    machine = describe()
    records: list[dict[str, Any]] = []
    failed: list[str] = []
    for name in args.names:
        suites = importlib.import_module(f"jaxplay.benchmarks.{name}").suites(options)
        for results in measured(suites, args, failed):
            new = [{"benchmark": name, **asdict(result), "machine": machine} for result in results]
            records += new
            if args.out:
                append(args.out, new)
    show_rows(records if args.json else rows(records), as_json=args.json)
    if not args.json:
        for line in (text for record in records for text in comparisons(record)):
            print(line)
        print(f"{machine['device']}, {machine['processor']}, {machine['cores']} cores")
    if failed:
        sys.exit(1)


def measured(
    suites: Iterator["list[Case]"], args: argparse.Namespace, failed: list[str]
) -> Iterator["list[Result]"]:
    """The results of each suite. One that fails is told in a line, appended to `failed` and left out."""
    from jaxplay.benchmarks.harness import measure

    while True:
        names = ""
        try:
            cases = next(suites)
            names = ", ".join(case.name for case in cases)
            print(f"measuring {names}", file=sys.stderr)
            results = measure(cases, repeats=args.repeats, seconds=0.0 if args.quick else args.seconds)
        except StopIteration:
            return
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the other suites are measured
            names = names or ", ".join(getattr(error, "__notes__", ["a suite"]))
            first = next(iter(str(error).splitlines()), "")
            failed.append(f"{names}: {type(error).__name__}: {first}")
            print(f"failed {failed[-1]}", file=sys.stderr)
            continue
        yield results


def rows(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table of records: what else they did; and of peers, what the other cases are beside them."""
    kinds = dict.fromkeys(_kind(name) for record in records for name in record["beside"])
    units = dict.fromkeys(unit for record in records for unit in record["also"])
    return [
        row(record)
        | {f"{unit}/s": record["also"].get(unit, "") for unit in units}
        | beside(record["beside"], list(kinds))
        for record in records
    ]


def beside(compared: dict[str, dict[str, Any]], kinds: list[str]) -> dict[str, str]:
    """How often a peer's rate, and which share of its compilation (at most) and its bytes, the cases have."""
    if not kinds:
        return {}
    of_kind = {_kind(name): comparison for name, comparison in compared.items()}
    rates = {f"{kind}_x": f"{of_kind[kind]['rate']:.3g}" if kind in of_kind else "" for kind in kinds}
    shares = {"compile_%": "compile_seconds", "bytes_%": "state_bytes"}
    return rates | {title: _most([each[key] for each in compared.values()]) for title, key in shares.items()}


def _kind(name: str) -> str:
    return name.rpartition("/")[2]


def _most(shares: list[float | None]) -> str:
    known = [share for share in shares if share is not None]
    return f"{100 * max(known):.0f}" if known else ""


def row(record: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of a record."""
    of_limit = record["of_limit"]
    return {
        "case": record["name"],
        "batch": record["sizes"].get("batch_size", ""),
        "unit": record["unit"] + "/s",
        "median": record["rate"],
        "slowest": record["rate_min"],
        "fastest": record["rate_max"],
        "iqr_%": 100 * record["rate_iqr"] / record["rate"],
        "of_limit_%": "" if of_limit is None else f"{100 * of_limit:.0f}",
        "compile_s": record["compile_seconds"],
        "state_bytes": record["sizes"].get("state_bytes", ""),
    }


def counts(text: str) -> tuple[int, ...]:
    """Whole numbers from 1 with commas between them, as the type of an option."""
    return tuple(map(count, text.split(",")))


def comparisons(record: dict[str, Any]) -> Iterator[str]:
    """How long a record took beside others, and how long it may."""
    for name, times in record["times"].items():
        most = record["allowed"][name]
        verdict = "" if most is None else f" (at most {most:g}: {'yes' if times <= most else 'no'})"
        yield f"{record['name']} takes {times:.2f} times as long as {name}{verdict}"


def append(path: Path, records: list[dict[str, Any]]) -> None:
    """Add a JSON line for each record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
