"""All settings, each declared once, for the file, `SSMTUI_…`, `ssmtui info` and the documentation."""

from __future__ import annotations

from urllib.parse import urlsplit

from ssmtui.config.setting_types import Setting, SettingTable, one_of, path, pause, seconds, switch, table, text, texts
from ssmtui.language import say, translatable
from ssmtui.model.scope import DEFAULT_TIMEOUT, OtherAccounts, find_account_mistake
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
    return say("{url} is no URL. It begins with http:// or https://", url=printable(shown))


PROFILE = Setting(
    "profile",
    texts(),
    (),
    translatable("AWS profiles that are looked at; `prod-*` is every one that is called so."),
    example='["dev", "prod-*"]',
    option="--profile",
    aws=("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
)
REGION = Setting(
    "region",
    texts(),
    (),
    translatable(
        "Regions that are looked at; `all` is every one enabled for the account, `eu-*` those that are called so."
    ),
    example='["eu-west-3", "eu-west-1"]',
    option="--region",
    aws=("AWS_REGION", "AWS_DEFAULT_REGION"),
    tables=OF_PROFILES,
)
ROLE_ARN = Setting(
    "role_arn",
    texts(lambda arn: find_account_mistake(OtherAccounts(roles=(arn,)))),
    (),
    translatable("Roles that are taken, whose accounts are looked at instead of the profile's own."),
    example='"arn:aws:iam::123456789012:role/Audit"',
    option="--role-arn",
)
ORGANIZATION = Setting(
    "organization",
    text(lambda role: find_account_mistake(OtherAccounts(organization=role))),
    None,
    translatable("The role by whose name every account of the organization is looked at; empty for none."),
    example='"OrganizationAccountAccessRole"',
    option="--organization",
)
ACCOUNT = Setting(
    "account",
    texts(lambda account: find_account_mistake(OtherAccounts(accounts=(account,)))),
    (),
    translatable("The accounts of the organization that are meant, where it is not all of them."),
    example='["123456789012"]',
    option="--account",
)
EXTERNAL_ID = Setting(
    "external_id",
    text(lambda external_id: find_account_mistake(OtherAccounts(external_id=external_id))),
    None,
    translatable("What the owner of a role wants to be told by who takes it."),
    example='"audit-7"',
    option="--external-id",
    is_private=True,
)
ENDPOINT_URL = Setting(
    "endpoint_url",
    text(find_endpoint_mistake),
    None,
    translatable("Where every request is sent instead of AWS: LocalStack, a simulated AWS."),
    example='"http://127.0.0.1:4566"',
    option="--endpoint-url",
    aws=("AWS_ENDPOINT_URL",),
)
READ_ONLY = Setting(
    "read_only",
    switch(),
    default=False,
    sentence=translatable("Nothing is changed, and no session is opened. Whoever says true, wherever, is obeyed."),
    example="true",
    option="--read-only",
    tables=OF_PROFILES,
    stays_on=True,
)
THEME = Setting(
    "theme",
    text(),
    None,
    translatable("The colours of the app, by a name that its palette offers."),
    example='"nord"',
    tables=OF_PROFILES_AND_ACCOUNTS,
)
TIMEOUT = Setting(
    "timeout",
    seconds(MAX_SECONDS),
    DEFAULT_TIMEOUT,
    translatable("Seconds that each Region is given; what was not read by then is unknown, and says so."),
    example="300",
    option="--timeout",
)
REFRESH = Setting(
    "refresh",
    pause(MIN_PAUSE, MAX_SECONDS),
    None,
    translatable("Seconds between two looks of the app, unasked, at what may have changed; 0 for never."),
    example="60",
)
COLOUR = Setting(
    "colour",
    one_of("red", "yellow", "green", "blue", "magenta", "cyan"),
    None,
    translatable("The colour that the header wears, on every screen: red for production, so that nobody mistakes it."),
    example='"red"',
    tables=OF_PROFILES_AND_ACCOUNTS,
)
FILTER = Setting(
    "filter",
    text(),
    None,
    translatable("What the app shows of the nodes when it opens, as it is typed after `/`; `Esc` shows all."),
    example='"tag:Env=prod !state:stopped"',
    tables=OF_PROFILES,
)
COLUMNS = Setting(
    "columns",
    texts(),
    (),
    translatable("The columns of the fleet in the app, and their order, by the names that `W` offers there."),
    example='["verdict", "name", "id", "why"]',
)
SIGNS = Setting(
    "signs",
    one_of("unicode", "ascii"),
    None,
    translatable(
        "Whether signs and frames are drawn in ASCII alone; by itself where nothing else is shown (LC_ALL=C)."
    ),
    example='"ascii"',
)
KEYS = Setting(
    "keys",
    table(),
    {},
    translatable(
        "Keys of the app, by the ID of the action. The documentation lists the IDs. Separate several keys with commas."
    ),
    example='{ filter = "f3,slash", shell = "ctrl+s" }',
)
LANG = Setting(
    "lang",
    one_of("en", "fr"),
    None,
    translatable("The language that is spoken; that of the locale where nobody says so."),
    example='"fr"',
    option="--lang",
)
LOG_FILE = Setting(
    "log_file",
    path(),
    None,
    translatable("A file that the AWS calls are logged to, without what they carry."),
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
    sentence = say("there is no setting {name}.", name=printable(f"{under}{name}"))
    return sentence + (" " + say("Did you mean {names}?", names=near[0]) if near else "")
