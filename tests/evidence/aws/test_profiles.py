"""What the AWS files say before any SDK reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.evidence.aws.profiles import can_prompt, read_profiles

CONFIG = """
[default]
region = eu-west-3

[profile plain]
region = eu-central-1

[profile guarded]
role_arn = arn:aws:iam::123456789012:role/Engineer
source_profile = plain
mfa_serial = arn:aws:iam::123456789012:mfa/alex

[profile behind guarded]
role_arn = arn:aws:iam::999999999999:role/Auditor
source_profile = guarded

[profile "two words"]
sso_session = corporate

[profile through-sso]
role_arn = arn:aws:iam::999999999999:role/Auditor
source_profile = two words

[profile circle]
role_arn = arn:aws:iam::999999999999:role/Auditor
source_profile = circle

[profile serial-without-role]
mfa_serial = arn:aws:iam::123456789012:mfa/alex

[sso-session corporate]
sso_start_url = https://example.awsapps.com/start

[profile "unclosed]
region = x
"""

CREDENTIALS = """
[plain]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = not-a-secret

[only-here]
role_arn = arn:aws:iam::123456789012:role/Engineer
source_profile = plain
mfa_serial = arn:aws:iam::123456789012:mfa/alex
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").write_text(CONFIG.replace("[profile behind guarded]", '[profile "behind guarded"]'))
    (tmp_path / "credentials").write_text(CREDENTIALS)
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


@pytest.mark.parametrize(
    ("profile", "prompts"),
    [
        (None, False),
        ("plain", False),
        ("guarded", True),
        ("behind guarded", True),
        ("only-here", True),
        ("circle", False),
        ("serial-without-role", False),
        ("no-such-profile", False),
    ],
)
def test_a_profile_prompts_where_a_role_in_its_chain_asks_for_a_code(
    environment: dict[str, str], profile: str | None, *, prompts: bool
) -> None:
    assert can_prompt(profile, environment) is prompts


def test_the_profile_may_be_named_by_the_environment(environment: dict[str, str]) -> None:
    assert can_prompt(None, environment | {"AWS_PROFILE": "guarded"})
    assert can_prompt(None, environment | {"AWS_DEFAULT_PROFILE": "guarded"})
    assert not can_prompt("plain", environment | {"AWS_PROFILE": "guarded"})


def test_keys_in_the_environment_come_before_a_profile_that_is_not_named(environment: dict[str, str]) -> None:
    keys = environment | {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_PROFILE": "guarded"}
    assert not can_prompt(None, keys)
    assert can_prompt("guarded", keys)


def test_a_profile_logs_in_through_identity_center_itself_or_by_its_source(environment: dict[str, str]) -> None:
    profiles = read_profiles(environment)
    assert [name for name in ("two words", "through-sso", "plain", "guarded") if profiles.uses_sso(name)] == [
        "two words",
        "through-sso",
    ]


def test_no_secret_is_kept(environment: dict[str, str]) -> None:
    assert "AKIAEXAMPLE" not in repr(read_profiles(environment))


@pytest.mark.parametrize("content", [b"no section", b"\xff\xfe\x00", b"[a]\n[a]\nb\n=c"])
def test_files_that_cannot_be_understood_hold_no_profiles(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config").write_bytes(content)
    environment = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    assert read_profiles(environment).by_name == {}
