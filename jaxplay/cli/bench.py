"""Measure speed on this machine (medians of interleaved repeats, compilation apart), and strength."""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jaxplay.cli import inputs
from jaxplay.cli.bench_rows import comparisons, rows
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_players
from jaxplay.cli.failures import Done
from jaxplay.cli.output import Tell, add_json, show_rows, working
from jaxplay.cli.parser import Parser
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.benchmarks.harness import Case, Result

EXAMPLE = "jaxplay bench env --games connect_four --peers"


class Benchmark(NamedTuple):
    """A benchmark, one subcommand.

    Attributes:
        what: It measures.
        example: Its arguments, such as somebody might give.
        options: Names of its own options, besides those of all of its kind.
    """

    what: str
    example: str
    options: tuple[str, ...] = ()


SPEED = {
    "env": Benchmark(
        "random play of games, in plies a second", "--games hex --peers", ("games", "batch_sizes", "peers")
    ),
    "machine": Benchmark("arithmetic and memory traffic, which bound all else", "--repeats 3"),
    "search": Benchmark("tree searches, in simulations a second", "--peers", ("games", "peers")),
    "train": Benchmark(
        "the compiled step and its parts, in positions a second", "--games tic_tac_toe", ("games",)
    ),
    "league": Benchmark(
        "the compiled step of a league beside self-play of the same learners, in steps a second",
        "--repeats 5",
        ("games",),
    ),
    "policy": Benchmark(
        "the compiled step of policy gradients, in positions a second",
        "--games kuhn_poker --peers",
        ("games", "peers"),
    ),
    "solve": Benchmark(
        "tabular solvers and exact exploitability, in iterations and policies a second",
        "--games leduc_poker --peers",
        ("games", "peers"),
    ),
}
"""Benchmarks of speed."""

PLAYERS = {
    "strength": Benchmark(
        "the share of Connect Four positions whose exact outcome each player keeps", "runs/c4 --sims 64"
    ),
    "peers": Benchmark(
        "the score of each player against OpenSpiel's tree search", "runs/c4", ("peer_sims", "num_games")
    ),
    "variants": Benchmark(
        "what variants of search are worth to the network of each player, a run of Connect Four", "runs/c4"
    ),
}
"""Benchmarks of strength: the names after them are players."""

TRAINING = {
    "ablations": Benchmark(
        "the share of exact positions kept after training with each setting",
        "gumbel keep --rounds 3",
        ("minutes",),
    ),
    "exploiters": Benchmark(
        "the games until exploiters of a Connect Four player win 70 %, for each setting", "--rounds 5"
    ),
    "league_games": Benchmark(
        "the exploitability of leagues and of self-play in matrix games, for each setting",
        "--rounds 5",
        ("games",),
    ),
    "league_training": Benchmark(
        "the exploitability of networks that leagues and self-play train, for each setting",
        "self_play league --rounds 5",
        ("games",),
    ),
    "league_hidden": Benchmark(
        "the exact exploitability of policy gradients in leagues and in self-play, for each setting",
        "self_play psro --games leduc_poker --rounds 5",
        ("games",),
    ),
    "dynamics": Benchmark(
        "exploitability and regret of learning in games, for each setting, beside what papers promise",
        "balanced_kuhn spo_3 --rounds 5",
    ),
    "policy_gradient": Benchmark(
        "the exact exploitability of policies after training with each setting",
        "entropy refreshed_magnet --games kuhn_poker --rounds 5",
        ("games",),
    ),
}
"""Benchmarks that train: the names after them are settings."""

