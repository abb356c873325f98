"""Worlds with faults of the session preferences and of the keys, buckets and log groups that they name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ssmtui.simulator.scenario import (
    HEALTHY,
    Bucket,
    Control,
    Expectation,
    Instance,
    Key,
    KeyState,
    Node,
    Platform,
    RegionScenario,
    Role,
    Scenario,
    SessionDocument,
    StatementJSON,
    fails,
    sound,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    DESTINATIONS,
    ENGINEER,
    KEYS,
    REGION,
    UNENCRYPTED_GROUPS,
    WEB,
    WITH_DOCUMENTS,
    WITHOUT_KEY,
    Destinations,
    allow,
    endpoint_network,
    nat_network,
    node,
    node_role,
    preferences,
    preferences_in_yaml,
    small_world,
    two_nodes,
    with_key_statements,
)

_UNENCRYPTED = fails("log-group-unencrypted")


def preferences_absent() -> Scenario:
    """The Region has no session preferences."""
    return small_world((node("web-1", sound(Control.NO_PREFERENCES)), node("web-2")), preferences=None)


def preferences_strings_green() -> Scenario:
    """The switches are stored as texts; "false" is off."""
    return small_world(
        (node("web-1", sound(Control.SWITCHES_AS_TEXTS)), node("web-2")),
        preferences=preferences(DESTINATIONS, only_encrypted_bucket="true", only_encrypted_log_group="false"),
        log_groups=UNENCRYPTED_GROUPS,
    )


def preferences_strings_red() -> Scenario:
    """The switches are stored as texts; "true" is on."""
    return small_world(
        two_nodes(_UNENCRYPTED),
        preferences=preferences(DESTINATIONS, only_encrypted_bucket="true", only_encrypted_log_group="true"),
        log_groups=UNENCRYPTED_GROUPS,
    )


def preferences_malformed() -> Scenario:
    """A switch of the session preferences is neither true nor false."""
    malformed = fails("preferences-malformed")
    return small_world(two_nodes(malformed), preferences=preferences(DESTINATIONS, only_encrypted_log_group="on"))


def preferences_yaml() -> Scenario:
    """The session preferences are stored as YAML."""
    destinations = replace(DESTINATIONS, session_key=None)
    return small_world(
        two_nodes(_UNENCRYPTED),
        preferences=preferences_in_yaml(destinations),
        roles=(node_role("web", destinations.everything()),),
        log_groups=UNENCRYPTED_GROUPS,
    )


def preferences_drift() -> Scenario:
    """The latest session preferences are not the default version."""
    drift = warns("preferences-drift")
    return small_world(
        two_nodes(drift),
        preferences=preferences(
            DESTINATIONS, instead_of=preferences(DESTINATIONS, inputs={"idleSessionTimeout": "30"})
        ),
    )


def timeout_out_of_range() -> Scenario:
    """The idle timeout of sessions is out of range."""
    return small_world(
        two_nodes(warns("timeout-out-of-range")),
        preferences=preferences(DESTINATIONS, inputs={"idleSessionTimeout": "240"}),
    )


def streaming_unsupported() -> Scenario:
    """Session logs are streamed, but a Windows Server is too old for this."""
    return small_world(
        (
            node("iis-old-1", warns("streaming-unsupported"), platform=Platform.WINDOWS_2012),
            node("iis-1", platform=Platform.WINDOWS),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS, inputs={"cloudWatchStreamingEnabled": True}),
    )


def custom_document_bypasses() -> Scenario:
    """A Session document of the account has no logs and no key."""
    quick = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"runAsEnabled": False}}
    return small_world(
        two_nodes(warns("custom-document-bypasses")),
        session_documents=(SessionDocument("Acme-QuickShell", json.dumps(quick)),),
    )


def documents_by_name() -> Scenario:
    """The account has Session documents of many kinds."""

    def shell(name: str, parameters: Mapping[str, object] | None = None, **inputs: object) -> SessionDocument:
        text = json.loads(preferences(DESTINATIONS, inputs=inputs).content)
        return SessionDocument(name, json.dumps(text | ({"parameters": parameters} if parameters else {})))

    key = {"type": "String", "description": "The key.", "default": "alias/acme/sessions"}
    group = {"type": "String", "description": "Where to."}
    port = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432"}}
    command = {"schemaVersion": "2.2", "mainSteps": []}
    return small_world(
        two_nodes(),
        session_documents=(
            shell("Acme-Shell"),
            shell("Acme-LostLogs", cloudWatchLogGroupName="/acme/nowhere"),
            shell(
                "Acme-Chosen", {"key": key, "group": group}, kmsKeyId="{{ key }}", cloudWatchLogGroupName="{{ group }}"
            ),
            SessionDocument("Acme-Database", json.dumps(port)),
            SessionDocument("Acme-Patch", json.dumps(command), type="Command"),
            shell("Other-Shell"),
        ),
        caller=WITH_DOCUMENTS,
    )


def run_as_user_unset() -> Scenario:
    """Run As is on, but no user is named."""
    return _run_as(fails("run-as-user-unset"))


def run_as_by_preferences() -> Scenario:
    """Run As is on, and the preferences name a user."""
    return _run_as(Expectation(also=("run-as-user-absent",)), user="ec2-user")


def run_as_by_tag() -> Scenario:
    """Run As is on, and the caller's own tag names a user."""
    return _run_as(
        sound(Control.RUN_AS_BY_TAG, "run-as-user-absent"), caller=replace(ENGINEER, tags={"SSMSessionRunAs": "alex"})
    )


