"""List the families of cases: how each is made at random, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from tools.trust.oracle import accounts, ipv6_networks, networks, policies, trust_policies, whole_checks
from tools.trust.oracle.policy_language import Reading
from tools.trust.oracle.trial import BUDGET, Case, Trial


def _nothing_hidden(_case: Case) -> Iterable[Reading]:
    return ()


@dataclass(frozen=True)
class Family:
    """A family.

    `share` is its percentage of all cases; `budget` is how many smaller cases a difference may try. `hidden` returns
    the answers for other values that nobody sees from outside.
    """

    name: str
    made: Callable[[Random], Case]
    judged: Callable[[Case], Trial]
    share: float
    budget: int = BUDGET
    hidden: Callable[[Case], Iterable[Reading]] = _nothing_hidden

    def count(self, cases: int) -> int:
        """Return how many of these cases belong to it: at least one."""
        return max(1, int(cases * self.share / 100))


FAMILIES = (
    Family("policies", policies.made, policies.judged, 45),
    Family("accounts", accounts.made, accounts.judged, 20),
    Family("networks", networks.made, networks.judged, 22, hidden=networks.hidden),
    Family("trust policies", trust_policies.made, trust_policies.judged, 8),
    Family("networks of IPv6", ipv6_networks.made, ipv6_networks.judged, 5, hidden=ipv6_networks.hidden),
    Family("whole checks", whole_checks.made, whole_checks.judged, 0.15, budget=40),
)
