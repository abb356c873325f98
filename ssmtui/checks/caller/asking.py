"""Which steps tell how a caller comes by what it lacks: by a policy of its own, or by its permission set."""

from __future__ import annotations

from ssmtui.model.reserved_roles import permission_set_of
from ssmtui.model.subject import Subject


def steps_for(caller: Subject) -> str:
    """A role of IAM Identity Center takes no policy: the permission set behind it does."""
    return "steps-caller-policy" if permission_set_of(caller.id) is None else "steps-permission-set"
