"""Count the rows that a deletion deletes too, and those that prevent it, and name the first.

Django's own page reads and names every dependent row, even if there are a hundred thousand.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import quote
from django.db.models import CASCADE, PROTECT, Model, QuerySet
from django.db.models.deletion import get_candidate_relations_to_delete
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from parks.access import select_readable
from parks.models.spellings import Spelling

MOST_NAMED = 20  # rows of a kind
DELETED_AT_ONCE = 500  # rows that are chosen in a list


def find_dependents(rows: QuerySet, keys: Any = None) -> Iterator[tuple[QuerySet, bool]]:
    """Find the rows that refer to these, directly or not, and whether they prevent a deletion.

    `keys` are those of the rows, if they are few.
    """
    relations: Iterable[Any] = get_candidate_relations_to_delete(rows.model._meta)
    for relation in relations:
        if relation.on_delete not in (PROTECT, CASCADE):
            continue
        name, below = relation.field.name, relation.related_model._default_manager
        named = rows.order_by().values("pk") if keys is None else keys
        found = below.filter(**{f"{name}__in": named}).select_related(name)
        yield found, relation.on_delete is PROTECT
        if relation.on_delete is CASCADE and found.exists():
            yield from find_dependents(found)


def survey_deletion(rows: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
    """Do what `ModelAdmin.get_deleted_objects` does, naming at most MOST_NAMED rows of a model.

    Return names, counts by model, models the user may not delete, and rows that prevent it.
    """
    chosen = list(rows)
    if not chosen:
        return [], {}, set(), []
    model: Any = type(chosen[0])
    counts = Counter({str(model._meta.verbose_name_plural): len(chosen)})
    keys, seen = [row.pk for row in chosen], [*chosen]
    along: list[Any] = []
    in_the_way: list[Any] = []
    for below, is_in_the_way in find_dependents(model._default_manager.filter(pk__in=keys), keys):
        if issubclass(below.model, Spelling):  # made of the name, for searches
            continue
        first = list(below.order_by("pk")[: MOST_NAMED + 1])
        count = below.count() if len(first) > MOST_NAMED else len(first)
        (in_the_way if is_in_the_way else along).extend(
            name_first(below.model, first[:MOST_NAMED], count, request.user)
        )
        seen += first[:MOST_NAMED]
        if count and not is_in_the_way:
            counts[str(below.model._meta.verbose_name_plural)] += count
    forbidden = {row._meta.verbose_name for row in seen if not may_delete(request, row)}
    named: list[Any] = [name_row_to_delete(row) for row in chosen]
    return [*named, along] if along else named, counts, forbidden, in_the_way


def may_delete(request: HttpRequest, row: Any) -> bool:
    """Return whether the user may delete a row on its page in the admin, if it has one."""
    if not admin.site.is_registered(type(row)):
        return True
    return admin.site.get_model_admin(type(row)).has_delete_permission(request, row)


def name_first(model: Any, first: Sequence[Any], count: int, actor: Any) -> list[str]:
    """Name the first rows that the actor may read, and count the others."""
    readable = {*select_readable(model, actor).filter(pk__in=[row.pk for row in first])}
    named = [name_row_to_delete(row) for row in first if row in readable]
    if more := count - len(named):
        further = {"count": f"{more:,}", "kind": model._meta.verbose_name_plural}
        named.append(_("and %(count)s more: %(kind)s") % further)
    return named


def name_row_to_delete(row: Model) -> str:
    """Name a row by kind, with a link to its page where it has one."""
    options = row._meta
    kind = capfirst(options.verbose_name)
    try:
        page = reverse(
            f"admin:{options.app_label}_{options.model_name}_change", args=[quote(row.pk)]
        )
    except NoReverseMatch:
        return format_html("{}: {}", kind, row)
    return format_html('{}: <a href="{}">{}</a>', kind, page, row)


@admin.action(
    permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s")
)
def delete_chosen(
    page: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet
) -> HttpResponse | None:
    """Delete the selected rows as Django does, if they are not too many."""
    if len(queryset.order_by().values("pk")[: DELETED_AT_ONCE + 1]) > DELETED_AT_ONCE:
        text = _("Choose at most %(count)d rows to delete.") % {"count": DELETED_AT_ONCE}
        page.message_user(request, text, messages.ERROR)
        return None
    return delete_selected(page, request, queryset)


admin.site.disable_action("delete_selected")
admin.site.add_action(delete_chosen, "delete_selected")
