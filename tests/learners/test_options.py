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

from jaxplay.evaluator import Network, Prediction, sizes
from jaxplay.game import GameDefaults, make, names, random_action, strip
from jaxplay.learners import Reanalysis, Weights, alphazero
from jaxplay.learners.losses import make_loss, ownership_loss
from jaxplay.learners.positions import random_symmetry, searchable, unstrip, whole
from jaxplay.learners.reanalysis import reanalyze, search_row
from jaxplay.networks import Auxiliary, mlp
from jaxplay.replay import Samples, insert, new_replay, sample
from jaxplay.search import puct
from jaxplay.selfplay import Resignation, selfplay
from jaxplay.struct import replace
from jaxplay.testing import check_game

GAME = Coins()
MATCHES, PLIES, ROWS = 6, 10, 20
NETWORK = mlp(sizes(GAME), width=8, depth=1, auxiliary=Auxiliary(reply=True, endings=True))
SEARCH = puct(GAME, NETWORK.on(GAME), 12)


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
def played(resignation: Resignation | None = None) -> Any:
    """Trajectory of one call of self-play, and a ring that holds two."""
    actor = selfplay(
        GAME,
        SEARCH,
        num_matches=MATCHES,
        num_plies=PLIES,
        max_opening_plies=2,
        endings=True,
        resignation=resignation,
    )

    def run(key: Any) -> Any:
        match, moves, _ = actor.play(params(), actor.init(key), key)
        _, more, _ = actor.play(params(), match, jax.random.fold_in(key, 1))
        return moves, insert(insert(new_replay(moves, ROWS), moves), more)

    return quick_jit(run)(jax.random.key(3))


@cache
def row_searched() -> Any:
    """The ring with row 4 searched again by other parameters."""
    run = quick_jit(lambda replay: search_row(GAME, SEARCH, params(1), replay, 4, jax.random.key(5)))  # pyright: ignore
    return run(replace(played()[1], policy_weight=played()[1].policy_weight.at[4, :2].set(0.0)))


def test_reanalysis_writes_what_a_search_by_hand_finds():
    """Targets and values of one row, by the new parameters, of positions made anew by the rules."""
    _, replay = played()
    after, change = row_searched()
    for match in range(MATCHES):
        state = jax.tree.map(lambda leaf, match=match: leaf[4, match], replay.state)
        position = GAME._state(state.owner, state.current_player)
        positions = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (MATCHES, *leaf.shape)), position)
        found = one_search()(params(1), jax.random.key(5), positions)
        legal = np.asarray(position.legal_action_mask)
        expected = np.where(legal, found.action_weights[match], -1.0)
        np.testing.assert_allclose(after.policy_target[4, match], expected, atol=1e-3)
        sign = 1 if state.current_player == 0 else -1
        np.testing.assert_allclose(after.search_value[4, match], sign * found.value[match, None], atol=1e-6)
    assert (after.search_value[4] != replay.search_value[4]).any()
    moved = np.abs(after.policy_target[4].astype(np.float32) - replay.policy_target[4]).sum(-1).mean() / 2
    np.testing.assert_allclose(change, moved, atol=1e-3)
    assert change > 0.02


@cache
def one_search() -> Any:
    return quick_jit(lambda params, key, states: SEARCH(params, key, states)._replace(tree=None))  # pyright: ignore


def test_reanalysis_leaves_all_else():
    """Other rows, and in this row everything but targets, values and missing weights."""
    _, replay = played()
    after, _ = row_searched()
    assert (after.policy_weight[4] == 1.0).all()
    changed = ("policy_target", "search_value", "policy_weight")
    for name in changed:
        new, old = getattr(after, name), getattr(replay, name)
        others = np.arange(ROWS) != 4
        np.testing.assert_array_equal(new[others], old[others])
    first, second = (replace(ring, **dict.fromkeys(changed)) for ring in (after, replay))
    jax.tree.map(np.testing.assert_array_equal, first, second)


def test_rows_are_drawn_and_none_before_the_ring_is_ready():
    _, replay = played()
    run = quick_jit(lambda key, ready: reanalyze(GAME, Reanalysis(SEARCH, 5), params(1), ready, replay, key))
    seen = set()
    for seed in range(3):
        after, change = run(jax.random.key(seed), jnp.array(True))
        rows = np.flatnonzero((after.search_value != replay.search_value).any((1, 2)))
        assert 1 <= len(rows) <= 5 and 0 < change < 1
        seen |= set(rows.tolist())
    assert len(seen) > 5
    after, change = run(jax.random.key(0), jnp.array(False))
    jax.tree.map(np.testing.assert_array_equal, after, replay)
    assert np.isnan(change)


def test_a_mask_for_the_search():
    legal = jnp.array([[True, False, True, True, False]])
    state = jax.tree.map(lambda leaf: leaf[None], strip(GAME.init()))
    assert searchable(GAME, state, legal).legal_action_mask.tolist() == legal.tolist()


