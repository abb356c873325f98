"""Findings of checks that could not tell."""

from __future__ import annotations

import pytest

from ssmtui.analysis.finding_parts import READ_PARAMETER, settling_actions, status_by_switch
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Status
from ssmtui.model.preferences import EncryptedOnly


def test_what_would_have_let_things_be_read_is_named_once_and_only_where_an_action_would() -> None:
    refused = Unreadable("kms:DescribeKey", "not authorized")
    illegible = Unreadable("", "it is no policy", source="kms:GetKeyPolicy")
    assert settling_actions(refused, illegible, refused) == ("kms:DescribeKey",)


@pytest.mark.parametrize(
    ("switch", "status"),
    [
        (EncryptedOnly.ON, (Status.FAIL, ())),
        (EncryptedOnly.OFF, (Status.WARN, ())),
        (EncryptedOnly.MALFORMED, (Status.WARN, ())),
        (EncryptedOnly.REFERENCE, (Status.UNKNOWN, (READ_PARAMETER,))),
        (EncryptedOnly.PARAMETER, (Status.UNKNOWN, ())),
    ],
)
def test_a_fault_of_a_destination_matters_by_its_switch(
    switch: EncryptedOnly, status: tuple[Status, tuple[str, ...]]
) -> None:
    assert status_by_switch(switch) == status