def _run_as(of_linux: Expectation, *, user: str = "", caller: Role = ENGINEER) -> Scenario:
    return small_world(
        (node("web-1", of_linux), node("iis-1", platform=Platform.WINDOWS)),
        preferences=preferences(DESTINATIONS, inputs={"runAsEnabled": True, "runAsDefaultUser": user}),
        caller=caller,
    )


_D = DESTINATIONS


def bucket_missing() -> Scenario:
    """The bucket of the session preferences does not exist."""
    missing = fails("s3-bucket-missing")
    return small_world(two_nodes(missing), buckets=())


def bucket_encryption_unreadable() -> Scenario:
    """One role is not allowed to read the encryption of the bucket."""
    role = node_role("ingest", _D.everything_but("bucket lookup"))
    return small_world(
        (node("ingest-1", fails("s3-encryption-unreadable"), profile=role.name), node("web-1")), roles=(WEB, role)
    )


def bucket_policy_denies() -> Scenario:
    """The policy of the bucket denies one role what its own policies allow."""
    role = node_role("ingest", _D.everything())
    denial = {
        "Sid": "OnlyTheWebTier",
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role.name}"},
        "Action": "s3:GetEncryptionConfiguration",
        "Resource": f"arn:aws:s3:::{_D.bucket}",
    }
    return small_world(
        (node("ingest-1", fails("s3-encryption-unreadable"), profile=role.name), node("web-1")),
        roles=(WEB, role),
        buckets=(Bucket(BUCKETS[0].name, statements=(denial,)),),
    )


def bucket_by_network() -> Scenario:
    """The policy of the bucket allows requests only from one VPC."""
    statement = {
        "Sid": "OnlyFromTheVault",
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{WEB.name}"},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{_D.bucket}", f"arn:aws:s3:::{_D.bucket}/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpc": "<id:vault>"}},
    }
    return small_world(
        _at_endpoints("s3-encryption-unreadable"),
        networks=_NETWORKS,
        buckets=(Bucket(BUCKETS[0].name, statements=(statement,)),),
    )


def _at_endpoints(cause: str) -> tuple[Instance, ...]:
    """Return a node in the network that a policy names, one with other endpoints, and one behind NAT."""
    return (
        node("vault-1", network="vault", subnet="isolated"),
        node("edge-1", fails(cause), network="edge", subnet="isolated"),
        node("web-1", fails(cause)),
    )


_NETWORKS = (endpoint_network("vault", "10.64"), endpoint_network("edge", "10.65"), nat_network("main", "10.66"))


def bucket_doubly_encrypted() -> Scenario:
    """The bucket has a type of encryption that the agent does not know."""
    refused = fails("s3-encryption-refused")
    return small_world(two_nodes(refused), buckets=(Bucket(str(_D.bucket), has_dual_layer_encryption=True),))


def s3_logs_lost() -> Scenario:
    """One role is not allowed to write session logs to the bucket."""
    role = node_role("cache", _D.everything_but("bucket write"))
    return small_world((node("cache-1", warns("s3-logs-lost"), profile=role.name), node("web-1")), roles=(WEB, role))


_GONE = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f4e9a51-7d0c-4f6e-9d0a-3c2b1a09f8e7"


def key_missing() -> Scenario:
    """The key of the session preferences does not exist."""
    return _key_world("kms-key-missing", _GONE)


