"""Players by name.

`random | mcts:N | minimax:N | greedy | pubeval | solver | scripted:NAME | agents:NAME[,sims=N] | SOLUTION |
RUN[@STEP][:PLAYER][,sims=N]`, or a program that plays by a protocol, `gtp:COMMAND` and `uci:COMMAND`
(docs/protocols.md).

`minimax:N` looks N moves ahead and judges by hand-made rules, `greedy` takes the best score at once
(`jaxplay.arena.minimax`), `pubeval` plays backgammon (`jaxplay.arena.pubeval`). A scripted player is a
strategy for repeated matrix games, such as `tit_for_tat`.
An agent is one that ships with the package (`jaxplay agents`). SOLUTION is the folder of `jaxplay solve`, or
the file of its strategy.

PLAYER is a learner of the run (`main`, if it is left out), a frozen player of a league, such as `main-12`,
or `nash`: the Nash mixture of the frozen players, one of whom is sampled for each game. `RUN:all`, or
`RUN:*`, stands for all learners and all frozen players, one after the other.
"""

import re
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from jax import Array

from jaxplay.agent import NASH, Agent, Programs, load, load_nash
from jaxplay.agents import PREFIX, agent_facts, agent_path, default_player, load_agent, strategy_programs
from jaxplay.arena.anchors import mcts, random_player
from jaxplay.arena.entrants import HostPlayer, Mixture, Player
from jaxplay.arena.host import on_host
from jaxplay.arena.minimax import greedy_player, minimax_player
from jaxplay.arena.pubeval import pubeval_player
from jaxplay.checkpoint import CONFIG_FILE, list_players, read_config
from jaxplay.checkpoint.weights import SUFFIX
from jaxplay.errors import UserError, nearest
from jaxplay.evaluator import Prediction, rollout
from jaxplay.game import Game, make, parse_game
from jaxplay.game import names as game_names
from jaxplay.games.matrix_game import STRATEGIES, MatrixGame, scripted
from jaxplay.protocols.engines import program_player
from jaxplay.protocols.spec import is_program, parse_program
from jaxplay.search import puct
from jaxplay.solve import Oracle, exact, oracle, solve, solver_act
from jaxplay.solving import STRATEGY_FILE, is_solution, load_strategy, read_facts
from jaxplay.training import learner_names

GRAMMAR = (
    "random, mcts:N, minimax:N, greedy, pubeval, solver, scripted:NAME, agents:NAME[,sims=N], gtp:COMMAND,"
    " uci:COMMAND, the folder of a solution, or RUN[@STEP][:PLAYER][,sims=N] with the folder of a run"
)

RUN = re.compile(r"(?P<run>.+?)(@(?P<step>[^@:,/]*))?(:(?P<player>[^:,/]*))?(,(?P<options>.*))?")


EVERYBODY = ("all", "*")
WORDS = ("random", "mcts:N", "minimax:N", "greedy", "pubeval", "solver", "scripted:NAME", "agents:NAME")
"""Players that are not runs, as a message names them."""
MOST = 5
"""Members of a mixture that an error names."""


Kind = Literal[
    "random",
    "greedy",
    "pubeval",
    "mcts",
    "minimax",
    "solver",
    "scripted",
    "shipped",
    "strategy",
    "run",
    "program",
]


class Spec(NamedTuple):
    """What the name of a player says.

    Attributes:
        text: the name itself.
        kind: of player; `shipped`: it comes with the package.
        run: folder of a run, or file of a strategy or of a shipped agent.
        step: of the checkpoint; None: the newest.
        player: of the run, or the name of a shipped agent.
        num_simulations: 0: it does not say.
        strategy: of a scripted player only.
        depth: moves that a player by `minimax` looks ahead.
    """

    text: str
    kind: Kind
    run: Path = Path()
    step: int | None = None
    player: str = "main"
    num_simulations: int = 0
    strategy: str = ""
    depth: int = 0


class Contender(NamedTuple):
    """A player of the arena, and the agent behind it that can explain positions, if there is one.

    Attributes:
        player: for the arena.
        agent: None if it has none, as a mixture.
        members: of a mixture, in the order of its players.
    """

    player: Player | Mixture | HostPlayer
    agent: Agent | None = None
    members: tuple["Contender", ...] = ()

    def sample(self, key: Array) -> "Contender":
        """Who plays one game: a member of a mixture, sampled by its weight, and all others themselves."""
        return self.members[self.player.sample(key)] if isinstance(self.player, Mixture) else self

    def single(self) -> Player:
        """The player, where it must be one that is compiled.

        Raises:
            UserError: it is a mixture, or a program outside.
        """
        if isinstance(self.player, Player):
            return self.player
        if isinstance(self.player, HostPlayer):
            raise UserError(f"{self.player.name} is a program; here only players of jaxplay play")
        names = ", ".join(member.player.name for member in self.members[:MOST])
        more = ", ..." if len(self.members) > MOST else ""
        raise UserError(f"{self.player.name} is a mixture, not one player; its members: {names}{more}")

    def on_host(self) -> HostPlayer:
        """The player as one that is asked for one move at a time. Raises like `single`, of mixtures alone."""
        return self.player if isinstance(self.player, HostPlayer) else on_host(self.single())


