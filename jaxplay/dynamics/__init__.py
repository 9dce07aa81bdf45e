"""How players learn in games whose right answers are known: methods, what they are told, one loop for all.

A method is a pair of pure functions (`Method`); a game is a `Table`; a `Feedback` says what players are told
after each round: exact gains, noisy ones, late ones, their own return alone, or comparisons. `run` plays many
seeds side by side and measures exploitability and regret. See docs/dynamics/.
"""

from jaxplay.dynamics._jpsro import Joint, jpsro
from jaxplay.dynamics._preferences import (
    Compared,
    Preferences,
    comparisons,
    inpo,
    inpo_loss,
    preferences,
    spo,
)
from jaxplay.dynamics._run import History, Outcome, run, spread
from jaxplay.dynamics._spin import Imitation, imitation, spin
from jaxplay.dynamics._stackelberg import (
    Commitment,
    Deception,
    Lesson,
    best_responder,
    deception,
    learn_commitment,
    stackelberg,
)
from jaxplay.dynamics.balanced import adaptive_ftrl, balance, balanced_ftrl
from jaxplay.dynamics.feedback import Feedback, Gradient, Sampled, bandit, delayed, exact, noisy
from jaxplay.dynamics.late import banker, delayed_dual_averaging
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.optimistic import hedge, og_plus, opt_da_plus
from jaxplay.dynamics.swap import blum_mansour
from jaxplay.dynamics.table import Episode, Space, Table, Tree, Vector
from jaxplay.dynamics.tables import Bilinear, ExtensiveForm, NormalForm, extensive_form, normal_form
from jaxplay.dynamics.transforms import og_plus_transform, opt_da_plus_transform

__all__ = [
    "Bilinear",
    "Commitment",
    "Compared",
    "Deception",
    "Episode",
    "ExtensiveForm",
    "Feedback",
    "Gradient",
    "History",
    "Imitation",
    "Joint",
    "Lesson",
    "Method",
    "NormalForm",
    "Outcome",
    "Player",
    "Preferences",
    "Sampled",
    "Space",
    "Table",
    "Tree",
    "Vector",
    "adaptive_ftrl",
    "balance",
    "balanced_ftrl",
    "bandit",
    "banker",
    "best_responder",
    "blum_mansour",
    "comparisons",
    "deception",
    "delayed",
    "delayed_dual_averaging",
    "exact",
    "extensive_form",
    "hedge",
    "imitation",
    "inpo",
    "inpo_loss",
    "jpsro",
    "learn_commitment",
    "noisy",
    "normal_form",
    "og_plus",
    "og_plus_transform",
    "opt_da_plus",
    "opt_da_plus_transform",
    "preferences",
    "run",
    "spin",
    "spo",
    "spread",
    "stackelberg",
]
