"""Writes the tables of the reference pages from the code: `python -m tools.docs.generate`.

A table stands between two marks in its page. Everything else on the page is written by hand.
"""

import importlib
import os

import django


def main() -> None:
    """Write every page whose tables are out of date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    pages = importlib.import_module("tools.docs.pages")  # needs Django's models, so not at the top
    for path, text in pages.build_pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
