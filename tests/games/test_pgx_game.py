"""Pgx environments as games, and games as Pgx environments."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Race
from source import python

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, make, random_action, strip
from jaxplay.game.pgx import FACTS, NUM_ROLLS, PgxGame, environment, to_pgx
from jaxplay.testing import check_game

PASS = 0
"""In the bidding of bridge."""


def test_names():
    import pgx

    assert {*pgx.available_envs(), "bridge_bidding"} == set(FACTS)
    with pytest.raises(UserError, match="did you mean 'othello'"):
        make("pgx:otelo")


@pytest.fixture(scope="module")
def deals(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of the hundred deals that Pgx brings along."""
    from pgx.bridge_bidding import _load_sample_hash

    path = tmp_path_factory.mktemp("deals") / "dds_results.npy"
    np.save(path, np.stack(_load_sample_hash()))
    return str(path)


def test_bridge_needs_a_file_of_deals(deals: str, tmp_path: Path):
    with pytest.raises(UserError, match="dds_results='' cannot be read; allowed: the file of a table of Pgx"):
        make("pgx:bridge_bidding")
    np.save(tmp_path / "other.npy", np.zeros((2, 3)))
    with pytest.raises(UserError, match=r"other.npy' holds numbers \(2, 3\); allowed: \(2, deals, 4\)"):
        make("pgx:bridge_bidding", dds_results=str(tmp_path / "other.npy"))
    with pytest.raises(UserError, match="pgx:hex has no option dds_results"):
        make("pgx:hex", dds_results=deals)
    game = make("pgx:bridge_bidding", dds_results=deals)
    assert (game.num_players, game.num_actions, game.teams) == (4, 38, (0, 1, 0, 1))


def test_the_dealer_of_bridge_is_player_0(deals: str):
    game = make("pgx:bridge_bidding", dds_results=deals)
    init, step = jax.jit(game.init), jax.jit(game.step)
    for seed in range(3):
        state = init(jax.random.key(seed))
        for ply in range(4):
            assert state.current_player == ply and not state.terminated
            state = step(strip(state), jnp.int32(PASS))
        assert state.terminated and (state.rewards == 0).all(), "nobody has bid"


@pytest.mark.full
def test_bridge_keeps_the_laws(deals: str):
    report = check_game(make("pgx:bridge_bidding", dds_results=deals), num_plies=1024, may_forget=True)
    assert report.games > 0


def test_a_game_is_a_value():
    assert make("pgx:othello") == PgxGame("othello") != PgxGame("hex")
    assert repr(make("pgx:othello")) == "PgxGame(env_id='othello')"
    assert len({PgxGame("othello"), PgxGame("othello")}) == 1


@pytest.mark.parametrize("name", ["2048", "backgammon", "hex", "kuhn_poker", "othello", "sparrow_mahjong"])
def test_facts_agree_with_pgx(name: str):
    game, env = PgxGame(name), environment(name)
    state = jax.eval_shape(env.init, jax.random.key(0))
    assert (game.num_players, game.num_actions) == (env.num_players, *state.legal_action_mask.shape)
    assert game.num_chance_outcomes == (NUM_ROLLS if game.env_id in {"2048", "backgammon"} else 0)


def test_making_a_game_starts_no_backend():
    code = "import jaxplay; print(jaxplay.make('pgx:chess').max_plies)"
    assert python("-c", code, JAX_PLATFORMS="no_such_platform").stdout == "512\n"


def test_the_first_use_may_be_under_a_trace():
    code = """
import jax, jaxplay
game = jaxplay.make("pgx:othello")
state = jax.eval_shape(lambda: game.init(jax.random.key(0)))
print(jax.eval_shape(game.step, state, jax.numpy.int32(19)).terminated.dtype)
"""
    assert python("-c", code).stdout == "bool\n"


