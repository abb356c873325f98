"""A report in which nobody's own names stand: all of its parts are gone through before the first is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssmtui.report.paper import Body, Compared, Paper
from ssmtui.report.redaction.report_parts import ReportRedactor


class RedactedPaper:
    """A report, redacted. `key` is what addresses are turned by; see `Redactor`."""

    def __init__(self, paper: Paper, key: bytes) -> None:
        self._paper = paper
        self._redactor = ReportRedactor(key)
        self._was: dict[str, str] = {}
        for scope in paper.scopes:
            self._redactor.learn_scope(scope)
        for node in paper.nodes:
            self._redactor.learn_node(node)
        gone = (*paper.compared.fixed, *paper.compared.unseen) if paper.compared is not None else ()
        for findings in (paper.findings, gone):
            for finding in findings:
                self._redactor.learn_finding(finding)

    @property
    def head(self) -> Body:
        """By which schema and version it was made, and when; and that it was redacted."""
        head = dict(self._paper.head)
        made = head.pop("generated_at")
        return {**head, "redacted": True, "generated_at": made}

    @property
    def summary(self) -> Body:
        """Nodes by verdict, and the API calls made."""
        return self._paper.summary

    @property
    def scopes(self) -> Sequence[Body]:
        """What was looked at."""
        return [self._redactor.scope(each) for each in self._paper.scopes]

    @property
    def nodes(self) -> Iterator[Body]:
        """The nodes."""
        return map(self._redactor.node, self._paper.nodes)

    @property
    def findings(self) -> Iterator[Body]:
        """The findings."""
        return map(self._finding, self._paper.findings)

    @property
    def compared(self) -> Compared | None:
        """What it was compared with."""
        told = self._paper.compared
        if told is None:
            return None
        fixed, unseen = (list(map(self._finding, each)) for each in (told.fixed, told.unseen))
        return Compared(told.generated_at, fixed, unseen)

    def sentence(self, text: str) -> str:
        """A sentence about the report, with everything called as it is here."""
        return self._redactor.redactor.sentence(text)

    def finding(self, id_: str) -> Body | None:
        """The finding of that id, as it is called here."""
        if not self._was:
            self._was = {self._redactor.finding_id(str(each["id"])): str(each["id"]) for each in self._paper.findings}
        found = self._paper.finding(self._was[id_]) if id_ in self._was else None
        return self._finding(found) if found is not None else None

    def _finding(self, finding: Body) -> Body:
        return self._redactor.finding(finding)
