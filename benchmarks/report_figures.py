"""The table of figures that README shows: what, the figure from files of results, and the command."""

from collections.abc import Callable
from typing import NamedTuple

from jaxplay.benchmarks.report_results import Results


class Figure(NamedTuple):
    """A row of the table.

    Attributes:
        what: it is a figure of.
        value: computes it.
        commands: that measure it again; none: those of the row before.
    """

    what: str
    value: Callable[[Results], str]
    commands: tuple[str, ...] = ()


def percent(share: float) -> str:
    """A share, in percent."""
    return f"{100 * share:.1f} %"


def millions(rate: float) -> str:
    """A rate, in millions."""
    return f"{rate / 1e6:.2f} M"


def times(quotient: float) -> str:
    """How many times: two digits or more."""
    return f"{quotient:,.0f}" if quotient >= 20 else f"{quotient:.1f}"


TRAINED = (
    "taskset -c 0 jaxplay train connect_four --preset cpu --minutes 30 --seed {} --evaluate-games 0"
    " --out runs/c4"
)
LEAGUE = (
    "taskset -c 1 jaxplay league connect_four --minutes 30 --seed 2 --learner.schedule-steps 24000"
    " --evaluate-games 0 --out runs/c4"
)
LINEAR = "connect_four/linear"


def _kept(*after: str) -> Callable[[Results], str]:
    def value(results: Results) -> str:
        found = [results.printed("jaxplay bench strength runs/c4", after=training) for training in after]
        columns = ([each[name] for each in found] for name in ("kept", "kept_policy"))
        return " / ".join(", ".join(f"{100 * share:.1f}" for share in column) + " %" for column in columns)

    return value


def _planted(results: Results) -> str:
    rows = list(results.rows("planted"))
    return f"{sum(row['found'] for row in rows)} of {len(rows)}"


def _curves(results: Results) -> str:
    names = ("jaxplay", "pgx_openings", "pgx")
    return " / ".join(percent(results.median("curves", "kept", setting=name) or 0.0) for name in names)


def _demo(results: Results) -> str:
    found = results.printed("make demo")
    return f"{percent(found['kept'])} / {percent(found['score'])}"


def _puct(results: Results) -> str:
    rates = (millions(results.rate("search", f"{LINEAR}/{n}/puct")) for n in (32, 128))
    return f"{' / '.join(rates)} a second"


def _beside_mctx(own: str, peer: str) -> Callable[[Results], str]:
    def value(results: Results) -> str:
        found = (results.quotient("search", f"{LINEAR}/{n}/{own}", f"{LINEAR}/{n}/{peer}") for n in (32, 128))
        return " / ".join(f"{times(quotient)} x" for quotient in found)

    return value


def _beside_pgx(*games: str) -> Callable[[Results], str]:
    def value(results: Results) -> str:
        found = (results.quotient("env", f"{game}/rules", f"{game}/pgx") for game in games)
        return ", ".join(f"{quotient:.1f}" for quotient in found) + " x"

    return value


def _pair(topic: str, column: str, game: str, *settings: str) -> Callable[[Results], str]:
    def value(results: Results) -> str:
        found = (results.median(topic, column, game=game, setting=setting) for setting in settings)
        return " / ".join("none" if number is None else f"{number:.2f}" for number in found)

    return value


def _exploiters(results: Results) -> str:
    needed = results.median("exploiters", "games_needed", setting="target")
    plain = results.median("exploiters", "games_needed", setting="plain")
    most = max(row["games"] for row in results.rows("exploiters", setting="plain"))
    return f"{needed:,.0f} / {f'over {most // 1000 * 1000:,}' if plain is None else f'{plain:,.0f}'}"


def _league(results: Results) -> str:
    return f"{results.named('league', 'connect_four/main')['times']['connect_four/selfplay']:.2f} x"


def _solvers(results: Results) -> str:
    peers = (f"leduc_poker/open_spiel_{kind}" for kind in ("python", "cpp", "jax"))
    return " / ".join(f"{times(results.quotient('solve', 'leduc_poker/cfr+', peer))} x" for peer in peers)


def _policies(results: Results) -> str:
    case = "leduc_poker/exploitability_64"
    return f"{times(results.quotient('solve', case, 'leduc_poker/open_spiel_python_exploitability'))} x"


def _kuhn(results: Results) -> str:
    return f"{results.median('policy_gradient', 'exploitability', game='kuhn_poker', setting='preset'):.4f}"


def _leduc(results: Results) -> str:
    rows = results.rows("policy_gradient", game="leduc_poker", setting="preset")
    return ", ".join(f"{row['exploitability']:.3f}" for row in rows)


