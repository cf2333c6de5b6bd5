"""manage.py build_openapi: build the OpenAPI documents that servers answer."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from api.openapi.about import FORMS, build_documents, locate_document


class Command(BaseCommand):
    help = (
        "Builds the OpenAPI documents in each language and format, unless they are there. A server "
        "without them builds them itself, and its first answer takes seconds."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        kept = set()
        for language, _name in settings.LANGUAGES:
            paths = {form: locate_document(language, form) for form in FORMS}
            kept |= {*paths.values()}
            if all(path.exists() for path in paths.values()):
                continue
            for form, content in build_documents(language).items():
                paths[form].parent.mkdir(parents=True, exist_ok=True)
                new = paths[form].with_suffix(".new")
                new.write_bytes(content)
                new.replace(paths[form])
        for old in {*next(iter(kept)).parent.iterdir()} - kept:
            old.unlink()
