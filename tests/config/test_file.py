"""The configuration file: what it may say, and where each mistake in it stands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.config.declared_settings import PROFILE, READ_ONLY, REFRESH, REGION, SETTINGS, THEME, TIMEOUT
from ssmtui.config.file import ConfigError, read_config
from ssmtui.config.setting_types import SettingLayer, SettingOrigin, SettingTable, SettingValue
from tests.config.files import said, written


def test_a_file_is_read_with_the_lines_of_what_it_says(tmp_path: Path) -> None:
    file = said(
        tmp_path,
        'profile = "prod"\nregion = [\n  "eu-west-3", "eu-west-1"]\n\n[profiles."prod-*"]\n read_only = true\n',
    )

    def at(place: str) -> SettingOrigin:
        return SettingOrigin(SettingLayer.FILE, f"{tmp_path / 'config.toml'}:{place}")

    assert file.told == {
        PROFILE.name: SettingValue(("prod",), at("1:1")),
        REGION.name: SettingValue(("eu-west-3", "eu-west-1"), at("2:1")),
    }
    (of_some,) = file.some[SettingTable.PROFILES]
    assert (of_some.name, of_some.told) == ("prod-*", {READ_ONLY.name: SettingValue(True, at("6:2"))})


def test_every_example_of_the_documentation_can_be_said(tmp_path: Path) -> None:
    text = "".join(f"{each.name} = {each.example}\n" for each in SETTINGS)
    assert said(tmp_path, text).told.keys() == {each.name for each in SETTINGS}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("profile = [1]", "1:1: profile must be a text or a list of texts"),
        ("\n read_only = 'yes'", "2:2: read_only must be true or false"),
        ("zebra = 'red'", "1:1: unknown setting zebra."),
        (
            "[profiles.prod]\nread_onyl = true",
            "2:1: unknown setting profiles.prod.read_onyl. Did you mean read_only?",
        ),
        ("[profiles.prod]\nread_only = 1", "2:1: profiles.prod.read_only must be true or false"),
        ("[profiles.prod]\ntimeout = 1", "2:1: unknown setting profiles.prod.timeout."),
        ("thme = 'nord'", "1:1: unknown setting thme. Did you mean theme?"),
        ("theme = ['nord']", "1:1: theme must be a text"),
        ("[profile.prod]\nread_only = true", "1:1: [profile.NAME] must be [profiles.NAME]"),
        ("role_arn = 'Audit'", "1:1: Audit is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)"),
        ("account = ['1']", "1:1: 1 is not a 12-digit account ID"),
        ("external_id = 'a b'", "1:1: a b is not an external ID"),
        ("endpoint_url = 'here'", "1:1: here is not a URL. A URL begins with http:// or https://"),
        ("log_file = ''", "1:1: log_file must be the path of a file"),
        ("colour = 'rde'", "1:1: colour must be one of red, yellow, green, blue, magenta, cyan. Did you mean red?"),
        ("[accounts.prod]\ncolour = 'red'", "1:1: prod is not a 12-digit account ID"),
        ("[accounts.123456789012]\nread_only = true", "2:1: unknown setting accounts.123456789012.read_only."),
        ("profiles = 1", "1:1: [profiles.NAME] must be a table"),
        ("[profiles]\nprod = 1", "2:1: [profiles.NAME] must be a table"),
        ("timeout = 1\n= 1", "2:1: Invalid statement"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        said(tmp_path, text)
    assert str(wrong.value) == f"{tmp_path / 'config.toml'}:{complaint}"


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    file = written(tmp_path, "zebra = 1\ntimeout = 0\n[profiles.prod]\nread_only = 1\n")
    with pytest.raises(ConfigError) as wrong:
        read_config(file)
    assert [line.removeprefix(f"{file}:").split(":")[0] for line in str(wrong.value).splitlines()] == ["1", "2", "4"]


def test_a_name_in_the_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as wrong:
        said(tmp_path, '"\\u001b[2J" = 1')
    assert "\x1b" not in str(wrong.value)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_config(tmp_path / "none.toml")


@pytest.mark.parametrize(("text", "seconds"), [("refresh = 0", None), ("refresh = 60", 60.0), ("refresh = 12.5", 12.5)])
def test_the_file_may_have_everything_looked_at_again_every_so_often(
    tmp_path: Path, text: str, seconds: float | None
) -> None:
    pause = timedelta(seconds=seconds) if seconds else None
    assert said(tmp_path, text).told[REFRESH.name].value == pause


@pytest.mark.parametrize("text", ["refresh = 1", "refresh = -60", "refresh = nan", "refresh = true", 'refresh = "a"'])
def test_a_refresh_that_would_never_rest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="refresh must be a number of seconds from 10 to 86400, or 0 for never"):
        said(tmp_path, text)


@pytest.mark.parametrize("text", ["timeout = 0", "timeout = -1", "timeout = nan", "timeout = inf", 'timeout = "long"'])
def test_a_time_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="timeout must be a number of seconds greater than 0 and at most 86400"):
        said(tmp_path, text)


def test_a_time_may_be_whole_or_not(tmp_path: Path) -> None:
    assert said(tmp_path, "timeout = 90").told[TIMEOUT.name].value == 90.0
    assert said(tmp_path, "timeout = 2.5").told[TIMEOUT.name].value == 2.5


def test_a_theme_is_a_name(tmp_path: Path) -> None:
    assert said(tmp_path, 'theme = "nord"').told[THEME.name].value == "nord"
