"""The tags of nodes that the caller's policies ask for: nodes whose tags have the same values are asked about together.

A simulation is about ARNs, and a policy can name single nodes besides their tags: so each node is in it by its own.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.caller.asked_together import AskedTogether
from ssmtui.evidence.readers.nodes.listing import ListedInstances
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedHybridNode, RunningInstance

Values = tuple[str | None, ...]

TAG_KEYS = ("ssm:resourcetag/", "aws:resourcetag/")
_NO_SUCH_NODE = "InvalidResourceId"


@dataclass(frozen=True, slots=True)
class TagsAsked:
    """The condition keys on tags that IAM lacked for its answer about a node."""

    keys: tuple[str, ...]

    def values_in(self, tags: Mapping[str, str]) -> Values:
        """The value of each; None of a tag that is not there.

        Condition keys have no case, the names of tags in them included (reference_policies_condition-keys).
        """
        by_name = {name.casefold(): value for name, value in tags.items()}
        return tuple(by_name.get(key.partition("/")[2].casefold()) for key in self.keys)


@dataclass(frozen=True, slots=True)
class NodesByTags:
    """Managed nodes by the values that their tags have, and the values of each."""

    of_node: Mapping[str, Values]
    nodes: Mapping[Values, tuple[str, ...]]


class InstancesByTags(NodesByTags):
    """EC2 instances, by their tags in EC2."""

    __slots__ = ()


class HybridNodesByTags(NodesByTags):
    """Nodes outside EC2, by their tags in Systems Manager."""

    __slots__ = ()


def _asked_of_instance(
    running: RunningInstance, asked: TagsAsked, together: AskedTogether, instances: ListedInstances
) -> Hashable:
    return asked, together, instances


@reads("ec2:DescribeInstances", key=_asked_of_instance, along=(ListedInstances,), of_all_nodes=True)
async def instances_by_tags(
    aws: Aws, running: RunningInstance, asked: TagsAsked, together: AskedTogether, instances: ListedInstances
) -> InstancesByTags:
    """By the tags with which they were listed."""
    tags = (await instances.whole()).tags
    return InstancesByTags(*_grouped(asked, {id_: dict(tags[id_]) for id_ in together.ids if id_ in tags}))


def _asked_of_hybrid(scope: Scope, hybrid: ManagedHybridNode, asked: TagsAsked, together: AskedTogether) -> Hashable:
    return asked, together


@reads("ssm:ListTagsForResource", key=_asked_of_hybrid)
async def hybrid_nodes_by_tags(
    aws: Aws, scope: Scope, hybrid: ManagedHybridNode, asked: TagsAsked, together: AskedTogether
) -> HybridNodesByTags:
    """No listing tells them: one call a node."""
    ids = [id_ for id_ in together.ids if _is_hybrid(id_)]
    told = await asyncio.gather(*(_tags(aws, id_) for id_ in ids), return_exceptions=True)
    tags: dict[str, Mapping[str, str]] = {}
    for id_, each in zip(ids, told, strict=True):
        if isinstance(each, BaseException):
            raise each
        tags[id_] = each
    return HybridNodesByTags(*_grouped(asked, tags))


async def _tags(aws: Aws, id_: str) -> Mapping[str, str]:
    try:
        answer = await aws.call("ssm", "ListTagsForResource", ResourceType="ManagedInstance", ResourceId=id_)
    except AwsError as error:
        if error.code != _NO_SUCH_NODE:
            raise
        return {}  # it has been deregistered meanwhile
    return {raw.text("Key"): raw.text("Value") for raw in answer.parts("TagList")}


def _grouped(
    asked: TagsAsked, tags: Mapping[str, Mapping[str, str]]
) -> tuple[Mapping[str, Values], Mapping[Values, tuple[str, ...]]]:
    of_node = {id_: asked.values_in(each) for id_, each in tags.items()}
    nodes: defaultdict[Values, list[str]] = defaultdict(list)
    for id_, values in of_node.items():
        nodes[values].append(id_)
    return of_node, {values: tuple(ids) for values, ids in nodes.items()}


def _is_hybrid(id_: str) -> bool:
    return id_.startswith("mi-")
