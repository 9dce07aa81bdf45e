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

    v is what the opponent thinks of the position in which a move leaves it, for itself; it comes of a search
    that models the opponent, by the parameters with which that opponent replies. The network of a `potential`
    speaks of differences to the opponent's estimate, so that it searches well against a known opponent only.

    Attributes:
        form: `target` mixes -v into what the value learns; `edge` lets moves earn -w v inside the search;
            `potential` lets the network learn what v leaves unsaid; `none`: v is not used.
        weight: of v at the start, w; 0: what its form wants.
        anneal_updates: gradient steps in which the weight of a target or of edges falls to 0, from the start
            and in a league again whenever the exploiter was frozen; 0: it stays.
        shift: lower what edges earn so that none earns more than nothing.
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
