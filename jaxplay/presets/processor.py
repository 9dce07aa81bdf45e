"""What the processor of this machine does fast."""

from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
FLAGS = {"avx512_bf16", "amx_bf16"}
"""Of processors that multiply bfloat16 in fewer instructions than float32; XLA uses them."""


@cache
def multiplies_bfloat16(cpuinfo: Path = CPUINFO) -> bool:
    """Whether products in bfloat16 take the processor less time. Where it does not tell: no.

    Args:
        cpuinfo: what Linux says of the processor.
    """
    try:
        lines = cpuinfo.read_text(errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return not FLAGS.isdisjoint(flags)
