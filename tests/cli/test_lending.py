"""Who is lent credentials: whoever writes where that is not forbidden."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from ssmtui.cli.app_launch import credential_sharing
from ssmtui.config.declared_settings import READ_ONLY
from ssmtui.config.file import PartialSettings
from ssmtui.config.setting_types import SettingLayer, SettingOrigin, SettingTable, SettingValue
from ssmtui.config.settings import Settings
from ssmtui.model.scope import CredentialsUnavailable, ScopeName, SharedCredentials

LENT = SharedCredentials("ASIA", "s", "t")
PROD_IS_READ_ONLY = {
    SettingTable.PROFILES: (
        PartialSettings("prod", {READ_ONLY.name: SettingValue(value=True, origin=SettingOrigin(SettingLayer.FILE))}),
    )
}
ROLE = "arn:aws:iam::123456789012:role/Audit"


class Inquiry:
    """Lends to whoever asks, and remembers where."""

    def __init__(self) -> None:
        self.asked: list[tuple[ScopeName, SharedCredentials | None]] = []

    def credentials(self, scope: ScopeName, refused: SharedCredentials | None = None) -> Future[SharedCredentials]:
        self.asked.append((scope, refused))
        future: Future[SharedCredentials] = Future()
        future.set_result(LENT)
        return future


def test_what_the_diagnosis_reads_by_is_lent_and_it_is_told_what_aws_did_not_take() -> None:
    handle = Inquiry()
    lend = credential_sharing(Settings(), lambda: handle)
    scope = ScopeName("dev", "eu-west-3")
    assert lend(scope).result() == lend(scope, LENT).result() == LENT
    assert handle.asked == [(scope, None), (scope, LENT)]


@pytest.mark.parametrize("role", [None, ROLE])
def test_nothing_is_lent_in_a_profile_that_is_read_only_nor_in_its_roles(role: str | None) -> None:
    handle = Inquiry()
    lend = credential_sharing(Settings(some=PROD_IS_READ_ONLY), lambda: handle)
    with pytest.raises(CredentialsUnavailable, match="read-only"):
        lend(ScopeName("prod", "eu-west-3", role)).result()
    assert handle.asked == []
    assert lend(ScopeName("dev", "eu-west-3", role)).result() == LENT