FIGURES = (
    Figure(
        "Connect Four, 30 minutes of one core, seeds 1 and 2: held-out outcomes kept, 64 simulations / policy"
        " alone",
        _kept(TRAINED.format(1), TRAINED.format(2)),
        (TRAINED.format(1), "jaxplay bench strength runs/c4"),
    ),
    Figure(
        "the main agent of a league in the same time, seed 2",
        _kept(LEAGUE),
        (LEAGUE, "jaxplay bench strength runs/c4"),
    ),
    Figure(
        "the agent that ships (seed 1) against `mcts:1000`, 200 games",
        lambda results: percent(results.printed("jaxplay arena agents:connect_four mcts:1000")["score"]),
        ("jaxplay arena agents:connect_four mcts:1000 --games 200",),
    ),
    Figure(
        "5 minutes of one core, compilation included, median of three seeds / a loop in the manner of Pgx's"
        " AlphaZero example with our random openings, 8 minutes, one seed / without, 10 minutes, three seeds",
        _curves,
        (
            "taskset -c 0 jaxplay bench curves jaxplay --minutes 5",
            "taskset -c 0 jaxplay bench curves pgx_openings --minutes 8 --rounds 1",
            "taskset -c 0 jaxplay bench curves pgx --minutes 10",
        ),
    ),
    Figure(
        "the 5 minutes of the demo: outcome kept / score against `mcts:100`",
        _demo,
        ("make demo",),
    ),
    Figure(
        "holes planted into players of tic-tac-toe that exploiters find in 8,000 games",
        _planted,
        ("jaxplay bench planted --rounds 10",),
    ),
    Figure(
        "an earlier agent (94.4 % kept) against OpenSpiel's MCTS, 1,000 simulations, 100 games",
        lambda results: percent(results.printed("jaxplay bench peers runs/c4")["score"]),
        ("jaxplay bench peers runs/c4",),
    ),
    Figure(
        "tic-tac-toe, 1 minute: lines of play lost, of all 581",
        lambda results: str(results.printed("jaxplay.solve.every_line")["lost"]),
        ("jaxplay train tic_tac_toe --minutes 1", "jaxplay.solve.every_line"),
    ),
    Figure(
        "PUCT, Connect Four, 1,024 positions, 32 / 128 simulations", _puct, ("jaxplay bench search --peers",)
    ),
    Figure("the same beside mctx's `muzero_policy`", _beside_mctx("puct", "mctx_muzero")),
    Figure("Gumbel beside mctx's `gumbel_muzero_policy`", _beside_mctx("gumbel", "mctx_gumbel")),
    Figure(
        "random play with reset, rules alone, beside Pgx: Connect Four, Othello, Hex, backgammon",
        _beside_pgx("connect_four", "othello", "hex", "backgammon"),
        ("jaxplay bench env --peers",),
    ),
    Figure("the same: chess, Go 9x9, Go 19x19", _beside_pgx("chess", "go", "go_19x19")),
    Figure(
        "tic-tac-toe, exploitability of raw policies, 600,000 positions, medians of five seeds:"
        " self-play / main agent of a league",
        _pair("league_training", "policy", "tic_tac_toe", "self_play", "league"),
        ("jaxplay bench league_training",),
    ),
    Figure(
        "rock-paper-scissors, 640,000 games, the same",
        _pair("league_games", "main", "rps", "self_play", "alphastar"),
        ("jaxplay bench league_games",),
    ),
    Figure(
        "games until an exploiter wins 70 % against a Connect Four player:"
        " with its network's estimates / plain",
        _exploiters,
        ("jaxplay bench exploiters",),
    ),
    Figure(
        "a step of a league of one main agent, beside its self-play (8 slots)",
        _league,
        ("jaxplay bench league",),
    ),
    Figure(
        "CFR+ in Leduc poker beside OpenSpiel's in Python / C++ / JAX, on a loaded machine",
        _solvers,
        ("jaxplay bench solve --peers",),
    ),
    Figure("exploitability of 64 policies of Leduc poker in one call, beside OpenSpiel's Python", _policies),
    Figure(
        "Kuhn poker by policy gradients: exact exploitability after 21 processor seconds of training,"
        " median of five seeds (uniform 0.458)",
        _kuhn,
        ("jaxplay bench policy_gradient preset --games kuhn_poker",),
    ),
    Figure(
        "Leduc poker the same way, 440 seconds of one core, five seeds (uniform 2.374)",
        _leduc,
        ("jaxplay bench policy_gradient preset --games leduc_poker",),
    ),
    Figure(
        "dark Hex 3 by 3, exact exploitability of a policy (2e10 histories, 6.1 M information sets)",
        lambda results: f"{results.printed('jaxplay exploit random --game dark_hex')['seconds']} s",
        ("jaxplay exploit random --game dark_hex",),
    ),
    Figure(
        "compilation of the Connect Four step, cold / cached",
        lambda results: "{compile_seconds} s / {cached_seconds} s".format(
            **results.printed("jaxplay bench train")
        ),
        ("jaxplay bench train",),
    ),
)
