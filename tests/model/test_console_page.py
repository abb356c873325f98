"""Addresses of AWS's web console, as it shows them itself: whatever a name holds, it stays one part of its address."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.console_url import console_url
from ssmtui.model.finding import Subject, SubjectKind
from tests.ui.builders import PARIS

IAM = "arn:aws:iam::123456789012:"
SSM = "arn:aws:ssm:eu-west-3:123456789012:"
HOST = "https://eu-west-3.console.aws.amazon.com/"


@pytest.mark.parametrize(
    ("kind", "id_", "page"),
    [
        (SubjectKind.NODE, "i-0a1b", "ec2/home?region=eu-west-3#InstanceDetails:instanceId=i-0a1b"),
        (SubjectKind.NODE, "mi-0a1b", "systems-manager/managed-instances/mi-0a1b/description?region=eu-west-3"),
        (SubjectKind.ROLE, f"{IAM}role/web", "iam/home?region=eu-west-3#/roles/details/web"),
        (SubjectKind.ROLE, f"{IAM}role/service/nodes/web", "iam/home?region=eu-west-3#/roles/details/web"),
        (
            SubjectKind.CALLER,
            "arn:aws:sts::123456789012:assumed-role/Engineer/alex",
            "iam/home?region=eu-west-3#/roles/details/Engineer",
        ),
        (SubjectKind.CALLER, f"{IAM}user/team/alex", "iam/home?region=eu-west-3#/users/details/alex"),
        (SubjectKind.SECURITY_GROUP, "sg-0c0f", "vpcconsole/home?region=eu-west-3#SecurityGroup:groupId=sg-0c0f"),
        (SubjectKind.SUBNET, "subnet-1", "vpcconsole/home?region=eu-west-3#SubnetDetails:subnetId=subnet-1"),
        (SubjectKind.ENDPOINT, "vpce-1", "vpcconsole/home?region=eu-west-3#EndpointDetails:vpcEndpointId=vpce-1"),
        (SubjectKind.ROUTE_TABLE, "rtb-1", "vpcconsole/home?region=eu-west-3#RouteTableDetails:RouteTableId=rtb-1"),
        (SubjectKind.NETWORK_ACL, "acl-1", "vpcconsole/home?region=eu-west-3#NetworkAclDetails:networkAclId=acl-1"),
        (SubjectKind.VPC, "vpc-1", "vpcconsole/home?region=eu-west-3#VpcDetails:VpcId=vpc-1"),
        (
            SubjectKind.KEY,
            "arn:aws:kms:eu-west-3:123456789012:key/1f0e-c9",
            "kms/home?region=eu-west-3#/kms/keys/1f0e-c9",
        ),
        (SubjectKind.BUCKET, "arn:aws:s3:::acme-audit", "s3/buckets/acme-audit?region=eu-west-3"),
        (
            SubjectKind.LOG_GROUP,
            "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/sessions:*",
            "cloudwatch/home?region=eu-west-3#logsV2:log-groups/log-group/$252Fssm$252Fsessions",
        ),
        (
            SubjectKind.DOCUMENT,
            f"{SSM}document/SSM-SessionManagerRunShell",
            "systems-manager/documents/SSM-SessionManagerRunShell/description?region=eu-west-3",
        ),
        (
            SubjectKind.SERVICE_SETTING,
            f"{SSM}servicesetting/ssm/managed-instance/default-ec2-instance-management-role",
            "systems-manager/fleet-manager/managed-nodes?region=eu-west-3",
        ),
        (SubjectKind.REGION, "eu-west-3", "systems-manager/fleet-manager/managed-nodes?region=eu-west-3"),
    ],
)
def test_a_subject_has_the_page_that_the_console_shows_it_on(kind: SubjectKind, id_: str, page: str) -> None:
    assert console_url(PARIS, Subject(kind, id_)) == HOST + page


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_each_public_partition_has_a_console_of_its_own(partition: str, region: str, host: str) -> None:
    scope = replace(PARIS, partition=partition, region=region)
    assert console_url(scope, Subject(SubjectKind.NODE, "i-0a1b")) == (
        f"https://{host}/ec2/home?region={region}#InstanceDetails:instanceId=i-0a1b"
    )


def test_what_no_console_shows_has_no_page() -> None:
    secret = replace(PARIS, partition="aws-iso", region="us-iso-east-1")
    assert console_url(secret, Subject(SubjectKind.NODE, "i-0a1b")) == ""
    assert console_url(PARIS, Subject(SubjectKind.WORKSTATION, "workstation")) == ""
    assert console_url(PARIS, Subject(SubjectKind.INSTANCE_PROFILE, f"{IAM}instance-profile/web")) == ""
    assert console_url(PARIS, Subject(SubjectKind.CALLER, f"{IAM}root")) == ""
    assert console_url(PARIS, Subject(SubjectKind.CALLER, "nonsense")) == ""
    assert console_url(PARIS, Subject(SubjectKind.KEY, "arn:aws:kms:eu-west-3:123456789012:alias/aws/ssm")) == ""


@given(st.sampled_from(SubjectKind), st.text(st.characters(exclude_categories=()), min_size=1))
def test_no_name_leads_to_another_host_or_page(kind: SubjectKind, name: str) -> None:
    url = console_url(PARIS, Subject(kind, name))
    if url:
        assert url.isascii()
        assert url.isprintable()
        assert not set(url) & set(" \"'<>\\^`{|}")
        assert urlsplit(url).netloc == "eu-west-3.console.aws.amazon.com"
        assert unquote(unquote(url.replace("$25", "%25"))).count("://") <= 1 + name.count("://")
