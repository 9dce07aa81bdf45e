"""A program takes the way of the platform that it is lowered for, whatever machine lowers it."""

import re
from typing import Any

import jax
import pytest
from positions import linear, random_positions

from jaxplay import search
from jaxplay.game import make

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)
BATCH, BLOCK, CONSIDERED = 12, 5, 4
PLATFORMS = ("cpu", "cuda", "tpu")


@pytest.fixture
def small_limits(monkeypatch):
    """So few positions fill a call of a CPU, and so few edges a block, that a small batch is divided."""
    monkeypatch.setattr("jaxplay.search._backup.MOST_BLOCK", BLOCK)
    monkeypatch.setattr("jaxplay.search._gumbel.CPU_ENOUGH", BATCH)


def lowered(run: search.Search, *platforms: str) -> str:
    states = random_positions(GAME, BATCH, 3)
    exported: Any = jax.export.export(jax.jit(run), platforms=platforms)(PARAMS, jax.random.key(0), states)
    return exported.mlir_module()


def blocks(text: str) -> set[int]:
    """Sizes of the blocks in which the edges of all paths, one list of integers, are worked off."""
    return {int(size) for size in re.findall(r"dynamic_slice [^\n]*sizes = \[(\d+)\]", text)}


def calls(text: str) -> set[int]:
    """Positions in the calls of the evaluator, a product with its parameters."""
    size = "x".join(map(str, PARAMS.shape))
    return {int(rows) for rows in re.findall(rf"\(tensor<(\d+)x\d+xf32>, tensor<{size}xf32>\)", text)}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_blocks_are_small_on_a_cpu_only(platform, small_limits):
    found = blocks(lowered(search.puct(GAME, EVALUATE, 4), platform))
    assert found & {BLOCK, BATCH} == {BLOCK if platform == "cpu" else BATCH}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_rounds_are_divided_on_a_cpu_only(platform, small_limits):
    run = search.gumbel(GAME, EVALUATE, CONSIDERED, max_considered=CONSIDERED, parallel=True)
    text = lowered(run, platform)
    assert calls(text) == ({BATCH} if platform == "cpu" else {BATCH, CONSIDERED * BATCH})
    assert blocks(text) & {BLOCK, BATCH} == {BLOCK if platform == "cpu" else BATCH}


def test_a_program_for_all_platforms_has_both_ways(small_limits):
    run = search.gumbel(GAME, EVALUATE, CONSIDERED, max_considered=CONSIDERED, parallel=True)
    text = lowered(run, *PLATFORMS)
    assert calls(text) == {BATCH, CONSIDERED * BATCH}
    assert {BLOCK, BATCH} <= blocks(text)