def key_disabled() -> Scenario:
    """The key of the session preferences is disabled."""
    key = Key("sessions", KeyState.DISABLED)
    return _key_world("kms-key-disabled", key=key)


def key_pending_deletion() -> Scenario:
    """The key of the session preferences is to be deleted."""
    return _key_world("kms-key-pending-deletion", key=Key("sessions", KeyState.PENDING_DELETION))


def key_unusable() -> Scenario:
    """The key of the session preferences has a type that cannot encrypt sessions."""
    return _key_world("kms-key-unusable", key=Key("sessions", spec="RSA_2048"))


def key_wrong_region() -> Scenario:
    """The key of the session preferences is in another Region."""
    return _key_world(
        "kms-key-wrong-region",
        "sessions-frankfurt",
        elsewhere=RegionScenario("eu-central-1", keys=(Key("sessions-frankfurt"),)),
    )


def key_policy_denies() -> Scenario:
    """The policy of the session key denies one role."""
    role = node_role("ingest", DESTINATIONS.everything())
    return small_world(
        (node("ingest-1", fails("kms-node-denied"), profile=role.name), node("web-1")),
        roles=(WEB, role),
        keys=(Key("sessions", statements=(_denial(role.name, "kms:Decrypt"),)), *KEYS[1:]),
    )


def key_by_endpoint() -> Scenario:
    """The policy of the session key allows decryption only through one VPC endpoint."""
    denial = {
        "Sid": "OnlyByTheEndpoint",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "<id:vault/kms>"}},
    }
    return small_world(
        _at_endpoints("kms-node-denied"),
        networks=_NETWORKS,
        keys=(Key("sessions", statements=(denial,)), *KEYS[1:]),
    )


def key_by_address() -> Scenario:
    """The policy of the session key names one role, for the addresses of one network only."""
    allowed = node_role("ingest", _D.everything_but("key use"))
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{allowed.name}"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.64.0.0/16"}},
    }
    return small_world(
        tuple(replace(each, profile=allowed.name) for each in _at_endpoints("kms-node-denied")),
        networks=_NETWORKS,
        roles=(WEB, allowed),
        keys=(Key("sessions", statements=(statement,)), *KEYS[1:]),
    )


_TARGET = "kms:EncryptionContext:aws:ssm:TargetId"
_CONTEXT_KEYS = "kms:EncryptionContextKeys"
_WITHOUT_KEY_USE = DESTINATIONS.everything_but("key use")


def _using_keys(name: str, operator: str, key: str, *values: str) -> Role:
    """Return a role that can use every key on a condition."""
    on_condition: StatementJSON = {**allow("kms:Decrypt"), "Condition": {operator: {key: list(values)}}}
    return node_role(name, (on_condition, *_WITHOUT_KEY_USE))


def _for_role(role: Role, condition: StatementJSON) -> StatementJSON:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role.name}"}
    return {**allow("kms:Decrypt"), "Principal": principal, "Condition": condition}


def _with_sessions_key(nodes: tuple[Node, ...], roles: tuple[Role, ...], key: Key, caller: Role = ENGINEER) -> Scenario:
    return small_world(nodes, roles=(WEB, *roles), keys=(key, *KEYS[1:]), caller=caller)


_DENIED_KEY = fails("kms-node-denied")


def key_by_alias_and_tag() -> Scenario:
    """Roles are allowed to use keys with an alias or a tag, which the session key has or does not have."""
    by_alias = _using_keys("by-alias", "ForAnyValue:StringLike", "kms:ResourceAliases", "alias/acme/ses*")
    by_tag = _using_keys("by-tag", "StringEquals", "aws:ResourceTag/Team", "Platform")
    by_second = _using_keys("by-second", "ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/shells")
    by_other = _using_keys("by-other", "ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/acme/backup")
    by_no_tag = _using_keys("by-no-tag", "StringEquals", "aws:ResourceTag/Data", "restricted")
    return _with_sessions_key(
        (
            node("alias-1", profile=by_alias.name),
            node("second-1", profile=by_second.name),
            node("tag-1", profile=by_tag.name),
            node("other-1", _DENIED_KEY, profile=by_other.name),
            node("no-tag-1", _DENIED_KEY, profile=by_no_tag.name),
            node("web-1"),
        ),
        (by_alias, by_second, by_tag, by_other, by_no_tag),
        Key("sessions", tags={"Team": "Platform"}, aliases=("shells",)),
    )


