"""A report compared with one of before: which findings are new, which are still there, and which are not any more."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.report.marks import NEW, STILL, WORST_FIRST, known_word, status_of, texts, verdict_of
from ssmtui.report.merging.merge import Merged
from ssmtui.report.paper import Body, Compared, Paper

_WORST_FIRST = ("fail", "warn", "unknown", "info")
"""As `--fail-on` has it: each includes those before it."""

_LOOKED_AT = frozenset({"ok", "warn", "fail"})
"""Verdicts of nodes of which it is known what is wrong with them. Whether a stopped one would still be held, is not."""


class Baseline:
    """The report of before."""

    def __init__(self, before: Merged) -> None:
        self._before = before
        self._errors = {_whose(scope) for scope in before.scopes if scope["error"] is not None}

    @property
    def generated_at(self) -> str:
        """When it was made."""
        return str(self._before.head["generated_at"])

    def standing(self, finding: Body) -> str:
        """`still`, where the finding was there before and as bad at least; else `new`."""
        before = self._before.finding(str(finding["id"]))
        return STILL if before is not None and not _is_worse(status_of(finding), status_of(before)) else NEW

    def knew_verdict(self, node: Body) -> bool:
        """Whether the node's verdict was as bad before."""
        before = self._before.spool.verdict_of(str(node["id"]), str(node["region"]), str(node["account"]))
        was = "ok" if before is None else known_word(before, WORST_FIRST)
        return was in _WORST_FIRST and not _is_worse(verdict_of(node), was)

    def knew_error(self, scope: Body) -> bool:
        """Whether the scope could not be looked at before either."""
        return _whose(scope) in self._errors

    def compare(self, paper: Paper) -> Compared:
        """What was found before and is not found now."""
        gone = [each for each in self._gone(paper) if each["status"] != "info"]
        concerned = {node for each in gone for node in texts(each["nodes"])}
        known = {
            str(node["id"])
            for node in paper.nodes
            if concerned and node["id"] in concerned and node["verdict"] in _LOOKED_AT
        }
        fixed = [each for each in gone if not known.isdisjoint(texts(each["nodes"]))]
        unseen = [each for each in gone if known.isdisjoint(texts(each["nodes"]))]
        return Compared(self.generated_at, fixed, unseen)

    def _gone(self, paper: Paper) -> Iterator[Body]:
        """Both reports tell their findings in the order of their ids: so neither has to be held."""
        now = (str(each["id"]) for each in paper.findings if each["nodes"])
        ready = next(now, None)
        for before in self._before.findings:
            if not before["nodes"]:
                continue
            while ready is not None and ready < str(before["id"]):
                ready = next(now, None)
            if ready != before["id"]:
                yield before


def _is_worse(now: str, before: str) -> bool:
    return _WORST_FIRST.index(now) < _WORST_FIRST.index(before)


def _whose(scope: Body) -> tuple[object, ...]:
    return tuple(scope.get(key) for key in ("profile", "role", "account", "region"))