OPTIONS: dict[str, dict[str, Any]] = {
    "games": {
        "type": inputs.Several(inputs.word),
        "metavar": "NAME,...",
        "help": "Games to measure. (default: the benchmark's own choice)",
    },
    "batch_sizes": {
        "type": inputs.Several(inputs.BATCH),
        "default": (),
        "metavar": "INT,...",
        "help": "Games that are played side by side, one case for each number. (default: 1024)",
    },
    "peers": {"action": "store_true", "help": "Measure other libraries too, side by side."},
    "peer_sims": {
        "type": inputs.SIMULATIONS,
        "default": 1000,
        "metavar": "INT",
        "help": "Simulations of the peer's searches.",
    },
    "num_games": {
        "type": inputs.GAMES,
        "default": 100,
        "metavar": "INT",
        "help": "Games of each match, an even number.",
    },
    "minutes": {
        "type": inputs.Number(0, 10_000_000, "minutes"),
        "metavar": "FLOAT",
        "help": "Minutes of processor time of each training; 0: a step of each. (default: 1.5)",
    },
    "rounds": {
        "type": inputs.REPEATS,
        "metavar": "INT",
        "help": "Trainings of each setting, with a seed each. (default: the benchmark's own number)",
    },
    "repeats": {
        "type": inputs.REPEATS,
        "default": 7,
        "metavar": "INT",
        "help": "Timings of each case; their median counts.",
    },
    "seconds": {
        "type": inputs.SECONDS,
        "default": 0.5,
        "metavar": "FLOAT",
        "help": "Least seconds of a timing.",
    },
    "seed": {
        "type": inputs.SEED,
        "metavar": "INT",
        "help": "Seed of all random numbers. (default: 0)",
    },
    "quick": {"action": "store_true", "help": "Take tiny sizes, to see that everything runs."},
    "out": {"type": inputs.path, "metavar": "FILE", "help": "Append a JSON line for each case to a file."},
}


def add_arguments(parser: Parser) -> None:
    """A subcommand for each benchmark."""
    commands = parser.add_subparsers(metavar="BENCHMARK", parser_class=Parser)
    for name, benchmark in (SPEED | PLAYERS | TRAINING).items():
        command = commands.add_parser(name, help=benchmark.what.replace("%", "%%"))
        _add_benchmark(command, name, benchmark)


def run(args: argparse.Namespace) -> None:
    """Say what there is to measure: no benchmark was named."""
    print("\n".join(listed()))


def listed() -> list[str]:
    """What there is to measure."""
    kinds = {"Speed": SPEED, "Strength of players": PLAYERS, "What settings are worth, by training": TRAINING}
    width = max(len(name) for benchmarks in kinds.values() for name in benchmarks)
    lines = []
    for title, benchmarks in kinds.items():
        lines += [title, *(f"  {name:<{width}}  {told.what}" for name, told in benchmarks.items()), ""]
    return [*lines, "`jaxplay bench NAME` measures, `jaxplay bench NAME --help` tells the options."]


def _add_benchmark(command: Any, name: str, benchmark: Benchmark) -> None:
    command.describe(
        f"Measures {benchmark.what}.".replace("%", "%%"), f"jaxplay bench {name} {benchmark.example}"
    )
    run, common = measure_speed, ("repeats", "seconds", "quick", "out")
    if name in PLAYERS:
        run, common = measure_players, ("seed",)
        command.add_argument("names", nargs="+", type=inputs.player, metavar="PLAYER", help=PLAYER_HELP)
        add_game(command)
        add_sims(command, "64")
    elif name in TRAINING:
        run, common = measure_training, ("rounds", "seed", "quick", "out")
        settings = "Settings to train with; none: all."
        command.add_argument("names", nargs="*", type=inputs.word, metavar="SETTING", help=settings)
    command.set_defaults(run=run, benchmark=name)
    for option in (*benchmark.options, *common):
        command.add_argument("--" + option.replace("_", "-"), **OPTIONS[option])
    add_cache(command)
    add_json(command)
    command.add_verbose()


def measure_players(args: argparse.Namespace) -> None:
    """Measure players, and print a row for each."""
    use_cache(args)
    name, sims = args.benchmark, args.sims
    game = args.game or (None if name == "peers" else "connect_four")
    found, contenders = find_players(args.names, game, sims, default=64)
    options = {"peer_simulations": args.peer_sims, "num_games": args.num_games} if name == "peers" else {}
    module = importlib.import_module(f"jaxplay.benchmarks.{name}")
    with working(f"measuring {', '.join(args.names)}", quiet=args.json):
        measured = list(module.rows(found, contenders, seed=args.seed or 0, **options))
    show_rows(measured, as_json=args.json)


