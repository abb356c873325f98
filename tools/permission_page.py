"""Write the page of the IAM permissions that ssmtui needs, from the reads of the checks (`make docs`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ssmtui.checks.registry import all_checks
from ssmtui.cli.policy_actions import actions_for, actions_of
from ssmtui.report.policy import PolicyTarget, Purpose, policy_document

_ACCOUNT = "123456789012"
_BEGINNING = """\
# Permissions

ssmtui reads with the credentials that the AWS CLI would use. It needs no more than this page says, works with less
(what it may not read is **unknown**, and names the action that would settle it), and writes nothing unasked.

`ssmtui policy` prints the policies below for your account (`--account ID`; `--region R` narrows them further).

<!-- Made by `make docs` from what the checks ask for. -->
"""
_POLICIES = (
    ("To read", "--read", Purpose.READ),
    ("To make changes and take them back, besides", "--fixes", Purpose.FIXES),
    ("To open and end sessions, besides", "--sessions", Purpose.SESSIONS),
)


def page() -> str:
    """Return the page, in Markdown."""
    return "\n".join((_BEGINNING, *_policies(), *_checks()))


def _policies() -> Iterator[str]:
    for title, option, purpose in _POLICIES:
        policy = json.dumps(policy_document(actions_for([purpose]), PolicyTarget(account=_ACCOUNT)), indent=2)
        yield f"## {title}\n\n`ssmtui policy {option} --account {_ACCOUNT}`\n\n```json\n{policy}\n```\n"


def _checks() -> Iterator[str]:
    yield "## What each check asks for\n"
    yield "Besides the listing of nodes, which every check rests on.\n"
    yield "| check | what it finds out | actions |\n|---|---|---|"
    yield from (f"| `{each.name}` | {each.title} | {_named(actions_of(each))} |" for each in all_checks())
    yield ""


def _named(actions: Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in actions) or "–"