def key_by_its_own_tag() -> Scenario:
    """The policy of the session key denies its use unless the key has a tag or an alias."""
    tagged = node_role("tagged", DESTINATIONS.everything())
    untagged = node_role("untagged", DESTINATIONS.everything())
    denials = (
        {**_denial(tagged.name, "kms:Decrypt"), "Condition": {"StringNotEquals": {"aws:ResourceTag/Team": "Platform"}}},
        {
            **_denial(untagged.name, "kms:Decrypt"),
            "Condition": {"ForAllValues:StringNotEquals": {"kms:ResourceAliases": ["alias/acme/backup"]}},
        },
    )
    return _with_sessions_key(
        (node("tagged-1", profile=tagged.name), node("untagged-1", _DENIED_KEY, profile=untagged.name), node("web-1")),
        (tagged, untagged),
        Key("sessions", tags={"Team": "Platform"}, statements=denials),
    )


def key_by_node() -> Scenario:
    """The session key allows one node of each role: its role session, or the encryption context of its sessions."""
    by_session, by_context = node_role("by-session", _WITHOUT_KEY_USE), node_role("by-context", _WITHOUT_KEY_USE)
    by_own = _using_keys("by-own", "StringEquals", _TARGET, "<id:own-1>")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{by_session.name}/<id:session-1>"
    statements = (
        {**allow("kms:Decrypt"), "Principal": {"AWS": session}},
        _for_role(by_context, {"StringEquals": {_TARGET: "<id:context-1>"}}),
    )
    return _with_sessions_key(
        (
            node("session-1", profile=by_session.name),
            node("session-2", _DENIED_KEY, profile=by_session.name),
            node("context-1", profile=by_context.name),
            node("context-2", _DENIED_KEY, profile=by_context.name),
            node("own-1", profile=by_own.name),
            node("own-2", _DENIED_KEY, profile=by_own.name),
        ),
        (by_session, by_context, by_own),
        Key("sessions", statements=statements),
    )


def key_by_context_keys() -> Scenario:
    """The session key asks for the keys of the encryption context, which sessions have or do not have."""
    sessions, others = node_role("sessions", _WITHOUT_KEY_USE), node_role("others", _WITHOUT_KEY_USE)
    of_session = ["aws:ssm:SessionId", "aws:ssm:TargetId"]
    statements = (
        _for_role(
            sessions,
            {
                "ForAllValues:StringEquals": {_CONTEXT_KEYS: of_session},
                "Null": {"kms:EncryptionContext:aws:ssm:SessionId": "false"},
            },
        ),
        _for_role(others, {"ForAnyValue:StringEquals": {_CONTEXT_KEYS: ["aws:s3:arn"]}}),
    )
    return _with_sessions_key(
        (node("sessions-1", profile=sessions.name), node("others-1", _DENIED_KEY, profile=others.name), node("web-1")),
        (sessions, others),
        Key("sessions", statements=statements),
    )


def key_granted_to_node() -> Scenario:
    """A grant on the session key is for the sessions of one node, and to the role session of the node."""
    role = node_role("granted", _WITHOUT_KEY_USE)
    to_one = Key(
        "sessions",
        granted_to=(f"{role.name}/granted-1", role.name),
        constraints={"EncryptionContextSubset": {"aws:ssm:TargetId": "<id:granted-1>"}},
    )
    return _with_sessions_key(
        (
            node("granted-1", profile=role.name),
            node("granted-2", _DENIED_KEY, profile=role.name),
            node("web-1"),
        ),
        (role,),
        to_one,
    )


def key_granted_to_other_contexts() -> Scenario:
    """A grant on the session key is for an encryption context without the ID of a session, which no session has."""
    role = node_role("granted", _WITHOUT_KEY_USE)
    key = Key(
        "sessions",
        granted_to=(role.name,),
        constraints={"EncryptionContextEquals": {"aws:ssm:TargetId": "<id:granted-1>"}},
    )
    return _with_sessions_key((node("granted-1", _DENIED_KEY, profile=role.name), node("web-1")), (role,), key)


