"""A plan that changes what CloudFormation, Terraform or CDK owns says so."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.ownership import Ownership
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import Plan


def with_owner(plan: Plan, found: Ownership | Absent | Moot | Unreadable) -> Plan:
    """The plan with a warning first among its notes; with a doubt at their end, where the tags could not be read."""
    if isinstance(found, Unreadable):
        would_tell = say(" ({action} would tell)", action=found.action) if found.action else ""
        doubt = say(
            "Whether CloudFormation, Terraform or CDK owns it could not be checked{would_tell}.", would_tell=would_tell
        )
        return replace(plan, notes=(*plan.notes, doubt))
    if not isinstance(found, Ownership) or not found.tool:
        return plan
    warning = say(
        "{tool} owns it, by its tag {tag}: make the change there too, or its next run may take it away.",
        tool=found.tool,
        tag=printable(found.tag),
    )
    return replace(plan, notes=(warning, *plan.notes))
