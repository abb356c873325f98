"""Texts that are not about a failing session, by the rule that keeps `explain` silent; shortened."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.descriptions import match_paste

CAUSES = tuple(catalogue().values())

IN_A_LIST = {
    # ansible-collections/community.aws, CHANGELOG.rst
    "each change has its own subject": """- aws_ssm - fix copying an empty file with older curl versions.
- eks_cluster - adding tags to eks cluster creation.
- sns_topic - avoid fetching attributes from subscribers when not setting them, this can cause permissions issues.""",
    # aws/aws-cli, .changes
    "JSON": '''"category": "``ssm``",
"description": "Changes to OpsCenter APIs.",
"category": "``mgn``",
"description": "Bug fix: remove the EBS encryption type NONE, which an instance does not support."''',
    # eksctl, README.md
    "table": """| EC2 Auto Scaling | **Limited:** List, Write |
| EKS | Full Access, none denied |
| Systems Manager | **Limited:** List, Read |""",
}
WITHOUT_A_WORD_OF_FAILURE = {
    # cloud-custodian, docs/source/aws/topics/ssm.rst
    "another account": "The project maintains a tool for enabling cross account, and cross cloud provider systems "
    "manager setups using the hybrid mode support of SSM. It provides secure introduction and automated discovery.",
    # awslabs/landing-zone-accelerator-on-aws, sample configurations
    "maximum duration": "The user invokes an SSM document, and SSM starts an ECS task in a private subnet. SSM waits "
    "for its completion (up to 12 hours) and returns its status and the location of its log.",
    # github-aws-runners/terraform-aws-github-runner, docs/rate-limits-and-tuning.md
    "rate": "The work of each runner (SSM writes, the configuration, the queue) stays the same in total. The peak TPS "
    "of SSM is lower with larger batches because writes are serialized within each function.",
    # nimblehq/infrastructure-templates, pull request 331
    "slow": "Session Manager tunnels traffic through AWS APIs, which may introduce slight lag compared to direct SSH "
    "connections. While SSM is free, storing session logs in CloudWatch or S3 incurs costs.",
}
FAR_FROM_THE_SESSION = {
    # aws-samples and others: the Session Manager is the way to a place where something else fails
    "another paragraph": """Connect to the machine with Session Manager.
Install the packages.
Then clone the repository.
Change to its folder.
Set the variables.
Start the build.
Open the page in a browser.
The page stays empty, because the build failed and its artifacts were lost.""",
}


@pytest.mark.parametrize(
    "text",
    [text for texts in (IN_A_LIST, WITHOUT_A_WORD_OF_FAILURE, FAR_FROM_THE_SESSION) for text in texts.values()],
)
def test_a_text_about_something_else_gets_no_answer(text: str) -> None:
    assert not match_paste(text, CAUSES)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("- Session Manager: the agent is not installed on the box\n- S3: works\n- RDS: works", "agent-absent"),
        ("1. Opened the console.\n2. Session Manager: the agent is not installed.\n3. Gave up.", "agent-absent"),
        ("The instance is in another account than my SSM session.", "wrong-region-or-account"),
        (
            "We run three servers for the shop and a fourth one for the reports of the finance department in Berlin. "
            "Fleet Manager shows 0 nodes.",
            "not-registered",
        ),
    ],
)
def test_a_failure_of_a_session_is_found_next_to_its_name(text: str, cause: str) -> None:
    assert match_paste(text, CAUSES)[0].cause == cause
