"""The way out as tests ask for it: whatever it is, it must be told in the form in which findings take it."""

from __future__ import annotations

from ssmtui.analysis.network import paths as judged
from ssmtui.analysis.network.routes import NetworkContext, NetworkPath, OpenPath
from ssmtui.model.finding import Evidence, Subject
from tests.checks.outcome import is_source


def checked_path(around: NetworkContext, service: str) -> NetworkPath:
    """The way to a service: open through something, or ended at a hop, with a subject and evidence that has sources."""
    way = judged.find_path(around, service)
    if isinstance(way, OpenPath):
        assert way.via
        return way
    assert type(way.subject) is Subject
    assert type(way.hop) is str
    assert not way.hop.endswith(".")
    assert {type(each) for each in way.evidence} <= {Evidence}
    assert all(each.fact and is_source(each.source) for each in way.evidence)
    return way
