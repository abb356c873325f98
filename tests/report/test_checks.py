from __future__ import annotations

import json
import re

from ssmtui.checks.registry import all_checks
from ssmtui.cli.policy_actions import actions_for, actions_of
from ssmtui.evidence.readers.node_listing import LISTING_ACTIONS
from ssmtui.report.catalogue import check_lines, checks_document
from ssmtui.report.policy import PERMITTED_TO_ALL, Purpose, policy_document

ACTIONS = {check.name: actions_of(check) for check in all_checks()}


def named(name: str) -> tuple[str, ...]:
    return ACTIONS[name]


def test_a_check_needs_the_actions_of_everything_that_leads_to_its_facts() -> None:
    assert named("log-group-exists") == ("logs:DescribeLogGroups", "ssm:DescribeDocument", "ssm:GetDocument")


def test_a_check_of_what_the_listing_tells_needs_nothing_besides() -> None:
    assert named("instance-runs") == ()


def test_no_check_needs_what_the_policy_does_not_grant_or_what_needs_no_permission() -> None:
    policy = json.loads(json.dumps(policy_document(actions_for([Purpose.READ]))))
    granted = {action for statement in policy["Statement"] for action in statement["Action"]}
    needed = {action for actions in (*ACTIONS.values(), LISTING_ACTIONS) for action in actions}
    assert needed <= granted
    assert needed & PERMITTED_TO_ALL == set()


def test_every_check_is_listed_in_the_order_in_which_a_session_meets_it() -> None:
    lines = list(check_lines(all_checks(), ACTIONS, LISTING_ACTIONS))
    told = [found[1] for line in lines if (found := re.match(r"  ([a-z0-9-]+): ", line))]
    assert told == [check.name for check in all_checks()]
    assert [line.split()[1] for line in lines if line.startswith("    causes")][:1] == [
        all_checks()[0].causes[0] + ("," if len(all_checks()[0].causes) > 1 else "")
    ]
    assert "    needs   only the listing of nodes" in lines
    assert "    needs   none: the check reads only this computer" in lines


def test_json_says_the_same() -> None:
    document = json.loads(json.dumps(checks_document(all_checks(), ACTIONS, LISTING_ACTIONS)))
    assert list(document) == ["schema", "listing", "checks"]
    assert (document["schema"], document["listing"]) == ("ssmtui.checks/1", sorted(LISTING_ACTIONS))
    by_name = {check.name: check for check in all_checks()}
    assert [each["name"] for each in document["checks"]] == list(by_name)
    for each in document["checks"]:
        check = by_name[each["name"]]
        assert each == {
            "name": check.name,
            "title": check.title,
            "link": check.link.value,
            "causes": list(check.causes),
            "actions": list(ACTIONS[check.name]),
        }
