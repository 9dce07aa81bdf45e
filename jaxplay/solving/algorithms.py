"""The tabular solvers by the names that people type."""

from collections.abc import Callable
from typing import NamedTuple

from jaxplay.errors import UserError, nearest
from jaxplay.solve import (
    SequenceForm,
    Solver,
    by_replicator,
    by_uniform,
    cfr,
    cfr_plus,
    discounted_cfr,
    fictitious_play,
    linear_cfr,
    mmd,
    predictive_cfr_plus,
    psro,
)


class Algorithm(NamedTuple):
    """A way to solve a game.

    Attributes:
        build: the solver of a game.
        averages: whether its average is the strategy, rather than its last iterate.
        about: what it is, in a few words.
    """

    build: Callable[[SequenceForm], Solver]
    averages: bool
    about: str


ALGORITHMS = {
    "cfr": Algorithm(cfr, True, "counterfactual regret minimization"),
    "cfr+": Algorithm(cfr_plus, True, "no debts of regret, average by t"),
    "linear-cfr": Algorithm(linear_cfr, True, "regrets and average by t"),
    "dcfr": Algorithm(discounted_cfr, True, "discounted regrets"),
    "pcfr+": Algorithm(predictive_cfr_plus, True, "predicts its next regrets, average by t squared"),
    "mmd": Algorithm(lambda form: mmd(form, refresh_every=50), False, "mirror descent, moving magnet"),
    "mmd-fixed": Algorithm(mmd, False, "mirror descent to a fixed magnet: a little too random"),
    "mmd-annealed": Algorithm(
        lambda form: mmd(form, alpha=0.5, anneal=0.5), False, "mirror descent, fading magnet"
    ),
    "fictitious-play": Algorithm(fictitious_play, True, "best responses to the average"),
    "psro": Algorithm(psro, True, "double oracle: best responses to equilibria of populations"),
    "psro-prd": Algorithm(lambda form: psro(form, by_replicator()), True, "to projected replicator dynamics"),
    "psro-uniform": Algorithm(lambda form: psro(form, by_uniform()), True, "to uniform mixtures"),
}
"""All by name. Regret minimizers, mirror descent and fictitious play take any number of players."""

USUAL = "pcfr+"
"""The default."""


def find_algorithm(name: str) -> Algorithm:
    """The algorithm of that name.

    Raises:
        UserError: there is none.
    """
    if name not in ALGORITHMS:
        raise UserError(f"no algorithm {name!r}{nearest(name, ALGORITHMS)}")
    return ALGORITHMS[name]
