"""The roles of the demo's home Region: sound ones, and ones that lack one thing each."""

from __future__ import annotations

from ssmtui.simulator.worlds.permissions import CHANNEL_ACTIONS, Destinations, allow, node_role

DESTINATIONS = Destinations(
    region="eu-west-3",
    session_key="sessions",
    bucket="acme-session-audit-eu-west-3",
    bucket_key="session-audit",
    log_group="/ssm/session-manager",
)
_D = DESTINATIONS

WEB = node_role("web", _D.everything())
API = node_role("api", _D.everything(), path="/services/")
BUILD = node_role("build-runner", _D.everything())
DATABASE = node_role("database", _D.everything())
WINDOWS = node_role("windows-server", _D.everything())
HYBRID = node_role("point-of-sale", _D.everything(), trusted="ssm.amazonaws.com", path="/service-role/")

TRUSTS_LAMBDA = node_role("image-resizer", _D.everything(), trusted="lambda.amazonaws.com")
WITHOUT_CORE = node_role("legacy-monitoring", (allow(CHANNEL_ACTIONS), *_D.everything()), managed=())
WITHOUT_CHANNELS = node_role(
    "patched-by-hand",
    (allow(("ssm:UpdateInstanceInformation", "ssm:ListAssociations", "ssm:PutInventory")), *_D.everything()),
    managed=(),
)
WITHOUT_KEY = node_role("reporting", (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()))
WITHOUT_BUCKET_LOOKUP = node_role("ingest", (*_D.key_use(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()))
WITHOUT_BUCKET_WRITE = node_role("cache", (*_D.key_use(), *_D.bucket_lookup(), *_D.log_lookup(), *_D.log_write()))
# DescribeLogGroups looks granted, but a statement scoped to one group never fits it.
WITHOUT_LOG_LOOKUP = node_role(
    "queue-worker",
    (
        *_D.key_use(),
        *_D.bucket_lookup(),
        *_D.bucket_write(),
        *_D.log_write(),
        allow("logs:DescribeLogGroups", *_D.log_group_arns),
    ),
)
WITHOUT_LOG_WRITE = node_role("scheduler", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup()))
WITHOUT_KEY_AND_LOG_LOOKUP = node_role("etl", (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_write()))
HYBRID_WITHOUT_KEY = node_role(
    "warehouse",
    (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)

EMPTY_PROFILE = "intranet"

ROLES = (
    WEB,
    API,
    BUILD,
    DATABASE,
    WINDOWS,
    HYBRID,
    TRUSTS_LAMBDA,
    WITHOUT_CORE,
    WITHOUT_CHANNELS,
    WITHOUT_KEY,
    WITHOUT_BUCKET_LOOKUP,
    WITHOUT_BUCKET_WRITE,
    WITHOUT_LOG_LOOKUP,
    WITHOUT_LOG_WRITE,
    WITHOUT_KEY_AND_LOG_LOOKUP,
    HYBRID_WITHOUT_KEY,
)
