"""How players choose: policies from a search, a network, a table, a script, or at random."""

from jaxplay.policies.policy import Act, Decision, Memory, Policy, as_act
from jaxplay.policies.searching import from_search
from jaxplay.policies.simple import from_act, from_evaluate, from_table, legal_probs

__all__ = [
    "Act",
    "Decision",
    "Memory",
    "Policy",
    "as_act",
    "from_act",
    "from_evaluate",
    "from_search",
    "from_table",
    "legal_probs",
]
