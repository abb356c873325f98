"""Whether the session key can be used by whoever has been granted just-in-time node access."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_key
from ssmtui.language import say
from ssmtui.model.access_requests import KEY_TAG, JustInTimeAccess
from ssmtui.model.account_keys import KeyTags
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.storage import Key
from ssmtui.model.subject import Subject, SubjectKind


@check(link=Link.PREFERENCES, causes=("kms-key-jit-tag-missing",), subject=the_key, after=("session-key-is-usable",))
def session_key_serves_access_requests(access: JustInTimeAccess, key: Key, tags: KeyTags) -> Findings:
    """Whether the session key carries the tag that just-in-time node access needs."""
    value = dict(tags.tags).get(KEY_TAG)
    if value == "true":
        return ()
    named = Subject(SubjectKind.KEY, key.arn)
    tagged = (
        say("the key has no tag {tag}", tag=KEY_TAG)
        if value is None
        else say("the tag {tag} of the key is {value}, not true", tag=KEY_TAG, value=value)
    )
    in_use = say("the Region has the approval policy {policy}", policy=access.policies[0])
    return (
        Finding(
            cause="kms-key-jit-tag-missing",
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=named,
            summary=say(
                "Sessions by access request cannot use the session key {key}: it lacks the tag for that.",
                key=named.name,
            ),
            evidence=(Evidence(tagged, "kms:ListResourceTags"), Evidence(in_use, "ssm:ListDocuments")),
            fixes=("tag-key-for-access-requests",),
        ),
    )
