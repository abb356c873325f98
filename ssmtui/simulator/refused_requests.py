"""What is remembered of refused requests, by authorization id, for as long as AWS keeps it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # The memory of the process is there before moto is imported, which reads its settings then.
    from ssmtui.simulator.authorisation.actions import Need
    from ssmtui.simulator.authorisation.evaluation import Decision, Policies

KEPT_FOR: Final = timedelta(hours=24)
SERVICES_WITH_IDS: Final = frozenset({"iam"})
"""The services whose refusals carry an id; AWS adds others one by one."""

HOME_OF_IAM: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region of IAM's one endpoint in each partition, in which its refusals are remembered."""

_DIGITS: Final = string.digits + string.ascii_lowercase
_LENGTH: Final = 25


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A refused request: where, when, what was asked with which condition keys, and every policy with a say in it."""

    region: str
    at: datetime
    need: Need
    decision: Decision
    policies: Policies
    keys: Mapping[str, str]


_records: dict[str, RefusedRequest] = {}


def store_refused_request(record: RefusedRequest) -> str:
    """Keep a refused request, and give the id that it can be looked up by."""
    number = int.from_bytes(hashlib.sha256(str(len(_records)).encode()).digest())
    id_ = ""
    while len(id_) < _LENGTH:
        number, digit = divmod(number, len(_DIGITS))
        id_ += _DIGITS[digit]
    _records[id_] = record
    return id_


def find_refused_request(id_: str, region: str) -> RefusedRequest | None:
    """The refused request of an id in a Region; None where there is none, or it is too long ago."""
    record = _records.get(id_)
    if record is None or record.region != region or datetime.now(UTC) - record.at > KEPT_FOR:
        return None
    return record


def age_refused_requests(by: timedelta) -> None:
    """Make everything that is remembered that much older."""
    for id_, record in _records.items():
        _records[id_] = RefusedRequest(
            record.region, record.at - by, record.need, record.decision, record.policies, record.keys
        )


def forget_refused_requests() -> None:
    """Remember nothing."""
    _records.clear()