def side_by_side(name: str, num_moves: int) -> Any:
    """Random games with both: what agrees, `(8, num_moves, 6)`, and which go on, `(8, num_moves)`."""
    game, env = PgxGame(name), environment(name)

    def step(ours: Any, theirs: Any, key: jax.Array) -> tuple[Any, Any]:
        action = random_action(theirs.legal_action_mask, key)
        ours = game.step(strip(ours), action)
        if not game.num_chance_outcomes:
            return ours, env.step(theirs, action)
        outcome = jax.random.randint(key, (), 0, NUM_ROLLS)
        rolls = jax.random.fold_in(jax.random.wrap_key_data(ours.key), outcome)
        return game.step(strip(ours), outcome), env.step(theirs, action, jax.random.split(rolls)[0])

    def compare(ours: Any, theirs: Any) -> jax.Array:
        same = (
            ours.legal_action_mask[: game.num_actions] == theirs.legal_action_mask,
            ours.rewards == theirs.rewards[ours.seats],
            ours.terminated == theirs.terminated,
            ours.seats[ours.current_player] == theirs.current_player,
            game.observe(strip(ours)) == theirs.observation,
            game.observe(strip(ours), ours.current_player) == theirs.observation,
        )
        return jnp.stack([jnp.all(each) for each in same])

    def advance(states: tuple[Any, Any], key: jax.Array) -> Any:
        before = states[1]
        ours, theirs = step(*states, key)
        return (ours, theirs), (compare(ours, theirs) | before.terminated, ~before.terminated)

    def play(key: jax.Array) -> Any:
        first = game.init(key), env.init(jax.random.split(key)[0])
        return jax.lax.scan(advance, first, jax.random.split(key, num_moves))[1]

    return jax.device_get(jax.jit(jax.vmap(play))(jax.random.split(jax.random.key(3), 8)))


@pytest.mark.parametrize(("name", "num_moves"), [("backgammon", 100), ("othello", 70)])
def test_same_as_pgx(name: str, num_moves: int):
    same, going = side_by_side(name, num_moves)
    assert same.all(), "mask, rewards, terminated, player, observation, observation of the player"
    assert name == "backgammon" or not going[:, -1].all()


def test_pgx_chess_reads_neither_copy_of_the_mask():
    env = environment("chess")
    with jax.numpy_rank_promotion("allow"):
        state = jax.eval_shape(env.init, jax.random.key(0))
        bare = state.replace(legal_action_mask=None, _x=state._x._replace(legal_action_mask=None))
        after = jax.eval_shape(env._step, bare, jnp.int32(0), None)
        observation = jax.eval_shape(env._observe, bare, jnp.int32(0))
    assert after.legal_action_mask.shape == after._x.legal_action_mask.shape == (4672,)
    assert observation.shape == (8, 8, 119)


def test_what_follows_from_the_rest_is_not_stored():
    state = jax.eval_shape(PgxGame("othello").init, jax.random.key(0))
    assert state.inner.observation is state.inner.legal_action_mask is state.inner.rewards is None
    plain = jax.eval_shape(environment("othello").init, jax.random.key(0))
    sizes = [sum(x.size * x.dtype.itemsize for x in jax.tree.leaves(tree)) for tree in (strip(state), plain)]
    assert sizes[0] < 0.6 * sizes[1]


def test_players_are_numbered_in_the_order_of_play():
    game = PgxGame("tic_tac_toe")
    init, step = jax.jit(game.init), jax.jit(game.step)
    for seed in range(4):
        state = init(jax.random.key(seed))
        for ply in range(3):
            assert state.current_player == ply % 2
            state = step(state, jnp.int32(ply))
    shuffled = SimpleNamespace(current_player=jnp.int32(2), _shuffled_players=jnp.array([2, 0, 1]))
    assert PgxGame("sparrow_mahjong")._seats(shuffled).tolist() == [2, 0, 1]


def test_chance_node():
    game = PgxGame("2048")
    first = jax.jit(game.init)(jax.random.key(0))
    assert first.current_player == 0
    node = game._decide(first, jnp.argmax(first.legal_action_mask))
    assert node.current_player == CHANCE and not node.terminated and node.legal_action_mask.all()
    np.testing.assert_allclose(game.chance_probs(node), np.full(NUM_ROLLS, 1 / NUM_ROLLS))
    after = jax.jit(jax.vmap(game.step, (None, 0)))(node, jnp.arange(NUM_ROLLS, dtype=jnp.int32))
    assert (after.current_player == 0).all()
    assert len({board.tobytes() for board in np.asarray(after.inner._board)}) > 4
    again = game.reseed(node, jax.random.key(1))
    assert (node.key != again.key).any() and again.inner is node.inner


def test_reseed_has_nothing_to_do_without_chance():
    state = jax.eval_shape(PgxGame("kuhn_poker").init, jax.random.key(0))
    assert PgxGame("kuhn_poker").reseed(state, jax.random.key(1)) is state


def test_pictures():
    game = PgxGame("kuhn_poker")
    state = game.init(jax.random.key(0))
    assert "_cards" in game.render(state)
    assert "_cards" not in game.render(state, 0) and "_cards" not in game.render_svg(state, 0)
    assert game.render_svg(state).startswith("<svg")


