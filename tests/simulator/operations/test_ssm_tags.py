from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.administrator import administrator


def test_a_document_keeps_its_tags(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    ssm = administrator(aws, "ssm")
    name = "SSM-SessionManagerRunShell"
    ssm.add_tags_to_resource(ResourceType="Document", ResourceId=name, Tags=[{"Key": "Team", "Value": "ops"}])
    tags = [{"Key": "Team", "Value": "ops"}]
    assert ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"] == tags
    assert ssm.describe_document(Name=name)["Document"]["Tags"] == tags
    ssm.remove_tags_from_resource(ResourceType="Document", ResourceId=name, TagKeys=["Team"])
    assert ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"] == []


@pytest.mark.parametrize("kind", ["Document", "ManagedInstance"])
def test_what_is_not_there_has_no_tags(aws: SimulatedAws, kind: str) -> None:
    aws.load("healthy-small")
    with pytest.raises(ClientError, match="InvalidResourceId"):
        administrator(aws, "ssm").list_tags_for_resource(ResourceType=kind, ResourceId="mi-0123456789abcdef0")
