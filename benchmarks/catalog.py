"""Which benchmarks there are. Nothing is imported before it is measured."""

from typing import NamedTuple


class Benchmark(NamedTuple):
    """A benchmark, one subcommand and one file, `jaxplay.benchmarks.<name>`.

    Attributes:
        what: It measures.
        example: Its arguments, such as somebody might give.
    """

    what: str
    example: str


SPEED = {
    "env": Benchmark("random play of games, in plies a second", "--games hex --peers"),
    "search": Benchmark("tree searches, in simulations a second", "--peers"),
    "deep": Benchmark("deep trees of one position and of eight, in simulations a second", "--peers"),
    "selfplay": Benchmark("self-play with search, in positions a second", "--games connect_four --peers"),
    "train": Benchmark("the compiled step and its parts, in positions a second", "--games tic_tac_toe"),
    "league": Benchmark(
        "the compiled step of a league beside self-play of the same learners, in steps a second",
        "--repeats 5",
    ),
    "policy": Benchmark(
        "the compiled step of policy gradients, in positions a second", "--games kuhn_poker --peers"
    ),
    "solve": Benchmark(
        "tabular solvers and exact exploitability, in iterations and policies a second",
        "--games leduc_poker --peers",
    ),
    "machine": Benchmark("arithmetic and memory traffic, which bound all else", "--repeats 3"),
}
"""Benchmarks that time cases side by side: `Options`, and `suites(options)`, lists of `harness.Case`."""

AMOUNTS = {
    "compile": Benchmark("what compilation of a game's training step takes", "--games chess,pig"),
    "memory": Benchmark(
        "what a training step takes of memory: as planned, and as compiled", "--games connect_four"
    ),
    "kernels": Benchmark(
        "the kernels of searches and of the step, and the gaps between them, from a profile",
        "--games connect_four",
    ),
    "scaling": Benchmark("the step on 1, 2, 4 and 8 devices, virtual ones on a CPU", "--devices 1,2"),
}
"""Benchmarks of what is better less of: `Options`, and `amounts(options)`, which yields `records.Amount`."""

PLAYERS = {
    "strength": Benchmark(
        "the share of Connect Four positions whose exact outcome players keep, or the time until one does",
        "runs/c4 --sims 64",
    ),
    "peers": Benchmark("the score of each player against OpenSpiel's tree search", "runs/c4"),
    "variants": Benchmark(
        "what variants of search are worth to the network of each player, a run of Connect Four", "runs/c4"
    ),
}
"""Benchmarks of strength: the names after them are players."""

TRAINING = {
    "curves": Benchmark(
        "the share of exact positions kept as time goes by: of jaxplay, a league, and loops on mctx",
        "jaxplay pgx --minutes 30",
    ),
    "ablations": Benchmark(
        "the share of exact positions kept after training with each setting", "gumbel keep --rounds 3"
    ),
    "planted": Benchmark(
        "which holes, planted into a player of tic-tac-toe, an exploiter finds, and in how many games",
        "blunder --rounds 10",
    ),
    "exploiters": Benchmark(
        "the games until exploiters of a Connect Four player win 70 %, for each setting", "--rounds 5"
    ),
    "league_games": Benchmark(
        "the exploitability of leagues and of self-play in matrix games, for each setting", "--rounds 5"
    ),
    "league_training": Benchmark(
        "the exploitability of networks that leagues and self-play train, for each setting",
        "self_play league --rounds 5",
    ),
    "league_hidden": Benchmark(
        "the exact exploitability of policy gradients in leagues and in self-play, for each setting",
        "self_play psro --games leduc_poker --rounds 5",
    ),
    "dynamics": Benchmark(
        "exploitability and regret of learning in games, for each setting, beside what papers promise",
        "balanced_kuhn spo_3 --rounds 5",
    ),
    "policy_gradient": Benchmark(
        "the exact exploitability of policies after training with each setting",
        "entropy refreshed_magnet --games kuhn_poker --rounds 5",
    ),
}
"""Benchmarks that train: the names after them are settings; `Plan`, and `rows(settings, plan)`."""

KINDS = {
    "Speed": SPEED,
    "Time, memory and devices": AMOUNTS,
    "Strength of players": PLAYERS,
    "What settings are worth, by training": TRAINING,
}
"""All benchmarks, under the titles of their list."""

QUICK = (
    *("machine", "env", "search", "deep", "selfplay", "train", "policy", "league", "solve"),
    *("compile", "memory", "scaling", "strength"),
)
"""What `bench all` measures, in this order."""
QUICK_OPTIONS = {
    **{name: {"repeats": 3} for name in ("env", "search", "deep", "selfplay", "train", "solve", "scaling")},
    "policy": {"repeats": 3, "games": ("kuhn_poker",)},
    "league": {"repeats": 3, "games": ("tic_tac_toe",), "cases": ("selfplay", "main")},
}
"""Settings of `bench all --quick`, which is to be over in five minutes."""


def find(name: str) -> Benchmark:
    """The benchmark of a name that is there."""
    return next(kind[name] for kind in KINDS.values() if name in kind)


def listed() -> list[str]:
    """A line for each benchmark, under titles."""
    width = max(len(name) for kind in KINDS.values() for name in kind)
    lines = []
    for title, kind in KINDS.items():
        lines += [title, *(f"  {name:<{width}}  {told.what}" for name, told in kind.items()), ""]
    return lines
