"""Pages of the admin that answer whatever they are sent; Django's own fail for some of it."""

from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from config.forms import RowSelect


class StrictAdmin(BaseModelAdmin):
    """The base of each page and inline: rows are chosen by keys, and found by known fields."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request) and "widget" not in kwargs:
            kwargs["widget"] = RowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Get the row of a page; an empty `_to_field` names no field."""
        return super().get_object(request, object_id, from_field or None)  # type: ignore[misc]


def show_page(
    admin: BaseModelAdmin, request: HttpRequest, template: str, title: Any, **shown: Any
) -> TemplateResponse:
    """Show a page of the admin for which Django has none."""
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title}
    return TemplateResponse(request, f"admin/{template}.html", {**context, **shown})
