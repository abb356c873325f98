"""The documentation site: made of what there is, in both languages, and loading nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.language import Language
from tools.site.cause_pages import page_of, title_of
from tools.site.dialect import for_the_site
from tools.site.links import led_on
from tools.site.pages import pages_of

ROOT = Path(__file__).parents[2]
_LOADED = re.compile(r"<(?:script|img|link|source|iframe)\b[^>]*?(?:src|href)=\"((?:https?:)?//[^\"]+)")


@pytest.mark.parametrize("language", Language)
def test_each_cause_has_a_page_that_is_called_by_the_error_s_own_words(language: Language) -> None:
    pages = pages_of(ROOT, language)
    causes = catalogue(language).values()
    assert {page_of(each) for each in causes} <= set(pages)
    unencrypted = pages["causes/log-group-unencrypted.md"]
    title = unencrypted.splitlines()[1]
    assert title.startswith('title: "encryption is not set up on the selected CloudWatch Logs log group — ')
    assert title.endswith(f'{catalogue(language)["log-group-unencrypted"].title}"')


def test_a_title_is_short_enough_to_be_read_and_has_no_hole_in_it() -> None:
    titles = [title_of(each) for each in catalogue(Language.ENGLISH).values()]
    assert max(map(len, titles)) < 180
    assert not [each for each in titles if "%s" in each]


def test_what_belongs_to_an_item_is_four_columns_in_and_code_stays_as_it_is() -> None:
    assert for_the_site("a\n- one\n  ```json\n  {\n    1\n  }\n  ```\n- two\n\n  more\n\nend") == (
        "a\n\n- one\n    ```json\n    {\n      1\n    }\n    ```\n- two\n\n    more\n\nend"
    )
    assert for_the_site("10. ten\n\n    below\n    - deeper\n      and on") == (
        "10. ten\n\n    below\n    - deeper\n        and on"
    )


def test_a_bar_in_a_table_s_code_has_no_backslash() -> None:
    assert for_the_site(r"| `a\|b` | c\|d |") == r"| `a|b` | c\|d |"


def test_links_lead_to_the_site_s_pages_and_what_it_lacks_is_only_named() -> None:
    picture = "screenshots/x.svg"
    pages = {"docs/judging.md": "judging.md", "docs/causes.md#a": "causes/a.md", picture: picture}
    within = "[rules](judging.md#2-x) [one](causes.md#a) ![x](../screenshots/x.svg)"
    assert led_on(f"{within} [code](../ssmtui/x.py) [web](https://a.b)", "docs/page.md", "part/page.md", pages) == (
        "[rules](../judging.md#2-x) [one](../causes/a.md) ![x](../screenshots/x.svg) code [web](https://a.b)"
    )


@pytest.mark.long
def test_it_builds_without_a_complaint_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "tools.site", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    for language in Language:
        pages = list((tmp_path / "site" / language.value).rglob("*.html"))
        assert len(pages) > len(catalogue(language))
        loaded = {address for each in pages for address in _LOADED.findall(each.read_text(encoding="utf-8"))}
        assert loaded == set()
