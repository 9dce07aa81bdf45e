"""The harness times what it says it times."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.benchmarks import env, machine
from jaxplay.benchmarks.harness import Case, measure
from jaxplay.benchmarks.limits import Flops, Limits, flops_of, half_matmul, matmul_flops
from jaxplay.evaluator import sizes
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.networks import mlp


def spin(x: jax.Array, length: int) -> jax.Array:
    return jax.lax.fori_loop(0, length, lambda i, y: y * 0.999 + i, x)


def case(name: str, length: int, limit: str | None = None, **costs: Any) -> Case:
    start = jnp.zeros((256,), jnp.float32)
    run = lambda x: spin(x, length)  # noqa: E731 each case compiles its own
    return Case(name, run, (start,), work=1.0, unit="call", limit_by=limit, **costs)


def test_ten_times_the_work_is_slower():
    short, long = measure([case("short", 2_000), case("long", 20_000)], repeats=3, seconds=0.01)
    assert short.rate > 3 * long.rate
    for result in (short, long):
        assert result.rate_min <= result.rate <= result.rate_max
        assert result.repeats == 3
        assert 0 <= result.rate_iqr <= result.rate_max - result.rate_min


def test_shares_of_limits():
    """By a case that is timed beside it, by arithmetic, and by traffic; the first is the one that is told."""
    cases = [
        case("one", 100, limit="other", flops=Flops(20.0, 5.0), traffic=50.0),
        case("other", 10, traffic=8.0),
    ]
    one, other = measure(cases, repeats=1, seconds=0.0, limits=Limits(1e6, 1e9, 5e5))
    assert one.of_limit == one.limits["alone"]
    np.testing.assert_allclose(one.limits["alone"], one.rate / other.rate)
    np.testing.assert_allclose(one.limits["matmul"], 30.0 * one.rate / 1e6)
    np.testing.assert_allclose(one.limits["memory"], 50.0 * one.rate / 1e9)
    assert list(other.limits) == ["memory"] and other.of_limit == other.limits["memory"]
    assert one.rate_iqr == 0 and list(one.rates) == [one.rate]


def test_matrix_products_are_counted():
    """Once for each turn of a loop whose turns are known; where they are not, nobody says."""
    square, image = jnp.ones((4, 4)), jnp.ones((1, 5, 5, 2))
    kernel = jnp.ones((3, 3, 2, 7))

    def loop(x):
        return jax.lax.fori_loop(0, 6, lambda _, y: y @ square, x)

    def convolve(x):
        return jax.lax.conv_general_dilated(
            x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    assert flops_of(loop, square) == Flops(6 * 2 * 4**3)
    assert flops_of(convolve, image) == Flops(2 * (5 * 5 * 7) * (3 * 3 * 2))
    unknown = jax.jit(lambda n: jax.lax.while_loop(lambda y: y[0, 0] < n, lambda y: y @ square, square))
    assert matmul_flops(unknown.trace(3.0).jaxpr) is None
    assert matmul_flops(jax.jit(loop).trace(square).jaxpr) == Flops(6 * 2 * 4**3)


def test_products_in_bfloat16_are_counted_apart():
    """Those of a network in bfloat16, found inside its own rule of differentiation too."""
    square = jnp.ones((4, 4))
    half, mixed = square.astype(jnp.bfloat16), jax.jit(lambda x, y: x @ y).trace(square, square).jaxpr
    assert matmul_flops(jax.jit(half_matmul).trace(half, half).jaxpr) == Flops(half=2 * 4**3)
    assert matmul_flops(mixed) == Flops(2 * 4**3)
    game = TicTacToe()
    network = mlp(sizes(game), width=16, depth=0, bfloat16=True)
    params = jax.eval_shape(network.init, jax.random.key(0))
    program = jax.jit(network.apply).trace(params, jax.ShapeDtypeStruct((3, 3, 2), jnp.float32)).jaxpr
    stem, heads = 2 * 18 * 16, 2 * 16 * (9 + 3)
    assert matmul_flops(program) == Flops(single=heads, half=stem)
    assert Limits(100.0, None, 200.0).seconds(Flops(100.0, 100.0)) == 1.5
    assert Limits(100.0, None).seconds(Flops(100.0, 100.0)) == 2.0
    assert Limits(None, None).seconds(Flops(1.0)) is None


def test_what_a_case_carries_goes_from_call_to_call():
    """And the first of it is not taken from who made the case, though it is donated."""
    seen, first = [], jnp.zeros(())

    def count(number: jax.Array) -> tuple[jax.Array, jax.Array]:
        jax.debug.callback(lambda n: seen.append(float(n)), number)
        return number + 1, number

    measure([Case("count", count, (first,), work=1.0, unit="call", carries=True)], repeats=3, seconds=0.0)
    jax.effects_barrier()
    assert len(seen) >= 5 and sorted(seen) == list(range(len(seen)))
    assert float(first) == 0.0


def test_compiles_without_the_cache():
    first, again = (measure([case("one", 50)], repeats=1, seconds=0.0)[0] for _ in range(2))
    assert again.compile_seconds > 0.1 * first.compile_seconds
    assert getattr(jax.config, "jax_enable_compilation_cache")


def test_machine_says_what_numbers_depend_on():
    seen = machine.describe()
    assert seen["platform"] == jax.default_backend()
    assert seen["versions"]["jax"] == jax.__version__
    assert {"device", "processor", "cores", "python", "revision"} <= seen.keys()


def test_random_play_ends_and_begins_games():
    game = TicTacToe()
    play = env.random_play(
        lambda state, action, key: game.step(state, action), game.init, game.observe, chance=False
    )
    states = jax.vmap(game.init)(jax.random.split(jax.random.key(0), 64))
    states, seen = jax.jit(play)(states, jax.random.split(jax.random.key(1), 50))
    assert not states.terminated.any()
    assert seen.shape == (64, 3, 3, 2)
    np.testing.assert_array_equal(seen, jax.vmap(game.observe)(states))


def test_every_case_of_random_play_runs():
    options = env.Options(("tic_tac_toe",), peers=True, batch_sizes=(8,), quick=True)
    (cases,) = env.suites(options)
    assert {case.sizes["batch_size"] for case in cases} == {8}
    rules, observed, pgx, loop, pgx_loop = measure(cases, repeats=1, seconds=0.0)
    assert [case.name.split("/")[1] for case in cases] == ["rules", "observed", "pgx", "loop", "pgx_loop"]
    assert {each.unit for each in (rules, observed, pgx, loop, pgx_loop)} == {"ply"}
    assert list(pgx_loop.beside) == ["tic_tac_toe/loop"]
    assert not rules.beside and list(pgx.beside) == [case.name for case in cases[:2]]
    for own in (rules, observed):
        beside = pgx.beside[own.name]
        np.testing.assert_allclose(beside.rate, own.rate / pgx.rate)
        assert beside.compile_seconds == own.compile_seconds / pgx.compile_seconds
        assert beside.state_bytes == own.sizes["state_bytes"] / pgx.sizes["state_bytes"] < 1
