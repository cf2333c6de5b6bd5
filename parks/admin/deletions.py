"""Count the rows that a deletion deletes too, and those that prevent it, and name the first.

Django's own page reads and names every dependent row, even if there are a hundred thousand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parks.access import select_readable

MOST_NAMED = 20  # rows of a kind
DELETED_AT_ONCE = 500  # rows that are chosen in a list


@dataclass(frozen=True)
class Dependents:
    """Rows of one model that refer to the rows to delete."""

    rows: QuerySet
    is_in_the_way: bool  # or else deleted with them
    first: Sequence[Any]
    count: int

    @property
    def kind(self) -> str:
        return str(self.rows.model._meta.verbose_name_plural)


def find_dependents(rows: QuerySet, keys: Sequence[Any] | None = None) -> Iterator[Dependents]:
    """Find the rows that refer to these rows, directly or not, by model; `keys` if rows are few."""
    relations: Iterable[Any] = get_candidate_relations_to_delete(rows.model._meta)
    for relation in relations:
        is_in_the_way = relation.on_delete is PROTECT
        if not is_in_the_way and relation.on_delete is not CASCADE:
            continue
        named = rows.order_by().values("pk") if keys is None else keys
        below: QuerySet = relation.related_model._default_manager.filter(
            **{f"{relation.field.name}__in": named}
        )
        first = below.select_related(relation.field.name).order_by("pk")
        found = list(first[: MOST_NAMED + 1])
        if not found:
            continue
        count = below.count() if len(found) > MOST_NAMED else len(found)
        yield Dependents(below, is_in_the_way, found[:MOST_NAMED], count)
        if not is_in_the_way:
            yield from find_dependents(below)


def survey_deletion(rows: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
    """Do what `ModelAdmin.get_deleted_objects` does, naming at most MOST_NAMED rows of a model.

    Return names, counts by model, models the user may not delete, and rows that prevent it.
    """
    chosen = list(rows)
    if not chosen:
        return [], {}, set(), []
    model: Any = type(chosen[0])
    forbidden = find_forbidden(chosen, request)
    counts = {str(model._meta.verbose_name_plural): len(chosen)}
    along: list[Any] = []
    in_the_way: list[Any] = []
    keys = [row.pk for row in chosen]
    for each in find_dependents(model._default_manager.filter(pk__in=keys), keys):
        forbidden |= find_forbidden(each.first, request)
        named_first = name_first(each, request.user)
        (in_the_way if each.is_in_the_way else along).extend(named_first)
        if not each.is_in_the_way:
            counts[each.kind] = counts.get(each.kind, 0) + each.count
    named: list[Any] = [name_row_to_delete(row) for row in chosen]
    return [*named, along] if along else named, counts, forbidden, in_the_way


def find_forbidden(rows: Iterable[Any], request: HttpRequest) -> set[str]:
    """Find the models with pages among these rows that the user may not delete."""
    return {
        row._meta.verbose_name
        for row in rows
        if admin.site.is_registered(type(row))
        and not admin.site.get_model_admin(type(row)).has_delete_permission(request, row)
    }


def name_first(dependents: Dependents, actor: Any) -> list[str]:
    """Name the first rows that the actor may read, and count the others."""
    keys = [row.pk for row in dependents.first]
    seen = {*select_readable(dependents.rows.model, actor).filter(pk__in=keys)}
    named = [name_row_to_delete(row) for row in dependents.first if row in seen]
    more = dependents.count - len(named)
    if more:
        further = {"count": f"{more:,}", "kind": dependents.kind}
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
