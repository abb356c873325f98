"""Worlds whose session key cannot be used: no node of the Region can be opened."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    HEALTHY,
    Expectation,
    Key,
    KeyState,
    RegionPlan,
    Scenario,
    StatementJSON,
    fails,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.permissions import Destinations, node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, KEYS, REGION, WEB, node, small_world

_GONE = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f4e9a51-7d0c-4f6e-9d0a-3c2b1a09f8e7"


def key_missing() -> Scenario:
    """The preferences name a key that is gone."""
    return _world("key-missing", "The key of the session preferences does not exist.", "kms-key-missing", _GONE)


def key_disabled() -> Scenario:
    """The preferences name a disabled key."""
    key = Key("sessions", KeyState.DISABLED)
    return _world("key-disabled", "The key of the session preferences is disabled.", "kms-key-disabled", key=key)


def key_pending_deletion() -> Scenario:
    """The preferences name a key that waits to be deleted."""
    return _world(
        "key-pending-deletion",
        "The key of the session preferences is to be deleted.",
        "kms-key-pending-deletion",
        key=Key("sessions", KeyState.PENDING_DELETION),
    )


def key_unusable() -> Scenario:
    """The preferences name a key that is not symmetric."""
    return _world(
        "key-unusable",
        "The key of the session preferences is of a kind that encrypts no session.",
        "kms-key-unusable",
        key=Key("sessions", spec="RSA_2048"),
    )


def key_wrong_region() -> Scenario:
    """The preferences name a key of another Region."""
    return _world(
        "key-wrong-region",
        "The key of the session preferences lives in another Region.",
        "kms-key-wrong-region",
        "sessions-frankfurt",
        elsewhere=RegionPlan("eu-central-1", keys=(Key("sessions-frankfurt"),)),
    )


def key_policy_denies() -> Scenario:
    """The key's own policy denies one role what the role's policies allow: no grant to the role would help."""
    role = node_role("ingest", DESTINATIONS.everything())
    return small_world(
        "key-policy-denies",
        "The policy of the session key denies one role.",
        (node("ingest-1", fails("kms-node-denied"), profile=role.name), node("web-1")),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, role),
        keys=(Key("sessions", statements=(_denial(role.name, "kms:Decrypt"),)), *KEYS[1:]),
    )


def key_policy_denies_caller() -> Scenario:
    """The key's own policy lets nodes decrypt, and denies the caller its data keys."""
    denied = fails("kms-caller-denied")
    return small_world(
        "key-policy-denies-caller",
        "The policy of the session key denies the caller.",
        (node("web-1", denied), node("web-2", denied)),
        preferences=preferences(DESTINATIONS),
        keys=(Key("sessions", statements=(_denial("Engineer", "kms:GenerateDataKey"),)), *KEYS[1:]),
    )


def _denial(role: str, action: str) -> StatementJSON:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": "*"}


def access_requests() -> Scenario:
    """Just-in-time access is in use, and the session key lacks the tag for it."""
    untagged = warns("kms-key-jit-tag-missing")
    return _with_access_requests(
        "access-requests",
        "Access can be asked for, and the session key is not tagged for it.",
        untagged,
        Key("sessions"),
    )


def access_requests_tagged() -> Scenario:
    """Just-in-time access is in use, and the session key carries its tag."""
    key = Key("sessions", tags={"SystemsManagerJustInTimeNodeAccessManaged": "true"})
    return _with_access_requests("access-requests-tagged", "Access can be asked for, and all is sound.", HEALTHY, key)


def _with_access_requests(name: str, summary: str, told: Expectation, key: Key) -> Scenario:
    keys = tuple(key if each.name == key.name else each for each in KEYS)
    nodes = (node("web-1", told), node("web-2", told))
    world = small_world(name, summary, nodes, preferences=preferences(DESTINATIONS), keys=keys)
    return replace(world, regions=(replace(world.regions[0], approval_policies=("ops-approval",)),))


def _world(
    name: str,
    summary: str,
    cause: str,
    session_key: str = "sessions",
    *,
    key: Key = KEYS[0],
    elsewhere: RegionPlan | None = None,
) -> Scenario:
    destinations: Destinations = replace(DESTINATIONS, session_key=session_key)
    return small_world(
        name,
        summary,
        (node("web-1", fails(cause)), node("web-2", fails(cause))),
        preferences=preferences(destinations),
        roles=(node_role("web", destinations.everything()),),
        keys=(key, *KEYS[1:]),
        other_regions=(elsewhere,) if elsewhere else (),
    )
