from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.config import ConfigError, FileSettings, Settings, read_config, settings_of
from ssmtui.model.other_accounts import OtherAccounts


def settings(file: FileSettings | None = None, environment: dict[str, str] | None = None, **line: object) -> Settings:
    asked: dict[str, object] = {
        "profiles": (),
        "regions": (),
        "endpoint_url": None,
        "read_only": False,
        "log_file": None,
        **line,
    }
    return settings_of(file or FileSettings(), environment=environment or {}, **asked)  # type: ignore[arg-type]


def config(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_command_line_wins_over_environment_and_file() -> None:
    file = FileSettings(profiles=("file",), regions=("eu-west-1",))
    told = settings(file, {"AWS_PROFILE": "env"}, profiles=("line",), regions=("eu-west-3",))
    assert (told.profiles, told.regions) == (("line",), ("eu-west-3",))


def test_environment_wins_over_file() -> None:
    file = FileSettings(profiles=("file",), regions=("eu-west-1",))
    told = settings(file, {"AWS_PROFILE": "env", "AWS_REGION": "eu-west-2"})
    assert (told.profiles, told.regions) == ((), ())


def test_file_stands_where_nothing_else_is_said() -> None:
    told = settings(FileSettings(profiles=("file",), regions=("eu-west-1",), theme="nord"))
    assert (told.profiles, told.regions, told.theme) == (("file",), ("eu-west-1",), "nord")


@pytest.mark.parametrize(
    ("file", "environment", "line"),
    [
        (FileSettings(), {}, {"read_only": True}),
        (FileSettings(read_only=True), {}, {}),
        (FileSettings(read_only_profiles=frozenset({"prod"})), {}, {"profiles": ("dev", "prod")}),
        (FileSettings(read_only_profiles=frozenset({"prod"})), {"AWS_PROFILE": "prod"}, {}),
        (FileSettings(read_only_profiles=frozenset({"default"})), {}, {}),
    ],
)
def test_read_only_by_option_setting_or_profile(
    file: FileSettings, environment: dict[str, str], line: dict[str, object]
) -> None:
    assert settings(file, environment, **line).read_only


def test_read_only_of_another_profile_does_not_count() -> None:
    assert not settings(FileSettings(read_only_profiles=frozenset({"prod"})), {}, profiles=("dev",)).read_only


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
    environment: dict[str, str], profile: str | None, *, read_only: bool
) -> None:
    told = settings(FileSettings(read_only_profiles=frozenset({"prod"})), environment, profiles=("dev",))
    assert not told.read_only
    assert told.is_read_only(profile) is read_only


def test_file_is_read(tmp_path: Path) -> None:
    text = 'profile = "prod"\nregion = ["eu-west-3", "eu-west-1"]\ntheme = "nord"\n[profiles.prod]\nread_only = true\n'
    assert read_config(config(tmp_path, text)) == FileSettings(
        ("prod",), ("eu-west-3", "eu-west-1"), read_only_profiles=frozenset({"prod"}), theme="nord"
    )


def test_other_accounts_of_the_line_take_the_place_of_the_files(tmp_path: Path) -> None:
    role = "arn:aws:iam::210987654321:role/Audit"
    file = read_config(config(tmp_path, 'organization = "Audit"\naccount = "210987654321"\nexternal_id = "x-7"\n'))
    of_file = OtherAccounts((), "Audit", ("210987654321",), "x-7")
    asked = [
        (OtherAccounts(), of_file),
        (OtherAccounts(accounts=("123456789012",)), replace(of_file, accounts=("123456789012",))),
        (OtherAccounts((role,)), OtherAccounts((role,), external_id="x-7")),
        (
            OtherAccounts(organization="Other", external_id="y-8"),
            OtherAccounts(organization="Other", external_id="y-8"),
        ),
        (OtherAccounts(organization=""), OtherAccounts(external_id="x-7")),
    ]
    for line, expected in asked:
        assert settings(file, others=line).others == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("profile = [1]", "profile is a text, or a list of texts"),
        ("read_only = 'yes'", "read_only is true or false"),
        ("colour = 'red'", "there is no setting colour"),
        (
            "[profiles.prod]\nread_onyl = true",
            r"there is no setting profiles\.prod\.read_onyl\. Did you mean read_only\?",
        ),
        ("thme = 'nord'", r"there is no setting thme\. Did you mean theme\?"),
        ("role_arn = 'Audit'", "Audit is not the ARN of a role"),
        ("organization = 'arn:aws:iam::123456789012:role/Audit'", "named by a role that its accounts have"),
        ("account = ['1']", "not the twelve digits of an account"),
        ("external_id = 'a b'", "a b is no external id"),
        ("profiles = 1", r"\[profiles.NAME\] is a table"),
        ("= 1", "Invalid statement"),
    ],
)
def test_wrong_file_says_what_is_wrong_in_it(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_config(config(tmp_path, text))


def test_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_config(tmp_path / "none.toml")


def test_the_time_for_a_region_is_the_lines_then_the_files_then_two_minutes() -> None:
    file = FileSettings(timeout=600.0)
    assert settings(file, timeout=5.0).timeout == 5.0
    assert settings(file).timeout == 600.0
    assert settings().timeout == 120.0


@pytest.mark.parametrize(
    ("text", "seconds"), [("", None), ("refresh = 0", None), ("refresh = 60", 60.0), ("refresh = 12.5", 12.5)]
)
def test_the_file_may_have_everything_looked_at_again_every_so_often(
    tmp_path: Path, text: str, seconds: float | None
) -> None:
    pause = timedelta(seconds=seconds) if seconds else None
    assert settings(read_config(config(tmp_path, text))).refresh == pause


@pytest.mark.parametrize("text", ["refresh = 1", "refresh = -60", "refresh = nan", "refresh = true", 'refresh = "a"'])
def test_a_refresh_that_would_never_rest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="refresh is a number of seconds from 10 to 86400, or 0 for never"):
        read_config(config(tmp_path, text))


@pytest.mark.parametrize("text", ["timeout = 0", "timeout = -1", "timeout = nan", "timeout = inf", 'timeout = "long"'])
def test_a_time_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="timeout is a number of seconds, more than 0 and at most 86400"):
        read_config(config(tmp_path, text))


def test_a_time_may_be_whole_or_not(tmp_path: Path) -> None:
    assert read_config(config(tmp_path, "timeout = 90")).timeout == 90.0
    assert read_config(config(tmp_path, "timeout = 2.5")).timeout == 2.5
