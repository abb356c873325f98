"""Write the pages of the site for its builder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from ssmtui.causes.catalogue import catalogue, cause_file
from ssmtui.language import Language
from tools.generated_pages import reference_pages
from tools.site.cause_pages import CAUSES, cause_pages, page_of
from tools.site.dialect import for_the_site
from tools.site.layout import sources
from tools.site.links import led_on

_PICTURES = ("screenshots/*.svg", "docs/*.svg", "docs/site/*.svg", "docs/site/*.cast", "docs/site/*.css")


def pages_of(root: Path, language: Language) -> Mapping[str, str]:
    """Return every page of a language's site by its path."""
    led = {**sources(language), **{each: each for each in _pictures(root)}, **_causes(language)}
    generated: Mapping[str, str] = {}
    if language is Language.ENGLISH:
        generated = reference_pages()
        led |= {f"docs/README.md#{page.removesuffix('.md')}": page for page in generated} | {"README.md": "index.md"}
    written = {
        page: led_on((root / source).read_text(encoding="utf-8"), source, page, led)
        for source, page in sources(language).items()
    }
    return {page: for_the_site(text) for page, text in {**written, **generated, **cause_pages(language)}.items()}


def write_pages(root: Path, place: Path, language: Language) -> None:
    """Write the pages and their pictures into an empty folder."""
    shutil.rmtree(place, ignore_errors=True)
    for name, text in pages_of(root, language).items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for name in _pictures(root):
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, file)


def _causes(language: Language) -> Mapping[str, str]:
    """Return the page of each cause's file, and the page that lists them for their folder."""
    folder = Path("ssmtui", "causes")
    files = {str(cause_file(folder, language, each)): page_of(each) for each in catalogue(language).values()}
    return {str(folder / language.value): CAUSES, **files}


def _pictures(root: Path) -> list[str]:
    return sorted(each.relative_to(root).as_posix() for pattern in _PICTURES for each in root.glob(pattern))
