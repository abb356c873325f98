"""How instances are started, stopped and given metadata, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.writing import Response, Writing, value_at

_UP = frozenset({"pending", "running"})
_DOWN = frozenset({"stopping", "stopped"})
_METADATA_OPTIONS = ("HttpEndpoint", "HttpTokens")


def _instances_are(wanted: frozenset[str], was: frozenset[str]) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Response | Settled:
        answer = writer.read("ec2", "DescribeInstances", {"InstanceIds": parameters["InstanceIds"]})
        states = frozenset((value_at(answer, "Reservations.*.Instances.*.State.Name") or "").splitlines())
        if states and states <= wanted:
            return {}
        return Settled.NOT_MADE if states and states <= was else Settled.UNKNOWN

    return look


def _metadata_is_as_wanted(writer: Writing, parameters: Parameters) -> Response | Settled:
    answer = writer.read("ec2", "DescribeInstances", {"InstanceIds": [parameters["InstanceId"]]})
    option = next(name for name in _METADATA_OPTIONS if name in parameters)
    found = value_at(answer, f"Reservations.0.Instances.0.MetadataOptions.{option}")
    if found is None:
        return Settled.UNKNOWN
    return {} if found == parameters[option] else Settled.NOT_MADE


def _nothing_tells(_writer: Writing, _parameters: Parameters) -> Response | Settled:
    """EC2 shows no reboot: the launch time stays what it was."""
    return Settled.UNKNOWN


INSTANCE_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ec2", "StartInstances"): sent_once("ec2", "StartInstances", _instances_are(_UP, was=_DOWN)),
    ("ec2", "RebootInstances"): sent_once("ec2", "RebootInstances", _nothing_tells),
    ("ec2", "StopInstances"): sent_once("ec2", "StopInstances", _instances_are(_DOWN, was=_UP)),
    ("ec2", "ModifyInstanceMetadataOptions"): sent_once("ec2", "ModifyInstanceMetadataOptions", _metadata_is_as_wanted),
}
