"""A page goes to the person's browser; a key, or a token, does not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ssmtui.model.workstation import SECRET_VARIABLES
from ssmtui.session.external_programs import open_in_browser

PAGE = "https://eu-west-3.console.aws.amazon.com/ec2/home?region=eu-west-3#InstanceDetails:instanceId=i-0"


def test_the_browser_gets_the_page_and_an_environment_without_a_secret(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"json.dump([sys.argv[1:], dict(os.environ)], open({str(seen)!r}, 'w'))\n",
        encoding="utf-8",
    )
    browser.chmod(0o755)
    given = {
        **dict.fromkeys(SECRET_VARIABLES, "canary"),
        "BROWSER": str(browser),
        "PATH": "/usr/bin:/bin",
        "AWS_PROFILE": "prod",
    }
    assert open_in_browser(PAGE, given)
    words, environment = json.loads(seen.read_text(encoding="utf-8"))
    assert words == [PAGE]
    assert environment["AWS_PROFILE"] == "prod"
    assert "canary" not in environment.values()
    assert SECRET_VARIABLES.isdisjoint(environment)


def test_where_none_takes_it_that_is_told(tmp_path: Path) -> None:
    assert not open_in_browser(PAGE, {"BROWSER": str(tmp_path / "none"), "PATH": str(tmp_path)})
