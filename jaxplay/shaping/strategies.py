"""Strategies of repeated games with two actions that remember one round, as policies of `repeated`.

Rows are the states of `jaxplay.shaping.rounds`: the beginning, then own and other's action of the last
round: 00, 01, 10, 11. In a dilemma action 0 is to cooperate, 1 to defect. They do what those of the same
names in `jaxplay.games.matrix_game` do, but for the grim trigger, which here remembers one round only.
"""

import numpy as np

SECOND = {
    "cooperate": (0, 0, 0, 0, 0),
    "defect": (1, 1, 1, 1, 1),
    "tit_for_tat": (0, 0, 1, 0, 1),
    "suspicious_tit_for_tat": (1, 0, 1, 0, 1),
    "generous_tit_for_tat": (0, 0, 2 / 3, 0, 2 / 3),
    "grim_trigger": (0, 0, 1, 1, 1),
    "win_stay_lose_shift": (0, 0, 1, 1, 0),
    "alternate": (0, 1, 1, 0, 0),
    "contrary": (0, 1, 0, 1, 0),
    "random": (0.5, 0.5, 0.5, 0.5, 0.5),
}
"""The probability of action 1 in each state; `contrary` does what the other has not done."""


def strategy(name: str) -> np.ndarray:
    """`(5, 2)` float32: the policy called `name`, one of `SECOND`."""
    second = np.array(SECOND[name], np.float32)
    return np.stack([1 - second, second], axis=1)
