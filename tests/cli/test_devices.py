"""Devices of a command: which it makes of a CPU, how many share a run, and what is said of other numbers."""

import dataclasses

import jax
import pytest
from small_runs import RUN

from jaxplay.cli import devices, hosts
from jaxplay.cli.main import main
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.presets import preset
from jaxplay.run.devices import settle_again, settle_devices


@pytest.fixture
def eight(monkeypatch):
    """A machine of eight devices, and as many cores."""
    monkeypatch.setattr(jax, "device_count", lambda: 8)
    monkeypatch.setattr(devices, "cores", lambda: 8)


def with_shards(shards: int, number: int = 0) -> RunConfig:
    """A run of 16 games."""
    return dataclasses.replace(
        RUN, training=dataclasses.replace(RUN.training, num_shards=shards), devices=number
    )


@pytest.mark.parametrize(("game", "expected"), [("connect_four", 4), ("tic_tac_toe", 2), ("kuhn_poker", 0)])
def test_a_cpu_has_a_device_a_core_where_each_gets_games_enough(eight, game, expected):
    """512 and 256 games of searches; policy gradients gain nothing."""
    assert devices.share_cores(preset(game, "cpu", {})).devices == expected


def test_what_is_asked_for_stands(eight, monkeypatch):
    config = preset("connect_four", "cpu", {})
    one = dataclasses.replace(config, devices=1)
    assert devices.share_cores(one) == one
    monkeypatch.setattr(devices, "cores", lambda: 1)
    assert devices.share_cores(config) == config


def test_devices_are_made_before_jax_starts_unless_somebody_has_made_them(monkeypatch):
    made = []
    monkeypatch.setattr(jax.config, "update", lambda *setting: made.append(setting))
    monkeypatch.setattr(devices, "cores", lambda: 6)
    devices.make_cpu_devices(0)
    assert not made  # JAX_NUM_CPU_DEVICES of the tests
    monkeypatch.setattr(devices, "_set_by_somebody", lambda: False)
    for asked, processes in ((0, 1), (3, 1), (8, 4), (0, 4), (10**6, 1)):
        devices.make_cpu_devices(asked, processes)
    assert [number for _, number in made] == [6, 3, 2, 1, devices.MOST]
    with pytest.raises(UserError, match=r"devices is 6; allowed: a multiple .* \(4\)"):
        devices.make_cpu_devices(6, 4)


def test_a_new_run_gets_shards_for_its_devices(eight):
    assert settle_devices(with_shards(1)) == with_shards(1)
    assert settle_devices(with_shards(1, 8)) == with_shards(8, 8)
    assert settle_devices(with_shards(4)) == with_shards(4, 4)
    assert settle_devices(with_shards(16, 2)) == with_shards(16, 2)


@pytest.mark.parametrize(
    ("shards", "number", "message"),
    [
        (1, 3, r"devices is 3, but .*num_matches is 16; allowed: a multiple of num_shards \(3\)"),
        (4, 3, r"devices is 3; allowed: a number that divides num_shards \(4\)"),
        (16, 16, r"devices is 16; allowed: at most 8, which there are"),
    ],
)
def test_devices_that_cannot_share_a_run(eight, shards, number, message):
    with pytest.raises(UserError, match=message):
        settle_devices(with_shards(shards, number))


def test_a_run_goes_on_with_what_it_had_or_with_what_there_is(eight):
    assert settle_again(with_shards(4, 2), None) == with_shards(4, 2)
    assert settle_again(with_shards(16, 16), None) == with_shards(16, 8)
    assert settle_again(with_shards(4, 2), 4) == with_shards(4, 4)
    assert settle_again(with_shards(1), None) == with_shards(1)
    with pytest.raises(UserError, match="allowed: a divisor of 1, the number of shards"):
        settle_again(with_shards(1), 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--processes", "2"], "--processes and --process need --coordinator"),
        (["--coordinator", "localhost:1"], "needs --processes N and --process I"),
        (["--coordinator", "localhost:1", "--processes", "2", "--process", "2"], "from 0 to N - 1"),
        (["--coordinator", "auto", "--processes", "2"], "tells the number of processes itself"),
        (["--coordinator", "nowhere", "--processes", "2", "--process", "0"], "HOST:PORT"),
    ],
)
def test_processes_that_do_not_go_together(capsys, options, message):
    for command in (["train", "tic_tac_toe"], ["resume", "nowhere"]):
        assert main([*command, *options]) == 2
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1


def test_one_process_needs_no_others():
    hosts.leave(2)  # which would end this process, if it had joined any
    assert not jax.distributed.is_initialized()
