"""The grammar of players: `random | mcts:N | solver | RUN[@STEP][:PLAYER][,sims=N]`."""

import re
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from jax import Array

from jaxplay.agent import Agent, Programs, load
from jaxplay.checkpoint import CONFIG_FILE
from jaxplay.errors import UserError, nearest
from jaxplay.evaluate.anchors import mcts, random_player
from jaxplay.evaluate.arena import Player
from jaxplay.evaluator import Prediction, rollout
from jaxplay.game import Game, make
from jaxplay.search import puct
from jaxplay.solve import Oracle, exact, oracle, solve, solver_act

GRAMMAR = "random, mcts:N, solver, or RUN[@STEP][:PLAYER][,sims=N] with the folder of a run"

RUN = re.compile(r"(?P<run>.+?)(@(?P<step>[^@:,/]*))?(:(?P<player>[^:,/]*))?(,(?P<options>.*))?")


class Spec(NamedTuple):
    """What the name of a player says.

    Attributes:
        text: the name itself.
        kind: of player.
        run: folder, of a run only.
        step: of the checkpoint; None: the newest.
        player: of the run.
        num_simulations: 0: it does not say.
    """

    text: str
    kind: Literal["random", "mcts", "solver", "run"]
    run: Path = Path()
    step: int | None = None
    player: str = "main"
    num_simulations: int = 0


class Contender(NamedTuple):
    """A player of the arena, and the agent behind it that can explain positions, if there is one."""

    player: Player
    agent: Agent | None = None


def parse_player(text: str) -> Spec:
    """Read the name of a player.

    Raises:
        UserError: it names none; the message says what comes nearest.
    """
    if text in ("random", "solver"):
        return Spec(text, text)
    if (Path(text) / CONFIG_FILE).is_file():
        return Spec(text, "run", run=Path(text))
    if text == "mcts" or text.startswith("mcts:"):
        return Spec(text, "mcts", num_simulations=_count(text[5:], text, "mcts:N", "mcts:100"))
    return _parse_run(text)


def _parse_run(text: str) -> Spec:
    match = RUN.fullmatch(text)
    if match is None:
        raise UserError(f"{text!r} is not a player; allowed: {GRAMMAR}")
    run, step, player, options = match.group("run", "step", "player", "options")
    _check_run(Path(run), text)
    return Spec(
        text,
        "run",
        run=Path(run),
        step=None if step is None else _count(step, text, "@STEP", "@2000", least=0),
        player="main" if player is None else player,
        num_simulations=0 if options is None else _parse_options(options, text),
    )


def _parse_options(options: str, text: str) -> int:
    name, equals, value = options.partition("=")
    if name != "sims" or not equals:
        raise UserError(f"{options!r} in {text!r} is not an option of a player; did you mean 'sims=100'?")
    return _count(value, text, "sims=N", "sims=100")


def _count(value: str, text: str, what: str, example: str, least: int = 1) -> int:
    """The whole number `value`; `what` and `example` tell where it stands in `text`."""
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise UserError(f"player {text!r}: {what} takes a whole number from {least}, such as {example!r}")
    return int(value)


def _check_run(run: Path, text: str) -> None:
    """Refuse what is not a run, and name what is nearest: a word of the grammar, or a run beside it."""
    if (run / CONFIG_FILE).is_file():
        return
    if run.is_dir():
        raise UserError(f"player {text!r}: {run} is not a run: it has no {CONFIG_FILE}")
    beside = [str(path.parent) for path in sorted(run.parent.glob(f"*/{CONFIG_FILE}"))]
    words = [] if len(run.parts) > 1 else ["random", "mcts:N", "solver"]
    if not [*words, *beside]:
        raise UserError(f"no player {text!r}: there is no run {run}; allowed: {GRAMMAR}")
    raise UserError(f"no player {text!r}{nearest(str(run), [*words, *beside])}")


def make_players(
    texts: Sequence[str], game: Game[Any] | str | None = None, num_simulations: int = 0
) -> tuple[Game[Any], list[Contender]]:
    """The players that `texts` name, and the game that all of them play.

    Args:
        texts: names of players.
        game: or its name; None: that of the first run among the players.
        num_simulations: of runs that do not say `sims=N`; 0: each run's own choice.

    Raises:
        UserError: no such player, no game, or players of different games.
    """
    specs = [parse_player(text) for text in texts]
    agents = {spec: _load(spec, game, num_simulations) for spec in dict.fromkeys(specs) if spec.kind == "run"}
    found = _common_game(agents, game)
    return found, [_contender(spec, found, agents) for spec in specs]


def _load(spec: Spec, game: Game[Any] | str | None, num_simulations: int) -> Agent:
    agent = load(spec.run, spec.step, spec.player, game)
    num_simulations = spec.num_simulations or num_simulations or agent.num_simulations
    return Agent(spec.text, agent.game, agent.params, agent.programs, num_simulations)


def _common_game(agents: dict[Spec, Agent], game: Game[Any] | str | None) -> Game[Any]:
    if not agents:
        if game is None:
            raise UserError("these players play any game: say which with --game")
        return make(game) if isinstance(game, str) else game
    first, *others = agents.values()
    for other in others:
        if other.game != first.game:
            raise UserError(f"{first.name} plays {first.game}, {other.name} plays {other.game}")
    return first.game


def _contender(spec: Spec, game: Game[Any], agents: dict[Spec, Agent]) -> Contender:
    if spec.kind == "random":
        return Contender(random_player())
    if spec.kind == "solver":
        agent = Agent(spec.text, game, oracle(solve(game)), solver_programs(game))
        return Contender(Player(spec.text, solver_act, agent.params), agent)
    if spec.kind == "mcts":
        agent = Agent(spec.text, game, None, mcts_programs(game), spec.num_simulations)
    else:
        agent = agents[spec]
    return Contender(agent.player(), agent)


@cache
def mcts_programs(game: Game[Any]) -> Programs:
    """Tree search with random playouts as the programs of an agent."""
    return Programs(game, rollout(game), partial(mcts, game))


@cache
def solver_programs(game: Game[Any]) -> Programs:
    """Tree search with exact values, whose parameters are an `Oracle`."""

    def evaluate(params: Oracle, key: Array, states: Any) -> Prediction:
        return Prediction(*exact(params, key, states))

    return Programs(game, evaluate, partial(puct, game, evaluate))
