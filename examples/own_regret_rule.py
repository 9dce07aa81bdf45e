"""A rule of regret of one's own, in counterfactual regret minimization.

A rule says what an information set remembers and what it then plays. This one is regret matching+ that
forgets: all but `keep` of the old regrets is lost in each iteration. Run: python examples/own_regret_rule.py
"""

import jax.numpy as jnp
import numpy as np

import jaxplay
from jaxplay import solve
from jaxplay.solve import regrets


def forgetful(keep: float = 0.9) -> regrets.Rule:
    """Regret matching+ with regrets that fade."""
    return regrets.Rule(
        init=lambda zeros: zeros,
        observe=lambda total, regret, t: jnp.maximum(keep * total + regret, 0.0),
        weights=lambda total: total,
        weight=lambda t: t,
    )


def main() -> None:
    """How exploitable Kuhn poker is after so many iterations, by two rules."""
    game = solve.sequence_form(jaxplay.make("kuhn_poker"))
    for name, rule in {"regret matching+": regrets.matching_plus(), "forgetful": forgetful()}.items():
        solver = solve.cfr(game, rule)
        state = solver.init()
        for iterations in (10, 90, 900):
            state = solver.run(state, iterations)
            found = solve.exploitability(game, np.asarray(solver.average(state)))
            print(f"{name}, {int(state.iteration)} iterations: {found.exploitability:.5f}")


if __name__ == "__main__":
    main()
