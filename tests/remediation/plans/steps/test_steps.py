"""Steps by hand: what they say, what can be copied of them, and that nothing hostile becomes a word of a shell."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.fact import Absent, NotApplicable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.network import AclEntry, NetworkAcl, NetworkAcls
from ssmtui.model.node import Node, PlatformFamily, Registration
from ssmtui.model.plan import FixNotApplicable, Form, Steps, shell_word
from ssmtui.model.workstation import Plugin, System
from ssmtui.remediation.plans.registry import DuplicateSteps, all_fixes, all_steps, manual_steps
from ssmtui.remediation.plans.steps.agent import install_agent, reregister
from ssmtui.remediation.plans.steps.network import free_number, network
from ssmtui.remediation.plans.steps.operating_system import (
    domain_controller,
    free_disk,
    install_plugin,
    trust_certificate,
)
from ssmtui.remediation.plans.steps.permissions import caller_policy, organization_policy
from tests.builders.fleet import ACCOUNT, a_node, a_registration, a_scope
from tests.builders.identity import a_node_role
from tests.builders.network import a_placement

SCOPE = a_scope()
NOTHING = NotApplicable("not asked")
CALLER = Subject(SubjectKind.CALLER, f"arn:aws:iam::{ACCOUNT}:role/Engineer")
DOCUMENT = f"arn:aws:ssm:eu-west-3:{ACCOUNT}:document/SSM-SessionManagerRunShell"


def found(cause: str, subject: Subject = CALLER, *facts: str) -> Finding:
    evidence = tuple(Evidence(fact, "iam:SimulatePrincipalPolicy") for fact in facts)
    return Finding(cause, Status.FAIL, Confidence.PROVED, subject, "It does not work.", evidence)


def drafted(steps: Steps | FixNotApplicable) -> Steps:
    assert isinstance(steps, Steps), steps
    return steps


def statement_for(cause: str, node: Node) -> dict[str, object]:
    steps = drafted(caller_policy(SCOPE, found(cause), node, NOTHING))
    (first, *_) = steps.steps
    assert first.form is Form.JSON
    statement: dict[str, object] = json.loads(first.copy)
    return statement


def on(node: Node, *, platform: str, family: PlatformFamily, version: str = "3.3.4624.0") -> Node:
    registration = replace(a_registration(node.id), platform=platform, platform_family=family, agent_version=version)
    return replace(node, registration=registration)


def test_no_slug_is_both_a_fix_and_a_list_of_steps() -> None:
    assert not all_fixes().keys() & all_steps().keys()
    with pytest.raises(DuplicateSteps):
        manual_steps("steps-network")(network)


def test_the_statement_to_ask_for_names_this_node_and_this_document_and_nothing_wider() -> None:
    assert statement_for("caller-start-denied", a_node("i-1")) == {
        "Effect": "Allow",
        "Action": "ssm:StartSession",
        "Resource": [f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/i-1", DOCUMENT],
    }
    hybrid = statement_for("caller-start-denied", a_node("mi-1"))
    assert hybrid["Resource"] == [f"arn:aws:ssm:eu-west-3:{ACCOUNT}:managed-instance/mi-1", DOCUMENT]


@pytest.mark.parametrize(
    ("cause", "actions", "resource"),
    [
        ("caller-document-denied", "ssm:StartSession", DOCUMENT),
        ("caller-open-channel-denied", "ssmmessages:OpenDataChannel", "arn:aws:ssm:*:*:session/${aws:userid}-*"),
        (
            "caller-terminate-denied",
            ["ssm:TerminateSession", "ssm:ResumeSession"],
            "arn:aws:ssm:*:*:session/${aws:userid}-*",
        ),
        ("kms-caller-denied", "kms:GenerateDataKey", "KEY_ARN"),
    ],
)
def test_each_thing_the_caller_lacks_has_its_statement(cause: str, actions: object, resource: str) -> None:
    statement = statement_for(cause, a_node("i-1"))
    assert (statement["Action"], statement["Resource"]) == (actions, resource)


def test_access_that_is_asked_for_each_time_is_requested_and_no_policy_is() -> None:
    steps = drafted(caller_policy(SCOPE, found("caller-needs-access-request"), a_node("i-1"), NOTHING))
    assert "start-access-request" in steps.copies[0]
    assert "Values=i-1" in steps.copies[0]
    assert all(step.form is Form.SHELL for step in steps.steps)
    (policies,) = (step.text for step in steps.steps if "Cedar" in step.text)
    assert "AWS charges just-in-time node access per node and hour" in policies


def test_the_question_for_the_organization_holds_what_was_denied() -> None:
    denied = "kms:Decrypt on arn:aws:kms:x is explicitly denied by a service control policy"
    steps = drafted(organization_policy(SCOPE, found("kms-node-denied", CALLER, denied)))
    assert denied in steps.copies[0]
    assert f"--target-id {ACCOUNT}" in steps.copies[1]


def test_a_domain_controller_with_an_old_agent_is_looked_at_and_brought_up_to_date_first() -> None:
    old = on(a_node("i-1"), platform="Windows Server 2019", family=PlatformFamily.WINDOWS, version="2.3.539.0")
    new = on(a_node("i-1"), platform="Windows Server 2022", family=PlatformFamily.WINDOWS, version="2.3.612.0")
    assert "AWS-UpdateSSMAgent" in drafted(domain_controller(SCOPE, old)).copies[1]
    (make,) = drafted(domain_controller(SCOPE, new)).copies
    assert "New-ADUser -Name ssm-user" in make


@pytest.mark.parametrize(
    ("platform", "family", "words"),
    [
        ("Amazon Linux 2023", PlatformFamily.LINUX, "dnf install -y https://s3.eu-west-3.amazonaws.com/"),
        ("Ubuntu 24.04", PlatformFamily.LINUX, "snap install amazon-ssm-agent --classic"),
        ("Debian 12", PlatformFamily.LINUX, "dpkg -i"),
        ("macOS 15", PlatformFamily.MACOS, "installer -pkg"),
        ("Windows Server 2022", PlatformFamily.WINDOWS, "AmazonSSMAgentSetup.exe"),
    ],
)
def test_the_agent_is_installed_as_the_system_does_it(platform: str, family: PlatformFamily, words: str) -> None:
    steps = drafted(install_agent(SCOPE, on(a_node("i-1"), platform=platform, family=family)))
    assert any(words in copy for copy in steps.copies)
    forms = {step.form for step in steps.steps if step.copy}
    assert forms == {Form.POWERSHELL if family is PlatformFamily.WINDOWS else Form.SHELL}


def test_a_volume_is_looked_at_freed_and_only_then_made_bigger() -> None:
    steps = drafted(free_disk(SCOPE, a_node("i-1")))
    order = ("df -h", "vacuum", "describe-volumes", "modify-volume", "growpart")
    assert [next(words for words in order if words in copy) for copy in steps.copies] == list(order)


@pytest.mark.parametrize(
    ("family", "words"),
    [
        (PlatformFamily.LINUX, ("openssl s_client", "ssmmessages.", "update-ca-trust", "ca-certificates", "systemctl")),
        (PlatformFamily.MACOS, ("openssl s_client", "ssmmessages.", "security add-trusted-cert", "launchctl")),
        (PlatformFamily.WINDOWS, ("SslStream", "ssmmessages.", "Import-Certificate", "generateSST", "Restart-Service")),
    ],
)
def test_a_certificate_is_looked_at_before_anybody_is_trusted_and_the_agent_starts_again(
    family: PlatformFamily, words: tuple[str, ...]
) -> None:
    steps = drafted(trust_certificate(SCOPE, on(a_node("i-1"), platform="as told", family=family)))
    assert [each in copy for each, copy in zip(words, steps.copies, strict=True)] == [True] * len(words)
    assert "ssm.eu-west-3.amazonaws.com" in steps.copies[0]


def test_the_plugin_is_installed_for_the_system_of_this_computer() -> None:
    missing = found("plugin-missing", Subject(SubjectKind.WORKSTATION, "workstation"))
    on_windows = Plugin(System.WINDOWS, "C:\\plugin.exe", on_path=False, version="1.2.707.0")
    everywhere = drafted(install_plugin(missing, Absent("the plugin", ""), NOTHING))
    windows = drafted(install_plugin(missing, on_windows, NOTHING))
    assert len(everywhere.copies) > len(windows.copies)
    assert {step.form for step in windows.steps} == {Form.POWERSHELL}
    path = drafted(install_plugin(replace(missing, cause="plugin-not-on-path"), on_windows, NOTHING))
    assert "$env:Path" in path.copies[0]


def test_registrations_are_renewed_removed_or_counted() -> None:
    registration = replace(a_registration("mi-1"), iam_role="service-role/stores")
    node = replace(a_node("mi-1"), registration=registration)
    subject = Subject(SubjectKind.NODE, "mi-1")
    renewed = drafted(reregister(SCOPE, found("activation-expired", subject), node, NOTHING, NOTHING))
    assert "--iam-role service-role/stores" in renewed.copies[0]
    twice = drafted(reregister(SCOPE, found("duplicate-registration", subject), node, NOTHING, NOTHING))
    assert "-register -clear" in twice.copies[0]
    many = drafted(reregister(SCOPE, found("managed-node-quota", subject), NOTHING, NOTHING, NOTHING))
    assert "list-service-quotas" in many.copies[0]


@pytest.mark.parametrize(
    ("family", "program"),
    [
        (PlatformFamily.LINUX, "latest/linux_amd64/ssm-setup-cli\n"),
        (PlatformFamily.WINDOWS, "latest/windows_amd64/ssm-setup-cli.exe'\n"),
    ],
)
def test_a_machine_of_azure_is_registered_by_its_connector_or_as_one_of_azure(
    family: PlatformFamily, program: str
) -> None:
    registration = replace(
        a_registration("mi-1"), platform_family=family, source_type="Microsoft.Compute/virtualMachines"
    )
    node = replace(a_node("mi-1"), registration=registration)
    finding = found("activation-expired", Subject(SubjectKind.NODE, "mi-1"))
    connector, activate, register, _ = drafted(reregister(SCOPE, finding, node, NOTHING, NOTHING)).copies
    assert "key=Name,value=AWS-InstallSSMAgentOnAzure" in connector
    assert "create-activation" in activate
    assert f"https://s3.eu-west-3.amazonaws.com/amazon-ssm-eu-west-3/{program}" in register
    assert "-activation-id ACTIVATION_ID -region eu-west-3 -provider Azure" in register


def test_a_network_acls_entries_come_before_the_one_that_denies() -> None:
    entries = (
        AclEntry(100, egress=True, allow=False, protocol="6", cidr="0.0.0.0/0", from_port=443, to_port=443),
        AclEntry(90, egress=True, allow=True, protocol="6", cidr="10.0.0.0/8", from_port=22, to_port=22),
    )
    acl = NetworkAcl("acl-1", "vpc-1", ("subnet-1",), entries)
    assert (free_number(acl, egress=True), free_number(acl, egress=False)) == (89, 90)
    finding = found("network-acl-blocks", Subject(SubjectKind.NETWORK_ACL, "acl-1"))
    steps = drafted(network(SCOPE, finding, a_placement(), NetworkAcls((acl,)), NOTHING, NOTHING, NOTHING))
    out, back = steps.copies[0].split("aws ec2 ")[1:]
    assert "--rule-number 89" in out
    assert "From=443,To=443" in out
    assert "--egress" in out
    assert "From=1024,To=65535" in back
    assert "--ingress" in back


@pytest.mark.parametrize(
    ("cause", "kind", "words"),
    [
        ("blackhole-route", SubjectKind.ROUTE_TABLE, "replace-route"),
        ("no-route-to-endpoint", SubjectKind.SUBNET, "create-nat-gateway"),
        ("shared-vpc", SubjectKind.SUBNET, "private DNS"),
        ("endpoint-policy-denies", SubjectKind.ENDPOINT, "aws:PrincipalArn"),
        ("egress-blocked", SubjectKind.SECURITY_GROUP, "Ipv6Ranges"),
        ("ipv6-only-subnet", SubjectKind.SUBNET, "curl"),
        ("messages-endpoint-unreachable", SubjectKind.WORKSTATION, "ssmmessages.eu-west-3.amazonaws.com"),
    ],
)
def test_each_hop_where_the_way_ends_has_its_steps(cause: str, kind: SubjectKind, words: str) -> None:
    finding = found(cause, Subject(kind, "x-1"))
    steps = drafted(network(SCOPE, finding, a_placement(), NOTHING, NOTHING, NOTHING, a_node_role()))
    assert any(words in copy for copy in steps.copies)


HOSTILE = "x$(reboot)'; rm -rf / #\x1b]0;\n"


def test_what_is_no_plain_word_becomes_a_placeholder() -> None:
    assert shell_word("i-0123456789abcdef0", "ID") == "i-0123456789abcdef0"
    for text in ("$(reboot)", "a b", "a;b", "`a`", "'a'", "a\nb", "--endpoint-url", "", "é", "a\x1b", "a|b", "a>b"):
        assert shell_word(text, "PLACEHOLDER") == "PLACEHOLDER"


@given(st.text())
def test_a_word_is_one_word_of_the_shell_as_it_stands(text: str) -> None:
    safe = shell_word(text, "PLACEHOLDER")
    assert shlex.split(safe) == [safe]
    assert shlex.quote(safe) == safe


def test_a_hostile_node_reaches_no_command() -> None:
    hostile = replace(a_node("i-1"), name=HOSTILE, key=replace(a_node("i-1").key, id=HOSTILE))
    registration = hostile.registration
    assert isinstance(registration, Registration)
    hostile = replace(hostile, registration=replace(registration, iam_role=HOSTILE, platform=HOSTILE))
    subject = Subject(SubjectKind.NODE, HOSTILE)
    lists = (
        domain_controller(SCOPE, hostile),
        install_agent(SCOPE, hostile),
        free_disk(SCOPE, hostile),
        trust_certificate(SCOPE, hostile),
        reregister(SCOPE, found("activation-expired", subject), hostile, NOTHING, NOTHING),
        caller_policy(SCOPE, found("caller-needs-access-request", subject), hostile, NOTHING),
        caller_policy(SCOPE, found("caller-start-denied", subject), hostile, NOTHING),
        network(SCOPE, found("blackhole-route", subject), NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
        network(SCOPE, found("network-acl-blocks", subject), NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    )
    for steps in lists:
        commands = [step.copy for step in drafted(steps).steps if step.form in (Form.SHELL, Form.POWERSHELL)]
        assert not [each for each in commands if "reboot" in each or "\x1b" in each]
