"""Whether the instance metadata service is on: an EC2 instance has its credentials from there."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import Observation, RunningInstance


@check(link=Link.INSTANCE, causes=("imds-disabled",), subject=the_node, after=("instance-passes-status-checks",))
def instance_metadata_is_on(running: RunningInstance, observation: Observation) -> Findings:
    """Whether the instance metadata service is on."""
    if running.instance.metadata.endpoint_enabled:
        return ()
    node = running.node
    return (
        Finding(
            cause="imds-disabled",
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "The instance metadata service of {node} is off, so SSM Agent gets no credentials.", node=node.name
            ),
            evidence=(Evidence(say("MetadataOptions.HttpEndpoint is disabled"), "ec2:DescribeInstances"),),
            fixes=("enable-instance-metadata",),
        ),
    )
