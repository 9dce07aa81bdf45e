"""Logical shards on one device."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.shards import Shards


def test_each_shard_draws_from_its_own_number():
    key = jax.random.key(3)
    keys = Shards(3).keys(key)
    for shard in range(3):
        assert keys[shard] == jax.random.fold_in(key, shard)


@pytest.mark.parametrize("count", [1, 4])
def test_map_mean_and_sum(count):
    shards = Shards(count)
    parts = jnp.arange(6.0 * count).reshape(count, 2, 3)
    factors = 1.0 + jnp.arange(count)
    result = shards.map(lambda part, factor: {"scaled": part * factor, "total": part.sum()}, parts, factors)
    np.testing.assert_array_equal(result["scaled"], parts * factors[:, None, None])
    np.testing.assert_array_equal(result["total"], parts.sum((1, 2)))
    np.testing.assert_array_equal(shards.mean(result)["total"], parts.sum() / count)
    np.testing.assert_array_equal(shards.sum(result)["total"], parts.sum())


def test_a_device_holds_its_part():
    assert Shards().local == 1
    assert Shards(8).local == 8
    assert Shards(8, devices=2, axis="shards").local == 4


def test_devices_number_shards_one_after_the_other():
    """Inside `shard_map`, here a `vmap` with a named axis: 2 devices of 3 shards draw as 6 shards do."""
    key, divided = jax.random.key(0), Shards(6, devices=2, axis="device")
    keys = jax.vmap(lambda _: divided.keys(key), axis_name="device")(jnp.arange(2))
    assert (keys.reshape(6) == Shards(6).keys(key)).all()


def test_the_mean_over_devices_is_that_over_shards():
    divided = Shards(6, devices=2, axis="device")
    values = jnp.arange(6.0).reshape(2, 3)
    assert jax.vmap(divided.mean, axis_name="device")(values).tolist() == [2.5, 2.5]
    assert jax.vmap(divided.sum, axis_name="device")(values).tolist() == [15.0, 15.0]
