"""Adjust the causes of a message by the rest of the message: what it also says, and which error is innermost."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field

from ssmtui.causes.pasted_text import NODE_ID
from ssmtui.causes.vocabulary import with_scripts_apart

CONTAINER = "ecs-exec-failed"
"""The cause of ECS Exec errors: the target is a container, not a node."""

_REGION_LABEL = re.compile(r"[a-z]{2,3}(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central){1,2}-\d", re.IGNORECASE)
_PLACEHOLDER = re.compile(r".*[<>{}\[\]$*].*|region|x+(?:-x+)*(?:-[\dx])?", re.IGNORECASE)
"""What stands for a Region in a text from which somebody removed it, or in a page."""
_HOST = re.compile(r"(?:https?://|lookup )(?:ssm|ssmmessages|ec2messages|kms)\.([^\s/:]{0,64}?)\.amazonaws\.com")
_ON_THE_NODE = frozenset(
    {
        "agent-absent",
        "agent-too-old",
        "connection-lost",
        "control-channel-down",
        "endpoint-security-group-closed",
        "imds-disabled",
        "instance-impaired",
        "instance-not-running",
        "instance-profile-missing",
        "instance-starting",
        "no-route-to-endpoint",
        "not-registered",
        "role-channels-denied",
        "role-core-denied",
        "wrong-region-or-account",
    }
)
"""The possible causes of TargetNotConnected on a node."""
_ON_EC2 = frozenset(
    {
        "agent-absent",
        "endpoint-security-group-closed",
        "imds-disabled",
        "instance-impaired",
        "instance-not-running",
        "instance-profile-empty",
        "instance-profile-missing",
        "instance-starting",
        "no-route-to-endpoint",
        "not-registered",
        "profile-attached-late",
    }
)
"""Causes that only an EC2 instance can have: a hybrid node has no profile, no metadata service and no subnet."""
_OF_HYBRID = frozenset({"activation-expired", "duplicate-registration", "hybrid-tier-standard"})
"""Causes that only a node outside EC2 can have."""
_NETWORK = frozenset(
    {
        "egress-blocked",
        "endpoint-missing",
        "endpoint-private-dns-off",
        "endpoint-security-group-closed",
        "network-acl-blocks",
        "no-route-to-endpoint",
        "vpc-dns-off",
    }
)


_OF_THE_LOGS = frozenset(
    {"cloudwatch-logs-lost", "log-group-missing", "log-group-unreadable", "s3-encryption-unreadable", "s3-logs-lost"}
)

_PARAMETER_STORE = re.compile(
    r"\b(?:perform:\s+ssm:|operation\s+error\s+SSM:\s+|when\s+calling\s+the\s+)"
    r"(?:Get|Put|Delete|Describe|Label|Unlabel)Parameter|\bgetting\s+ssm\s+parameter\b|\bfrom\s+SSM\s+Parameter\s+Store\b",
)
"""Calls that fail on the same hosts with the same words as a session, but are not a session."""

_TAILS = frozenset({"ssh-tail"})
"""Causes that only say that an earlier step failed: unlikely if the text also has the earlier error."""
_OF_A_TAIL = 0.1


@dataclass(frozen=True, slots=True)
class _Rule:
    """If `when` matches a text, the causes in `out` are excluded, and those in `told` get these likelihoods.

    The causes in `unlikely` are less likely than the others, unless the text names them clearly. With `given`, the rule
    applies only if the text has one of these causes: the outer texts say which step failed, the rule says why. It
    applies only if the whole paste has a match of `beside` and none of `unless`. Few texts need these two patterns:
    they are compiled only then.
    """

    when: re.Pattern[str]
    out: frozenset[str]
    told: Mapping[str, float] = field(default_factory=dict)
    unlikely: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    beside: str = ""
    unless: str = ""


_CLEAR = 0.7
"""From this likelihood on, a text names a cause clearly."""
_UNLIKELY = 0.2


_SIGN_OF_A_SESSION = (
    r"(?:\bSession\s?Id\b|session\s+has\s+been\s+terminated|\bssm|session-manager|Session\s?Manager"
    r"|\baws\b|(?<![\w-])m?i-[0-9a-f]{8,17})"
)
_NAME_OF_A_SESSION = (
    rf"(?:ssm|session-?\s?manager|systems\s?manager|\bsession\s?id\b|start-?session|session\s+has\s+been\s+terminated"
    r"|\bhandshake\b|\bdata key\b|\becs[ -]?exec\b|execute-?command|health\s?ping|\bEC2\s?Identity\b"
    r"|Managed\s?Instance|Instance\s?Information|Host\s+Management|Retrieve\s+credentials\s+produced\s+error"
    rf"|{NODE_ID})"
)
"""Names that only a text about Systems Manager has. The actions and errors of other services have no such name."""
# Commands of the AWS CLI that do not help anybody to open a session. Only in small letters: *AWS Lambda* is a name.
_ANOTHER_COMMAND = (
    r"(?-i:\baws\s+(?:cloudformation|dynamodb|ecr|eks|iam|kms|lambda|logs|rds|route53|s3|s3api|secretsmanager|sns|sqs)"
    r"\s+[a-z])"
)
_PARAMETERS_OR_A_FUNCTION = r"(?:\blambda\b|\bparameter)"
_OF_SSH = r"\b(?:AWS-StartSSHSession|kex_exchange_identification|port 65535)\b"
_DOCUMENT_FAILED = r"\bdocument\s+process\s+failed\s+unexpectedly:"
_WORKER_TIMEOUT = r"\bipc\s+messaging\s+received\s+timeout\b"

_OF_THE_PROFILE = frozenset({"instance-profile-empty", "instance-profile-missing"})
_OF_ANY_PROGRAM = (
    _OF_THE_LOGS
    | _OF_THE_PROFILE
    | {"dhmc-off", "imds-disabled", "kms-caller-denied", "kms-node-denied", "profile-attached-late"}
)
"""Causes that a program which has nothing to do with Systems Manager reports with the same words."""
_SENT = r"\bsend\s+request\s+failed.{0,100}?://(?:ssm|ssmmessages|ec2messages)\.[\w.-]{1,100}\.amazonaws\.com"
_TO_AN_ENDPOINT = (
    rf"{_SENT}"
    r"|\b(?:to\s+Systems\s+Manager|report\s+to\s+ssm)\b.{0,400}?\bsend\s+request\s+failed(?!.{0,100}?169\.254)"
)
_AT_A_PRIVATE_ADDRESS = (
    r"://(?:ssm|ssmmessages|ec2messages)\.[\w.-]{1,100}\.amazonaws\.com\S{0,20}\s+dial\s+tcp\s+"
    r"(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2,3}:443:\s+i/o\s+timeout"
)

_WITHOUT_A_FRAME = (
    r"\b(?:Post|Get)\s+\"?https://(?:ssm|ssmmessages|ec2messages)\.[\w.-]{1,100}\.amazonaws\.com[^\s\"]{0,200}\"?:\s+"
    r"(?:net/http:\s+TLS\s+handshake\s+timeout|net/http:\s+request\s+canceled|context\s+deadline\s+exceeded|EOF\b"
    r"|(?:read|write)\s+tcp\b)"
)

# The shell or the AWS CLI rejects the arguments of a session before it asks AWS for anything.
_OF_ARGUMENTS = (
    r"(?:\bno\s+matches\s+found:|\bError\s+parsing\s+parameter\b|\bInvalid\s+JSON\b|\bParameter\s+validation\s+failed\b"
    r"|\bInvalid\s+type\s+for\s+parameter\b|\bUnknown\s+options?:|\bthe\s+following\s+arguments\s+are\s+required\b"
    r"|\bUnknown\s+parameter\s+in\s+input\b|\bexpected\s+one\s+argument\b|\bInvalid\s+choice\b)"
)
_OF_A_START = (
    r"(?:\bssm\s+start-session\b|\bAWS-Start\w{0,20}(?:Session|Command)\w{0,20}|\blocalPortNumber\b|\bportNumber\b)"
)

_RULES = (
    _Rule(
        re.compile(
            rf"\A(?!.*(?:\bsend-command\b|\bcloudformation\b|\bParameterKey\b))"
            rf"(?=.*{_OF_A_START}).*?{_OF_ARGUMENTS}",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset(),
        {"target-invalid": 0.9},
    ),
    # SSH read bytes that its server did not send. The reason is not known: no public thread about it has a resolution.
    _Rule(
        re.compile(
            rf"\A(?=.*(?:UNKNOWN\s+port\s+65535|{_SIGN_OF_A_SESSION})).*?"
            r"(?:\bBad\s+packet\s+length\b|\bCorrupted\s+MAC\b|\bmessage\s+authentication\s+code\s+incorrect\b"
            r"|:\s+Connection\s+corrupted\b)",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset(),
        {"session-unexplained": 0.5, "plugin-known-bad": 0.4, "plugin-outdated": 0.3, "ssh-tail": 0.3},
    ),
    # A program waited for a session that opened, and got nothing.
    _Rule(
        re.compile(
            r"\A(?=.*(?:\bssm_tools\b|\bstart-session\b|\bSSM\b)).*?\bpexpect\.exceptions\.(?:TIMEOUT|EOF)\b", re.DOTALL
        ),
        frozenset(),
        {"session-unexplained": 0.5},
    ),
    # The plugin, or the Docker client around it, has no terminal.
    _Rule(
        re.compile(
            r"\A(?=.*(?:\bstart-session\b|\bexecute-command\b|\bsession\s+with\s+SessionId\b|\bsession-manager-plugin\b))"
            r".*?(?:\bnot\s+a\s+TTY\b|\bInappropriate\s+ioctl\s+for\s+device\b)",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset(),
        {"no-terminal": 0.8},
    ),
    # A request to Systems Manager that failed after its connection, without the text of the program that sent it.
    _Rule(
        re.compile(_WITHOUT_A_FRAME, re.IGNORECASE),
        frozenset(),
        {"no-route-to-endpoint": 0.4, "endpoint-security-group-closed": 0.3, "egress-blocked": 0.3},
    ),
    # The agent had credentials, or asked for those of the default host management: the network lost the request.
    _Rule(
        re.compile(_TO_AN_ENDPOINT, re.IGNORECASE | re.DOTALL),
        frozenset(),
        {
            "no-route-to-endpoint": 0.5,
            "endpoint-security-group-closed": 0.4,
            "egress-blocked": 0.3,
            "endpoint-missing": 0.3,
        },
        unlikely=_OF_THE_PROFILE | {"dhmc-off", "profile-attached-late", "role-core-denied"},
    ),
    # A private address is that of a VPC endpoint: there is one, and something between it and the node drops packets.
    _Rule(
        re.compile(_AT_A_PRIVATE_ADDRESS, re.IGNORECASE),
        frozenset({"endpoint-missing", "endpoint-private-dns-off", "no-route-to-endpoint", "vpc-dns-off"}),
        {"endpoint-security-group-closed": 0.7, "network-acl-blocks": 0.3, "egress-blocked": 0.3},
    ),
    # The process has no file descriptor left for a connection: the network was not asked.
    _Rule(
        re.compile(rf"{_SENT}.{{0,200}}?too\s+many\s+open\s+files", re.IGNORECASE | re.DOTALL),
        _NETWORK,
        {"run-out-of-watches": 0.8},
    ),
    # Each program on a node asks for the same credentials, with the same SDK.
    _Rule(
        re.compile(
            r"\bamazon-cloudwatch-agent\b|\bcodedeploy-agent\b|\bkubelet\b|\brpc error: code =|\bfluent-?(?:bit|d)\b"
            r"|\b(?:wazuh|filebeat|logstash|telegraf|promtail|thanos|velero|restic|duplicity|certbot)\b"
        ),
        _OF_THE_PROFILE | {"caller-credentials", "credentials-missing"},
    ),
    # The default chain of Go's SDK: the agent asks only the metadata service, and another program asks all of them.
    _Rule(
        re.compile(
            r"\A(?!.*(?:\bssm|session-manager|Session\s?Manager|StartSession|\bKMS\b)).*\bEnvAccessKeyNotFound\b",
            re.IGNORECASE | re.DOTALL,
        ),
        _OF_THE_PROFILE | {"caller-credentials", "credentials-missing"},
    ),
    # A node with a profile is named by the role of its credentials, or by the profile itself.
    _Rule(re.compile(r"\bassumed-role/[\w+=,.@-]{1,64}/m?i-[0-9a-f]{8,17}\b|:instance-profile/\w"), _OF_THE_PROFILE),
    # A 404 is an answer: the metadata service is on, but has no role.
    _Rule(
        re.compile(r"no EC2 instance role found|EC2MetadataError.{0,400}?status code: 404", re.IGNORECASE),
        frozenset({"imds-disabled"}),
    ),
    # The text itself says that the role's policies are not the reason.
    _Rule(
        re.compile(
            r"because no VPC endpoint policy allows|with an explicit deny in a VPC endpoint policy", re.IGNORECASE
        ),
        frozenset({"role-core-denied", "role-channels-denied"}),
    ),
    # The caller starts sessions, through an endpoint of another network than the node's.
    _Rule(
        re.compile(
            r"perform:\s+ssm:(?:Start|Resume|Terminate)Session\b.{0,400}?\bVPC\s+endpoint\s+policy",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"endpoint-policy-denies"}),
        {"endpoint-policy-denies": 0.5},
    ),
    # The logs of a session are written by the node's role, never by an IAM user.
    _Rule(
        re.compile(r":iam::[\dX*]{0,12}:user/\S{1,200}\s+is not authorized to perform:\s+(?:logs|s3):"), _OF_THE_LOGS
    ),
    # Any program's role can be refused to write logs or to use a key, and any program asks the metadata service.
    _Rule(
        re.compile(
            r"\A(?!\W*(?:(?:ERROR|WARN|INFO)\W+)?(?:not\s+authori[sz]ed|EC2\w{8,11}Error)\b)"
            r".*?(?:\bauthori[sz]ed\s+to\s+perform:?\s+(?:logs|s3|kms):|\bEC2(?:Metadata|RoleRequest)Error\b)",
            re.IGNORECASE | re.DOTALL,
        ),
        _OF_ANY_PROGRAM,
        given=_OF_ANY_PROGRAM,
        unless=rf"{_NAME_OF_A_SESSION}|(?::user/|AWSReservedSSO_|/[a-z.@]{{1,64}}\s).{{0,99}}?perform:?\s+kms:GenerateDataKey",
    ),
    # The AWS CLI says that it has no credentials without the name of the exception, a script says it with the name.
    _Rule(
        re.compile(r"\bNoCredentialsError\b"),
        frozenset({"caller-credentials", "credentials-missing"}),
        given=frozenset({"credentials-missing"}),
        unless=_NAME_OF_A_SESSION,
    ),
    # The AWS CLI says the same of each command.
    _Rule(
        re.compile(r"\bUnable\s+to\s+locate\s+credentials\b"),
        frozenset({"caller-credentials", "credentials-missing"}),
        given=frozenset({"credentials-missing"}),
        beside=_ANOTHER_COMMAND,
        unless=_NAME_OF_A_SESSION,
    ),
    # A function, or a program that reads a parameter, asks Systems Manager for something else.
    _Rule(
        re.compile(r"\bConnect\s+timeout\s+on\s+endpoint\s+URL\b"),
        frozenset({"messages-endpoint-unreachable"}),
        given=frozenset({"messages-endpoint-unreachable"}),
        beside=_PARAMETERS_OR_A_FUNCTION,
        unless=rf"start-?session|session-?\s?manager|{NODE_ID}",
    ),
    # A node that received a certificate has a working network.
    _Rule(re.compile(r"\bx509:\s", re.IGNORECASE), _NETWORK),
    # The same on the path to the session's key, bucket or log group.
    _Rule(
        re.compile(
            r"\b(?:kms|s3|logs)(?:-fips)?\.(?:dualstack\.)?[a-z0-9\s-]{1,30}\.amazonaws\.com(?:\.cn)?[/:\s\"'].{0,200}?x509:\s",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"log-endpoint-missing"}),
        {"endpoint-certificate-untrusted": 0.9},
    ),
    # With a wrong clock, a valid certificate looks expired or not yet valid.
    _Rule(
        re.compile(
            r"\.amazonaws\.com(?:\.cn)?[/:\s\"'].{0,200}?x509:\s+certificate\s+has\s+expired\s+or\s+is\s+not\s+yet\s+valid",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"endpoint-certificate-untrusted"}),
        {"node-clock-skewed": 0.6, "endpoint-certificate-untrusted": 0.4},
    ),
    # The Connect tab of the EC2 console shows both: the node is registered, and only the channel is missing.
    _Rule(
        re.compile(
            r"\bPing\s+status\W{1,5}Online\b.{0,200}?\bconnection\s+status\W{1,5}Not\s+connected",
            re.IGNORECASE | re.DOTALL,
        ),
        _ON_THE_NODE - {"agent-too-old", "control-channel-down", "role-channels-denied"},
    ),
    # Only an EC2 instance uses default host management; a hybrid node has its activation.
    _Rule(re.compile(r"for\s+ec2\s+identity|Default\s+Host\s+Management\s+Err", re.IGNORECASE), _OF_HYBRID),
    _Rule(re.compile(r"\bmi-[0-9a-f]{8,17}\W{1,4}(?:is not connected|not in a valid state)", re.IGNORECASE), _ON_EC2),
    _Rule(
        re.compile(r"\becs:[\w*<>-]{1,255}(?:_[\w*<>-]{1,255}|[\"'`]?\s+is\s+not\s+connected)", re.IGNORECASE),
        _ON_THE_NODE,
        {CONTAINER: 0.9},
    ),
    # Session Manager's code has no "Exception", except in the SDKs for Java and .NET, which name the node or the call.
    _Rule(
        re.compile(
            rf"\A(?!.*(?:{NODE_ID}|Start-?(?:SSM)?Session|\.ssm\.|SimpleSystemsManagement|\bSSM\b(?! agent\b)"
            r"|\bEC2\b|\bbastion\b))"
            r".*\bTargetNotConnectedException\b",
            re.IGNORECASE | re.DOTALL,
        ),
        _ON_THE_NODE,
        {CONTAINER: 0.9},
    ),
    # Without an SSH server on the node, the agent's worker of an SSH session dies, and the client reads this after a
    # minute. Seen with the agent itself (docs/facts/failure-texts.md).
    # The agent could not write its message to the worker, or not watch for the answer: the worker did nothing wrong.
    _Rule(
        re.compile(rf"{_DOCUMENT_FAILED}.{{0,400}}?no\s+space\s+left\s+on\s+device", re.IGNORECASE | re.DOTALL),
        frozenset({"worker-crashed", "run-out-of-watches"}),
        {"root-volume-full": 0.95},
    ),
    _Rule(
        re.compile(rf"{_DOCUMENT_FAILED}.{{0,400}}?too\s+many\s+open\s+files", re.IGNORECASE | re.DOTALL),
        frozenset({"worker-crashed"}),
        {"run-out-of-watches": 0.9},
    ),
    _Rule(
        re.compile(
            rf"{_OF_SSH}.{{0,2000}}?{_WORKER_TIMEOUT}|{_WORKER_TIMEOUT}.{{0,2000}}?{_OF_SSH}", re.IGNORECASE | re.DOTALL
        ),
        frozenset(),
        {"port-refused": 0.95},
    ),
    # An ssh command without a sign of a proxy command or of AWS is to any server.
    _Rule(
        re.compile(
            rf"\A(?!.*(?:port 65535|{_SIGN_OF_A_SESSION}))"
            r".*?\bssh\s+-[A-Za-z]",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"ssh-tail"}),
    ),
    # SSH to a server with an address, to a git host or through another server has no session below it.
    _Rule(
        re.compile(
            r"\bConnection\s+(?:closed|reset)\s+by\s+\d{1,3}(?:\.\d{1,3}){3}\s+port\s+\d|\bgit@|\bProxyJump\b"
            r"|\b(?:github|gitlab|bitbucket)\.(?:com|org)\b(?!/)",
            re.IGNORECASE,
        ),
        frozenset({"ssh-tail"}),
    ),
    # Words of another program or of a person around an SSH error without a sign of AWS: one of 16 such texts is about
    # a session (docs/facts/failure-texts.md §7). SSH's own lines alone can be the end of a session.
    _Rule(
        re.compile(
            rf"\A(?!.*{_SIGN_OF_A_SESSION})"
            r"(?![\W\d_]*(?:kex_|ssh_exchange|banner\s+exchange|ssh_dispatch|packet_write|client_loop|Bad\s+packet|Corrupted\s+MAC|(?:Connection\s+)?(?:closed|reset|to\s+UNKNOWN)\s|(?:ssh|scp|sftp)\s+\S))"
            r"(?!.*(?:[$#%>]\s?(?:ssh|scp|sftp)\s|\bvia\s+ssh:))",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"ssh-tail"}),
        given=frozenset({"ssh-tail"}),
    ),
    _Rule(
        re.compile(r"when calling the ExecuteCommand operation|TargetNotConnectedException: The execute command"),
        _ON_THE_NODE,
        {CONTAINER: 0.9},
    ),
)


# The words with which the programs' languages say that a connection failed, whatever wrapped them.
_FAILED = (
    r".{0,300}?(?:\bdial\s+tcp\b|while\s+waiting\s+for\s+connection|gave\s+HTTP\s+response|no\s+such\s+host"
    r"|i/o\s+timeout|connection\s+(?:refused|reset|timed\s+out)|handshake\s+timeout"
    r"|deadline\s+exceeded|awaiting\s+headers|no\s+route\s+to\s+host|network\s+is\s+unreachable|\bEOF\b|proxyconnect)"
)
_NO_CREDENTIALS = r"(?:\bNoCredentialProviders|no\s+valid\s+providers\s+in\s+chain)"
_OF_THE_CALLERS_KEY = r"(?:\bfailed\s+on\s+client\b|\bKMS\s+GenerateDataKey\b)"
_OF_THE_WORKER = r"\[ssm-(?:agent|session|document)-worker\]"
_NODE_CHANNELS = frozenset({"control-channel-down", "data-channel-denied", "data-channel-unreachable"})
_NODE_CREDENTIALS = frozenset(
    {
        "agent-hibernating",
        "dhmc-off",
        "dhmc-role-broken",
        "imds-disabled",
        "instance-profile-missing",
        "role-core-denied",
    }
)


def _inner(pattern: str, given: frozenset[str], told: Mapping[str, float], out: frozenset[str] = frozenset()) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE | re.DOTALL), out, told, given=given)


_INNER_RULES = (
    # The outer texts say which channel the agent opens: the inner ones are those of both channels.
    _inner(
        r"CreateControlChannel\s+failed|\bcontrol\s?channel\s+(?:with|token)",
        _NODE_CHANNELS | {"messages-endpoint-unreachable"},
        {"control-channel-down": 0.5},
        frozenset({"data-channel-denied", "data-channel-unreachable", "messages-endpoint-unreachable"}),
    ),
    _inner(
        r"Setting\s+up\s+data\s+channel\s+with\s+id",
        frozenset({"messages-endpoint-unreachable"}),
        {},
        frozenset({"messages-endpoint-unreachable"}),
    ),
    _inner(rf"://(?:[\w.-]{{1,100}}\.)?(?:logs|s3)[.-]{_FAILED}", _OF_THE_LOGS, {"log-endpoint-missing": 0.95}),
    _inner(
        rf"\A(?!.*\bfailed\s+on\s+client\b).*?://kms[.-]{_FAILED}",
        frozenset({"kms-node-denied"}),
        {"log-endpoint-missing": 0.9},
        frozenset({"kms-node-denied"}),
    ),
    # The plugin's own retries last until the node's patience ends.
    _inner(
        rf"://kms[.-]{_FAILED}|\bGenerateDataKey\s+API:\s+RequestCanceled\b",
        frozenset({"kms-caller-denied"}),
        {"handshake-timed-out": 0.8},
        frozenset({"kms-caller-denied"}),
    ),
    _inner(
        rf"\b169\.254\.169\.254{_FAILED}",
        _NODE_CREDENTIALS,
        {"imds-disabled": 0.9},
        frozenset({"role-core-denied", "dhmc-off", "dhmc-role-broken"}),
    ),
    _inner(r"EC2MetadataError.{0,400}?status code: 404", _NODE_CREDENTIALS, {"instance-profile-missing": 0.6}),
    _inner(
        r"\bSignature\s+(?:expired|not\s+yet\s+current)|\bRequestTimeTooSkewed",
        _NODE_CREDENTIALS | _NODE_CHANNELS,
        {"node-clock-skewed": 0.9},
    ),
    _inner(
        rf"\A(?!.*{_OF_THE_CALLERS_KEY}).*?{_NO_CREDENTIALS}",
        _NODE_CHANNELS | {"kms-node-denied"},
        {"instance-profile-missing": 0.85, "imds-disabled": 0.4},
        frozenset({"kms-node-denied"}),
    ),
    _inner(
        rf"\A(?!.*\bwhen\s+decrypting\s+data\s+key\b).*?{_NO_CREDENTIALS}",
        frozenset({"kms-caller-denied"}),
        {"credentials-missing": 0.8},
        frozenset({"kms-caller-denied"}),
    ),
    _inner(r"\bThrottlingException\b.{0,100}?Rate\s+exceeded", _NODE_CREDENTIALS, {"throttled": 0.85}),
    _inner(
        r"too\s+many\s+open\s+files",
        frozenset({"root-volume-full", "shell-start-failed", "ssm-user-refused", "worker-crashed"}),
        {"run-out-of-watches": 0.95},
        frozenset({"root-volume-full"}),
    ),
    # The plugin prints this on the workstation: the network is the caller's. EOF alone is the end of the input.
    _inner(
        r"\bCannot\s+perform\s+start\s+session:.{0,300}?(?:\b(?:dial|read|write)\s+tcp\b|proxyconnect|\bunexpected\s+EOF)",
        frozenset({"messages-endpoint-unreachable"}),
        {"messages-endpoint-unreachable": 0.8},
        _NETWORK,
    ),
    # A connection that was open and is gone: a session without input ended, or something on the way closed it.
    _inner(
        r"\bCannot\s+perform\s+start\s+session:.{0,100}?\bwrite\s+tcp\b.{0,200}?\bwrite:\s+broken\b",
        frozenset({"messages-endpoint-unreachable"}),
        {"session-idle-timeout": 0.7, "session-terminated": 0.6, "messages-endpoint-unreachable": 0.4},
        frozenset({"messages-endpoint-unreachable"}),
    ),
    # The service closed the connection in the regular way, each time: the network works.
    _inner(
        r"\bretry\s+limit\s+\d+\s+for\s+receive\s+messages\.\s+Error:\s+websocket:\s+close\s+1000\b",
        frozenset({"messages-endpoint-unreachable"}),
        {"session-terminated": 0.6, "session-resume-denied": 0.5},
        frozenset({"messages-endpoint-unreachable", "control-channel-down"}),
    ),
    # The plugin and the agent's worker log the same texts.
    _inner(
        rf"{_OF_THE_WORKER}(?:\s*\[[^\]]{{1,200}}\]){{0,6}}\s+"
        r"(?:Failed\s+to\s+dial\s+websocket:|Reach\s+the\s+retry\s+limit\s+\d+\s+for\s+receive\s+messages\.\s+Error)",
        frozenset({"messages-endpoint-unreachable"}),
        {"control-channel-down": 0.5},
        frozenset({"messages-endpoint-unreachable", "session-resume-denied"}),
    ),
    _inner(
        rf"\A(?!.*(?:{_OF_THE_WORKER}|Setting\s+up\s+data\s+channel)).*?://ssmmessages[.-]{_FAILED}",
        frozenset({"messages-endpoint-unreachable"}),
        {"messages-endpoint-unreachable": 0.8},
    ),
)
"""What the innermost error says, together with the step that failed."""


def apply_context_rules(
    text: str, likelihoods: Mapping[str, float], steps: Collection[str] = frozenset(), paste: str = ""
) -> Mapping[str, float]:
    """Return the likelihood of each cause by slug, adjusted by the rest of the message.

    `steps` are the causes of the outer texts that a more specific inner text outranks. `paste` is the whole paste.
    """
    text = with_scripts_apart(text)
    if _PARAMETER_STORE.search(text):
        return {}
    left = dict(likelihoods)
    for tail in _TAILS & left.keys() if len(left) > 1 else ():
        left[tail] = min(left[tail], _OF_A_TAIL)
    excluded = set[str]()
    for rule in _rules_of(text, {*likelihoods, *steps}, paste or text):
        for slug in rule.out:
            left.pop(slug, None)
        for slug in rule.unlikely & left.keys():
            left[slug] = left[slug] if left[slug] >= _CLEAR else min(left[slug], _UNLIKELY)
        for slug, likelihood in rule.told.items():
            if slug not in excluded:
                left[slug] = max(likelihood, left.get(slug, 0.0))
        excluded |= rule.out - rule.told.keys()
    return left


def _fits(rule: _Rule, paste: str) -> bool:
    """Return whether the rest of the paste lets a rule apply."""
    if rule.beside and not re.search(rule.beside, paste, re.IGNORECASE):
        return False
    return not (rule.unless and re.search(rule.unless, paste, re.IGNORECASE))


def _rules_of(text: str, causes: Set[str], paste: str) -> Iterator[_Rule]:
    for rule in (*_RULES, *_INNER_RULES):
        is_possible = (not rule.given or not rule.given.isdisjoint(causes)) and rule.when.search(text)
        if is_possible and _fits(rule, paste):
            yield rule
    if not _NETWORK.isdisjoint(causes):
        labels = [found[1] for found in _HOST.finditer(text)]
        if any(not (_REGION_LABEL.fullmatch(label) or _PLACEHOLDER.fullmatch(label)) for label in labels):
            yield _Rule(_HOST, _NETWORK, {"node-region-mistyped": 0.9})
