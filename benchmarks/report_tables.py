"""Tables of docs/benchmarks.md, from files of results."""

from collections.abc import Iterable, Sequence
from typing import Any

from jaxplay.benchmarks.report_figures import FIGURES, millions, times
from jaxplay.benchmarks.report_results import SOURCES, Results

SIMULATIONS = (32, 128, 512)
SOLVERS = ("kuhn_poker", "leduc_poker", "liars_dice_3", "liars_dice_4", "liars_dice_5", "liars_dice_6")


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; all columns but the first stand to the right."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def figures(results: Results) -> str:
    """The table of README."""
    head = "| what | figure | command |\n|---|--:|---|"
    rows = []
    for figure in FIGURES:
        commands = ", then ".join(f"`{command}`" for command in figure.commands)
        rows.append(f"| {figure.what} | {figure.value(results)} | {commands} |".replace("|  |", "| |"))
    return "\n".join([head, *rows])


def env(results: Results) -> str:
    """Random play of all games."""
    rates = {record["name"]: record for record in results.of("env")}
    rows = []
    for name in (name.removesuffix("/rules") for name in rates if name.endswith("/rules")):
        rules, observed, peer = (rates.get(f"{name}/{kind}") for kind in ("rules", "observed", "pgx"))
        assert rules is not None
        assert observed is not None
        rows.append(
            [
                name,
                millions(rules["rate"]),
                millions(observed["rate"]),
                f"{rules['sizes']['state_bytes']:,}",
                "" if peer is None else f"{results.quotient('env', f'{name}/rules', peer['name']):.1f} x",
                "" if peer is None else f"{results.quotient('env', f'{name}/observed', peer['name']):.1f} x",
            ]
        )
    return _told("env", results, markdown(ENV_HEAD, rows))


ENV_HEAD = (
    "game",
    "rules, plies a second",
    "observed",
    "bytes of a state",
    "rules by Pgx",
    "observed by Pgx",
)


def loops(results: Results) -> str:
    """Random play as users write it, beside the loop of Pgx's documentation."""
    rows = []
    for record in results.of("loops"):
        game, _, kind = record["name"].partition("/")
        if kind == "pgx_loop":
            own = f"{game}/loop"
            beside = f"{results.quotient('loops', own, record['name']):.1f} x"
            rows.append([game, millions(results.rate("loops", own)), millions(record["rate"]), beside])
    head = ("game", "our loop, plies a second", "Pgx's", "ours by Pgx's")
    return _told("loops", results, markdown(head, rows))


def search(results: Results) -> str:
    """Simulations a second of both searches, beside mctx's."""
    names = {record["name"] for record in results.of("search")}
    rows = []
    for number in SIMULATIONS:
        row = [str(number)]
        for own, peer in (("puct", "mctx_muzero"), ("gumbel", "mctx_gumbel")):
            case, other = (f"connect_four/linear/{number}/{kind}" for kind in (own, peer))
            beside = f"{times(results.quotient('search', case, other))} x" if other in names else ""
            row += [millions(results.rate("search", case)), beside]
        rows.append(row)
    head = ("simulations", "PUCT", "by `muzero_policy`", "Gumbel", "by `gumbel_muzero_policy`")
    return _told("search", results, markdown(head, rows))


def deep(results: Results) -> str:
    """Simulations a second in deep trees of few positions, beside mctx and OpenSpiel."""
    records = {record["name"]: record for record in results.of("deep")}
    groups = list(dict.fromkeys(name.rpartition("/")[0] for name in records))
    rows = []
    for group in groups:
        row = [group.partition("/")[2].replace("/", ", ")]
        for own, peer in (("puct", "mctx_muzero"), ("gumbel", "mctx_gumbel"), ("mcts", "open_spiel")):
            case, other = f"{group}/{own}", f"{group}/{peer}"
            row.append(f"{records[case]['rate']:,.0f}" if case in records else "")
            beside = other in records and f"{times(results.quotient('deep', case, other))} x"
            row.append(beside or "")
        rows.append(row)
    head = (
        *("network, positions x simulations", "PUCT", "by `muzero_policy`", "Gumbel"),
        *("by `gumbel_muzero_policy`", "by random games", "by OpenSpiel's, in C++"),
    )
    return _told("deep", results, markdown(head, rows))


def limits(results: Results) -> str:
    """Shares of what network and rules alone allow; of several records of a case the last."""
    topics = ("search", "train", "policy")
    cases = {
        record["name"]: record
        for topic in topics
        for record in results.rows(topic, benchmark=topic)
        if record["of_limit"] is not None and not record["name"].endswith("/alone")
    }
    rows = [
        [name, f"{record['rate']:,.0f} {record['unit']}s a second", f"{100 * record['of_limit']:.0f} %"]
        for name, record in cases.items()
    ]
    files = ", ".join(f"`{SOURCES[topic]}`" for topic in topics)
    return markdown(("case", "rate", "of network and rules alone"), rows) + f"\n\nFrom {files}."


def solve(results: Results) -> str:
    """Iterations of CFR+ a second, beside other libraries."""
    names = {record["name"] for record in results.of("solve")}
    rows = []
    for game in SOLVERS:
        row = [game, f"{results.rate('solve', f'{game}/cfr+'):,.0f}"]
        for kind in ("open_spiel_python", "open_spiel_cpp", "open_spiel_jax", "liteefg"):
            peer = f"{game}/{kind}"
            row.append(f"{times(results.quotient('solve', f'{game}/cfr+', peer))} x" if peer in names else "")
        rows.append(row)
    head = ("game", "CFR+, iterations a second", "by OpenSpiel Python", "C++", "JAX", "LiteEFG")
    return _told("solve", results, markdown(head, rows))


def selfplay(results: Results) -> str:
    """Positions a second of self-play, beside Pgx with mctx."""
    records = {record["name"]: record for record in results.of("selfplay")}
    rows = []
    for name in (name.removesuffix("/own") for name in records if name.endswith("/own")):
        own, rates = f"{name}/own", [f"{records[f'{name}/own']['rate']:,.0f}"]
        for kind in ("muzero", "gumbel"):
            peer = f"{name}/pgx_mctx_{kind}"
            rates.append(f"{times(results.quotient('selfplay', own, peer))} x" if peer in records else "")
        rows.append([name, *rates, f"{100 * records[own]['of_limit']:.0f} %"])
    head = (
        "network",
        "positions a second",
        "by Pgx with mctx `muzero_policy`",
        "`gumbel_muzero_policy`",
        "of alone",
    )
    return _told("selfplay", results, markdown(head, rows))


def _told(topic: str, results: Results, table: str) -> str:
    """A table with what it was measured on."""
    return f"{table}\n\n{machine(topic, results.of(topic)[0].get('machine') or {})}"


def machine(topic: str, told: dict[str, Any]) -> str:
    """What a file was measured on, in a sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in (told.get("versions") or {}).items())
    load = told.get("load")
    busy = f", load average {load:.0f} when it began" if load is not None and load > told["cores"] else ""
    return f"From `{SOURCES[topic]}`: {told.get('processor')}, {told.get('cores')} cores{busy}; {versions}."


TABLES = {
    "figures": figures,
    "env": env,
    "loops": loops,
    "search": search,
    "deep": deep,
    "selfplay": selfplay,
    "limits": limits,
    "solve": solve,
}
"""By the name of the block that a page marks."""
