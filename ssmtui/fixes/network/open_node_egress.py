"""`open-node-egress`: the security group of a node lets HTTPS out."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.network.https_rule import STALE, HttpsRule, opened
from ssmtui.language import marked, say
from ssmtui.model.network import SecurityGroups
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject

_SLUG = "open-node-egress"
_ANYWHERE = "0.0.0.0/0"
_NOTE = marked("The group may be closed on purpose, to keep a suspect node apart: ask whoever closed it.")


@fix(slug=_SLUG, stale=STALE)
def open_node_egress(scope: Scope, subject: Subject, groups: SecurityGroups) -> Plan | NotApplicable:
    """Let it out to anywhere: the addresses of AWS's endpoints change, and S3 has no interface of its own."""
    rule = HttpsRule(_SLUG, say("Let HTTPS out of the security group"), _ANYWHERE, egress=True, notes=(say(_NOTE),))
    return opened(rule, scope, subject, groups)
