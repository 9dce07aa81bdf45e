"""What a training takes before it runs: bytes by part, what fits, how fast it is on this machine."""

from jaxplay.planning.device import available, told
from jaxplay.planning.fit import largest_matches
from jaxplay.planning.liveness import peak_bytes
from jaxplay.planning.plan import Part, Plan, compiled_bytes, make_plan
from jaxplay.planning.probing import Probe, probe

__all__ = [
    "Part",
    "Plan",
    "Probe",
    "available",
    "compiled_bytes",
    "largest_matches",
    "make_plan",
    "peak_bytes",
    "probe",
    "told",
]
