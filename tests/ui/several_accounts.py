"""The demo's fleet in an app that could look at other accounts, and whose login there has ended."""

from __future__ import annotations

from ssmtui.diagnosis.events import ScopeFailed
from ssmtui.model.scope import Access, ScopeError, ScopeName, ScopeProblem
from tests.ui.builders import ACCOUNT, PARIS
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.scripted_inquiry import ScriptedInquiry

REGIONS = ("ap-southeast-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3", "us-east-1", "us-west-2")
_AUDIT = "arn:aws:iam::345678901234:role/Audit"
_COMMAND = "aws sso login --profile prod"


def several_accounts() -> ScriptedInquiry:
    """Two Regions looked at, a profile whose login has ended, and what else there is."""
    handle = demo_inquiry()
    handle.known_accesses = (
        Access(None, None, ACCOUNT, "eu-west-3", REGIONS),
        Access("prod", None, "210987654321", "eu-west-1", REGIONS),
        Access("prod", _AUDIT, "", "", REGIONS),
        Access("sandbox", None, "", "us-east-1", REGIONS),
    )
    handle.tell(ScopeFailed(_ended(ScopeName("prod", "eu-west-1"))))
    return handle


def with_an_ended_login() -> ScriptedInquiry:
    """One Region whose nodes are shown as they were before its login ended."""
    handle = several_accounts()
    handle.tell(ScopeFailed(_ended(PARIS.name)))
    return handle


def _ended(name: ScopeName) -> ScopeError:
    return ScopeError(
        name,
        ScopeProblem.EXPIRED_CREDENTIALS,
        "Could not continue to read: the SSO session associated with this profile has expired.",
        f"Log in with: {_COMMAND}",
        cause="credentials-expired",
        command=_COMMAND,
    )
