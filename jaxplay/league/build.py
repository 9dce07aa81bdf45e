"""The roles of learners from their configuration."""

from dataclasses import fields

from jaxplay.config import MemberConfig
from jaxplay.league.roles import Role


def role_of(kind: int, rules: MemberConfig) -> Role:
    """When a learner is frozen, and what happens then; the names of the fields are the same in both.

    Args:
        kind: of the learner, see `jaxplay.league.KINDS`.
        rules: as configured.
    """
    names = (field.name for field in fields(Role) if field.name != "kind")
    return Role(kind, **{name: getattr(rules, name) for name in names})
