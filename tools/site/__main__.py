"""Build the site: `python -m tools.site build/site`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ssmtui.language import Language
from tools.site.configuration import configuration
from tools.site.pages import write_pages

ROOT = Path(__file__).parents[2]
_DOOR = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ssmtui</title>
<meta http-equiv="refresh" content="0; url=en/index.html"><link rel="canonical" href="en/index.html">
<p><a href="en/index.html" lang="en">English</a> · <a href="fr/index.html" lang="fr">Français</a></p></html>
"""


def main(place: Path) -> int:
    """Write the pages and build the site of each language; return the builder's exit code if it fails."""
    for language in Language:
        pages = place / "pages" / language.value
        write_pages(ROOT, pages, language)
        file = place / f"{language.value}.toml"
        file.write_text(configuration(language, f"pages/{language.value}", f"site/{language.value}"), encoding="utf-8")
        builder = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", str(file)]
        built = subprocess.run(builder, cwd=place, check=False)
        if built.returncode:
            return built.returncode
    (place / "site" / "index.html").write_text(_DOOR, encoding="utf-8")
    print(f"The site: {place / 'site' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
