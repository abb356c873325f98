"""The user's AWS configuration files: profiles, prompts, and changes to the files. Holds no secret."""

from __future__ import annotations

import configparser
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_WANTED = frozenset(
    {
        "credential_process",
        "login_session",
        "mfa_serial",
        "region",
        "role_arn",
        "source_profile",
        "sso_account_id",
        "sso_session",
        "sso_start_url",
        "web_identity_token_file",
    }
)


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of the AWS configuration and credentials files, by name, without their keys."""

    by_name: Mapping[str, Mapping[str, str]]

    def chain(self, name: str) -> Iterator[Mapping[str, str]]:
        """The settings of a profile and of those that its role is taken with."""
        return (self.by_name[each] for each in (name, *self.sources_of(name)) if each in self.by_name)

    def sources_of(self, name: str) -> tuple[str, ...]:
        """The profiles that a profile's role is taken with, the nearest first, be they in the files or not."""
        found = [name]
        while "role_arn" in (settings := self.by_name.get(found[-1], {})):
            source = settings.get("source_profile", "")
            if not source or source in found:
                break
            found.append(source)
        return tuple(found[1:])

    def account_of(self, name: str) -> str:
        """The account that the profile leads to, where its settings say it; else empty."""
        settings = self.by_name.get(name, {})
        return settings.get("sso_account_id") or (settings.get("role_arn", "").split(":") + [""] * 5)[4]

    def uses_sso(self, name: str) -> bool:
        """Whether the profile's credentials come from IAM Identity Center."""
        return any("sso_session" in each or "sso_start_url" in each for each in self.chain(name))

    def uses_login(self, name: str) -> bool:
        """Whether the profile's credentials come from `aws login`."""
        return any("login_session" in each for each in self.chain(name))


def profile_name(profile: str | None, environment: Mapping[str, str]) -> str:
    """The profile in force: the one named, else the environment's, else `default`."""
    return profile or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"


def read_profiles(environment: Mapping[str, str]) -> Profiles:
    """Read both files. One that is not there, or not to be understood, has no profiles: the SDK says what is wrong."""
    found: dict[str, dict[str, str]] = {}
    config = environment.get("AWS_CONFIG_FILE") or "~/.aws/config"
    credentials = environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    for file, prefixed in ((config, True), (credentials, False)):
        parser = configparser.RawConfigParser(default_section="", strict=False)
        try:
            parser.read(Path(file).expanduser(), encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError, RuntimeError):
            continue
        for section in parser.sections():
            name = _profile_in(section) if prefixed else section
            if name is not None:
                wanted = {key: value for key, value in parser.items(section) if key in _WANTED}
                found.setdefault(name, {}).update(wanted)
    return Profiles(found)


def _profile_in(section: str) -> str | None:
    """The profile that a section of the configuration file is about, None for one about something else."""
    if section == "default":
        return section
    try:
        words = shlex.split(section)
    except ValueError:
        return None
    return words[1] if len(words) == 2 and words[0] == "profile" else None


def can_prompt(profile: str | None, environment: Mapping[str, str]) -> bool:
    """Whether a role in the profile's chain asks for an MFA code. Reads the AWS files; imports no SDK.

    Keys in the environment come before any profile that is not named on the command line, as in the AWS CLI.
    """
    if profile is None and environment.get("AWS_ACCESS_KEY_ID"):
        return False
    chain = read_profiles(environment).chain(profile_name(profile, environment))
    return any("role_arn" in each and "mfa_serial" in each for each in chain)


_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
_FOLDERS = {"AWS_LOGIN_CACHE_DIRECTORY": "login/cache", "": "sso/cache"}
"""By the variables that name another place, where there is one, below `~/.aws`
(https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html)."""


def credential_files(environment: Mapping[str, str]) -> tuple[tuple[str, int, int], ...]:
    """Every file that is there, by its name, with when it was written last and how long it is."""
    return tuple(sorted(_stamps(environment)))


def _stamps(environment: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    for path in _paths(environment):
        try:
            told = path.stat()
        except (OSError, RuntimeError):
            continue
        yield str(path), told.st_mtime_ns, told.st_size


def _paths(environment: Mapping[str, str]) -> Iterator[Path]:
    for variable, name in _FILES.items():
        yield _place(environment, variable, name)
    for variable, name in _FOLDERS.items():
        try:
            with os.scandir(_place(environment, variable, name)) as entries:
                yield from [Path(each.path) for each in entries]
        except OSError:
            continue


def _place(environment: Mapping[str, str], variable: str, name: str) -> Path:
    named = environment.get(variable) or f"~/.aws/{name}"
    return Path(os.path.expanduser(named))  # noqa: PTH111 - Path's own raises where there is no home
