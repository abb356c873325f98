"""One table of cases from AWS's documents, that both policy evaluators must answer alike.

The product's (`ssmtui.iam_policy.evaluation` and what stands on it) and the simulator's
(`ssmtui.simulator.authorisation`) are separate code; a mistake in one of them shows here.
"""

from __future__ import annotations

from tests.policy_cases.case import Case, Expected
from tests.policy_cases.conditions import CONDITIONS
from tests.policy_cases.elements import ELEMENTS
from tests.policy_cases.layers import LAYERS
from tests.policy_cases.resources import RESOURCE_POLICIES
from tests.policy_cases.variables import VARIABLES

CASES: tuple[Case, ...] = (*ELEMENTS, *CONDITIONS, *VARIABLES, *LAYERS, *RESOURCE_POLICIES)

__all__ = ["CASES", "Case", "Expected"]
