from __future__ import annotations

from ssmtui.diagnosis.planning import plan_fix
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Now
from ssmtui.model.plan import FixNotApplicable
from tests.builders.fleet import NOON, a_node, a_scope
from tests.evidence.fake_aws import FakeAws


async def test_a_fix_for_a_findings_subject_needs_a_finding() -> None:
    resolver = FactStore(FakeAws(), a_scope(), Now(NOON)).resolver(a_node())
    plan = await plan_fix("open-node-egress", resolver)
    assert plan == FixNotApplicable("open-node-egress", "this change needs a finding, and none is named")


async def test_a_fix_that_is_not_in_the_package_says_so() -> None:
    resolver = FactStore(FakeAws(), a_scope(), Now(NOON)).resolver(None)
    plan = await plan_fix("paint-it-green", resolver)
    assert isinstance(plan, FixNotApplicable)
    assert "cannot apply this change yet" in plan.why
