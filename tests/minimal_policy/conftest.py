"""Fixtures for diagnoses of the simulated AWS."""

from tests.simulated_diagnosis.fixtures import at_simulator, aws, diagnose, simulated_aws

__all__ = ["at_simulator", "aws", "diagnose", "simulated_aws"]
