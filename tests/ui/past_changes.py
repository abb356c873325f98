"""A journal that a picture can be taken of: the same changes at the same times under the same ids, in every run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ssmtui.model.plan import Plan
from ssmtui.remediation.apply.change import Change, ChangeEnding, ChangeState
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.journal import FILE_NAME
from ssmtui.remediation.apply.journal_entries import ending_line, planned_line
from tests.ui.builders import FRANKFURT, NOON, PARIS
from tests.ui.demo_fleet import switch_plan
from tests.ui.stored_document import StoredDocument

_TOLD = (
    (ChangeState.FAILED, "Allow the role batch-node to use the session key", PARIS, "iam:PutRolePolicy was refused"),
    (ChangeState.APPLIED, "Turn off “only encrypted S3 buckets”", PARIS, ""),
    (ChangeState.APPLIED, "Undo: Turn off “only encrypted S3 buckets”", PARIS, ""),
    (ChangeState.UNSURE, "Let HTTPS into the security group sg-0c0ffee0c0ffee000", PARIS, "no answer came"),
    (ChangeState.APPLIED, "Turn off “only encrypted CloudWatch log groups”", FRANKFURT, ""),
)


def desk_with_a_past(folder: Path) -> ChangeService:
    """A desk whose journal holds a change of each kind."""
    plan = switch_plan(FRANKFURT)
    assert isinstance(plan, Plan)
    lines: list[str] = []
    before = ""
    for number, (state, title, scope, why) in enumerate(_TOLD):
        at = NOON - timedelta(hours=5 * (len(_TOLD) - number))
        change = Change(
            id=f"{at:%Y%m%dT%H%M%S.%f}Z-{number:06x}",
            at=at,
            fix=plan.fix,
            title=title,
            scope=scope,
            subject=plan.subject,
            guards=plan.guards,
            calls=plan.calls,
            before=plan.before,
            after=plan.after,
            way_back=plan.way_back,
            undo=plan.undo,
            undoes=before if title.startswith("Undo: ") else "",
        )
        before = change.id
        lines += [planned_line(change), ending_line(ChangeEnding(change.id, state, {}, (), why), at)]
    (folder / FILE_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return StoredDocument().desk(folder)
