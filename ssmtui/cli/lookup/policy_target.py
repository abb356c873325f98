"""Whom `ssmtui policy` prints a policy for: by the options, and by the person's AWS files."""

from __future__ import annotations

import os
import re

from ssmtui.cli.refusals import UsageError
from ssmtui.evidence.wire.asked_scopes import EVERY_REGION
from ssmtui.evidence.wire.profiles import profile_name, read_profiles
from ssmtui.language import say
from ssmtui.model.other_accounts import OWN_ACCOUNTS, OtherAccounts, why_not
from ssmtui.report.policy_resources import NO_ACCOUNT, PolicyTarget

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")


def policy_target(
    account: str | None, profile: str | None, regions: tuple[str, ...], others: OtherAccounts = OWN_ACCOUNTS
) -> PolicyTarget:
    """The account, the Regions and their partition, and the roles taken from there. Errors in them are usage errors."""
    if why := why_not(others):
        raise UsageError(why)
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise UsageError(say("--account takes the twelve digits of an account, not {text}", text=account))
    chosen = () if EVERY_REGION in regions else tuple(dict.fromkeys(regions))
    if wrong := next((each for each in chosen if not _REGION.fullmatch(each)), None):
        raise UsageError(say("{text} is not the name of a Region", text=wrong))
    found = account or read_profiles(os.environ).account_of(profile_name(profile, os.environ))
    if not chosen:
        return PolicyTarget(found or NO_ACCOUNT, others=others)
    from ssmtui.evidence.wire.endpoints import partition_of

    return PolicyTarget(found or NO_ACCOUNT, chosen, partition_of(chosen[0]), others)
