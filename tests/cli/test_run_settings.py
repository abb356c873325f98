"""Read-only profiles: a guard that stands at no profile is told of, and whoever takes roles with a guarded one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.run import run_settings
from ssmtui.config.settings import Settings
from tests.config.files import written

AWS_FILE = """
[default]
[profile prod]
[profile staging]
[profile deploy]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = prod
[profile "behind deploy"]
role_arn = arn:aws:iam::123456789012:role/Audit
source_profile = deploy
[profile circle]
role_arn = arn:aws:iam::123456789012:role/Circle
source_profile = circle
"""


@pytest.fixture
def of_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the configuration; the person's AWS files are those above, and no variable names a profile."""
    (tmp_path / "aws.config").write_text(AWS_FILE, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws.config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def settings(folder: Path, text: str, *profiles: str) -> Settings:
    return run_settings({"config_file": written(folder, text), "profiles": profiles})


@pytest.mark.parametrize(
    ("profile", "read_only"),
    [("prod", True), ("deploy", True), ("behind deploy", True), ("staging", False), ("circle", False)],
)
def test_a_profile_whose_role_is_taken_with_a_read_only_one_is_read_only(
    profile: str, *, read_only: bool, of_file: Path
) -> None:
    told = settings(of_file, "[profiles.'pro*']\nread_only = true\n", profile)
    assert told.read_only is told.is_read_only(profile) is read_only


def test_it_is_so_too_where_a_variable_names_the_profile(of_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "deploy")
    assert settings(of_file, "[profiles.prod]\nread_only = true\n").read_only


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("prd", "there is no AWS profile prd to set as read-only. Did you mean prod?"),
        ("Prod", "there is no AWS profile Prod to set as read-only. Did you mean prod?"),
        ("'stagin-*'", "there is no AWS profile stagin-* to set as read-only. Did you mean staging?"),
    ],
)
def test_a_read_only_table_that_misses_the_profile_that_it_is_meant_for_is_refused(
    table: str, told: str, of_file: Path
) -> None:
    with pytest.raises(UsageError) as wrong:
        settings(of_file, f"[profiles.{table}]\nread_only = true\n", "staging")
    assert str(wrong.value) == f"{of_file / 'config.toml'}:2:1: {told}"


@pytest.mark.parametrize(
    "text",
    [
        "[profiles.elsewhere]\nread_only = true\n",
        "[profiles.prd]\nread_only = false\n",
        "[profiles.prd]\ncolour = 'red'\n",
        "[profiles.default]\nread_only = true\n",
        "[profiles.prod-eu]\nread_only = true\n[profiles.prod]\ncolour = 'red'\n",
    ],
)
def test_one_that_is_of_another_computer_s_profiles_is_not(text: str, of_file: Path) -> None:
    assert settings(of_file, text, "staging").read_only is False
