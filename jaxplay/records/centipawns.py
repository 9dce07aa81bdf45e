"""Values of chess engines: centipawns, and what a player can expect to earn."""

import math

SLOPE = 0.00184104
"""Half of the slope of win chances by centipawns, 0.00368208, as fitted by Lichess to games of people
(https://lichess.org/page/accuracy)."""
MATE = 1.0
MOST = 0.999999
"""Values beyond are a mate's."""


def to_value(centipawns: float) -> float:
    """What a player with such an advantage can expect, from -1 to 1."""
    return math.tanh(SLOPE * centipawns)


def to_centipawns(value: float) -> int:
    """The inverse; a sure win is 10,000 at most."""
    clipped = max(-MOST, min(MOST, value))
    return round(math.atanh(clipped) / SLOPE)