def learner(reanalysis: Reanalysis | None, weights: Weights, **options: Any) -> Any:
    arguments: Any = {"min_rows": 1, "batch_size": 16, "num_updates": 2, "augment": True} | options
    return alphazero(
        GAME,
        NETWORK,
        optax.sgd(0.1),
        replay_rows=ROWS,
        weights=weights,
        reanalysis=reanalysis,
        **arguments,
    )


def test_the_learner_searches_with_its_average_and_learns_from_what_it_finds():
    """The memory that it leaves is the one that `reanalyze` makes with the parameters of before."""
    moves, _ = played()
    reanalysis = Reanalysis(SEARCH, 3)
    whole_run = learner(reanalysis, Weights(reply=0.15, ownership=1.0, score=0.25))
    shards = jax.tree.map(lambda leaf: leaf[None], moves)
    state = replace(quick_jit(lambda key: whole_run.init(key, moves))(jax.random.key(0)), ema=params(1))
    after, metrics = quick_jit(whole_run.update)(state, shards, jax.random.key(2))
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(2), 2), 0)
    first = jax.tree.map(lambda leaf: leaf[0], state.memory)
    run = quick_jit(
        lambda replay: reanalyze(GAME, reanalysis, params(1), jnp.array(True), insert(replay, moves), key)
    )
    expected, change = run(first)
    for leaf, other in zip(jax.tree.leaves(after.memory), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(leaf[0], other, atol=1e-3)
    np.testing.assert_allclose(metrics["reanalysis_change"], change, rtol=1e-3)
    assert {"reply_loss", "ownership_loss", "score_loss"} <= metrics.keys()
    assert all(np.isfinite(value) for value in metrics.values())


def test_auxiliary_predictions_are_learned():
    """From one ring, far better than by a guess that does not look: log 2 for owners, log 5 for replies."""
    moves, replay = played()
    student = learner(None, Weights(reply=1.0, ownership=1.0, score=1.0), num_updates=600)
    state = quick_jit(lambda key: student.init(key, moves))(jax.random.key(0))
    shards = jax.tree.map(lambda leaf: leaf[None], moves)
    state = replace(state, memory=jax.tree.map(lambda leaf: leaf[None], replay))
    update, metrics = quick_jit(student.update), {}
    for call in range(3):
        state, metrics = update(state, shards, jax.random.key(call))
    assert metrics["ownership_loss"] < 0.9 * np.log(2)
    assert metrics["reply_loss"] < 0.9 * np.log(5)
    final = whole(GAME, sample(replay, jax.random.key(0), 256)).final
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
        policy_target=jnp.full((3, 5), 0.2),
        search_value=jnp.zeros((3, 1)),
        to_come=jnp.zeros((3, 1)),
        policy_weight=one,
        value_weight=jnp.array([1.0, 1.0, 0.0]),
        reply_target=jnp.array([[0.5, 0.5, 0, 0, -1], [1, 0, 0, 0, 0], [0, -1, -1, 0.25, 0.75]]),
        reply_weight=jnp.array([1.0, 0.0, 3.0]),
        final=final,
    )
    return whole(GAME, samples)


@pytest.mark.parametrize(("player", "sign"), [(0, 1), (1, -1)])
def test_auxiliary_losses_by_hand(player, sign):
    """Seen by the mover; endings count only where a game has ended by its rules, replies by their weight."""
    weights = Weights(reply=0.15, ownership=2.0, score=0.5)
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
    samples = Samples(final, copied, one[:, None], one[:, None], one, one, copied, one, final)
    moved = quick_jit(lambda key: random_symmetry(GAME, whole(GAME, samples), key))(jax.random.key(0))
    np.testing.assert_array_equal(moved.reply_target, moved.final.owner)
    np.testing.assert_array_equal(moved.policy_target, moved.state.owner)
    turned = (moved.final.owner[:, 1] == -1).mean()
    assert 0.25 < turned < 0.75


def test_endings_come_from_self_play():
    """Sampled positions of finished games know the final board, of given up games they do not."""
    for resignation in ((), (Resignation(value=0.9, moves=1, control=0.5),)):
        _, replay = played(*resignation)
        samples = whole(GAME, sample(replay, jax.random.key(0), 128, replies=True))
        known = np.asarray(samples.value_weight * samples.final.terminated) > 0
        assert known.any() and ((samples.value_weight > 0) & ~known).any() == (resignation != ())
        owner, final = np.asarray(samples.state.owner)[known], np.asarray(samples.final.owner)[known]
        assert (final != 0).all() and (final[owner != 0] == owner[owner != 0]).all()
        result = np.sign(np.asarray(jax.vmap(GAME.score)(samples.final)))[known]
        np.testing.assert_array_equal(result, samples.to_come[known, 0])


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
