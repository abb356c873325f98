"""Redact a report: learn the names in all parts, then replace them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from ssmtui.model.finding import SubjectKind
from ssmtui.model.plan import JSON
from ssmtui.report.model import BaselineComparison, Body, ReportModel
from ssmtui.report.redaction.pseudonyms import NameKind
from ssmtui.report.redaction.public_words import REGION
from ssmtui.report.redaction.redactor import Redactor

PartJSON = Mapping[str, JSON]

_SUBJECTS: Mapping[str, NameKind] = {
    SubjectKind.BUCKET.value: NameKind.BUCKET,
    SubjectKind.CALLER.value: NameKind.USER,
    SubjectKind.DOCUMENT.value: NameKind.DOCUMENT,
    SubjectKind.INSTANCE_PROFILE.value: NameKind.INSTANCE_PROFILE,
    SubjectKind.KEY.value: NameKind.KEY,
    SubjectKind.LOG_GROUP.value: NameKind.LOG_GROUP,
    SubjectKind.NODE.value: NameKind.ID,
    SubjectKind.ROLE.value: NameKind.ROLE,
}
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,4}")


class ReportRedactor:
    """Redacts the parts of one report. Learn from every part before the first is redacted."""

    def __init__(self, key: bytes) -> None:
        self.redactor = Redactor(key)

    def learn_scope(self, body: PartJSON) -> None:
        """Know the names in a scope."""
        if profile := _text(body["profile"]):
            self.redactor.learn(NameKind.PROFILE, profile)
        for key in ("caller", "role"):
            if arn := _text(body.get(key)):
                self.redactor.learn_identifier(arn)
        self.redactor.learn_sentence(_text(body["error"]))

    def learn_node(self, body: PartJSON) -> None:
        """Know the names in a node."""
        self.redactor.learn(NameKind.ID, _text(body["id"]))
        self.redactor.learn(NameKind.NODE, _text(body["name"]))

    def learn_finding(self, body: PartJSON) -> None:
        """Know the names in a finding."""
        subject = cast("PartJSON", body["subject"])
        self.redactor.learn_identifier(_text(subject["id"]), _kind_of(subject))
        for text in (body["summary"], *(each["fact"] for each in _evidence(body))):
            self.redactor.learn_sentence(_text(text))

    def scope(self, body: PartJSON) -> PartJSON:
        """A scope, redacted."""
        redactor = self.redactor
        return {
            **body,
            "profile": _told(body["profile"], lambda text: redactor.name(NameKind.PROFILE, text)),
            "account": _told(body["account"], lambda text: redactor.name(NameKind.ACCOUNT, text)),
            "caller": _told(body["caller"], redactor.identifier),
            "error": _told(body["error"], redactor.sentence),
            **({"role": _told(body["role"], redactor.identifier)} if "role" in body else {}),
        }

    def node(self, body: PartJSON) -> PartJSON:
        """A node, redacted."""
        redactor = self.redactor
        return {
            **body,
            "id": redactor.identifier(_text(body["id"])),
            "name": redactor.name(NameKind.NODE, _text(body["name"])),
            "account": redactor.name(NameKind.ACCOUNT, _text(body["account"])),
            "platform": _told(body["platform"], redactor.sentence),
            "agent_version": _told(
                body["agent_version"], lambda text: text if _VERSION.fullmatch(text) else redactor.sentence(text)
            ),
            "findings": [self.finding_id(_text(each)) for each in cast("list[JSON]", body["findings"])],
        }

    def finding(self, body: PartJSON) -> PartJSON:
        """A finding, redacted."""
        redactor, subject = self.redactor, cast("PartJSON", body["subject"])
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
            **(
                {"muted": [self._mute(each) for each in cast("list[PartJSON]", body["muted"])]}
                if "muted" in body
                else {}
            ),
        }

    def _mute(self, mute: PartJSON) -> PartJSON:
        nodes = [self.redactor.identifier(each) for each in cast("list[str]", mute["nodes"])]
        return {**mute, "nodes": nodes, "reason": self.redactor.sentence(_text(mute["reason"]))}

    def finding_id(self, id_: str) -> str:
        """The id of a finding, `<cause>@<subject id>`, perhaps with `@<region>`: its redacted parts make it."""
        cause, at, rest = id_.partition("@")
        subject, again, region = rest.rpartition("@")
        if not (again and REGION.fullmatch(region)):
            return f"{cause}{at}{self.redactor.identifier(rest)}"
        return f"{cause}{at}{self.redactor.identifier(subject)}@{region}"


def _kind_of(subject: PartJSON) -> NameKind:
    return _SUBJECTS.get(_text(subject["kind"]), NameKind.NAME)


def _evidence(body: PartJSON) -> list[PartJSON]:
    return cast("list[PartJSON]", body["evidence"])


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _told(value: JSON, redact: Callable[[str], str]) -> JSON:
    return redact(value) if isinstance(value, str) else value


class RedactedReport:
    """A report, redacted. `key` is what addresses are turned by; see `Redactor`."""

    def __init__(self, report_model: ReportModel, key: bytes) -> None:
        self._report_model = report_model
        self._redactor = ReportRedactor(key)
        self._was: dict[str, str] = {}
        for scope in report_model.scopes:
            self._redactor.learn_scope(scope)
        for node in report_model.nodes:
            self._redactor.learn_node(node)
        gone = (
            (*report_model.compared.fixed, *report_model.compared.unseen) if report_model.compared is not None else ()
        )
        for findings in (report_model.findings, gone):
            for finding in findings:
                self._redactor.learn_finding(finding)

    @property
    def head(self) -> Body:
        """By which schema and version it was made, and when; and that it was redacted."""
        head = dict(self._report_model.head)
        made = head.pop("generated_at")
        return {**head, "redacted": True, "generated_at": made}

    @property
    def summary(self) -> Body:
        """Nodes by verdict, and the API calls made."""
        return self._report_model.summary

    @property
    def scopes(self) -> Sequence[Body]:
        """What was looked at."""
        return [self._redactor.scope(each) for each in self._report_model.scopes]

    @property
    def nodes(self) -> Iterator[Body]:
        """The nodes."""
        return map(self._redactor.node, self._report_model.nodes)

    @property
    def findings(self) -> Iterator[Body]:
        """The findings."""
        return map(self._finding, self._report_model.findings)

    @property
    def compared(self) -> BaselineComparison | None:
        """What it was compared with."""
        told = self._report_model.compared
        if told is None:
            return None
        fixed, unseen = (list(map(self._finding, each)) for each in (told.fixed, told.unseen))
        return BaselineComparison(told.generated_at, fixed, unseen)

    def sentence(self, text: str) -> str:
        """A sentence about the report, with everything called as it is here."""
        return self._redactor.redactor.sentence(text)

    def finding(self, id_: str) -> Body | None:
        """The finding of that id, as it is called here."""
        if not self._was:
            self._was = {
                self._redactor.finding_id(str(each["id"])): str(each["id"]) for each in self._report_model.findings
            }
        found = self._report_model.finding(self._was[id_]) if id_ in self._was else None
        return self._finding(found) if found is not None else None

    def _finding(self, finding: Body) -> Body:
        return self._redactor.finding(finding)
