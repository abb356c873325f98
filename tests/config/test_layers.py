"""Which layer counts: the command line, else the environment, else the file, else the default."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.config.declared_settings import (
    ACCOUNT,
    COLOUR,
    ENDPOINT_URL,
    EXTERNAL_ID,
    FILTER,
    KEYS,
    LOG_FILE,
    ORGANIZATION,
    PROFILE,
    READ_ONLY,
    REFRESH,
    REGION,
    ROLE_ARN,
    THEME,
    TIMEOUT,
)
from ssmtui.config.file import ConfigError, FileSettings
from ssmtui.config.setting_types import Setting, SettingLayer, SettingOrigin, SettingTable
from ssmtui.config.settings import Settings, settings_of
from ssmtui.model.scope_request import OtherAccounts
from tests.config.files import said


def settings(
    file: FileSettings | None = None,
    environment: dict[str, str] | None = None,
    options: dict[Setting[object], object] | None = None,
) -> Settings:
    return settings_of(file or FileSettings(), environment or {}, options or {})


def test_the_command_line_outranks_the_environment_and_that_the_file(tmp_path: Path) -> None:
    file = said(tmp_path, 'theme = "nord"\nprofile = "file"\nregion = "eu-west-1"\ntimeout = 600\n')
    environment = {"SSMTUI_PROFILE": "a, b", "SSMTUI_REGION": "eu-west-2", "SSMTUI_TIMEOUT": "30"}
    told = settings(file, environment, {PROFILE: ("line",), TIMEOUT: 5.0, REGION: ()})
    assert {each.name: (told[each], told.how(each).origin) for each in (PROFILE, REGION, TIMEOUT, THEME, REFRESH)} == {
        "profile": (("line",), SettingOrigin(SettingLayer.OPTION, "--profile")),
        "region": (("eu-west-2",), SettingOrigin(SettingLayer.ENVIRONMENT, "SSMTUI_REGION")),
        "timeout": (5.0, SettingOrigin(SettingLayer.OPTION, "--timeout")),
        "theme": ("nord", SettingOrigin(SettingLayer.FILE, f"{tmp_path / 'config.toml'}:1:1")),
        "refresh": (None, SettingOrigin(SettingLayer.DEFAULT)),
    }


@pytest.mark.parametrize(
    ("environment", "profiles", "shown"),
    [
        ({}, ("file",), ""),
        ({"AWS_PROFILE": "env"}, (), "env"),
        ({"AWS_DEFAULT_PROFILE": "env"}, (), "env"),
        ({"AWS_PROFILE": "env", "SSMTUI_PROFILE": "ours"}, ("ours",), ""),
        ({"AWS_PROFILE": "env", "SSMTUI_PROFILE": ""}, (), "env"),
    ],
)
def test_what_aws_own_variables_choose_is_left_to_whoever_reads_them(
    environment: dict[str, str], profiles: tuple[str, ...], shown: str, tmp_path: Path
) -> None:
    told = settings(said(tmp_path, 'profile = "file"'), environment).how(PROFILE)
    assert (told.value, told.shown) == (profiles, shown)


def test_every_kind_of_value_can_be_told_by_a_variable(tmp_path: Path) -> None:
    told = settings(
        environment={
            "SSMTUI_READ_ONLY": "yes",
            "SSMTUI_REFRESH": "60",
            "SSMTUI_LOG_FILE": str(tmp_path / "log"),
            "SSMTUI_ENDPOINT_URL": "http://localhost:4566",
            "SSMTUI_KEYS": "filter=f3,slash, shell = ctrl+s",
        }
    )
    assert told[KEYS] == {"filter": "f3,slash", "shell": "ctrl+s"}
    assert (told[READ_ONLY], told[REFRESH], told[LOG_FILE], told[ENDPOINT_URL]) == (
        True,
        timedelta(minutes=1),
        tmp_path / "log",
        "http://localhost:4566",
    )


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"SSMTUI_READ_ONLY": "maybe"}, "SSMTUI_READ_ONLY must be true or false"),
        ({"SSMTUI_KEYS": "slash"}, "SSMTUI_KEYS must be a table of texts"),
        ({"SSMTUI_TIMEOUT": "long"}, "SSMTUI_TIMEOUT must be a number of seconds greater than 0 and at most 86400"),
        ({"SSMTUI_READONLY": "1"}, r"SSMTUI_READONLY: unknown setting readonly\. Did you mean read_only\?"),
        ({"SSMTUI_ENDPOINT_URL": "here"}, "SSMTUI_ENDPOINT_URL: here is not a URL"),
        ({"SSMTUI_ROLE_ARN": "Audit"}, "SSMTUI_ROLE_ARN: Audit is not the ARN of a role"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(environment: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        settings(environment=environment)


def test_a_variable_like_no_setting_is_somebody_elses() -> None:
    assert settings(environment={"SSMTUI_UPDATE_SCREENSHOTS": "1", "SSMTUI_CONFIG": "x"}) == Settings()


@pytest.mark.parametrize(
    ("file", "environment", "options"),
    [
        ("", {}, {READ_ONLY: True}),
        ("read_only = true", {}, {}),
        ("read_only = true", {"SSMTUI_READ_ONLY": "false"}, {}),
        ("", {"SSMTUI_READ_ONLY": "true"}, {}),
        ("profiles.prod.read_only = true", {}, {PROFILE: ("dev", "prod")}),
        ("profiles.'pr*'.read_only = true", {}, {PROFILE: ("dev", "prod")}),
        ("profiles.prod.read_only = true", {"AWS_PROFILE": "prod"}, {}),
        ("profiles.default.read_only = true", {}, {}),
    ],
)
def test_whoever_says_read_only_is_obeyed(
    file: str, environment: dict[str, str], options: dict[Setting[object], object], tmp_path: Path
) -> None:
    assert settings(said(tmp_path, file), environment, options).read_only


def test_read_only_of_another_profile_does_not_count(tmp_path: Path) -> None:
    assert not settings(said(tmp_path, "profiles.prod.read_only = true"), {}, {PROFILE: ("dev",)}).read_only


@pytest.mark.parametrize(
    ("environment", "profile", "read_only"),
    [
        ({}, "prod", True),
        ({}, "dev", False),
        ({}, None, False),
        ({"AWS_PROFILE": "prod"}, None, True),
        ({"AWS_PROFILE": "dev"}, "prod", True),
    ],
)
def test_a_read_only_profile_is_so_in_a_run_of_another(
    environment: dict[str, str], profile: str | None, *, read_only: bool, tmp_path: Path
) -> None:
    told = settings(said(tmp_path, "profiles.prod.read_only = true"), environment, {PROFILE: ("dev",)})
    assert not told.read_only
    assert told.is_read_only(profile) is read_only


ROLE = "arn:aws:iam::210987654321:role/Audit"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, OtherAccounts((), "Audit", ("210987654321",), "x-7")),
        ({ACCOUNT: ("123456789012",)}, OtherAccounts((), "Audit", ("123456789012",), "x-7")),
        ({ROLE_ARN: (ROLE,)}, OtherAccounts((ROLE,), external_id="x-7")),
        ({ORGANIZATION: "Other", EXTERNAL_ID: "y-8"}, OtherAccounts(organization="Other", external_id="y-8")),
        ({ORGANIZATION: ""}, OtherAccounts(external_id="x-7")),
    ],
)
def test_whoever_names_accounts_means_these_alone(
    options: dict[Setting[object], object], expected: OtherAccounts, tmp_path: Path
) -> None:
    file = said(tmp_path, 'organization = "Audit"\naccount = "210987654321"\nexternal_id = "x-7"\n')
    assert settings(file, options=options).others == expected


def test_what_holds_for_one_profile_is_the_nearest_that_is_said_of_it(tmp_path: Path) -> None:
    file = said(
        tmp_path,
        """
        [profiles."*"]
        read_only = false
        [profiles."prod-*"]
        read_only = true
        [profiles.prod-paris]
        read_only = false
        """,
    )
    told = settings(file)
    assert [told.is_read_only(name) for name in ("prod-paris", "prod-rome", "dev")] == [True, True, False]
    assert told.alone(READ_ONLY, "prod-rome").origin.name.endswith("config.toml:5:9")
    assert [each.name for each in told.some[SettingTable.PROFILES]] == ["*", "prod-*", "prod-paris"]


OF_SOME = """
region = "eu-west-1"
colour = "green"
[accounts.210987654321]
colour = "red"
[profiles."prod-*"]
region = ["eu-west-2"]
colour = "blue"
[profiles.prod-paris]
region = "eu-west-3"
filter = "tag:Env=prod"
"""


def test_the_nearest_that_is_said_of_a_profile_or_an_account_counts(tmp_path: Path) -> None:
    told = settings(said(tmp_path, OF_SOME))
    assert [
        told.alone(COLOUR, *whose).value for whose in (("prod-paris", "210987654321"), ("prod-paris",), ("dev",))
    ] == [
        "red",
        "blue",
        "green",
    ]
    assert told.alone(REGION, "prod-rome").value == ("eu-west-2",)
    assert settings(said(tmp_path, OF_SOME), {"SSMTUI_COLOUR": "cyan"}).alone(COLOUR, "prod-paris").value == "cyan"


@pytest.mark.parametrize(
    ("profiles", "environment", "regions_of", "one", "first_filter"),
    [
        ((), {}, {None: ("eu-west-1",)}, True, None),
        ((), {"AWS_PROFILE": "prod-paris"}, {None: ("eu-west-3",)}, True, "tag:Env=prod"),
        ((), {"AWS_PROFILE": "prod-paris", "AWS_REGION": "us-east-1"}, {None: ()}, True, "tag:Env=prod"),
        (("prod-paris",), {"SSMTUI_REGION": "us-east-1"}, {"prod-paris": ("us-east-1",)}, True, "tag:Env=prod"),
        (("prod-paris", "dev"), {}, {"prod-paris": ("eu-west-3",), "dev": ("eu-west-1",)}, False, None),
    ],
)
def test_what_is_looked_at_of_each_profile(
    profiles: tuple[str, ...],
    environment: dict[str, str],
    regions_of: dict[str | None, tuple[str, ...]],
    *,
    one: bool,
    first_filter: str | None,
    tmp_path: Path,
) -> None:
    told = settings(said(tmp_path, OF_SOME), environment, {PROFILE: profiles})
    assert (told.regions_of, told.is_one_scope, told.in_force(FILTER).value) == (regions_of, one, first_filter)


@pytest.mark.parametrize(
    ("file", "environment", "says"),
    [
        ("theme = 'nord'", {}, False),
        ("colour = 'red'", {}, True),
        ("", {"SSMTUI_COLOUR": "red"}, True),
        ("[accounts.210987654321]\ncolour = 'red'", {}, True),
    ],
)
def test_whether_anybody_said_anything_of_a_setting(
    file: str, environment: dict[str, str], *, says: bool, tmp_path: Path
) -> None:
    assert settings(said(tmp_path, file), environment).says(COLOUR) is says
