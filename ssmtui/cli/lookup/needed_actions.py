"""The IAM actions that ssmtui takes: worked out from the lists that keep it from calling anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ssmtui.changes.operations import FURTHER_ACTIONS, READS, WRITES
from ssmtui.checks.check import Check
from ssmtui.evidence.gathering.reading import actions_beneath, all_reads
from ssmtui.evidence.wire.asked_scopes import ORGANIZATION_ACTIONS
from ssmtui.model.other_accounts import OWN_ACCOUNTS, OtherAccounts
from ssmtui.model.questions import OPEN_DATA_CHANNEL
from ssmtui.report.policy import PERMITTED_TO_ALL
from ssmtui.report.policy_resources import TAKING_ROLES, Purpose
from ssmtui.session.client import OPERATIONS


def actions_for(purposes: Iterable[Purpose], others: OtherAccounts = OWN_ACCOUNTS) -> Mapping[Purpose, frozenset[str]]:
    """The actions of each purpose, but for those that need no permission."""
    of = {Purpose.READ: _reading, Purpose.FIXES: _fixing, Purpose.SESSIONS: _opening_sessions}
    return {purpose: of[purpose]() - PERMITTED_TO_ALL | _elsewhere(others) for purpose in purposes}


def actions_of(check: Check) -> tuple[str, ...]:
    """The actions by which a check's facts are read, sorted; empty where the listing of nodes tells all it needs.

    Some only count where another is refused: policies are read where they may not be simulated.
    """
    needs = (*check.needs, *check.subject_needs)
    actions = frozenset[str]().union(*(actions_beneath(need.kind) for need in needs))
    return tuple(sorted(actions - PERMITTED_TO_ALL))


def _reading() -> frozenset[str]:
    return frozenset(all_reads().values()) - {*ORGANIZATION_ACTIONS}


def _elsewhere(others: OtherAccounts) -> frozenset[str]:
    """What it takes to get into other accounts, where they are asked for."""
    taken = {TAKING_ROLES} if others.roles or others.organization else set()
    listed = {*ORGANIZATION_ACTIONS} if others.organization and not others.accounts else set()
    return frozenset(taken | listed)


def _fixing() -> frozenset[str]:
    # Each operation that the writer may send is named as the IAM action that it needs.
    named = frozenset(f"{service}:{operation}" for service, operation in WRITES | READS)
    return named.union(*FURTHER_ACTIONS.values())


def _opening_sessions() -> frozenset[str]:
    # The client's calls are named as their actions are. The data channel is opened by a signed request of its own.
    return frozenset(f"{service}:{operation}" for service, operation in OPERATIONS) | {OPEN_DATA_CHANNEL}
