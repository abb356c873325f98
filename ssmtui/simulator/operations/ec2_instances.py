"""EC2: what moto tells wrongly of an instance, and what only the simulation knows of it."""

from __future__ import annotations

import base64
from typing import Any

from moto.iam.models import iam_backends

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation


@operation("ec2", "DescribeInstances")
def describe_instances(call: ApiCall) -> Result:
    """List instances, with the id of the profile (moto gives the association's) and the launch time that is wanted."""
    result = read_answer(call.model, call.moto())
    launch_times = state.hidden(call.account, call.region).launch_times
    profile_ids = _profile_ids(call)
    for reservation in result.get("Reservations", ()):
        for instance in reservation["Instances"]:
            if instance["InstanceId"] in launch_times:
                instance["LaunchTime"] = launch_times[instance["InstanceId"]]
            profile = instance.get("IamInstanceProfile")
            if profile:
                profile["Id"] = profile_ids.get(profile["Arn"], profile["Id"])
    return result


@operation("ec2", "StartInstances")
def start_instances(call: ApiCall) -> Result:
    """Start instances: a launch of its own, so the former launch time is over."""
    result = read_answer(call.model, call.moto())
    for started in result["StartingInstances"]:
        state.hidden(call.account, call.region).launch_times.pop(started["InstanceId"], None)
    return result


@operation("ec2", "DescribeInstanceStatus")
def describe_instance_status(call: ApiCall) -> Result:
    """List status checks, failed ones included."""
    result = read_answer(call.model, call.moto())
    impaired = state.hidden(call.account, call.region).impaired
    for status in result.get("InstanceStatuses", ()):
        if status["InstanceId"] in impaired:
            failed = {"Name": "reachability", "Status": "failed", "ImpairedSince": state.now()}
            status["InstanceStatus"] = {"Status": "impaired", "Details": [failed]}
    return result


@operation("ec2", "GetConsoleOutput")
def get_console_output(call: ApiCall) -> Result:
    """The end of an instance's console; nothing where it wrote nothing."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    written = state.hidden(call.account, call.region).console_output.get(str(call.parameters["InstanceId"]), "")
    return result | {"Output": base64.b64encode(written.encode()).decode()}


def _profile_ids(call: ApiCall) -> dict[str, str]:
    profiles = iam_backends[call.account][call.partition].instance_profiles.values()
    return {profile.arn: profile.id for profile in profiles}
