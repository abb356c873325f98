"""All settings, each declared once, for the file, `SSMTUI_…`, `ssmtui info` and the documentation."""

from __future__ import annotations

from urllib.parse import urlsplit

from ssmtui.config.setting_types import (
    Setting,
    SettingTable,
    one_of,
    own_commands,
    path,
    pause,
    seconds,
    switch,
    table,
    text,
    texts,
)
from ssmtui.language import say, translatable
from ssmtui.model.scope_request import DEFAULT_TIMEOUT, OtherAccounts, find_account_mistake
from ssmtui.model.session_client import SessionClient
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable, without_password

MAX_SECONDS = 86_400.0
"""The longest time for a Region, in seconds: a day."""

MIN_PAUSE = 10.0
"""The shortest time between two automatic refreshes, in seconds: others also need the account's quotas."""

OF_PROFILES = frozenset({SettingTable.PROFILES})
OF_PROFILES_AND_ACCOUNTS = frozenset({SettingTable.PROFILES, SettingTable.ACCOUNTS})


def is_endpoint(url: str) -> bool:
    """Return whether requests can be sent to a URL: HTTP with a host and, if given, a valid port."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def find_endpoint_mistake(url: str) -> str:
    """Return what is wrong with an endpoint, in a sentence; empty if it is valid."""
    if is_endpoint(url):
        return ""
    # A URL without // can also contain a password.
    shown = without_password(url if "//" in url else f"//{url}").removeprefix("" if "//" in url else "//")
    return say("{url} is not a URL. A URL begins with http:// or https://", url=printable(shown))


PROFILE = Setting(
    "profile",
    texts(),
    (),
    translatable("AWS profiles to check; `prod-*` selects every matching profile."),
    example='["dev", "prod-*"]',
    option="--profile",
    aws=("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
)
REGION = Setting(
    "region",
    texts(),
    (),
    translatable("Regions to check; `all` selects every Region enabled for the account, `eu-*` every matching Region."),
    example='["eu-west-3", "eu-west-1"]',
    option="--region",
    aws=("AWS_REGION", "AWS_DEFAULT_REGION"),
    tables=OF_PROFILES,
)
ROLE_ARN = Setting(
    "role_arn",
    texts(lambda arn: find_account_mistake(OtherAccounts(roles=(arn,)))),
    (),
    translatable("Roles to assume. ssmtui checks the accounts of these roles instead of the account of the profile."),
    example='"arn:aws:iam::123456789012:role/Audit"',
    option="--role-arn",
)
ORGANIZATION = Setting(
    "organization",
    text(lambda role: find_account_mistake(OtherAccounts(organization=role))),
    None,
    translatable("Name of the role to assume in every account of the organization; empty for none."),
    example='"OrganizationAccountAccessRole"',
    option="--organization",
)
ACCOUNT = Setting(
    "account",
    texts(lambda account: find_account_mistake(OtherAccounts(accounts=(account,)))),
    (),
    translatable("Accounts of the organization to check; all accounts if empty."),
    example='["123456789012"]',
    option="--account",
)
EXTERNAL_ID = Setting(
    "external_id",
    text(lambda external_id: find_account_mistake(OtherAccounts(external_id=external_id))),
    None,
    translatable("External ID required by the role's trust policy."),
    example='"audit-7"',
    option="--external-id",
    is_private=True,
)
ENDPOINT_URL = Setting(
    "endpoint_url",
    text(find_endpoint_mistake),
    None,
    translatable("Endpoint for all requests instead of AWS, for example LocalStack or a simulated AWS."),
    example='"http://127.0.0.1:4566"',
    option="--endpoint-url",
    aws=("AWS_ENDPOINT_URL",),
)
READ_ONLY = Setting(
    "read_only",
    switch(),
    default=False,
    sentence=translatable(
        "Read-only mode: nothing is changed, and no session is opened. If any source sets true, it applies."
    ),
    example="true",
    option="--read-only",
    tables=OF_PROFILES,
    stays_on=True,
)
CLIENT = Setting(
    "client",
    one_of(*(each.value for each in SessionClient)),
    None,
    translatable(
        "Client for sessions: the installed session-manager-plugin or the built-in client. By default, shells use the "
        "plugin, and tunnels and ssh use the built-in client."
    ),
    example='"plugin"',
)
THEME = Setting(
    "theme",
    text(),
    None,
    translatable("Colour theme of the app, by its name in the palette."),
    example='"nord"',
    tables=OF_PROFILES_AND_ACCOUNTS,
)
TIMEOUT = Setting(
    "timeout",
    seconds(MAX_SECONDS),
    DEFAULT_TIMEOUT,
    translatable(
        "Timeout for each Region in seconds. Data that was not read before the timeout is unknown, and the report "
        "names it."
    ),
    example="300",
    option="--timeout",
)
REFRESH = Setting(
    "refresh",
    pause(MIN_PAUSE, MAX_SECONDS),
    None,
    translatable("Interval in seconds at which the app re-checks the fleet automatically; 0 for never."),
    example="60",
)
COLOUR = Setting(
    "colour",
    one_of("red", "yellow", "green", "blue", "magenta", "cyan"),
    None,
    translatable("Colour of the header on every screen, for example red for production."),
    example='"red"',
    tables=OF_PROFILES_AND_ACCOUNTS,
)
FILTER = Setting(
    "filter",
    text(),
    None,
    translatable("Filter of the fleet when the app opens, as typed after `/`; `Esc` shows all nodes."),
    example='"tag:Env=prod !state:stopped"',
    tables=OF_PROFILES,
)
COLUMNS = Setting(
    "columns",
    texts(),
    (),
    translatable(
        "Columns of the fleet in the app, in this order: the names that `W` shows, `verdict` for the status, and "
        "`tag:KEY` for the values of a tag."
    ),
    example='["verdict", "name", "id", "why"]',
)
SIGNS = Setting(
    "signs",
    one_of("unicode", "ascii"),
    None,
    translatable("Draw symbols and frames in ASCII only. Automatic if the locale supports only ASCII (LC_ALL=C)."),
    example='"ascii"',
)
KEYS = Setting(
    "keys",
    table(),
    {},
    translatable(
        "Keys of the app, by the ID of the action. The documentation lists the IDs. Separate several keys with commas."
    ),
    example='{ filter = "f3,slash", shell = "ctrl+t" }',
)
COMMANDS = Setting(
    "commands",
    own_commands(),
    {},
    translatable(
        "Your own commands, each with a key. ssmtui runs the program with its arguments, never a shell. "
        "Placeholders take the values of the row under the cursor."
    ),
    example='{ ping = { key = "f5", command = ["ping", "-c3", "{name}"] } }',
)
LANG = Setting(
    "lang",
    one_of("en", "fr"),
    None,
    translatable("Language; by default the language of the locale."),
    example='"fr"',
    option="--lang",
)
LOG_FILE = Setting(
    "log_file",
    path(),
    None,
    translatable("Log file for the AWS calls, without their content."),
    example='"~/ssmtui.log"',
    option="--log-file",
)

SETTINGS: tuple[Setting[object], ...] = tuple(each for each in list(globals().values()) if isinstance(each, Setting))
"""All settings, in the order of their declaration."""


def setting_named(name: str) -> Setting[object] | None:
    """Return the setting of a key; None if there is none."""
    return next((each for each in SETTINGS if each.name == name), None)


def unknown_setting_error(name: str, under: str = "", known: tuple[str, ...] = ()) -> str:
    """Return the message about an unknown key, with the most similar setting; `under` is the table of the key."""
    near = similar_names(name, known or tuple(each.name for each in SETTINGS))
    sentence = say("unknown setting {name}.", name=printable(f"{under}{name}"))
    return sentence + (" " + say("Did you mean {names}?", names=near[0]) if near else "")
