"""An agent: a game, parameters and a search, loaded from a run, that plays and explains positions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.arena.entrants import Player
from jaxplay.checkpoint import (
    OPPONENT,
    Checkpoints,
    load_player,
    nash_weights,
    player_names,
    read_config,
    read_payoff,
)
from jaxplay.config import NetworkConfig, SearchConfig, TrainingConfig
from jaxplay.errors import UserError, nearest
from jaxplay.evaluator import Evaluate, Params, Prediction
from jaxplay.game import Game
from jaxplay.networks import build_network
from jaxplay.policies import as_act, from_evaluate
from jaxplay.search import Search, SearchOutput, build_search, one_tree, thinker, tree_bytes
from jaxplay.training import (
    exploiter_params,
    exploiter_search,
    learner_names,
    make_game,
)

NASH = "nash"
"""Who of a league stands for the Nash mixture of its frozen players."""

LOOK = 64
"""Simulations between two looks at the clock."""
THOUGHT_BYTES = 2**30
"""Of the tree of one position that is thought about."""
MOST_NODES = 2**15 - 1
"""Of such a tree; its indices are then of 16 bits, and larger trees are slow."""


def thought_capacity(game: Game[Any]) -> int:
    """Nodes of a tree of `THOUGHT_BYTES`, at most `MOST_NODES`."""
    node = tree_bytes(game, MOST_NODES - 1, prove=True) // MOST_NODES
    return max(4 * LOOK, min(MOST_NODES, THOUGHT_BYTES // node))


class Programs:
    """What an agent compiles: one function for each number of simulations, and for each batch size.

    Args:
        game: that is played.
        evaluate: values positions.
        make: the search of a given number of simulations, without noise; it takes a `capacity` too.
        told_as: what a prediction is called to people.

    Attributes:
        searches: whether it searches at all.
        told_as: see there.
    """

    searches: ClassVar[bool] = True

    def __init__(
        self,
        game: Game[Any],
        evaluate: Evaluate,
        make: Callable[..., Search],
        told_as: str = "without search",
    ) -> None:
        self.told_as = told_as

        def act(num_simulations: int) -> Callable[[Params, Array, Any], Array]:
            search = make(num_simulations)
            return jax.jit(lambda params, key, states: search(params, key, states).action)

        self.predict = jax.jit(_legal(game, evaluate))
        self.search = cache(lambda num_simulations: jax.jit(make(num_simulations)))
        self.act = cache(act)
        self.think = cache(lambda: thinker(game, make(LOOK, capacity=thought_capacity(game))))


class PolicyPrograms(Programs):
    """What an agent compiles that plays by its policy alone.

    Where information is hidden its moves are samples: a search of the state would see what its player must
    not, and the likeliest move always would be an open book. Elsewhere it makes the likeliest move.

    Args:
        game: that is played.
        evaluate: says the policy.
    """

    searches: ClassVar[bool] = False

    def __init__(self, game: Game[Any], evaluate: Evaluate) -> None:
        self.told_as = "by its policy"
        play = jax.jit(as_act(from_evaluate(game, evaluate, sample=not game.perfect_information)))
        self.predict = jax.jit(_legal(game, evaluate))
        self.act = lambda num_simulations: play
        self.search = self.think = _refuse_search


def _legal(game: Game[Any], evaluate: Evaluate) -> Evaluate:
    """An evaluator whose logits are -inf where an action is illegal."""

    def predict(params: Params, key: Array, states: Any) -> Prediction:
        prediction = evaluate(params, key, states)
        legal = states.legal_action_mask[:, : game.num_actions]
        return prediction._replace(logits=jnp.where(legal, prediction.logits, -jnp.inf))

    return predict


def _refuse_search(num_simulations: int = 0) -> Any:
    raise UserError("this player plays by its policy, without search")


@cache
def network_programs(game: Game[Any], network: NetworkConfig, search: SearchConfig) -> Programs:
    """The programs of a network. Equal arguments give the same object, so that all compile once."""
    evaluate = build_network(network, game).on(game)
    return Programs(
        game,
        evaluate,
        lambda n, capacity=0: build_search(
            search, game, evaluate, num_simulations=n, noise=False, capacity=capacity
        ),
    )


@cache
def policy_programs(game: Game[Any], network: NetworkConfig) -> PolicyPrograms:
    """The programs of a network that is not searched with; see `network_programs`."""
    return PolicyPrograms(game, build_network(network, game).on(game))


@cache
def exploiter_programs(game: Game[Any], config: TrainingConfig) -> Programs:
    """The programs of an exploiter that models its opponent; it says of a position what its own network does.

    Their parameters are those of `jaxplay.training.exploiter_search`.
    """
    own = build_network(config.network, game).on(game)

    def evaluate(params: Params, key: Array, states: Any) -> Prediction:
        return own(params.own, key, states)

    def make(num_simulations: int, capacity: int = 0) -> Search:
        return exploiter_search(config, game, num_simulations=num_simulations, capacity=capacity)

    return Programs(game, evaluate, make)


@dataclass(frozen=True, eq=False)
class Agent:
    """Plays a game without noise. B states are `(B, ...)`; one state gives results without that axis.

    Every state must await a player's move: pass others through `jaxplay.game.resolve_chance` first. Of a
    game that is over nothing sensible is said.

    Attributes:
        name: to tell it by.
        game: that it plays.
        params: of its network; None if it has none.
        programs: what it runs.
        num_simulations: of a search, where a call does not say; of no meaning where it does not search.
    """

    name: str
    game: Game[Any]
    params: Params = field(repr=False)
    programs: Programs = field(repr=False)
    num_simulations: int = 64

    def act(self, states: Any, key: Array, *, num_simulations: int | None = None) -> Array:
        """`(B,)` int32: the moves that a search prefers, or what the policy plays where nothing is searched.

        Raises:
            UserError: `num_simulations` is below 1, or the agent does not search.
        """
        program = self.programs.act(self._simulations(num_simulations))
        if _is_batch(states):
            return program(self.params, key, states)
        return program(self.params, key, _batch_of(states))[0]

    def search(self, states: Any, key: Array, *, num_simulations: int | None = None) -> SearchOutput:
        """What a search finds, `(B, ...)` each. Raises like `act`."""
        program = self.programs.search(self._simulations(num_simulations))
        if _is_batch(states):
            return program(self.params, key, states)
        output = program(self.params, key, _batch_of(states))
        tree = one_tree(output.tree, 0)
        return jax.tree.map(lambda leaf: leaf[0], output._replace(tree=None))._replace(tree=tree)

    def think(
        self, states: Any, key: Array, seconds: float, watch: Callable[[SearchOutput], bool] | None = None
    ) -> SearchOutput:
        """What a search of about `seconds` finds, `(B, ...)` each, without its tree.

        It ends sooner where the tree is full or no more simulations could change the move.

        Args:
            states: to search from.
            key: of the search.
            seconds: that it takes.
            watch: is given what is found after each few simulations, `(B, ...)` each (B is 2, twice the same,
                for one state), and ends the search by returning true; it must not keep the tree.

        Raises:
            UserError: `seconds` is not above 0.
        """
        if not seconds > 0:
            raise UserError(f"seconds is {seconds}; allowed: above 0")
        program = self.programs.think()
        if _is_batch(states):
            return program(self.params, key, states, seconds, watch=watch)._replace(tree=None)
        # Twice the same: in a batch of one XLA copies large trees at each simulation, which costs far more.
        twice = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), states)
        output = program(self.params, key, twice, seconds, watch=watch)._replace(tree=None)
        return jax.tree.map(lambda leaf: leaf[0], output)

    def predict(self, states: Any, key: Array | None = None) -> Prediction:
        """What is said without search, `(B, ...)` each; logits of illegal actions are -inf.

        Args:
            states: to value.
            key: where values are random (playouts); default: always the same.
        """
        key = jax.random.key(0) if key is None else key
        if _is_batch(states):
            return self.programs.predict(self.params, key, states)
        prediction = self.programs.predict(self.params, key, _batch_of(states))
        return jax.tree.map(lambda leaf: leaf[0], prediction)

    def player(self, num_simulations: int | None = None) -> Player:
        """The agent as a player of the arena. Raises like `act`."""
        return Player(self.name, self.programs.act(self._simulations(num_simulations)), self.params)

    def _simulations(self, given: int | None) -> int:
        if given is not None and given < 1:
            raise UserError(f"num_simulations is {given}; allowed: 1 or more")
        if given is not None and not self.programs.searches:
            raise UserError(f"{self.name} plays by its policy, without search: it takes no simulations")
        return given or self.num_simulations


def _is_batch(states: Any) -> bool:
    return jnp.ndim(states.terminated) > 0


def _batch_of(state: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf[None], state)


def load(
    run: str | Path,
    step: int | None = None,
    player: str = "main",
    game: Game[Any] | str | None = None,
    *,
    accept_config: bool = False,
) -> Agent:
    """An agent that a run has trained: the averaged parameters of a learner, or a frozen player.

    An exploiter that models its opponent does so whomever it plays.

    Args:
        run: the run's folder.
        step: of the checkpoint; None: the newest that is complete. Frozen players have none.
        player: who of the run: a learner, `main` being the first, or a frozen player, such as `main-12`;
            of an exploiter's run also `opponent`, the player that it exploits.
        game: needed if the run's is neither built in nor from Pgx, because a run names no code to import.
        accept_config: take a configuration that was changed after the run had written it.

    Raises:
        UserError: not a run, a changed configuration, no such step or player, or a game that does not fit.
    """
    folder = Path(run)
    config = read_config(folder, accept_config=accept_config)
    learners, frozen = learner_names(config.training), player_names(folder)
    if player == NASH:
        raise UserError(f"{folder}:{NASH} is a mixture of agents: `jaxplay.agent.load_nash` loads them")
    if player not in (*learners, *frozen):
        known = [*learners, *frozen, *([NASH] if frozen else [])]
        raise UserError(f"{folder} has no player {player!r}{nearest(player, known)}")
    found, network = game_of_run(folder, config.training, game), network_of(config.training, player)
    init = build_network(network, found).init
    abstract = jax.eval_shape(init, jax.eval_shape(jax.random.key, 0))
    if player in learners:
        params, _ = Checkpoints(folder).restore_player(abstract, learner=learners.index(player), step=step)
    elif step is None:
        _, params = load_player(folder, player, abstract)
    else:
        raise UserError(f"{player} of {folder} is frozen, the same at every step: leave out step {step}")
    name = str(run) + ("" if step is None else f"@{step}") + ("" if player == "main" else f":{player}")
    exploiter = config.training.exploiter
    if not config.training.learner.searches:
        return Agent(name, found, params, policy_programs(found, network), config.evaluate_simulations)
    programs = network_programs(found, network, config.training.search)
    if exploiter is not None and exploiter.models_opponent and player in learners:
        programs = exploiter_programs(found, config.training)
        opponent = load(run, player=OPPONENT, game=game, accept_config=accept_config)
        params = exploiter_params(config.training, params, opponent.params)
    return Agent(name, found, params, programs, config.evaluate_simulations)


def network_of(config: TrainingConfig, player: str) -> NetworkConfig:
    """The network of a player of a run: the same for all, but for the opponent of an exploiter."""
    if config.exploiter is not None and player == OPPONENT:
        return config.exploiter.opponent_network or config.network
    return config.network


def load_nash(run: str | Path, game: Game[Any] | str | None = None) -> tuple[list[Agent], list[float]]:
    """The frozen players of a league that its Nash mixture plays, heaviest first, and their weights.

    The mixture is that of the payoff among frozen players, as the league measured it last.

    Args:
        run: the run's folder.
        game: see `load`.

    Raises:
        UserError: see `load`; or the run has no frozen players, or has not measured them.
    """
    weights = nash_weights(read_payoff(Path(run)), player_names(Path(run)))
    return [load(run, player=name, game=game) for name in weights], list(weights.values())


def game_of_run(folder: Path, config: TrainingConfig, given: Game[Any] | str | None) -> Game[Any]:
    """The game that a run was trained for; `given` where the run may not tell.

    Raises:
        UserError: `given` is another game, or is needed.
    """
    if isinstance(given, str):
        if given != config.game:
            raise UserError(f"{folder} plays {config.game}, not {given}")
        return make_game(config)
    if ":" in config.game and not config.game.startswith("pgx:"):
        if given is None:
            raise UserError(f"{folder} plays {config.game}, which is not built in: name that game yourself")
        return given
    game = make_game(config)
    if given not in (None, game):
        raise UserError(f"{folder} plays {game}, not {given}")
    return game
