"""What somebody has muted, for a reason and until a day: it is told, and does not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import translate
from functools import cache

from ssmtui.model.plan import JSON
from ssmtui.report.marks import texts
from ssmtui.report.paper import Body


@dataclass(frozen=True, slots=True)
class Mute:
    """One entry: what it is about, why, and the last day that it holds. Empty patterns stand for everything.

    In a pattern `*` stands for any text and `?` for any character. A node is meant by its id or its name.
    """

    causes: tuple[str, ...]
    subjects: tuple[str, ...]
    nodes: tuple[str, ...]
    reason: str
    expires: date
    line: int = 0

    def is_about(self, finding: Body) -> bool:
        """Whether it is about a finding, whichever nodes that holds."""
        subject = finding["subject"]
        id_ = subject["id"] if isinstance(subject, Mapping) else ""
        return _any_fits(self.causes, str(finding["cause"])) and _any_fits(self.subjects, str(id_))

    def names(self, node: Body) -> bool:
        """Whether it names a node."""
        return _any_fits(self.nodes, str(node["id"])) or _any_fits(self.nodes, str(node["name"]))

    @property
    def is_about_nodes(self) -> bool:
        """Whether it is about nodes as such, whatever is wrong with them."""
        return bool(self.nodes) and not self.causes and not self.subjects


@dataclass(frozen=True, slots=True)
class Muting:
    """The entries that hold, with the nodes that each names."""

    mutes: Sequence[Mute]
    named: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, mutes: Sequence[Mute], nodes: Iterable[Body]) -> Muting:
        """Those entries in a fleet."""
        by_nodes = [number for number, each in enumerate(mutes) if each.nodes]
        named: dict[int, set[str]] = {number: set() for number in by_nodes}
        for node in nodes if by_nodes else ():
            for number in by_nodes:
                if mutes[number].names(node):
                    named[number].add(str(node["id"]))
        return cls(mutes, {number: frozenset(ids) for number, ids in named.items()})

    def of_finding(self, finding: Body) -> list[JSON]:
        """What mutes a finding, each with its nodes; of a node that several mute, the first tells it."""
        left = list(texts(finding["nodes"]))
        told: list[JSON] = []
        for number, mute in enumerate(self.mutes):
            if not left or not mute.is_about(finding):
                continue
            taken = [node for node in left if node in self.named[number]] if mute.nodes else left
            if taken:
                left = [node for node in left if node not in self.named[number]] if mute.nodes else []
                told.append({"nodes": [*taken], "reason": mute.reason, "expires": mute.expires.isoformat()})
        return told

    def idle(self, findings: Iterable[Body]) -> tuple[Mute, ...]:
        """The entries that nothing is muted by: none of these findings is what they are about, and no node is."""
        left = {number for number, each in enumerate(self.mutes) if not (each.is_about_nodes and self.named[number])}
        for finding in findings:
            nodes = frozenset(texts(finding["nodes"]))
            about = (number for number in left if nodes and self.mutes[number].is_about(finding))
            left -= {number for number in about if not self.mutes[number].nodes or self.named[number] & nodes}
        return tuple(self.mutes[number] for number in sorted(left))

    def quiets(self, node: str) -> bool:
        """Whether a node is muted as such."""
        return any(mute.is_about_nodes and node in self.named[number] for number, mute in enumerate(self.mutes))


def _any_fits(patterns: Iterable[str], text: str) -> bool:
    each = tuple(patterns)
    return not each or any(_form(pattern).fullmatch(text) is not None for pattern in each)


@cache
def _form(pattern: str) -> re.Pattern[str]:
    # The standard library's form looks for what follows a star once: a pattern of many takes no longer than one.
    return re.compile(translate(pattern.replace("[", "[[]")))