def parse_player(text: str) -> Spec:
    """Read the name of a player.

    Raises:
        UserError: it names none; the message says what comes nearest.
    """
    if text in ("random", "greedy", "pubeval", "solver"):
        return Spec(text, text)
    if (file := _strategy_file(Path(text))) is not None:
        return Spec(text, "strategy", run=file)
    if (Path(text) / CONFIG_FILE).is_file():
        return Spec(text, "run", run=Path(text))
    if text == "mcts" or text.startswith("mcts:"):
        return Spec(text, "mcts", num_simulations=_count(text[5:], text, "mcts:N", "mcts:100"))
    if text == "minimax" or text.startswith("minimax:"):
        return Spec(text, "minimax", depth=_count(text[8:], text, "minimax:N", "minimax:3"))
    if text == "scripted" or text.startswith("scripted:"):
        return Spec(text, "scripted", strategy=_strategy(text.partition(":")[2]))
    if is_program(text):
        parse_program(text)
        return Spec(text, "program")
    if text == PREFIX[:-1] or text.startswith(PREFIX):
        return _parse_shipped(text)
    return _parse_run(text)


def _parse_shipped(text: str) -> Spec:
    """An agent that ships with the package."""
    name, comma, options = text.removeprefix(PREFIX).partition(",")
    name = "" if text == PREFIX[:-1] else name
    count = _parse_options(options, text) if comma else 0
    return Spec(text, "shipped", run=agent_path(name), player=name, num_simulations=count)


def _strategy_file(path: Path) -> Path | None:
    """The file of a strategy, if that is what `path` is, or the folder of one."""
    if is_solution(path):
        if not (path / STRATEGY_FILE).is_file():
            raise UserError(f"{path} has no strategy yet; `jaxplay resume {path}` goes on")
        return path / STRATEGY_FILE
    return path if path.suffix == SUFFIX and path.is_file() else None


def _strategy(name: str) -> str:
    """The name of a strategy, as it is."""
    if name not in STRATEGIES:
        raise UserError(f"no player 'scripted:{name}'{nearest(name, STRATEGIES)}")
    return name


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
    if text.partition(",")[0] in game_names() or text.startswith("pgx:"):
        raise UserError(f"{text!r} is a game, not a player; a player of it is {_some_player(text)}")
    beside = [str(path.parent) for path in sorted(run.parent.glob(f"*/{CONFIG_FILE}"))]
    words = [] if len(run.parts) > 1 else list(WORDS)
    if not [*words, *beside]:
        raise UserError(f"no player {text!r}: there is no run {run}; allowed: {GRAMMAR}")
    raise UserError(f"no player {text!r}{nearest(str(run), [*words, *beside])}")


def _some_player(text: str) -> str:
    """Somebody who plays the game that `text` names, with what must be said besides."""
    player = "mcts:100"
    if not text.startswith("pgx:"):  # which take seconds to make
        name, options = parse_game(text)
        player = default_player(make(name, **options))
    return player if player.startswith(PREFIX) else f"{player} with --game {text}"


def make_players(
    texts: Sequence[str], game: Game[Any] | str | None = None, num_simulations: int = 0
) -> tuple[Game[Any], list[Contender]]:
    """The players that `texts` name, and the game that all of them play.

    Args:
        texts: names of players; `RUN:all` names several.
        game: or its name; None: that of the first run among the players.
        num_simulations: of runs that do not say `sims=N`; 0: each run's own choice.

    Raises:
        UserError: no such player, no game, or players of different games.
    """
    specs = [spec for text in texts for spec in _everybody(parse_player(text))]
    kept = [spec for spec in dict.fromkeys(specs) if spec.kind in ("run", "shipped", "strategy")]
    runs = {spec: _load(spec, game, num_simulations) for spec in kept}
    found = _common_game([agent for run in runs.values() for agent in _agents(run)], game)
    return found, [runs[spec] if spec in runs else _contender(spec, found) for spec in specs]


def _everybody(spec: Spec) -> list[Spec]:
    """A spec itself, or one for each player of its run where it stands for all of them."""
    if spec.player not in EVERYBODY:
        return [spec]
    if spec.step is not None:
        raise UserError(f"{spec.text!r}: frozen players are the same at every step; leave out @{spec.step}")
    learners = learner_names(read_config(spec.run).training)
    names = [*learners, *(facts.name for facts in list_players(spec.run))]
    options = f",sims={spec.num_simulations}" if spec.num_simulations else ""
    return [spec._replace(text=f"{spec.run}:{name}{options}", player=name) for name in names]


