"""The files of lists, with the sources that their rows name."""

from collections.abc import Iterator

from django.db.models import QuerySet

from config.api.files.list_files import TableFilesMixin
from config.dates import PartialDate, Precision
from parks.models import Source


class FilesMixin(TableFilesMixin):
    """Gives a list its files; workbooks name their sources."""

    def file_sources(self, rows: QuerySet) -> Iterator[tuple[str, str, str]]:
        """Find the sources that the rows name: code, title, and publisher, date and URL."""
        relations = {field.name: field.related_model for field in rows.model._meta.concrete_fields}
        if relations.get("source") is not Source:
            return
        named = rows.order_by().values("source")
        for source in Source.objects.filter(pk__in=named).order_by("code_key"):
            published = source.published_on and PartialDate(
                source.published_on, Precision(source.published_on_precision)
            )
            details = (source.publisher, published, source.url)
            yield source.code, source.title, "，".join(str(part) for part in details if part)
