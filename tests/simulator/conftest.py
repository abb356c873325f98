from __future__ import annotations

from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]
