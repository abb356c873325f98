"""What `ssmtui policy` prints for reading, taken apart; and which of it was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.cli.policy_actions import actions_for
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.plan import JSON
from ssmtui.report.policy import PolicyTarget, Purpose, policy_document
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import ACCOUNT

READ_POLICY = policy_document(actions_for([Purpose.READ]), PolicyTarget(ACCOUNT, partition="aws"))


def statements(policy: Mapping[str, JSON]) -> list[dict[str, list[str]]]:
    loaded: list[dict[str, list[str]]] = json.loads(json.dumps(policy["Statement"]))
    return loaded


def actions(policy: Mapping[str, JSON]) -> list[str]:
    return [action for statement in statements(policy) for action in statement["Action"]]


def without(*taken: str) -> Mapping[str, JSON]:
    left = [
        {**statement, "Action": [action for action in statement["Action"] if action not in taken]}
        for statement in statements(READ_POLICY)
    ]
    return {**READ_POLICY, "Statement": [statement for statement in left if statement["Action"]]}


def asked(aws: SimulatedAws) -> dict[str, set[int]]:
    """The actions that were called for, each with the statuses of the answers."""
    told: dict[str, set[int]] = {}
    for entry in aws.journal.entries:
        told.setdefault(all_reads()[entry.service, entry.operation], set()).add(entry.status)
    return told
