"""Node ids are the same in every run of a scenario: the pictures of the screens hold them."""

from __future__ import annotations

import subprocess
import sys

import pytest

# In a program of its own, where no fixture tells of it.
pytestmark = pytest.mark.simulated

_PROGRAM = """
from ssmtui.simulator.in_thread import serving
from tests.simulator.clients import client

def ids():
    reservations = client(aws, "ec2").describe_instances()["Reservations"]
    return [instance["InstanceId"] for each in reservations for instance in each["Instances"]]

with serving() as aws:
    aws.load("healthy-small")
    first = ids()
    aws.load("empty")
    aws.load("healthy-small")
    print(first == ids() and bool(first))
"""


def test_the_first_scenario_of_a_process_has_the_same_ids_as_the_next() -> None:
    told = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
