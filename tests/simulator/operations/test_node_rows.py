"""The nodes that Systems Manager lists, as time goes by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import client


def test_a_node_that_fell_silent_was_last_heard_of_whenever_it_is_asked_for(aws: SimulatedAws) -> None:
    aws.load("agent-asleep")
    before = last_pings(aws)
    aws.pass_time(timedelta(hours=1))
    after = last_pings(aws)
    aws.pass_time(-timedelta(hours=1))
    silent = {id_ for id_, (status, _) in before.items() if status == "ConnectionLost"}
    online = before.keys() - silent
    assert silent
    assert online
    assert {each: after[each] for each in silent} == {each: before[each] for each in silent}
    assert all(after[each][1] - before[each][1] >= timedelta(hours=1) for each in online)


def last_pings(aws: SimulatedAws) -> dict[str, tuple[str, Any]]:
    listed = client(aws, "ssm", "eu-west-3").describe_instance_information()["InstanceInformationList"]
    return {each["InstanceId"]: (each["PingStatus"], each["LastPingDateTime"]) for each in listed}
