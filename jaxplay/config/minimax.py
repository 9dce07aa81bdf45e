"""What an exploiter makes of its opponent's own estimates."""

from dataclasses import dataclass
from typing import Literal

from jaxplay.config.checks import at_least, one_of, require, share

FORMS = ("none", "target", "edge", "potential")

WEIGHTS = {"none": 0.0, "target": 0.5, "edge": 0.1, "potential": 1.0}
"""At the start: of a target as AlphaZero's value head allows it; of edges the paper's for tic-tac-toe, which
takes 0.01 in the longer Connect Four; of a potential the whole of it."""


@dataclass(frozen=True)
class MinimaxConfig:
    """The Minimax Exploiter (Bairamian et al. 2024, arXiv 2311.17190).

    v is the opponent's own estimate, for itself, of the position in which a move leaves it. It comes of a
    search that models the opponent, with the parameters by which that opponent replies. With `potential`, the
    network learns differences to the opponent's estimate, so that it searches well against a known opponent
    only.

    Attributes:
        form: What the opponent's estimate v does: `target` mixes -v into the value target; `edge` gives each
            move of the search a reward of -w v; with `potential` the network learns what v leaves unsaid;
            `none` does not use v.
        weight: The weight w of v at the start, 0 to 1. 0 takes the default of the form: 0.5 for a target, 0.1
            for edges, 1 for a potential.
        anneal_updates: Gradient steps in which the weight of a target or of edges falls to 0: from the start
            of training, and in a league again whenever the exploiter was frozen. With 0 the weight stays.
        shift: Whether the rewards of edges are lowered so that none is positive; with `edge` only.
    """

    form: Literal["none", "target", "edge", "potential"] = "target"
    weight: float = 0.0
    anneal_updates: int = 4000
    shift: bool = False

    def __post_init__(self) -> None:
        one_of(self, "form", FORMS)
        share(self, "weight")
        at_least(self, 0, "anneal_updates")
        require(self, "shift", "False, or True with form edge", not self.shift or self.form == "edge")

    @property
    def schedule(self) -> tuple[float, int]:
        """The weight at the start, and in how many gradient steps it falls to 0 (0: it stays)."""
        falls = self.form in ("target", "edge")
        return self.weight or WEIGHTS[self.form], self.anneal_updates if falls else 0


GAMMA_0 = MinimaxConfig("target", weight=1.0, anneal_updates=0)
"""The paper's negative control: it learns its opponent's values and nothing else."""