def measure_training(args: argparse.Namespace) -> None:
    """Train, and print a row for each training; each is written to a file as soon as it is there."""
    from jaxplay.benchmarks.machine import describe

    use_cache(args)
    name = args.benchmark
    module, machine = importlib.import_module(f"jaxplay.benchmarks.{name}"), describe()
    given = {field.name: getattr(args, field.name, None) for field in fields(module.Plan)}
    given["games"] = ",".join(given.get("games") or ()) or None
    plan = module.Plan(**{option: value for option, value in given.items() if value is not None})
    found = []
    with working(f"training, for {name}") as tell:
        for row in module.rows(args.names, plan):
            found.append(row)
            tell(f"trained {row['setting']}, {len(found)} so far")
            if args.out:
                append(args.out, [{"benchmark": name, **row, "machine": machine}])
    show_rows(found if args.json else [_without_curves(row) for row in found], as_json=args.json)


def _without_curves(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not isinstance(value, dict)}


def measure_speed(args: argparse.Namespace) -> None:
    """Measure each suite, and print a row for each case; exit status 1 where suites failed."""
    use_cache(args)
    from jaxplay.benchmarks.harness import Options
    from jaxplay.benchmarks.machine import describe

    batch_sizes, name = getattr(args, "batch_sizes", ()), args.benchmark
    options = Options(
        getattr(args, "games", None) or (), batch_sizes, peers=getattr(args, "peers", False), quick=args.quick
    )
    refuse_batches(options.games, batch_sizes)
    machine = describe()
    records: list[dict[str, Any]] = []
    failed: list[str] = []
    suites = importlib.import_module(f"jaxplay.benchmarks.{name}").suites(options)
    with working(f"preparing {name}") as tell:
        for results in measured(suites, args, failed, tell):
            new = [{"benchmark": name, **asdict(result), "machine": machine} for result in results]
            records += new
            if args.out:
                append(args.out, new)
    show_rows(records if args.json else rows(records), as_json=args.json)
    if not args.json:
        for line in (text for record in records for text in comparisons(record)):
            print(line)
        print(f"{machine['device']}, {machine['processor']}, {machine['cores']} cores")
    for line in failed:
        print(f"failed {line}", file=sys.stderr)
    if failed:
        raise Done(1)


def refuse_batches(games: tuple[str, ...], batch_sizes: tuple[int, ...]) -> None:
    """Refuse batches that do not fit into memory.

    Raises:
        UserError: One does not.
    """
    from jaxplay.cli.memory import Need, refuse
    from jaxplay.game import make, names
    from jaxplay.presets import measure

    for name in set(games or names()) & set(names()) if batch_sizes else ():
        size = measure(make(name)).state_bytes
        refuse([Need(f"states of {name} (--batch-sizes {n:,})", 2.0 * n * size) for n in [max(batch_sizes)]])


def measured(
    suites: Iterator["list[Case]"],
    args: argparse.Namespace,
    failed: list[str],
    tell: Tell,
) -> Iterator["list[Result]"]:
    """The results of each suite. One that fails is appended to `failed`, in a line, and left out."""
    from jaxplay.benchmarks.harness import measure

    while True:
        names = ""
        try:
            cases = next(suites)
            names = ", ".join(case.name for case in cases)
            tell(f"measuring {names}")
            results = measure(cases, repeats=args.repeats, seconds=0.0 if args.quick else args.seconds)
        except StopIteration:
            return
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the other suites are measured
            names = names or ", ".join(getattr(error, "__notes__", ["a suite"]))
            first = next(iter(str(error).splitlines()), "")
            failed.append(f"{names}: {type(error).__name__}: {first}")
            continue
        yield results


def append(path: Path, records: list[dict[str, Any]]) -> None:
    """Add a JSON line for each record.

    Raises:
        UserError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error
