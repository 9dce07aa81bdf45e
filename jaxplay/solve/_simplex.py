"""The treeplex of a player who decides once, as in a normal-form game."""

import numpy as np

from jaxplay.solve._sums import sums_of
from jaxplay.solve.treeplex import Block, Level, Treeplex


def simplex(num_actions: int) -> Treeplex:
    """One information set with so many legal actions; slot a holds action a."""
    slots = slice(0, num_actions)
    only = Level(
        blocks=(Block(slots, 1, num_actions),),
        infosets=slice(0, 1),
        slots=slots,
        parent=np.zeros(1, np.int32),
        below=sums_of(np.zeros(0, np.int64), num_actions),
    )
    return Treeplex(
        infosets=np.zeros(1, np.int32),
        infoset=np.zeros(num_actions, np.int32),
        action=np.arange(num_actions, dtype=np.int32),
        legal=np.ones(num_actions, bool),
        levels=(only,),
        first=sums_of(np.zeros(1, np.int64), 1),
        followers=np.zeros(num_actions, np.int32),
    )
