"""A new kind of learner and of network, each one dataclass and one function: REINFORCE on a table, in Nim."""

import itertools
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax import Array
from small_games import Nim

from jaxplay.config import (
    LeagueConfig,
    LearnerConfig,
    MemberConfig,
    NetworkConfig,
    PUCTConfig,
    RefereeConfig,
    SelfPlayConfig,
    TrainingConfig,
    from_json,
    to_json,
)
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Network, Params, Prediction, sizes
from jaxplay.game import Game
from jaxplay.learners import Learner, LearnerState, Setting, build_learner
from jaxplay.learners.positions import unstrip
from jaxplay.networks import build_network
from jaxplay.perspective import view_of_frame
from jaxplay.policies import Policy, from_evaluate
from jaxplay.rollout import Trajectory
from jaxplay.search import Opponent
from jaxplay.struct import replace
from jaxplay.training import compile_step, learner_names, make_training


@dataclass(frozen=True)
class TableConfig(NetworkConfig):
    """Logits for each observation of small whole numbers, and no opinion on its worth.

    Attributes:
        base: Numbers are below it.
    """

    kind: ClassVar[str] = "table"
    base: int = 4


@build_network.register
def table(config: TableConfig, game: Game[Any]) -> Network:
    (length,) = sizes(game).observation
    digits = config.base ** jnp.arange(length)

    def apply(params: Params, observation: Array) -> Prediction:
        return Prediction(params[(observation.astype(jnp.int32) * digits).sum()], jnp.float32(0.0))

    return Network(lambda key: jnp.zeros((config.base**length, game.num_actions)), apply)


@dataclass(frozen=True)
class ReinforceConfig(LearnerConfig):
    """REINFORCE (Williams 1992) on the games that began and ended in one call of the rollout.

    Attributes:
        learning_rate: Of Adam.
    """

    kind: ClassVar[str] = "reinforce"
    learning_rate: float = 0.1


