from __future__ import annotations

from tests.simulated_here import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]
