"""One EC2 instance as fixes meet it: in common to those that change one."""

from __future__ import annotations

from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.node import Instance, Node
from ssmtui.model.plan import Guard
from ssmtui.model.standing import Observation

STALE = (Node, Observation, ManagedFleet)
"""What must be read again after an instance has changed: the nodes are listed, and so is who is managed."""


def instance_guard(instance: Instance, name: str, path: str, expected: str) -> Guard:
    """A guard on what EC2 tells of the instance; `path` leads on from there."""
    which = {"InstanceIds": [instance.id]}
    return Guard(name, "ec2", "DescribeInstances", which, f"Reservations.0.Instances.0.{path}", expected)
