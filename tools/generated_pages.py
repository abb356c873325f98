"""Write the pages that are generated from the code: `make docs` writes them to `build/docs`; the site has them too."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from ssmtui.causes.catalogue import catalogue
from ssmtui.language import Language, current_language, set_language
from ssmtui.report.catalogue_page import catalogue_page
from tools import configuration_page, keys_page, permission_page


def reference_pages() -> Mapping[str, str]:
    """Return the pages about keys, settings and permissions, by their file names."""
    return {
        "configuration.md": configuration_page.page(),
        "keys.md": keys_page.page(),
        "permissions.md": permission_page.page(),
    }


def causes_page(language: Language) -> str:
    """Return the catalogue of causes as one page."""
    before = current_language()
    set_language(language)
    try:
        return catalogue_page(catalogue(language).values())
    finally:
        set_language(before)


def main(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    causes = {"causes.md": causes_page(Language.ENGLISH), "causes.fr.md": causes_page(Language.FRENCH)}
    for name, text in {**reference_pages(), **causes}.items():
        (folder / name).write_text(text, encoding="utf-8")
    print(f"The pages: {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
