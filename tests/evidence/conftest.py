"""The environment of a person who has keys, and nothing else."""

from __future__ import annotations

import os

import pytest

from ssmtui.evidence.facts.sources import all_reads
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "keys", "simulated_aws"]

# What may be called is what readers declare: the tests of the way to AWS call some of it without any reader.
all_reads()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in the environment, no AWS files, no instance metadata."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
