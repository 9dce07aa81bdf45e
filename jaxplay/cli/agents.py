"""List the agents that ship with jaxplay, show the card of one, or make one of a run.

Each is a player for every command, as agents:NAME; `jaxplay play GAME` takes the one of that game. What its
strength rests on is its trust: exact (every line of play or information set), sampled (positions of known
value), or matches (games against players of fixed strength).
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.output import add_json, show_rows, working
from jaxplay.errors import UserError

EXAMPLE = "jaxplay agents connect_four"

ANCHORS = inputs.Whole(0, 10_000_000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "name",
        nargs="?",
        type=inputs.word,
        metavar="NAME",
        help="Show the card of this agent. (default: a list)",
    )
    making = parser.add_argument_group("making an agent")
    making.add_argument(
        "--add",
        type=inputs.path,
        metavar="FOLDER",
        help="Make the agent NAME of this run or solution, and measure it; it is written into the package.",
    )
    making.add_argument(
        "--command", type=inputs.word, metavar="TEXT", help="The command that made the run, for the card."
    )
    making.add_argument(
        "--anchors",
        type=inputs.Several(ANCHORS),
        metavar="INT,...",
        help="Simulations of the tree searches that it meets, 0 being random play. (default: 0,100,1000)",
    )
    making.add_argument(
        "--games",
        type=inputs.GAMES,
        default=100,
        metavar="INT",
        help="Games against each of them, an even number.",
    )
    making.add_argument(
        "--sims",
        type=inputs.SIMULATIONS,
        metavar="INT",
        help="Simulations of its own searches. (default: the run's own number)",
    )
    making.add_argument(
        "--to", type=inputs.path, metavar="FOLDER", help="Write it there instead of into the package."
    )
    making.add_argument(
        "--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of what is measured."
    )
    add_cache(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """List, show or make."""
    from jaxplay.agents import agent_card, agent_facts, agent_names

    if args.add is not None:
        add(args)
    elif args.name is None:
        show_rows([row for name in agent_names() for row in rows(name)], as_json=args.json)
    elif args.json:
        show_rows([plain(agent_facts(args.name))], as_json=True)
    else:
        print(agent_card(args.name), end="")


def add(args: argparse.Namespace) -> None:
    """Make an agent, and say what was measured.

    Raises:
        UserError: it has no name, or nobody says which command made it.
    """
    use_cache(args)
    from jaxplay.agents import FOLDER, add_agent

    if args.name is None or args.command is None:
        raise UserError("--add needs a NAME, and --command with the command that made the run")
    if args.games % 2:
        raise UserError(
            f"--games is {args.games}; allowed: an even number, as each seat is played equally often"
        )
    with working(f"measuring {args.name}", quiet=args.json):
        facts = add_agent(
            args.add,
            args.name,
            args.command,
            anchors=(0, 100, 1000) if args.anchors is None else args.anchors,
            num_games=args.games,
            num_simulations=args.sims or 0,
            seed=args.seed,
            folder=args.to or FOLDER,
        )
    told = [{"measure": found.measure, "value": found.told()} for found in facts.measurements]
    show_rows([plain(facts)] if args.json else told, as_json=args.json)


def rows(name: str) -> Iterator[Mapping[str, Any]]:
    """A row of the list."""
    from jaxplay.agents import agent_facts, agent_path

    facts = agent_facts(name)
    best = facts.measurements[-1] if facts.trust == "matches" else next(iter(facts.measurements), None)
    yield {
        "agent": f"agents:{name}",
        "game": facts.game_text,
        "kB": round(agent_path(name).stat().st_size / 1000),
        "strength": "not measured" if best is None else _short(best.measure, best.told()),
        "trust": facts.trust or "none",
    }


def _short(measure: str, told: str) -> str:
    """A figure without what the card says of it in brackets."""
    return f"{measure.partition(' (')[0]}: {told}"


def plain(facts: Any) -> dict[str, Any]:
    """The facts of an agent as JSON data."""
    from jaxplay.agents.facts import to_plain

    return to_plain(facts)
