"""The simulated AWS in threads of a test's process."""

from __future__ import annotations

from ssmtui.simulator.in_thread import SimulatedAws, serving
from tests.simulator.clients import client


def names(aws: SimulatedAws) -> set[str]:
    reservations = client(aws, "ec2").describe_instances()["Reservations"]
    tags = [tag for each in reservations for instance in each["Instances"] for tag in instance["Tags"]]
    return {tag["Value"] for tag in tags if tag["Key"] == "Name"}


def test_a_world_is_built_again_where_another_server_of_the_process_has_put_its_own_in_place(
    aws: SimulatedAws,
) -> None:
    aws.load("healthy-small")
    stood = names(aws)
    with serving() as other:
        other.load("instance-starting")
        assert names(other) == names(aws) != stood
    aws.load("healthy-small")
    assert names(aws) == stood
