"""Tags of Systems Manager's own resources: documents, which moto does not hold, and hybrid nodes.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html
"""

from __future__ import annotations

from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation


@operation("ssm", "ListTagsForResource")
def list_tags(call: ApiCall) -> Result:
    """The tags of a resource."""
    tags = _tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation("ssm", "AddTagsToResource")
def add_tags(call: ApiCall) -> Result:
    """Add tags, or change their values."""
    tags = _tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    tags.update((str(each["Key"]), str(each["Value"])) for each in call.parameters["Tags"])
    return {}


@operation("ssm", "RemoveTagsFromResource")
def remove_tags(call: ApiCall) -> Result:
    """Take tags away."""
    tags = _tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    for key in call.parameters["TagKeys"]:
        tags.pop(str(key), None)
    return {}


def _tags(call: ApiCall) -> dict[str, str] | None:
    """The tags of a document or hybrid node; None of what moto holds."""
    kind, id_ = str(call.parameters["ResourceType"]), str(call.parameters["ResourceId"])
    hidden = state.hidden(call.account, call.region)
    if kind == "Document" and id_ in hidden.documents:
        return hidden.documents[id_].tags
    if kind == "ManagedInstance" and id_ in hidden.hybrid_nodes:
        return hidden.hybrid_node_tags.setdefault(id_, {})
    if kind in {"Document", "ManagedInstance"}:
        raise AwsError(
            "InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again."
        )
    return None
