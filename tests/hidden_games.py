"""Games of hidden information as arrays, built once for all tests of one process."""

import functools
from typing import Any

import numpy as np

from jaxplay.game import make
from jaxplay.solve import SequenceForm, sequence_form


@functools.cache
def form(name: str, **options: Any) -> SequenceForm:
    """A game of this package in sequence form."""
    return sequence_form(make(name, **options))


def uniform(form: SequenceForm) -> np.ndarray:
    """`(I, A)`: all legal actions equally likely."""
    return form.tree.legal / form.tree.legal.sum(axis=1, keepdims=True)


def random_table(form: SequenceForm, seed: int) -> np.ndarray:
    """`(I, A)`: probabilities at random, some of them 0."""
    rng = np.random.default_rng(seed)
    weights = rng.exponential(size=form.tree.legal.shape) * rng.integers(0, 2, form.tree.legal.shape)
    weights = np.where(form.tree.legal, weights + 1e-3, 0)
    return weights / weights.sum(axis=1, keepdims=True)
