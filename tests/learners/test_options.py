"""Options of the learner: reanalysis against searches by hand, auxiliary targets against formulas."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from quick import quick_jit
from small_games import Coins

from jaxplay.config import AlphaZeroConfig, PUCTConfig, SelfPlayConfig, TrainingConfig
from jaxplay.evaluator import Network, Prediction, sizes
from jaxplay.game import GameDefaults, make, names, random_action, strip
from jaxplay.learners import LossWeights, Reanalysis, Setting, alphazero
from jaxplay.learners.losses import make_loss, ownership_loss
from jaxplay.learners.positions import random_symmetry, searchable, unstrip, whole
from jaxplay.learners.reanalysis import reanalyze, search_row, write_row
from jaxplay.networks import Auxiliary, mlp
from jaxplay.policies import from_search
from jaxplay.replay import Samples, insert, new_replay, sample, unpack
from jaxplay.rollout import Roster, rollout, shared
from jaxplay.search import build_search, puct
from jaxplay.struct import replace
from jaxplay.testing import check_game

GAME = Coins()
MATCHES, PLIES, ROWS = 6, 10, 20
NETWORK = mlp(sizes(GAME), width=8, depth=1, auxiliary=Auxiliary(reply=True, endings=True))
TRAINING = TrainingConfig(
    search=PUCTConfig(num_simulations=12),
    selfplay=SelfPlayConfig(num_matches=MATCHES, num_plies=PLIES, max_opening_plies=2),
    learner=AlphaZeroConfig(replay_positions=ROWS * MATCHES, min_positions=1, batch_size=16, num_updates=2),
)
RESIGNS = replace(TRAINING.selfplay, resign_value=0.9, resign_moves=1, resign_control=0.5)
SEARCH = build_search(TRAINING.search, GAME, NETWORK.on(GAME), noise=False)


def test_the_game_of_these_tests_is_lawful():
    assert check_game(GAME, num_plies=256).games > 0


def test_games_define_endings_whole_or_not_at_all():
    """A size and a function of its own, or neither: else zeros would be learned."""
    for game in (GAME, *map(make, names())):
        kind: Any = type(game)
        assert (kind.ownership is not GameDefaults.ownership) == (kind.ownership_size != 0)
        assert (kind.score is not GameDefaults.score) == (kind.max_score != 0)


@cache
def params(seed: int = 0) -> Any:
    """Parameters that are not zero anywhere, as after training."""
    shapes = jax.eval_shape(NETWORK.init, jax.random.key(0))
    leaves, tree = jax.tree.flatten(shapes)
    noise = np.random.default_rng(seed)
    return tree.unflatten([0.5 * noise.normal(size=leaf.shape).astype(np.float32) for leaf in leaves])


@cache
def played(options: SelfPlayConfig = TRAINING.selfplay) -> Any:
    """Moves of one call of a rollout, and a ring of one shard that holds two."""
    actor = rollout(GAME, shared(from_search(GAME, SEARCH, options)), options, endings=True)

    def run(key: Any) -> Any:
        first = actor.play(Roster(params()), actor.init(key), key)
        moves = first.trajectory
        more = actor.play(Roster(params()), first.matches, jax.random.fold_in(key, 1)).trajectory
        return moves, insert(insert(new_replay(moves, ROWS), one_shard(moves)), one_shard(more))

    return quick_jit(run)(jax.random.key(3))


def one_shard(tree: Any) -> Any:
    """`tree` with an axis of shards in front."""
    return jax.tree.map(lambda leaf: leaf[None], tree)


@cache
def row_searched() -> Any:
    """The ring with row 4 searched again by other parameters, and how far its policy targets moved."""
    shard, row = jnp.int32(0), jnp.int32(4)

    def run(replay: Any) -> Any:
        found = search_row(GAME, SEARCH, params(1), replay, shard, row, jax.random.key(5))
        return write_row(replay, found), found.change

    return quick_jit(run)(replace(played()[1], policy_weight=played()[1].policy_weight.at[0, 4, :2].set(0.0)))


def test_reanalysis_writes_what_a_search_by_hand_finds():
    """Targets and values of one row, by the new parameters, of positions made anew by the rules."""
    _, replay = played()
    after, change = row_searched()
    for match in range(MATCHES):
        state = jax.tree.map(lambda leaf, match=match: leaf[0, 4, match], replay.state)
        position = GAME._state(state.owner, state.current_player)
        positions = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (MATCHES, *leaf.shape)), position)
        found = one_search()(params(1), jax.random.key(5), positions)
        np.testing.assert_allclose(after.policy_target[0, 4, match], found.action_weights[match], atol=1e-3)
        legal = position.legal_action_mask
        np.testing.assert_array_equal(unpack(after.legal_actions[0, 4, match], GAME.num_actions), legal)
        assert not after.policy_target[0, 4, match][~legal].any()
        sign = 1 if state.current_player == 0 else -1
        np.testing.assert_allclose(after.value[0, 4, match], sign * found.value[match, None], atol=1e-6)
    assert (after.value[0, 4] != replay.value[0, 4]).any()
    moved = after.policy_target[0, 4].astype(np.float32) - replay.policy_target[0, 4]
    moved = np.abs(moved).sum(-1).mean() / 2
    np.testing.assert_allclose(change, moved, atol=1e-3)
    assert change > 0.02


@cache
def one_search() -> Any:
    return quick_jit(lambda params, key, states: SEARCH(params, key, states)._replace(tree=None))  # pyright: ignore


def test_reanalysis_leaves_all_else():
    """Other rows, and in this row everything but targets, values and missing weights."""
    _, replay = played()
    after, _ = row_searched()
    assert (after.policy_weight[0, 4] == 1.0).all()
    changed = ("policy_target", "value", "policy_weight")
    for name in changed:
        new, old = getattr(after, name), getattr(replay, name)
        others = np.arange(ROWS) != 4
        np.testing.assert_array_equal(new[0, others], old[0, others])
    first, second = (replace(ring, **dict.fromkeys(changed)) for ring in (after, replay))
    jax.tree.map(np.testing.assert_array_equal, first, second)


def test_rows_are_drawn_and_none_before_the_ring_is_ready():
    _, replay = played()
    rules = Reanalysis(SEARCH, 5)
    run = quick_jit(lambda key, ready: reanalyze(GAME, rules, params(1), ready, replay, key[None]))
    seen = set()
    for seed in range(3):
        after, change = run(jax.random.key(seed), jnp.array(True))
        rows = np.flatnonzero((after.value != replay.value).any((0, 2, 3)))
        assert 1 <= len(rows) <= 5 and 0 < change[0] < 1
        seen |= set(rows.tolist())
    assert len(seen) > 5
    after, change = run(jax.random.key(0), jnp.array(False))
    jax.tree.map(np.testing.assert_array_equal, after, replay)
    assert np.isnan(change).all()


def test_a_mask_for_the_search():
    legal = jnp.array([[True, False, True, True, False]])
    state = jax.tree.map(lambda leaf: leaf[None], strip(GAME.init()))
    assert searchable(GAME, state, legal).legal_action_mask.tolist() == legal.tolist()


def learner(**options: Any) -> Any:
    """A learner whose losses count what is in `options`."""
    training = replace(TRAINING, learner=replace(TRAINING.learner, **options))
    return alphazero(training.learner, Setting(training, GAME, NETWORK, optimizer=optax.sgd(0.1)))


def test_the_learner_searches_with_its_average_and_learns_from_what_it_finds():
    """The memory that it leaves is the one that `reanalyze` makes with the parameters of before."""
    moves, _ = played()
    reanalysis, whole_run = Reanalysis(SEARCH, 3), learner(reanalysis_plies=3)
    shards = one_shard(moves)
    state = replace(quick_jit(lambda key: whole_run.init(key, moves))(jax.random.key(0)), ema=params(1))
    after, metrics = quick_jit(whole_run.update)(state, shards, jax.random.key(2))
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(2), 2), 0)
    ready = jnp.array(True)
    run = quick_jit(
        lambda replay: reanalyze(GAME, reanalysis, params(1), ready, insert(replay, shards), key[None])
    )
    expected, change = run(state.memory)
    for leaf, other in zip(jax.tree.leaves(after.memory), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(leaf, other, atol=1e-3)
    np.testing.assert_allclose(metrics["reanalysis_change"], change[0], rtol=1e-3)
    assert {"reply_loss", "ownership_loss", "score_loss"} <= metrics.keys()
    assert all(np.isfinite(value) for value in metrics.values())


def test_auxiliary_predictions_are_learned():
    """From one ring, far better than by a guess that does not look: log 2 for owners, log 5 for replies."""
    moves, replay = played()
    student = learner(reply_weight=1.0, ownership_weight=1.0, score_weight=1.0, num_updates=600)
    state = quick_jit(lambda key: student.init(key, moves))(jax.random.key(0))
    shards, state = one_shard(moves), replace(state, memory=replay)
    update, metrics = quick_jit(student.update), {}
    for call in range(3):
        state, metrics = update(state, shards, jax.random.key(call))
    assert metrics["ownership_loss"] < 0.9 * np.log(2)
    assert metrics["reply_loss"] < 0.9 * np.log(5)
    final = whole(GAME, sample(replay, 0, jax.random.key(0), 256)).final
    spread = np.asarray(jax.vmap(GAME.score)(final))[np.asarray(final.terminated)] / GAME.max_score
    assert metrics["score_loss"] < 0.8 * spread.var()


def fixed_network() -> Network:
    """Predicts its parameters, whatever it sees."""

    def apply(params: Any, observation: Any) -> Prediction:
        return Prediction(**{name: leaf + 0 * observation.sum() for name, leaf in params.items()})

    return Network(lambda key: {}, apply)


PREDICTED = {
    "logits": np.zeros(5, np.float32),
    "value": np.float32(0.0),
    "reply": np.array([0.5, 0.0, -0.5, 1.0, 0.0], np.float32),
    "ownership": np.array([2.0, -1.0, 0.0, 0.5, -0.5], np.float32),
    "score": np.float32(0.25),
}


def some_samples(player: int) -> Samples:
    """Three positions: of a finished game, of one that was given up, of one that goes on."""
    owner = jnp.array([1, -1, 1, -1, 1], jnp.int8)
    final = jax.tree.map(lambda leaf: jnp.stack([leaf] * 3), strip(GAME._state(owner, jnp.int32(0))))
    final = replace(final, terminated=jnp.array([True, False, True]))
    state = jax.tree.map(lambda leaf: jnp.stack([leaf] * 3), strip(GAME.init()))
    state = replace(state, current_player=jnp.full(3, player, jnp.int32))
    one = jnp.ones(3)
    samples = Samples(
        state=state,
        legal_action_mask=jnp.ones((3, 5), bool),
        policy_target=jnp.full((3, 5), 0.2),
        value=jnp.zeros((3, 1)),
        return_to_go=jnp.zeros((3, 1)),
        policy_weight=one,
        value_weight=jnp.array([1.0, 1.0, 0.0]),
        reply_target=jnp.array([[0.5, 0.5, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0.25, 0.75]]),
        reply_weight=jnp.array([1.0, 0.0, 3.0]),
        final=final,
    )
    return whole(GAME, samples)


@pytest.mark.parametrize(("player", "sign"), [(0, 1), (1, -1)])
def test_auxiliary_losses_by_hand(player, sign):
    """Seen by the mover; endings count only where a game has ended by its rules, replies by their weight."""
    weights = LossWeights(reply=0.15, ownership=2.0, score=0.5)
    loss = make_loss(GAME, fixed_network())
    total, metrics = loss(PREDICTED, some_samples(player), weights)
    log_reply = PREDICTED["reply"] - np.log(np.exp(PREDICTED["reply"]).sum())
    reply = (-(log_reply[0] + log_reply[1]) / 2 - 3 * (log_reply[3] + 3 * log_reply[4]) / 4) / 4
    owned = (1 + sign * np.array([1, -1, 1, -1, 1])) / 2
    held = 1 / (1 + np.exp(-PREDICTED["ownership"]))
    ownership = -(owned * np.log(held) + (1 - owned) * np.log(1 - held)).mean()
    score = (0.25 - sign * (1 - 3 + 5 - 3 + 1) / 13) ** 2
    np.testing.assert_allclose(metrics["reply_loss"], reply, rtol=1e-5)
    np.testing.assert_allclose(metrics["ownership_loss"], ownership, rtol=1e-5)
    np.testing.assert_allclose(metrics["score_loss"], score, rtol=1e-5)
    expected = np.log(5) + metrics["value_loss"] + 0.15 * reply + 2.0 * ownership + 0.5 * score
    np.testing.assert_allclose(total, expected, rtol=1e-5)


def test_a_point_of_nobody_is_either_players():
    half = ownership_loss(jnp.array([[0.0, 3.0]]), jnp.zeros((1, 2)))
    np.testing.assert_allclose(half, [(np.log(2) + np.log1p(np.exp(3.0)) - 1.5) / 2], rtol=1e-5)


def test_symmetries_take_reply_and_ending_along():
    """A reply that copies the final board still copies it, turned around in about half of the samples."""
    size, owner = 64, jnp.array([1, 1, -1, -1, 1], jnp.int8)
    final = jax.tree.map(lambda leaf: jnp.stack([leaf] * size), strip(GAME._state(owner, jnp.int32(0))))
    one = jnp.ones(size)
    copied = final.owner.astype(jnp.float32)
    samples = Samples(final, copied > 0, copied, one[:, None], one[:, None], one, one, copied, one, final)
    moved = quick_jit(lambda key: random_symmetry(GAME, whole(GAME, samples), key))(jax.random.key(0))
    np.testing.assert_array_equal(moved.reply_target, moved.final.owner)
    np.testing.assert_array_equal(moved.policy_target, moved.state.owner)
    np.testing.assert_array_equal(moved.legal_action_mask, moved.state.owner > 0)
    turned = (moved.final.owner[:, 1] == -1).mean()
    assert 0.25 < turned < 0.75


def test_endings_come_from_self_play():
    """Sampled positions of finished games know the final board, of given up games they do not."""
    for options in (TRAINING.selfplay, RESIGNS):
        _, replay = played(options)
        samples = whole(GAME, sample(replay, 0, jax.random.key(0), 128, replies=True))
        known = np.asarray(samples.value_weight * samples.final.terminated) > 0
        assert known.any() and ((samples.value_weight > 0) & ~known).any() == (options is RESIGNS)
        owner, final = np.asarray(samples.state.owner)[known], np.asarray(samples.final.owner)[known]
        assert (final != 0).all() and (final[owner != 0] == owner[owner != 0]).all()
        result = np.sign(np.asarray(jax.vmap(GAME.score)(samples.final)))[known]
        np.testing.assert_array_equal(result, samples.return_to_go[known, 0])


@cache
def states() -> Any:
    """A few positions."""

    def play(key: Any) -> Any:
        def ply(state: Any, key: Any) -> Any:
            return GAME.step(state, random_action(state.legal_action_mask, key)), None

        return jax.lax.scan(ply, GAME.init(), jax.random.split(key, 2))[0]

    return quick_jit(jax.vmap(play))(jax.random.split(jax.random.key(2), 4))


def test_a_search_computes_no_auxiliary_head():
    """The compiled search of a network with heads multiplies as many matrices as that of one without."""
    counts = []
    for auxiliary in (Auxiliary(), Auxiliary(reply=True, endings=True)):
        network = mlp(sizes(GAME), width=8, depth=1, auxiliary=auxiliary)
        search = puct(GAME, network.on(GAME), 4)
        shapes = jax.eval_shape(network.init, jax.random.key(0))
        run = jax.jit(lambda params, states, search=search: search(params, jax.random.key(0), states).action)
        text = run.lower(shapes, unstrip(GAME, strip(states()))).compile().as_text() or ""
        counts.append(text.count(" dot(") + text.count("custom-call"))
    assert counts[0] == counts[1] > 0
