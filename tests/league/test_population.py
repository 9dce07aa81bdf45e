"""Slots for frozen players: what is written and read, who is evicted, and that ages stay spread."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.league import INITIAL, MAIN_AGENT, Population, free_slot, freeze, new_population, take
from jaxplay.struct import replace


def params(value: float) -> dict[str, jax.Array]:
    return {"w": jnp.full((2, 3), value), "b": jnp.full((1,), -value)}


def population(generation: list[int], parent: list[int] | None = None) -> Population:
    """A population of slot 0 and copies by their generations, where 0 is an empty slot."""
    number = np.array([0, *generation])
    size = len(number)
    empty = new_population({"w": jnp.zeros(1)}, size)
    return replace(
        empty,
        present=jnp.asarray((number > 0) | (np.arange(size) == 0)),
        kind=jnp.asarray(np.where(np.arange(size) == 0, INITIAL, MAIN_AGENT).astype(np.int32)),
        parent=jnp.asarray(np.array([-1, *(parent or [0] * len(generation))], np.int32)),
        generation=jnp.asarray(number.astype(np.int32)),
    )


find = jax.jit(free_slot)


def slot(people: Population, beaten: list[float], generations: list[int], taken: tuple[int, ...] = ()) -> int:
    marks = np.isin(np.arange(len(beaten)), taken)
    facts = (np.array(beaten, np.float32), np.array(generations, np.int32), marks)
    return int(find(people, *map(jnp.asarray, facts)))


def test_players_are_written_and_read_bit_for_bit():
    people = new_population(params(0.5), 4)
    put = jax.jit(lambda p, where, x: freeze(p, where, x, MAIN_AGENT, 1, jnp.int32(7), jnp.int32(3)))
    after = put(people, jnp.int32(2), params(1 / 3))
    jax.tree.map(np.testing.assert_array_equal, take(after, jnp.int32(2)), params(1 / 3))
    jax.tree.map(np.testing.assert_array_equal, take(after, jnp.int32(0)), params(0.5))
    facts = (after.present, after.kind, after.parent, after.born, after.generation)
    assert [x.tolist() for x in facts] == [
        [True, False, True, False],
        [INITIAL, INITIAL, MAIN_AGENT, INITIAL],
        [-1, -1, 1, -1],
        [0, 0, 7, 0],
        [0, 0, 3, 0],
    ]
    nowhere = put(after, jnp.int32(4), params(9.0))
    jax.tree.map(np.testing.assert_array_equal, nowhere, after)
    pair = take(after, jnp.array([2, 0]))
    assert pair["w"].shape == (2, 2, 3) and pair["w"][:, 0, 0].tolist() == [np.float32(1 / 3), 0.5]


def test_half_precision_slots_take_full_precision_learners():
    people = new_population({"w": jnp.zeros((2,), jnp.bfloat16)}, 3)
    after = freeze(people, jnp.int32(1), {"w": jnp.full((2,), 1.0)}, 1, 0, jnp.int32(0), jnp.int32(1))
    assert after.params["w"].dtype == jnp.bfloat16 and after.params["w"][1].tolist() == [1, 1]


def test_empty_slots_first_and_never_the_initial_agent():
    assert slot(population([1, 0, 2, 0]), [1.0] * 5, [2]) == 2
    assert slot(population([1, 0, 2, 0]), [1.0] * 5, [2], taken=(2,)) == 4
    assert slot(population([1, 2]), [1.0, 0.0, 0.0], [2], taken=(1, 2)) == 3  # nowhere
    assert slot(population([5]), [1.0, 0.0], [5]) == 1


def test_the_most_beaten_goes_where_ages_are_crowded():
    crowded = population([1, 2, 3, 4, 5, 6])  # ages 7, 6, 5, 4, 3, 2
    assert slot(crowded, [1, 0.5, 0.6, 0.9, 0.7, 0.6, 0.5], [6]) == 3
    # The oldest stays, and so does the newest.
    assert slot(crowded, [1, 0.9, 0.6, 0.7, 0.8, 0.7, 0.9], [6]) == 4
    assert slot(crowded, [1, 0.5, 0.8, 0.8, 0.8, 0.8, 0.5], [6]) == 2  # as beaten, and leaves the least gap
    sparse = population([1, 9, 13, 15, 16])  # ages 17, 9, 5, 3, 2: each about half of the last
    assert slot(sparse, [1, 0.5, 0.9, 0.5, 0.6, 0.9], [16]) == 4  # the least gap, from 2 to 5
    apart = population([1, 2, 3, 4, 5, 6], parent=[0, 0, 0, 1, 1, 1])  # neighbours are copies of one learner
    assert slot(apart, [1, 0.5, 0.6, 0.5, 0.9, 0.5, 0.9], [3, 6]) == 2


@pytest.mark.parametrize("num_learners", [1, 3])
def test_ages_stay_spread_whatever_the_scores(num_learners: int):
    slots, steps = 64, 2000

    def step(
        carry: tuple[Population, jax.Array], key: jax.Array
    ) -> tuple[tuple[Population, jax.Array], None]:
        people, generations = carry
        key_scores, key_learner = jax.random.split(key)
        learner = jax.random.randint(key_learner, (), 0, num_learners)
        beaten = jnp.where(people.generation % 3 == 0, 1.0, jax.random.uniform(key_scores, (slots,)))
        where = free_slot(people, beaten, generations, jnp.zeros((slots,), bool))
        number = generations[learner] + 1
        people = freeze(people, where, {"w": jnp.zeros(1)}, 1, 0, number, number)
        people = replace(people, parent=people.parent.at[where].set(learner))
        return (people, generations.at[learner].add(1)), None

    start = (new_population({"w": jnp.zeros(1)}, slots), jnp.zeros((num_learners,), jnp.int32))
    keys = jax.random.split(jax.random.key(0), steps)
    people, generations = jax.jit(lambda keys: jax.lax.scan(step, start, keys)[0])(keys)
    assert people.present.all() and people.kind[0] == INITIAL and people.parent[0] == -1
    for learner in range(num_learners):
        mine = np.asarray((people.parent == learner) & people.present)
        ages = np.sort(int(generations[learner]) - np.asarray(people.generation)[mine] + 1)
        assert ages[0] == 1 and ages[-1] == int(generations[learner])  # the newest and the first
        assert (ages[1:] <= 2 * ages[:-1] + 1).all(), ages
