"""`jaxplay bench kernels`: what is counted in a profile."""

import jax
import pytest

from jaxplay.benchmarks.kernels import Kernels, Options, amounts, kernels_of, profiled


def named(pid, name):
    return {"ph": "M", "name": "process_name", "pid": pid, "args": {"name": name}}


def span(pid, begin, long, op="add", tid=1):
    return {"ph": "X", "pid": pid, "tid": tid, "ts": begin, "dur": long, "name": op, "args": {"hlo_op": op}}


def test_kernels_of_a_device_are_counted_and_those_of_the_host_left_out():
    events = [named(1, "/host:CPU"), named(2, "/device:GPU:0")]
    events += [span(1, 0, 100), span(2, 10, 5), span(2, 20, 10), span(2, 30, 1)]
    assert kernels_of(events) == Kernels(3, 16.0, 5.0)


def test_on_the_host_a_loop_around_kernels_is_none():
    events = [named(1, "/host:CPU"), span(1, 0, 50, "while"), span(1, 1, 4), span(1, 10, 5, "while")]
    events += [span(1, 11, 2), {"ph": "X", "pid": 1, "tid": 1, "ts": 0, "dur": 99, "name": "python"}]
    assert kernels_of(events) == Kernels(2, 6.0, 6.0)


def test_kernels_at_one_time_are_busy_once():
    events = [named(2, "/device:GPU:0"), span(2, 0, 10, tid=1), span(2, 5, 10, tid=2)]
    assert kernels_of(events) == Kernels(2, 15.0, 0.0)


def test_nothing_is_no_kernel():
    assert kernels_of([named(1, "/host:CPU")]) == Kernels(0, 0.0, 0.0)


def test_a_loop_of_more_turns_has_more_kernels():
    def program(turns):
        run = jax.jit(lambda x: jax.lax.fori_loop(0, turns, lambda i, y: jax.numpy.sort(y) * 0.5, x))
        x = jax.numpy.arange(4096.0)
        jax.block_until_ready(run(x))
        return profiled(lambda: run(x)).number

    assert program(80) > 3 * program(10) > 0


@pytest.mark.slow
def test_the_benchmark_tells_three_amounts_of_each_program():
    found = list(amounts(Options(quick=True, games=("tic_tac_toe",), repeats=1)))
    assert [one.name for one in found][:3] == [
        f"tic_tac_toe/puct/{what}" for what in ("kernels", "in kernels", "between kernels")
    ]
    assert len(found) == 12 and all(one.amount > 0 for one in found)
