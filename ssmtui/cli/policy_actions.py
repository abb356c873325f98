"""Collect the IAM actions that ssmtui needs, and parse the target of `ssmtui policy`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from ssmtui.checks.registry import Check
from ssmtui.cli.errors import UsageError
from ssmtui.evidence.aws.allowed_reads import DRY_RUNS
from ssmtui.evidence.aws.profiles import profile_name, read_profiles
from ssmtui.evidence.aws.scopes import EVERY_REGION, ORGANIZATION_ACTIONS
from ssmtui.evidence.facts.sources import all_reads, underlying_actions
from ssmtui.language import say
from ssmtui.model.iam_questions import OPEN_DATA_CHANNEL
from ssmtui.model.scope_request import OWN_ACCOUNTS, OtherAccounts, find_account_mistake
from ssmtui.remediation.operations.catalog import FURTHER_ACTIONS, READS, WRITES
from ssmtui.report.policy import NO_ACCOUNT, PERMITTED_TO_ALL, TAKING_ROLES, PolicyTarget, Purpose
from ssmtui.session.client import OPERATIONS
from ssmtui.session.client import READS as SESSION_READS


def actions_for(purposes: Iterable[Purpose], others: OtherAccounts = OWN_ACCOUNTS) -> Mapping[Purpose, frozenset[str]]:
    """Return the actions of each purpose, without those that need no permission."""
    of = {Purpose.READ: _reading, Purpose.FIXES: _fixing, Purpose.SESSIONS: _opening_sessions}
    return {purpose: of[purpose]() - PERMITTED_TO_ALL | _elsewhere(others) for purpose in purposes}


def actions_of(check: Check) -> tuple[str, ...]:
    """Return the sorted actions that read a check's facts; empty if the listing of nodes is enough.

    Some are only used if another action is refused: policies are read if the caller cannot simulate them.
    """
    needs = (*check.needs, *check.subject_needs)
    actions = frozenset[str]().union(*(underlying_actions(need.kind) for need in needs))
    return tuple(sorted(actions - PERMITTED_TO_ALL))


def _reading() -> frozenset[str]:
    # A dry run asks about the permission to open sessions.
    reads = {action for operation, action in all_reads().items() if operation not in DRY_RUNS}
    return frozenset(reads) - {*ORGANIZATION_ACTIONS}


def _elsewhere(others: OtherAccounts) -> frozenset[str]:
    """Return the actions that open other accounts, if requested."""
    taken = {TAKING_ROLES} if others.roles or others.organization else set()
    listed = {*ORGANIZATION_ACTIONS} if others.organization and not others.accounts else set()
    return frozenset(taken | listed)


def _fixing() -> frozenset[str]:
    # The operations of the writer have the names of their IAM actions.
    named = frozenset(f"{service}:{operation}" for service, operation in WRITES | READS)
    return named.union(*FURTHER_ACTIONS.values())


def _opening_sessions() -> frozenset[str]:
    # The operations of the session client have the names of their IAM actions. A separate signed request opens the data
    # channel.
    named = frozenset(f"{service}:{operation}" for service, operation in OPERATIONS | SESSION_READS)
    return named | {OPEN_DATA_CHANNEL}


_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")


def policy_target(
    account: str | None, profile: str | None, regions: tuple[str, ...], others: OtherAccounts = OWN_ACCOUNTS
) -> PolicyTarget:
    """Return the account, the Regions with their partition, and the roles. Invalid values are usage errors."""
    if why := find_account_mistake(others):
        raise UsageError(why)
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise UsageError(say("--account must be the 12 digits of an account ID, not {text}", text=account))
    chosen = () if EVERY_REGION in regions else tuple(dict.fromkeys(regions))
    if wrong := next((each for each in chosen if not _REGION.fullmatch(each)), None):
        raise UsageError(say("{text} is not the name of a Region", text=wrong))
    found = account or read_profiles(os.environ).account_of(profile_name(profile, os.environ))
    if not chosen:
        return PolicyTarget(found or NO_ACCOUNT, others=others)
    from ssmtui.aws.client_config import partition_of

    return PolicyTarget(found or NO_ACCOUNT, chosen, partition_of(chosen[0]), others)