def _load(spec: Spec, game: Game[Any] | str | None, num_simulations: int) -> Contender:
    """A player of a run, a shipped agent, or a strategy."""
    if spec.kind == "strategy":
        return _by_strategy(spec, game)
    if spec.kind == "shipped":
        return _shipped(spec, game, num_simulations)
    simulations = spec.num_simulations or num_simulations
    if spec.player != NASH:
        return _searching(load(spec.run, spec.step, spec.player, game), spec.text, simulations)
    if spec.step is not None:
        raise UserError(f"{spec.text!r}: the mixture is that of the newest payoff; leave out @{spec.step}")
    agents, weights = load_nash(spec.run, game)
    members = tuple(_searching(agent, agent.name, simulations) for agent in agents)
    mixture = Mixture(spec.text, tuple(member.single() for member in members), tuple(weights))
    return Contender(mixture, None, members)


def _shipped(spec: Spec, game: Game[Any] | str | None, num_simulations: int) -> Contender:
    """An agent that ships with the package; the simulations of all players are not for one without search."""
    facts, agent = agent_facts(spec.player), load_agent(spec.player)
    if game not in (None, facts.game, agent.game):
        raise UserError(f"{spec.text} plays {facts.game_text}, not {game}")
    simulations = spec.num_simulations or (num_simulations if agent.programs.searches else 0)
    return _searching(agent, spec.text, simulations)


def _by_strategy(spec: Spec, game: Game[Any] | str | None) -> Contender:
    """A player that plays what a file says."""
    facts = read_facts(spec.run)
    if ":" in facts.game and not facts.game.startswith("pgx:"):
        if game is None or isinstance(game, str):
            raise UserError(f"{spec.text} plays {facts.game}, which is not built in: say it with --game")
        found = game
    else:
        found = make(facts.game, **dict(facts.game_options))
    if game not in (None, facts.game, found):
        raise UserError(f"{spec.text} plays {found}, not {game}")
    params = load_strategy(spec.run, found)
    agent = Agent(spec.text, found, params, strategy_programs(found), 0)
    return Contender(agent.player(), agent)


def _searching(agent: Agent, name: str, num_simulations: int) -> Contender:
    """An agent under another name; 0 simulations: its own number."""
    if num_simulations and not agent.programs.searches:
        raise UserError(f"{name} plays by its policy, without search: leave out the simulations")
    count = num_simulations or agent.num_simulations
    named = Agent(name, agent.game, agent.params, agent.programs, count)
    return Contender(named.player(), named)


def _agents(contender: Contender) -> list[Agent]:
    """The agents of a player of a run."""
    own = [contender.agent] if contender.agent else []
    return own + [agent for member in contender.members for agent in _agents(member)]


def _common_game(agents: Sequence[Agent], game: Game[Any] | str | None) -> Game[Any]:
    if not agents:
        if game is None:
            raise UserError("these players play any game: say which with --game")
        return make(game) if isinstance(game, str) else game
    first, *others = agents
    for other in others:
        if other.game != first.game:
            raise UserError(f"{first.name} plays {first.game}, {other.name} plays {other.game}")
    return first.game


def _contender(spec: Spec, game: Game[Any]) -> Contender:
    """A player that plays any game."""
    if spec.kind == "random":
        return Contender(random_player())
    if spec.kind == "greedy":
        return Contender(greedy_player(game))
    if spec.kind == "pubeval":
        return Contender(pubeval_player(game))
    if spec.kind == "minimax":
        return Contender(minimax_player(game, spec.depth))
    if spec.kind == "solver":
        agent = Agent(spec.text, game, oracle(solve(game)), solver_programs(game))
        return Contender(Player(spec.text, solver_act, agent.params), agent)
    if spec.kind == "program":
        return Contender(program_player(parse_program(spec.text), game))
    if spec.kind == "scripted":
        if not isinstance(game, MatrixGame):
            raise UserError(f"{spec.text} plays matrix_game alone, not {game}")
        return Contender(Player(spec.text, scripted(game, spec.strategy), None))
    agent = Agent(spec.text, game, None, mcts_programs(game), spec.num_simulations)
    return Contender(agent.player(), agent)


@cache
def mcts_programs(game: Game[Any]) -> Programs:
    """Tree search with random playouts as the programs of an agent."""
    return Programs(game, rollout(game), partial(mcts, game), "after one random game")


@cache
def solver_programs(game: Game[Any]) -> Programs:
    """Tree search with exact values, whose parameters are an `Oracle`."""

    def evaluate(params: Oracle, key: Array, states: Any) -> Prediction:
        return Prediction(*exact(params, key, states))

    return Programs(game, evaluate, partial(puct, game, evaluate), "at the end of best play")
