"""Making a shipped agent of a run or of a solution: its file, what was measured, its card."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jaxplay.agent import load
from jaxplay.agents.card import card_text
from jaxplay.agents.facts import AgentFacts
from jaxplay.agents.files import FOLDER, agent_names, write_agent
from jaxplay.agents.load import load_agent
from jaxplay.agents.measure import measurements
from jaxplay.checkpoint import Checkpoints, read_config
from jaxplay.checkpoint.leaves import Named, to_host
from jaxplay.checkpoint.weights import decode
from jaxplay.errors import UserError, quoted
from jaxplay.networks import in_float32
from jaxplay.run import records
from jaxplay.run.card_keeper import hardware
from jaxplay.run.log import METRICS
from jaxplay.solving import STRATEGY_FILE, is_solution, read_curve, read_facts

ANCHORS = (0, 100, 1000)
"""Whom an agent meets to be measured: simulations of a search with random playouts; 0 is random play."""
NUM_GAMES = 100


def add_agent(
    source: str | Path,
    name: str,
    command: str,
    *,
    anchors: Sequence[int] = ANCHORS,
    num_games: int = NUM_GAMES,
    num_simulations: int = 0,
    seed: int = 0,
    folder: Path = FOLDER,
) -> AgentFacts:
    """Make an agent that ships with the package; one of the same name is replaced.

    It is measured as its file has it, rounded and loaded anew. That takes minutes where matches are played.

    Args:
        source: the folder of a run, or of a solution by `jaxplay solve`.
        name: of the agent, in letters, digits and `_`.
        command: that made the run or the solution.
        anchors: see `jaxplay.agents.measurements`.
        num_games: against each anchor.
        num_simulations: of the agent's searches; 0: as the run has it for evaluations.
        seed: of what is measured.
        folder: where its files go.

    Raises:
        UserError: no run and no solution, a game that is not built in, or a name that is none.
    """
    if not name.isidentifier():
        raise UserError(f"{quoted(name)} cannot name an agent; allowed: letters, digits and _")
    path = Path(source)
    facts, arrays = _of_solution(path) if is_solution(path) else _of_run(path, num_simulations)
    facts = replace(facts, name=name, command=command)
    had = name in agent_names(folder)
    written = write_agent(folder, facts, arrays, card_text(facts))
    try:
        agent = load_agent(name, folder)
        found = tuple(measurements(agent, facts.game_text, anchors, num_games=num_games, seed=seed))
    except BaseException:
        if not had:
            written.unlink()
            written.with_suffix(".md").unlink()
        raise
    facts = replace(facts, measurements=found)
    write_agent(folder, facts, arrays, card_text(facts))
    return facts


def _of_solution(folder: Path) -> tuple[AgentFacts, Named]:
    """What a solution says, and its table."""
    path = folder / STRATEGY_FILE
    if not path.is_file():
        raise UserError(f"{folder} has no strategy yet; `jaxplay resume {folder}` goes on")
    told, seconds = read_facts(path), read_curve(folder)[-1]["seconds"]
    effort = f"{told.iterations:,} iterations of {told.algorithm}, {seconds / 60:.1f} minutes of wall clock"
    facts = _facts(told.game, told.game_options, effort, _date(path), 0)
    return facts, decode(path)[1]


def _of_run(folder: Path, num_simulations: int) -> tuple[AgentFacts, Named]:
    """What a run says, and the averaged parameters of its first learner."""
    training = read_config(folder).training
    if ":" in training.game:
        raise UserError(f"{folder} plays {training.game}; agents ship for games of this package only")
    agent = load(folder)
    searches = agent.programs.searches
    step = Checkpoints(folder).steps()[-1]
    effort = f"{step:,} steps{_minutes(folder)}"
    date = _date(folder / METRICS)
    count = (num_simulations or agent.num_simulations) if searches else 0
    facts = _facts(training.game, training.game_options, effort, date, count)
    network, search = in_float32(training.network), training.search if searches else None
    facts = replace(facts, network=network, search=search)
    return facts, to_host(agent.params)


def _facts(game: str, options: tuple[tuple[str, Any], ...], effort: str, date: str, count: int) -> AgentFacts:
    return AgentFacts("", game, options, None, None, count, "", effort, hardware(), date)


def _minutes(folder: Path) -> str:
    """How long a run took, by its own records."""
    seconds = [found["seconds"] for found in records.read(folder / METRICS) if "seconds" in found]
    return f", {max(seconds) / 60:.0f} minutes of wall clock" if seconds else ""


def _date(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%d")