def key_with_other_conditions() -> Scenario:
    """Roles have conditions on other requests to KMS, and one is not allowed to use the session key."""
    granting: StatementJSON = {**allow("kms:CreateGrant"), "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}
    volumes = node_role("volumes", (*DESTINATIONS.everything(), granting))
    keyless = node_role("keyless", (*_WITHOUT_KEY_USE, granting))
    return _with_sessions_key(
        (node("volumes-1", profile=volumes.name), node("keyless-1", _DENIED_KEY, profile=keyless.name), node("web-1")),
        (volumes, keyless),
        KEYS[0],
        with_key_statements(allow("kms:GenerateDataKey"), granting),
    )


def caller_key_by_node() -> Scenario:
    """The session key allows the caller to open sessions to one node, by the encryption context of the sessions."""
    making = {
        **allow("kms:GenerateDataKey"),
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{WITHOUT_KEY.name}"},
        "Condition": {"StringEquals": {_TARGET: "<id:web-1>"}},
    }
    return _with_sessions_key(
        (node("web-1"), node("web-2", fails("kms-caller-denied"))),
        (),
        Key("sessions", statements=(making,)),
        WITHOUT_KEY,
    )


def caller_key_by_alias() -> Scenario:
    """The caller is allowed to use keys with an alias, which the session key has."""
    having = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/acme/sessions"}}
    by_alias = {**allow("kms:GenerateDataKey"), "Condition": having}
    return _with_sessions_key(two_nodes(), (), KEYS[0], with_key_statements(by_alias))


def caller_key_by_other_alias() -> Scenario:
    """The caller is allowed to use keys with an alias, which the session key does not have."""
    having = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/acme/backup"}}
    by_alias = {**allow("kms:GenerateDataKey"), "Condition": having}
    return _with_sessions_key(two_nodes(fails("kms-caller-denied")), (), KEYS[0], with_key_statements(by_alias))


def key_policy_denies_caller() -> Scenario:
    """The policy of the session key denies the caller."""
    denied = fails("kms-caller-denied")
    return small_world(
        two_nodes(denied), keys=(Key("sessions", statements=(_denial("Engineer", "kms:GenerateDataKey"),)), *KEYS[1:])
    )


def _denial(role: str, action: str) -> StatementJSON:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": "*"}


def access_requests() -> Scenario:
    """Access requests are possible, but the session key lacks their tag."""
    untagged = warns("kms-key-jit-tag-missing")
    return _with_access_requests(untagged, Key("sessions"))


def access_requests_tagged() -> Scenario:
    """Access requests are possible, and everything works."""
    key = Key("sessions", tags={"SystemsManagerJustInTimeNodeAccessManaged": "true"})
    return _with_access_requests(HEALTHY, key)


def _with_access_requests(expected: Expectation, key: Key) -> Scenario:
    keys = tuple(key if each.name == key.name else each for each in KEYS)
    nodes = two_nodes(expected)
    world = small_world(nodes, keys=keys)
    return replace(world, regions=(replace(world.regions[0], approval_policies=("ops-approval",)),))


def _key_world(
    cause: str, session_key: str = "sessions", *, key: Key = KEYS[0], elsewhere: RegionScenario | None = None
) -> Scenario:
    destinations: Destinations = replace(DESTINATIONS, session_key=session_key)
    return small_world(
        two_nodes(fails(cause)),
        preferences=preferences(destinations),
        roles=(node_role("web", destinations.everything()),),
        keys=(key, *KEYS[1:]),
        other_regions=(elsewhere,) if elsewhere else (),
    )


def log_group_missing() -> Scenario:
    """The log group of the session preferences does not exist."""
    missing = fails("log-group-missing")
    return small_world(two_nodes(missing), log_groups=())


def log_group_unencrypted() -> Scenario:
    """The preferences require an encrypted log group, and the log group is not encrypted."""
    return small_world(two_nodes(fails("log-group-unencrypted")), log_groups=UNENCRYPTED_GROUPS)


def log_group_unreadable() -> Scenario:
    """One role is not allowed to find the log group, which is encrypted.

    Its statement is scoped to the group, which DescribeLogGroups never matches.
    """
    lookup = allow("logs:DescribeLogGroups", *_D.log_group_arns)
    role = node_role("queue-worker", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_write(), lookup))
    return small_world(
        (node("queue-1", fails("log-group-unreadable"), profile=role.name), node("web-1")), roles=(WEB, role)
    )


def cloudwatch_logs_lost() -> Scenario:
    """One role is not allowed to write session logs to the log group."""
    role = node_role("scheduler", _D.everything_but("log write"))
    return small_world(
        (node("scheduler-1", warns("cloudwatch-logs-lost"), profile=role.name), node("web-1")), roles=(WEB, role)
    )
