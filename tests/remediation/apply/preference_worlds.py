"""Small simulated accounts whose session preferences, key or log group hold a fault that a choice puts right."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import Bucket, Key, Preferences, RegionScenario, Scenario
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import DESTINATIONS, allow, node, node_role, preferences, small_world

_D = DESTINATIONS
SPARE = "spare"
SPARE_KEY = f"alias/acme/{SPARE}"
LOGS_KEY = "alias/acme/session-logs"


def key_disabled_and_a_spare() -> Scenario:
    """The session key is disabled; the role may use another key of the account too."""
    scenario = world("key-disabled")
    return _with_spare(replace(scenario, regions=(_with_keys(scenario.regions[0]),)))


def key_elsewhere_and_a_spare() -> Scenario:
    """The session key is of another Region; the role may use a key of this one."""
    scenario = world("key-wrong-region")
    home, *others = scenario.regions
    return _with_spare(replace(scenario, regions=(_with_keys(home), *others)))


def switch_left_empty() -> Scenario:
    """A switch is an empty text, at which SSM Agent drops every request."""
    return _named("preferences-malformed", preferences(_D, inputs={"runAsEnabled": "", "s3EncryptionEnabled": "yes"}))


def names_written_as_addresses() -> Scenario:
    """An ARN and an address stand where bare names belong, in a document kept as YAML."""
    group = f"arn:aws:logs:{_D.region}:123456789012:log-group:{_D.log_group}:*"
    text = f"""\
schemaVersion: "1.0"
sessionType: Standard_Stream
inputs:
  s3BucketName: s3://{_D.bucket}/{_D.bucket_prefix}/  # copied from the console
  s3EncryptionEnabled: true
  cloudWatchLogGroupName: '{group}'
  cloudWatchEncryptionEnabled: true
  nobodyKnows: [1, 2]
"""
    return _named("preferences-malformed", Preferences(text, format="YAML"))


def bucket_gone_and_another_is_there() -> Scenario:
    """The log bucket is gone; another one is there, to which the role may write."""
    role = node_role("web", (*_D.everything(), *replace(_D, bucket="new-session-audit").everything()))
    return small_world(
        (node("web-1"), node("web-2")),
        preferences=preferences(_D),
        roles=(role,),
        buckets=(Bucket("new-session-audit"),),
    )


def _named(name: str, saved: Preferences) -> Scenario:
    return small_world((node("web-1"), node("web-2")), preferences=saved)


def _with_keys(region: RegionScenario) -> RegionScenario:
    return replace(region, keys=(*region.keys, Key(SPARE)))


def _with_spare(scenario: Scenario) -> Scenario:
    (role,) = scenario.roles
    spare = replace(role.inline[0], name="spare-key", statements=(allow("kms:Decrypt", f"<key:{SPARE}>"),))
    return replace(scenario, roles=(replace(role, inline=(*role.inline, spare)),))
