"""What a text tells besides its error rules causes out, or in."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.context_rules import apply_context_rules
from ssmtui.causes.matching import match_text

CAUSES = tuple(catalogue().values())
NOT_CONNECTED = {"instance-profile-missing": 0.5, "instance-not-running": 0.4, "role-core-denied": 0.4}
UNREACHED = {"no-route-to-endpoint": 0.5, "endpoint-missing": 0.4}
POST = 'caused by: Post "https://ssm.{0}.amazonaws.com/": dial tcp: lookup ssm.{0}.amazonaws.com: no such host'


@pytest.mark.parametrize(
    "text",
    [
        "EC2RoleRequestError: no EC2 instance role found",
        "EC2MetadataError: failed to make EC2Metadata request status code: 404, request id:",
    ],
)
def test_an_answer_of_the_metadata_service_proves_that_it_answers(text: str) -> None:
    assert apply_context_rules(text, {"imds-disabled": 0.8, "instance-profile-missing": 0.7}) == {
        "instance-profile-missing": 0.7
    }


def test_a_denial_by_an_endpoints_policy_is_none_of_the_role() -> None:
    said = "because no VPC endpoint policy allows the ssm:UpdateInstanceInformation action"
    assert apply_context_rules(said, {"endpoint-policy-denies": 0.95, "role-core-denied": 0.9}) == {
        "endpoint-policy-denies": 0.95
    }


def test_a_hybrid_node_has_no_instance_profile() -> None:
    assert apply_context_rules("mi-0123456789abcdef0 is not connected.", NOT_CONNECTED) == {"role-core-denied": 0.4}
    assert apply_context_rules("i-0123456789abcdef0 is not connected.", NOT_CONNECTED) == NOT_CONNECTED


@pytest.mark.parametrize("region", ["%E2%80%9Cus-east-1%E2%80%9D", "xn--us-east-1-9b0eua", "eu-west-3a", "useast1", ""])
def test_a_host_of_no_region_is_a_region_mistyped_and_no_fault_of_the_network(region: str) -> None:
    assert apply_context_rules(POST.format(region), UNREACHED) == {"node-region-mistyped": 0.9}


@pytest.mark.parametrize(
    "region",
    [
        "eu-west-3",
        "us-gov-west-1",
        "ap-southeast-5",
        "us-iso-east-1",
        "mx-central-1",
        "<region>",
        "REGION",
        "xx-xxxx-x",
    ],
)
def test_a_host_of_a_region_or_of_a_placeholder_leaves_it_to_the_network(region: str) -> None:
    assert apply_context_rules(POST.format(region), UNREACHED) == UNREACHED


UNTRUSTED = 'caused by: Post "https://ssm.eu-west-3.amazonaws.com/": {}x509: certificate {}'


@pytest.mark.parametrize("before", ["", "tls: failed to verify certificate: "])
@pytest.mark.parametrize(
    "said", ["signed by unknown authority", "is valid for proxy.example, not ssm.eu-west-3.amazonaws.com"]
)
def test_who_sees_a_certificate_has_come_through_the_network(before: str, said: str) -> None:
    found = {"no-route-to-endpoint": 0.5, "endpoint-missing": 0.4, "endpoint-certificate-untrusted": 0.9}
    assert apply_context_rules(UNTRUSTED.format(before, said), found) == {"endpoint-certificate-untrusted": 0.9}


@pytest.mark.parametrize("host", ["kms.eu-west-3", "logs.s3.eu-west-3", "s3.dualstack.eu-west-3", "logs.eu-west-3"])
def test_who_sees_a_certificate_has_come_to_the_key_the_bucket_or_the_log_group(host: str) -> None:
    said = f'caused by: Post "https://{host}.amazonaws.com/": x509: certificate signed by unknown authority'
    assert apply_context_rules(said, {"log-endpoint-missing": 0.9}) == {"endpoint-certificate-untrusted": 0.9}


def test_who_cannot_reach_the_key_keeps_that_cause_whatever_another_line_says_of_a_certificate() -> None:
    said = 'Post "https://kms.eu-west-3.amazonaws.com/": dial tcp: i/o timeout'
    assert apply_context_rules(said, {"log-endpoint-missing": 0.9}) == {"log-endpoint-missing": 0.9}


def test_a_certificate_that_is_over_or_has_not_begun_speaks_of_the_nodes_clock() -> None:
    said = UNTRUSTED.format("", "has expired or is not yet valid: current time 2016-01-01T00:00:00Z is before 2026")
    found = {"no-route-to-endpoint": 0.5, "endpoint-certificate-untrusted": 0.9}
    assert apply_context_rules(said, found) == {"node-clock-skewed": 0.6, "endpoint-certificate-untrusted": 0.4}


@pytest.mark.parametrize("host", ["ssm.eu-west-3.amazonaws.com.example.org", "example.org"])
def test_the_certificate_of_somebody_else_tells_nothing_of_the_clock(host: str) -> None:
    said = f'Get "https://{host}/": x509: certificate has expired or is not yet valid'
    assert apply_context_rules(said, {}) == {}


def test_who_pings_and_is_not_connected_has_no_channel_and_is_there() -> None:
    said = "Ping status\nOnline\nSession Manager connection status\nNot connected"
    found = {"agent-absent": 0.3, "instance-profile-missing": 0.5, "control-channel-down": 0.6, "endpoint-missing": 0.4}
    assert apply_context_rules(said, found) == {"control-channel-down": 0.6, "endpoint-missing": 0.4}
    assert apply_context_rules(said.replace("Online", "Offline"), found) == found


@pytest.mark.parametrize("action", ["ssm:StartSession", "ssm:TerminateSession"])
@pytest.mark.parametrize(
    "why", ["because no VPC endpoint policy allows the {} action", "with an explicit deny in a VPC endpoint policy"]
)
def test_the_endpoint_that_refuses_a_caller_is_the_callers_own(action: str, why: str) -> None:
    said = f"User: arn:aws:iam::123456789012:user/bob is not authorized to perform: {action} on resource: x {why}"
    found = {"endpoint-policy-denies": 0.95, "caller-start-denied": 0.9}
    assert apply_context_rules(said.format(action), found) == {
        "endpoint-policy-denies": 0.5,
        "caller-start-denied": 0.9,
    }


def test_the_endpoint_that_refuses_a_role_is_the_nodes() -> None:
    said = "is not authorized to perform: ssm:UpdateInstanceInformation because no VPC endpoint policy allows it"
    assert apply_context_rules(said, {"endpoint-policy-denies": 0.95, "role-core-denied": 0.9}) == {
        "endpoint-policy-denies": 0.95
    }


def test_an_identity_of_ec2_is_no_hybrid_node() -> None:
    found = {"duplicate-registration": 0.4, "activation-expired": 0.3, "dhmc-off": 0.9}
    assert apply_context_rules("no valid credentials could be retrieved for ec2 identity.", found) == {"dhmc-off": 0.9}


@pytest.mark.parametrize(
    "program",
    [
        "/opt/aws/amazon-cloudwatch-agent/logs/x.log",
        "rpc error: code = Internal",
        "kubelet",
        "codedeploy-agent",
        "wazuh-modulesd:aws-s3",
        "filebeat",
    ],
)
def test_another_program_without_credentials_is_no_failing_session(program: str) -> None:
    found = {"instance-profile-missing": 0.7, "caller-credentials": 0.7}
    assert apply_context_rules(f"{program}: EC2RoleRequestError: no EC2 instance role found", found) == {}


@pytest.mark.parametrize("address", ["10.0.41.71", "172.31.9.4", "192.168.1.20"])
def test_a_private_address_is_that_of_an_endpoint_which_does_not_let_the_node_in(
    address: str,
) -> None:
    said = f'Post "https://ssm.eu-west-1.amazonaws.com/": dial tcp {address}:443: i/o timeout'
    found = {"no-route-to-endpoint": 0.5, "endpoint-missing": 0.4, "endpoint-security-group-closed": 0.4}
    ranked = apply_context_rules(said, found)
    assert max(ranked, key=ranked.__getitem__) == "endpoint-security-group-closed"
    assert not ranked.keys() & {"no-route-to-endpoint", "endpoint-missing"}


@pytest.mark.parametrize("address", ["52.119.1.2", "172.32.0.1"])
def test_a_public_address_of_systems_manager_leaves_the_way_open(address: str) -> None:
    said = f'Post "https://ssm.eu-west-1.amazonaws.com/": dial tcp {address}:443: i/o timeout'
    assert apply_context_rules(said, UNREACHED) == UNREACHED


@pytest.mark.parametrize(
    "said",
    [
        "Connection closed by 203.0.113.9 port 22",
        "ssh -T git@github.com",
        "through a ProxyJump",
        "to gitlab.com failed",
    ],
)
def test_ssh_to_a_server_of_its_own_is_no_session(said: str) -> None:
    tail = {"ssh-tail": 0.3}
    assert apply_context_rules(f"kex_exchange_identification: Connection closed by remote host. {said}", tail) == {}
    assert apply_context_rules("kex_exchange_identification: Connection closed by remote host", tail) == tail


def test_what_ssh_says_at_the_end_is_hardly_a_cause_where_another_is_told() -> None:
    assert apply_context_rules("Connection closed by peer", {"ssh-tail": 0.4, "caller-start-denied": 0.9}) == {
        "ssh-tail": 0.1,
        "caller-start-denied": 0.9,
    }
    assert apply_context_rules("Connection closed by peer", {"ssh-tail": 0.4}) == {"ssh-tail": 0.4}


@pytest.mark.parametrize(
    "text",
    [
        "TargetNotConnectedException",
        "TargetNotConnectedException: The execute command failed.",
        "実行した際にTargetNotConnectedExceptionというエラー",
        "| `TargetNotConnectedException` | SSM agent can't connect (missing IAM policy or stale task) |",
        "TargetNotConnectedException: the SSM agent of the task is not ready",
        "ecs:prod is not connected",
        "operation: ecs:prod_0123abcd_0123abcd-42 is not connected",
    ],
)
def test_a_container_is_ecs_execs(text: str) -> None:
    assert apply_context_rules(text, NOT_CONNECTED) == {"ecs-exec-failed": 0.9}


@pytest.mark.parametrize(
    "text",
    [
        "software.amazon.awssdk.services.ssm.model.TargetNotConnectedException: not connected (Service: Ssm)",
        "TargetNotConnectedException: i-0123456789abcdef0 is not connected.",
        "StartSession: TargetNotConnectedException",
        "aws ssm start-session fails with TargetNotConnectedException",
        "Amazon.SimpleSystemsManagement.Model.TargetNotConnectedException: not connected",
        "TargetNotConnectedException because the SSM agent of the EC2 instance is down",
    ],
)
def test_the_code_of_the_sdk_for_java_is_session_managers_where_a_node_or_the_call_is_named(text: str) -> None:
    assert apply_context_rules(text, NOT_CONNECTED) == NOT_CONNECTED


PROFILE = "EC2RoleProvider Failed to connect to Systems Manager with instance profile role credentials. "
UNSENT = 'RequestError: send request failed\ncaused by: Post "https://{}/": dial tcp: i/o timeout'


@pytest.mark.parametrize(
    "text",
    [PROFILE + UNSENT.format("ssm.eu-west-3.amazonaws.com"), f"{PROFILE}Error: RequestError: send request failed"],
)
def test_a_request_that_was_not_sent_is_the_networks_before_a_missing_profile(text: str) -> None:
    told = apply_context_rules(text, {"role-core-denied": 0.5, "instance-profile-missing": 0.4})
    assert sorted(told, key=lambda slug: -told[slug])[:2] == ["no-route-to-endpoint", "endpoint-security-group-closed"]
    assert (told["instance-profile-missing"], told["role-core-denied"]) == (0.2, 0.2)


@pytest.mark.parametrize(
    "text",
    [
        PROFILE + UNSENT.format("169.254.169.254"),
        UNSENT.format("example.com"),
        UNSENT.format("kms.eu-west-3.amazonaws.com"),
    ],
)
def test_a_request_to_something_else_is_none_of_the_network_to_systems_manager(text: str) -> None:
    told = apply_context_rules(text, {"instance-profile-missing": 0.4})
    assert told["instance-profile-missing"] == 0.4
    assert not {"no-route-to-endpoint", "endpoint-security-group-closed", "egress-blocked"} & told.keys()


def test_a_cause_that_the_text_names_clearly_stays() -> None:
    text = PROFILE + UNSENT.format("ssm.eu-west-3.amazonaws.com")
    assert apply_context_rules(text, {"role-core-denied": 0.9})["role-core-denied"] == 0.9


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:sts::123456789012:assumed-role/web/i-0123456789abcdef0 is not authorized",
        "arn:aws:iam::123456789012:instance-profile/web",
    ],
)
def test_a_named_role_or_profile_means_that_there_is_a_profile(text: str) -> None:
    found = {"instance-profile-missing": 0.5, "instance-profile-empty": 0.3, "role-core-denied": 0.4}
    assert apply_context_rules(text, found) == {"role-core-denied": 0.4}


def test_the_role_of_a_caller_says_nothing_of_a_profile() -> None:
    text = "User: arn:aws:sts::123456789012:assumed-role/Engineer/alex, target i-0123456789abcdef0"
    assert apply_context_rules(text, NOT_CONNECTED) == NOT_CONNECTED


@pytest.mark.parametrize(
    "text",
    [
        "ftp: opened control channel with ftp.example.com",
        'caused by: Post "https://kms.eu-west-3.amazonaws.com/": dial tcp: i/o timeout',
        "Signature expired: 20261124T010000Z is now earlier than 20261124T020000Z",
        "accept: too many open files",
    ],
)
def test_an_inner_error_without_a_step_of_a_session_names_no_cause(text: str) -> None:
    assert apply_context_rules(text, {}) == {}


def test_an_outer_text_that_a_known_inner_text_outranks_still_says_which_step_failed() -> None:
    text = 'Error in PutLogEvents:RequestError caused by: Post "https://logs.eu-west-3.amazonaws.com/": EOF'
    assert apply_context_rules(text, {}, {"cloudwatch-logs-lost"}) == {"log-endpoint-missing": 0.95}


def test_a_cause_that_a_rule_excludes_is_told_by_no_later_rule() -> None:
    text = "/opt/aws/amazon-cloudwatch-agent.log EC2MetadataError: failed to make EC2Metadata request status code: 404"
    assert apply_context_rules(text, {"instance-profile-missing": 0.7, "imds-disabled": 0.8}) == {}


def test_ssh_to_another_server_has_no_session_below_it() -> None:
    closed = "kex_exchange_identification: Connection closed by remote host"
    assert apply_context_rules(f"ssh -T -D 40957 my_dev_server bash {closed}", {"ssh-tail": 0.3}) == {}
    assert apply_context_rules(f"ssh -v i-0123456789abcdef0 {closed}", {"ssh-tail": 0.3}) == {"ssh-tail": 0.3}
    assert apply_context_rules(closed, {"ssh-tail": 0.3}) == {"ssh-tail": 0.3}


@pytest.mark.parametrize(
    ("text", "is_of_a_session"),
    [
        ("kex_exchange_identification: read: Connection reset by peer", True),
        ("> Connection closed by UNKNOWN port 65535\n> The process tried to write to a nonexistent pipe.", True),
        ("$ ssh bastion\nConnection closed by UNKNOWN port 65535", True),
        ("ssh bastion\nbanner exchange: Connection to UNKNOWN port 65535: Broken pipe", True),
        ("me@laptop:~$ scp a bastion:\nConnection closed by UNKNOWN port 65535", True),
        ("UNREACHABLE! Failed to connect to the host via ssh: Connection closed by UNKNOWN port 65535", True),
        ("With AWS-StartSSHSession I get `Connection closed by UNKNOWN port 65535`", True),
        ("ProxyCommand: aws ssm; then kex_exchange_identification: Connection closed by remote host", True),
        ("ProxyCommand through a SOCKS proxy, then Connection closed by UNKNOWN port 65535", False),
        ("The container's SSH may briefly fail (`Connection closed by UNKNOWN port 65535`) while it restarts.", False),
        ("error: kex_exchange_identification: Connection closed by remote host", False),
        ("TCP connects, then SSH exits with `kex_exchange_identification: Connection closed by remote host`", False),
        ("Check the proxy of git if you see kex_exchange_identification: Connection closed by remote host", False),
        ("Job 452 runs; the login node says Connection closed by UNKNOWN port 65535", False),
    ],
)
def test_words_around_an_ssh_error_need_a_sign_of_a_session(text: str, *, is_of_a_session: bool) -> None:
    tail = {"ssh-tail": 0.3}
    assert apply_context_rules(text, tail) == (tail if is_of_a_session else {})


@pytest.mark.parametrize(
    ("before", "is_of_the_node"),
    [
        ("ssm: ", True),
        ("Failed to start session manager: ", True),
        ("Error: error configuring Terraform AWS Provider: ", False),
        ("E! cloudwatch: code: ", False),
        ("", False),
    ],
)
def test_the_default_chain_of_the_sdk_is_that_of_any_program(before: str, *, is_of_the_node: bool) -> None:
    chain = (
        "NoCredentialProviders: no valid providers in chain\n"
        "caused by: EnvAccessKeyNotFound: failed to find credentials in the environment.\n"
        "EC2RoleRequestError: no EC2 instance role found"
    )
    told = {"instance-profile-missing": 0.7}
    assert apply_context_rules(f"{before}{chain}", told) == (told if is_of_the_node else {})


@pytest.mark.parametrize("host", ["ssm", "ssmmessages", "ec2messages"])
@pytest.mark.parametrize(
    "error",
    [
        "net/http: TLS handshake timeout",
        "net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
        "context deadline exceeded",
        "EOF",
        "read tcp 10.0.0.1:3000->52.1.1.1:443: read: connection reset by peer",
    ],
)
def test_a_request_without_the_text_of_its_program_failed_in_the_network(host: str, error: str) -> None:
    told = apply_context_rules(f'Post "https://{host}.eu-west-3.amazonaws.com/": {error}', {})
    assert max(told, key=lambda slug: told[slug]) == "no-route-to-endpoint"
    assert apply_context_rules(f'Post "https://sqs.eu-west-3.amazonaws.com/": {error}', {}) == {}
    assert apply_context_rules(f"Systems Manager: {error}", {}) == {}


START = (
    "$ aws ssm start-session --target i-0123456789abcdef0 --document-name AWS-StartPortForwardingSession --parameters"
)
CUT = "Cannot perform start session: write tcp 192.0.2.7:55404->198.51.100.9:8080: write: {}"
DISPATCH = "ssh_dispatch_run_fatal: Connection to UNKNOWN port 65535:"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f'{START} "portNumber"=["3389"]\nzsh: no matches found: portNumber=[3389]', "target-invalid"),
        ("zsh: no matches found: portNumber=[3389],localPortNumber=[56788]", "target-invalid"),
        (f"{START} host='a'\nError parsing parameter '--parameters': Expected: ',', received: ''", "target-invalid"),
        (f"{START}\naws: error: argument --parameters: expected one argument", "target-invalid"),
        (f"{DISPATCH} message authentication code incorrect", "session-unexplained"),
        (f"Bad packet length 3246692971.\n{DISPATCH} Connection corrupted", "session-unexplained"),
        # session-manager-plugin, issue 62: a proxy ends connections that nothing was sent through
        (f"sh-4.2$ {CUT.format('broken pipe')}", "session-idle-timeout"),
        (CUT.format("i/o timeout"), "messages-endpoint-unreachable"),
        # re:Post: a tunnel that ends after hours, once an hour
        (
            "WARN Reach the retry limit 5 for receive messages. Error: websocket: close 1000 (normal): Bye",
            "session-terminated",
        ),
        ("packet_write_wait: Connection to UNKNOWN port 65535: Broken pipe", "ssh-tail"),
        ("ECS Exec is not enabled for task 'arn:aws:ecs:eu-west-1:123456789012:task/prod/0a1b'.", "ecs-exec-failed"),
        ("session-manager-plugin is required for ECS Exec:\n    brew install it", "plugin-missing"),
        ("2024-03-01 10:11:12,345 ERROR AWS SSM Plugin not found in environment", "plugin-missing"),
        ("Starting session...\nError: session-manager-plugin failed: exit status 255", "session-unexplained"),
        ("the input device is not a TTY\n$ aws ecs execute-command --interactive", "no-terminal"),
        (
            "$ ssm-copy a i-0123456789abcdef0:\npexpect.exceptions.TIMEOUT: Timeout exceeded.\nin ssm_tools",
            "session-unexplained",
        ),
    ],
)
def test_a_failure_on_the_workstation_names_its_cause_first(text: str, cause: str) -> None:
    assert match_text(text, CAUSES)[0].cause == cause


@pytest.mark.parametrize(
    "text",
    [
        "zsh: no matches found: data[0].csv",
        "$ aws ssm send-command --parameters commands=a\nError parsing parameter '--parameters': Expected: '='",
        "$ aws cloudformation create-stack\nError parsing parameter '--parameters': Expected: '=', received: 'EOF'",
        "Corrupted MAC on input.\nssh_dispatch_run_fatal: Connection to 192.0.2.7 port 22: Connection corrupted",
        "the input device is not a TTY\n$ docker exec -it web sh",
        "pexpect.exceptions.TIMEOUT: Timeout exceeded.",
        "Prerequisites: session-manager-plugin is required",
        "DNS resolution test failed (this might be expected if ECS Exec is not enabled)",
    ],
)
def test_the_same_words_of_another_program_name_no_cause(text: str) -> None:
    assert match_text(text, CAUSES) == ()
