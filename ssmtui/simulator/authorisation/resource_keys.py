"""Condition keys about the resource of a request: the tags of keys, buckets and log groups, and the aliases of keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping

from moto.kms.models import Key, kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.key_facts import Values
from ssmtui.simulator.authorisation.stored_policies import find_key, owner_of_bucket


def resource_keys(account: str, region: str, action: str, resource: str) -> dict[str, Values]:
    """Return the condition keys about the resource of a request by an account; none if it does not exist."""
    match action.partition(":")[0]:
        case "kms" if ":key/" in resource:
            return _of_key(find_key(account, region, resource))
        case "logs":
            return _of_log_group(account, region, resource)
        case "s3" if resource.startswith("arn:"):
            return _of_bucket(resource.split(":", 5)[5].partition("/")[0], get_partition(region))
    return {}


def _of_key(key: Key | None) -> dict[str, Values]:
    if key is None:
        return {}
    listed = kms_backends[key.account_id][key.region].list_resource_tags(key.id)["Tags"]
    tags = _tag_keys({str(tag["TagKey"]): str(tag["TagValue"]) for tag in listed})
    return {**tags, **({"kms:ResourceAliases": tuple(sorted(key.aliases))} if key.aliases else {})}


def _of_log_group(account: str, region: str, resource: str) -> dict[str, Values]:
    """Return the tags of a log group, also for its streams. A request to describe log groups names none."""
    name = resource.partition(":log-group:")[2].partition(":")[0]
    backend = logs_backends[account][region]
    return _tag_keys(backend.list_tags_log_group(name)) if name in backend.groups else {}


def _of_bucket(name: str, partition: str) -> dict[str, Values]:
    """Return the tags of a bucket, also for its objects, if attribute-based access control is on."""
    owner = owner_of_bucket(name, partition)
    if owner is None or name not in state.shared.buckets_with_abac:
        return {}
    listed = s3_backends[owner][partition].get_bucket_tagging(name)["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in listed}
    return {**_tag_keys(tags), **_tag_keys(tags, "s3:BucketTag")}


def _tag_keys(tags: Mapping[str, str], prefix: str = "aws:ResourceTag") -> dict[str, Values]:
    return {f"{prefix}/{name}": value for name, value in tags.items()}