@build_learner.register
def reinforce(config: ReinforceConfig, setting: Setting) -> Learner:
    game, network, shards = setting.game, setting.network, setting.shards
    optimizer = setting.optimizer or optax.adam(config.learning_rate)

    def policy(
        evaluate: Evaluate,
        *,
        opponent: Opponent | None = None,
        num_simulations: int | None = None,
        learns: bool = True,
        explores: bool = True,
    ) -> Policy:
        if opponent is not None or num_simulations:
            raise UserError("a learner of kind reinforce does not search")
        return from_evaluate(game, evaluate)

    def loss(params: Params, made: Trajectory) -> Array:
        observations = jax.vmap(jax.vmap(game.observe))(unstrip(game, made.state))
        logits = jax.vmap(jax.vmap(network.apply, (None, 0)), (None, 0))(params, observations).logits
        log_policy = jax.nn.log_softmax(jnp.where(made.legal_action_mask, logits, -1e9))
        log_prob = jnp.take_along_axis(log_policy, made.action[..., None], axis=-1)[..., 0]
        returns, ends = returns_to_go(made)
        gain = view_of_frame(game, returns, made.player) * ends * made.policy_weight
        return -(log_prob * gain).mean()

    def init(key: Array, example: Trajectory) -> LearnerState:
        params = network.init(key)
        return LearnerState(
            params, jnp.copy(params), optimizer.init(params), None, jnp.int32(0), jnp.int32(0)
        )

    def update(state: LearnerState, made: Trajectory, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        each = shards.map(lambda one: jax.value_and_grad(loss)(state.params, one), made)
        value, gradient = shards.mean(each)
        changes, opt_state = optimizer.update(gradient, state.opt_state, state.params)
        params = optax.apply_updates(state.params, changes)
        state = replace(state, params=params, ema=params, opt_state=opt_state, updates=state.updates + 1)
        return state, {"policy_loss": value}

    def restart(state: LearnerState, params: Params) -> LearnerState:
        zero = jnp.zeros_like(state.updates)
        return LearnerState(params, params, optimizer.init(params), None, zero, zero)

    return Learner(policy, init, update, restart)


def returns_to_go(made: Trajectory) -> tuple[Array, Array]:
    """`(T, M, V)`: rewards up to the end of each game, and `(T, M)` bool: where it is in the trajectory."""

    def back(later: tuple[Array, Array], ply: tuple[Array, Array]) -> Any:
        reward, ended = ply
        total = reward + jnp.where(ended[:, None], 0.0, later[0])
        return (total, known := later[1] | ended), (total, known)

    nothing = jnp.zeros_like(made.rewards[0]), jnp.zeros_like(made.ended[0])
    return jax.lax.scan(back, nothing, (made.rewards, made.ended), reverse=True)[1]


GAME = Nim()
PLAIN = TrainingConfig(
    game="small_games:Nim",
    network=TableConfig(),
    search=PUCTConfig(num_simulations=2),
    selfplay=SelfPlayConfig(num_matches=64, num_plies=12, max_opening_plies=2),
    learner=ReinforceConfig(),
    num_shards=2,
)
MEMBER = MemberConfig(lanes=2, min_steps=20, max_steps=40)
LEAGUE = replace(
    PLAIN,
    league=LeagueConfig(
        main_agents=MEMBER,
        main_exploiters=replace(MEMBER, matches=32, reset=1.0),
        league_exploiters=replace(MEMBER, count=0),
        referees=RefereeConfig(matches=8, lanes=2),
        slots=6,
    ),
    num_shards=1,
)
STEPS = 100


@cache
def trained(config: TrainingConfig) -> tuple[Any, Any]:
    """The state after `STEPS`, and the metrics of the last one."""
    training = make_training(config)
    state, metrics = jax.jit(training.init)(jax.random.key(0)), {}
    step = compile_step(training)
    for _ in range(STEPS):
        state, metrics = step(state)
    return jax.device_get((state, metrics))


def skill(params: Any) -> float:
    """The probability of a winning move, the mean over positions that have one and another beside it."""
    found, most = [], max(GAME.piles)
    for piles in itertools.product(*(range(pile + 1) for pile in GAME.piles)):
        takes = [(pile, count) for pile, size in enumerate(piles) for count in range(1, size + 1)]
        after = [
            np.bitwise_xor.reduce([p - (i == pile) * n for i, p in enumerate(piles)]) for pile, n in takes
        ]
        wins = np.array(after) == 0
        if wins.any() and not wins.all():
            logits = params[np.dot(piles, 4 ** np.arange(3)), [pile * most + n - 1 for pile, n in takes]]
            found.append((np.exp(logits) * wins).sum() / np.exp(logits).sum())
    assert len(found) > 10
    return float(np.mean(found))


def test_it_learns_in_plain_self_play():
    """In two shards, without replay, searches or an average of parameters."""
    assert skill(np.zeros((64, 9))) < 0.5
    state, metrics = trained(PLAIN)
    (learner,) = state.learners
    assert skill(learner.ema) > 0.9
    assert learner.updates == metrics["updates"] == STEPS and metrics["search_depth"] == 0.0
    assert state.matches[0].lanes is None and np.isfinite(metrics["policy_loss"])


def test_it_learns_in_a_league():
    """The main agent does; its exploiter too, although it starts anew whenever it was frozen."""
    state, metrics = trained(LEAGUE)
    assert learner_names(LEAGUE) == ("main", "main_exploiter")
    main, exploiter = state.learners
    assert skill(main.ema) > 0.9 and skill(exploiter.ema) > skill(np.zeros((64, 9)))
    assert main.updates == STEPS and exploiter.updates < STEPS
    people = state.league.population
    assert people.present.sum() == metrics["players"] > 3 and people.params.shape == (6, 64, 9)
    assert state.league.payoff.games.sum() > 100
    assert {"policy_loss", "main_exploiter.policy_loss"} <= metrics.keys()


@pytest.mark.parametrize("config", [PLAIN, LEAGUE])
def test_its_configuration_is_json_there_and_back(config):
    data = json.loads(json.dumps(to_json(config)))
    assert data["learner"] == {"kind": "reinforce", "learning_rate": 0.1}
    assert data["network"]["kind"] == "table"
    assert from_json(TrainingConfig, data) == config
    with pytest.raises(UserError, match=r"config.learner has no field 'batch_size'"):
        from_json(TrainingConfig, data | {"learner": {"kind": "reinforce", "batch_size": 3}})


@pytest.mark.parametrize("changes", [{"updates": 2}, {"replay_positions": 64}, {"models_opponent": True}])
def test_settings_that_it_has_not_are_refused(changes):
    assert LEAGUE.league is not None
    rules = replace(LEAGUE.league, main_exploiters=replace(LEAGUE.league.main_exploiters, **changes))
    with pytest.raises(UserError, match="a learner of kind reinforce has no such settings"):
        make_training(replace(LEAGUE, league=rules))


def test_opponents_that_would_search_are_refused():
    assert LEAGUE.league is not None
    rules = replace(LEAGUE.league, main_agents=replace(MEMBER, opponent_simulations=8))
    with pytest.raises(UserError, match="does not search"):
        make_training(replace(LEAGUE, league=rules))


def test_a_name_is_taken_once():
    with pytest.raises(UserError, match=r"kind 'table' is taken by .*\.TableConfig"):
        type("Other", (NetworkConfig,), {"kind": "table"})
    assert NetworkConfig.kinds["table"] is TableConfig


def test_a_kind_that_nobody_builds_is_refused():
    """A subclass without a kind of its own is no alternative, and nothing is registered for it."""

    @dataclass(frozen=True)
    class Unknown(LearnerConfig):
        pass

    with pytest.raises(UserError, match="no learner is registered for Unknown"):
        make_training(replace(PLAIN, learner=Unknown()))
    assert Unknown not in LearnerConfig.kinds.values()
