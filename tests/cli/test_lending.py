"""Who is lent credentials: whoever writes where that is not forbidden."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from ssmtui.cli.lending import lending
from ssmtui.config.declared import READ_ONLY
from ssmtui.config.file import OfSome
from ssmtui.config.setting import Layer, Origin, Table, Told
from ssmtui.config.settings import Settings
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.scope import ScopeName

LENT = LentCredentials("ASIA", "s", "t")
PROD_IS_READ_ONLY = {Table.PROFILES: (OfSome("prod", {READ_ONLY.name: Told(value=True, origin=Origin(Layer.FILE))}),)}
ROLE = "arn:aws:iam::123456789012:role/Audit"


class Inquiry:
    """Lends to whoever asks, and remembers where."""

    def __init__(self) -> None:
        self.asked: list[tuple[ScopeName, LentCredentials | None]] = []

    def credentials(self, scope: ScopeName, refused: LentCredentials | None = None) -> Future[LentCredentials]:
        self.asked.append((scope, refused))
        future: Future[LentCredentials] = Future()
        future.set_result(LENT)
        return future


def test_what_the_diagnosis_reads_by_is_lent_and_it_is_told_what_aws_did_not_take() -> None:
    inquiry = Inquiry()
    lend = lending(Settings(), lambda: inquiry)
    scope = ScopeName("dev", "eu-west-3")
    assert lend(scope).result() == lend(scope, LENT).result() == LENT
    assert inquiry.asked == [(scope, None), (scope, LENT)]


@pytest.mark.parametrize("role", [None, ROLE])
def test_nothing_is_lent_in_a_profile_that_is_read_only_nor_in_its_roles(role: str | None) -> None:
    inquiry = Inquiry()
    lend = lending(Settings(some=PROD_IS_READ_ONLY), lambda: inquiry)
    with pytest.raises(CannotLend, match="read-only"):
        lend(ScopeName("prod", "eu-west-3", role)).result()
    assert inquiry.asked == []
    assert lend(ScopeName("dev", "eu-west-3", role)).result() == LENT