def recurrent(env: Any) -> Any:
    """What mctx asks of an environment of Pgx: no prior, and a value from the observation."""

    def step(_: Any, __: Any, action: jax.Array, state: Any) -> Any:
        import mctx

        mover = state.current_player
        state = jax.vmap(env.step)(state, action)
        value = jnp.where(state.terminated, 0.0, evaluate(state.observation))
        output = {
            "reward": jnp.take_along_axis(state.rewards, mover[:, None], 1)[:, 0],
            "discount": jnp.where(state.terminated, 0.0, -1.0),
            "prior_logits": jnp.where(state.legal_action_mask, 0.0, -jnp.inf),
            "value": value,
        }
        return mctx.RecurrentFnOutput(**output), state

    return step


def evaluate(observation: jax.Array) -> jax.Array:
    """Any function of observations, `(B, 6, 7, 2)` to `(B,)`, that tells positions apart."""
    weights = np.random.default_rng(0).normal(size=observation.shape[1:])
    return jnp.tanh(jnp.einsum("bxyz,xyz->b", observation.astype(jnp.float32), weights.astype(np.float32)))


def searched(env: Any, openings: np.ndarray) -> Any:
    """What Gumbel MuZero plays, and its improved policy, after `openings` `(B, plies)` of Connect Four."""
    import mctx

    def run(openings: jax.Array) -> Any:
        first = jax.vmap(env.init)(jax.random.split(jax.random.key(0), len(openings)))
        step = jax.vmap(env.step)
        states = jax.lax.scan(lambda states, actions: (step(states, actions), None), first, openings.T)[0]
        invalid = ~states.legal_action_mask
        logits = jnp.zeros(invalid.shape)
        root = {"prior_logits": logits, "value": evaluate(states.observation), "embedding": states}
        output = mctx.gumbel_muzero_policy(
            params=(),
            rng_key=jax.random.key(1),
            root=mctx.RootFnOutput(**root),
            recurrent_fn=recurrent(env),
            num_simulations=16,
            invalid_actions=invalid,
        )
        return output.action, output.action_weights

    return jax.device_get(jax.jit(run)(openings))


def test_mctx_plays_our_connect_four_as_it_plays_that_of_pgx():
    openings = np.array(
        [[3, 0, 3, 0, 3, 0], [3, 0, 3, 0, 2, 1], [0, 1, 2, 3, 4, 5], [3, 3, 3, 3, 3, 3]], np.int32
    )
    action, weights = searched(to_pgx(make("connect_four")), openings)
    pgx_action, pgx_weights = searched(environment("connect_four"), openings)
    np.testing.assert_array_equal(action, pgx_action)
    np.testing.assert_allclose(weights, pgx_weights, atol=1e-5)
    assert action[0] == 3, "the win in one"


def test_to_pgx_has_what_pgx_has():
    env, theirs = to_pgx(make("tic_tac_toe")), environment("tic_tac_toe")
    assert (env.num_players, env.num_actions) == (2, 9)
    assert env.observation_shape == theirs.observation_shape
    first, step = env.init(jax.random.key(0)), jax.jit(env.step)
    state = first
    for action in (4, 0, 2, 1, 6):
        assert not state.terminated
        state = step(state, jnp.int32(action))
    assert state.env_id == env.id == "TicTacToe" and state.to_svg().startswith("<svg")
    assert state.terminated and state.rewards.tolist() == [1, -1] and state._step_count == 5
    assert step(state, jnp.int32(3)).rewards.tolist() == [0, 0], "a terminal state stays"
    illegal = step(step(first, jnp.int32(4)), jnp.int32(4))
    assert illegal.terminated and illegal.rewards.tolist() == [1, -1]


def test_to_pgx_saves_drawings(tmp_path):
    state: Any = to_pgx(make("tic_tac_toe")).init(jax.random.key(0))
    state.save_svg(tmp_path / "position.svg")
    assert (tmp_path / "position.svg").read_text() == state.to_svg()


def test_to_pgx_draws_chance():
    env = to_pgx(Race())
    state = env.init(jax.random.key(0))
    with pytest.raises(UserError, match=r"allowed: step\(state, action, key\)"):
        jax.eval_shape(env.step, state, jnp.int32(1))
    keys = jax.random.split(jax.random.key(1), 64)
    after = jax.jit(jax.vmap(env.step, (None, None, 0)))(state, jnp.int32(1), keys)
    assert set(after.rewards[:, 0].tolist()) == {0, 1, 3}
    np.testing.assert_array_equal(after.current_player, jnp.where(after.rewards[:, 0] == 3, 0, 1))
