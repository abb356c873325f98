"""The families of cases: how each is made by chance, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.trust.oracle import accounts, networks, policies, trust_policies
from tests.trust.oracle.shrinking import Case
from tests.trust.oracle.trial import Trial


@dataclass(frozen=True)
class Family:
    """`share` is how many of a hundred cases are of it."""

    name: str
    made: Callable[[Random], Case]
    judged: Callable[[Case], Trial]
    share: int


FAMILIES = (
    Family("policies", policies.made, policies.judged, 45),
    Family("accounts", accounts.made, accounts.judged, 20),
    Family("networks", networks.made, networks.judged, 27),
    Family("trust policies", trust_policies.made, trust_policies.judged, 8),
)
