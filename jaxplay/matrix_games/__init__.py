"""Solvers of matrix games, with fixed numbers of steps and masks, for `jax.jit` and `jax.vmap`."""

from jaxplay.matrix_games._alpha_rank import alpha_rank
from jaxplay.matrix_games._nash import nash, symmetric_nash
from jaxplay.matrix_games.correlated import coarse_gaps, correlated_gaps, maximum_gini, swap_gains
from jaxplay.matrix_games.descent import mirror_descent
from jaxplay.matrix_games.dynamics import Flow, project, projected_replicator, replicator
from jaxplay.matrix_games.mixtures import Equilibrium, exploitability, normalised, softmax, uniform

__all__ = [
    "Equilibrium",
    "Flow",
    "alpha_rank",
    "coarse_gaps",
    "correlated_gaps",
    "exploitability",
    "maximum_gini",
    "mirror_descent",
    "nash",
    "normalised",
    "project",
    "projected_replicator",
    "replicator",
    "softmax",
    "swap_gains",
    "symmetric_nash",
    "uniform",
]
