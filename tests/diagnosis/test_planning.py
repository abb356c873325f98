from __future__ import annotations

from ssmtui.diagnosis.planning import plan_fix
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.model.moment import Now
from ssmtui.model.plan import NotApplicable
from tests.builders.fleet import NOON, a_node, a_scope
from tests.evidence.fake_aws import FakeAws


async def test_a_fix_for_a_findings_subject_needs_a_finding() -> None:
    journey = Gathering(FakeAws(), a_scope(), Now(NOON)).journey(a_node())
    plan = await plan_fix("open-node-egress", journey)
    assert plan == NotApplicable("open-node-egress", "it can be made only for a finding: none is named")


async def test_a_fix_that_is_not_in_the_package_says_so() -> None:
    journey = Gathering(FakeAws(), a_scope(), Now(NOON)).journey(None)
    plan = await plan_fix("paint-it-green", journey)
    assert isinstance(plan, NotApplicable)
    assert "cannot make this change yet" in plan.why
