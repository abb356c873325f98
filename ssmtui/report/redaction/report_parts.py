"""The parts of a report (docs/interface.md §4), redacted: learned from all of them first, then written.

What is ssmtui's or AWS's word (verdicts, slugs, actions, Regions, versions, moments) is not touched. Ids refer to each
other as before; lists stand in the order of the originals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from ssmtui.model.plan import JSON
from ssmtui.model.subject import SubjectKind
from ssmtui.report.redaction.pseudonyms import Kind
from ssmtui.report.redaction.public_words import REGION
from ssmtui.report.redaction.redactor import Redactor

Body = Mapping[str, JSON]

_SUBJECTS: Mapping[str, Kind] = {
    SubjectKind.BUCKET.value: Kind.BUCKET,
    SubjectKind.CALLER.value: Kind.USER,
    SubjectKind.DOCUMENT.value: Kind.DOCUMENT,
    SubjectKind.INSTANCE_PROFILE.value: Kind.INSTANCE_PROFILE,
    SubjectKind.KEY.value: Kind.KEY,
    SubjectKind.LOG_GROUP.value: Kind.LOG_GROUP,
    SubjectKind.NODE.value: Kind.ID,
    SubjectKind.ROLE.value: Kind.ROLE,
}
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,4}")


class ReportRedactor:
    """Redacts the parts of one report. Learn from every part before the first is redacted."""

    def __init__(self, key: bytes) -> None:
        self.redactor = Redactor(key)

    def learn_scope(self, body: Body) -> None:
        """Know the names in a scope."""
        if profile := _text(body["profile"]):
            self.redactor.learn(Kind.PROFILE, profile)
        for key in ("caller", "role"):
            if arn := _text(body.get(key)):
                self.redactor.learn_identifier(arn)
        self.redactor.learn_sentence(_text(body["error"]))

    def learn_node(self, body: Body) -> None:
        """Know the names in a node."""
        self.redactor.learn(Kind.ID, _text(body["id"]))
        self.redactor.learn(Kind.NODE, _text(body["name"]))

    def learn_finding(self, body: Body) -> None:
        """Know the names in a finding."""
        subject = cast("Body", body["subject"])
        self.redactor.learn_identifier(_text(subject["id"]), _kind_of(subject))
        for text in (body["summary"], *(each["fact"] for each in _evidence(body))):
            self.redactor.learn_sentence(_text(text))

    def scope(self, body: Body) -> Body:
        """A scope, redacted."""
        redactor = self.redactor
        return {
            **body,
            "profile": _told(body["profile"], lambda text: redactor.name(Kind.PROFILE, text)),
            "account": _told(body["account"], lambda text: redactor.name(Kind.ACCOUNT, text)),
            "caller": _told(body["caller"], redactor.identifier),
            "error": _told(body["error"], redactor.sentence),
            **({"role": _told(body["role"], redactor.identifier)} if "role" in body else {}),
        }

    def node(self, body: Body) -> Body:
        """A node, redacted."""
        redactor = self.redactor
        return {
            **body,
            "id": redactor.identifier(_text(body["id"])),
            "name": redactor.name(Kind.NODE, _text(body["name"])),
            "account": redactor.name(Kind.ACCOUNT, _text(body["account"])),
            "platform": _told(body["platform"], redactor.sentence),
            "agent_version": _told(
                body["agent_version"], lambda text: text if _VERSION.fullmatch(text) else redactor.sentence(text)
            ),
            "findings": [self.finding_id(_text(each)) for each in cast("list[JSON]", body["findings"])],
        }

    def finding(self, body: Body) -> Body:
        """A finding, redacted."""
        redactor, subject = self.redactor, cast("Body", body["subject"])
        return {
            **body,
            "id": self.finding_id(_text(body["id"])),
            "subject": {**subject, "id": redactor.identifier(_text(subject["id"]))},
            "nodes": [redactor.identifier(_text(each)) for each in cast("list[JSON]", body["nodes"])],
            "summary": redactor.sentence(_text(body["summary"])),
            "evidence": [
                {"fact": redactor.sentence(_text(each["fact"])), "source": redactor.sentence(_text(each["source"]))}
                for each in _evidence(body)
            ],
            **({"muted": [self._mute(each) for each in cast("list[Body]", body["muted"])]} if "muted" in body else {}),
        }

    def _mute(self, mute: Body) -> Body:
        nodes = [self.redactor.identifier(each) for each in cast("list[str]", mute["nodes"])]
        return {**mute, "nodes": nodes, "reason": self.redactor.sentence(_text(mute["reason"]))}

    def finding_id(self, id_: str) -> str:
        """The id of a finding, `<cause>@<subject id>`, perhaps with `@<region>`: its redacted parts make it."""
        cause, at, rest = id_.partition("@")
        subject, again, region = rest.rpartition("@")
        if not (again and REGION.fullmatch(region)):
            return f"{cause}{at}{self.redactor.identifier(rest)}"
        return f"{cause}{at}{self.redactor.identifier(subject)}@{region}"


def _kind_of(subject: Body) -> Kind:
    return _SUBJECTS.get(_text(subject["kind"]), Kind.NAME)


def _evidence(body: Body) -> list[Body]:
    return cast("list[Body]", body["evidence"])


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _told(value: JSON, redact: Callable[[str], str]) -> JSON:
    return redact(value) if isinstance(value, str) else value
