"""Check at the end of every revision that published rows refer to no hidden rows.

Only hidden rows of the same park may refer to a draft of a source, an organisation or a person. So
a reader who sees a row sees all that it refers to, and lists, files, filters and sums are complete.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from django.apps import apps
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from rest_framework import status
from rest_framework.exceptions import APIException

from api.problems.errors import ConfirmationError, json_pointer
from config.database.history import PUBLICATION
from config.database.prepared import GivenKeys, prepare
from config.mistakes import Mistake
from parks.access import Publication
from parks.models import Organisation, Person, Post, Source
from parks.models.ledger import OPEN
from parks.recording.change_rows import flag, is_public
from parks.recording.recording import SOME_COLUMN, RevisionWriter

PUBLISH_NEEDED = "publish_needed"  # the word that confirms it
_LOCK = 0x68696465  # "hide": the advisory lock of writers
ROWS_NAMED = 10
MOST_TOUCHED = 1_000  # rows: if more are written, all references are checked
HIDEABLE: tuple[Any, ...] = (Source, Organisation, Person)


@dataclass(frozen=True)
class HiddenLink:
    """A forbidden reference to a hidden row; `is_own` if both rows belong to one park."""

    model: Any
    key: int
    target: Any  # the model of the hidden row
    target_key: int
    is_own: bool


class HiddenLinkError(APIException):
    """409: a published row would refer to a hidden one."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refers_to_draft"
    default_detail = gettext_lazy("What is published cannot refer to a draft.")


class NeedsPublishingError(ConfirmationError):
    """409: the `needed` rows have to be published, too."""

    def __init__(self, needed: list[Any]) -> None:
        self.needed = needed
        super().__init__(map(describe_needed, needed))


def describe_needed(row: Any) -> Mistake:
    remedy = _("Send it again with confirm=publish_needed to publish it, too.")
    detail = _("This needs the %(kind)s “%(name)s” (%(code)s), which is a draft.")
    detail %= {"kind": row._meta.verbose_name, "name": name_row(row), "code": row.code}
    title = getattr(row, "title", "")
    names = {name: getattr(row, name, title) for name in ("name_zh", "name_en")}
    candidates = [{"code": row.code, **names}]
    mistake = Mistake(
        "needs_publishing", f"{detail} {remedy}", None, candidates, confirm=PUBLISH_NEEDED
    )
    return mistake.at(pointer=json_pointer())


def name_row(row: Any) -> str:
    """Name a source by its title, other rows by their name."""
    return str(getattr(row, "title", "") or getattr(row, "name", row.code))


def check_links(writer: RevisionWriter) -> None:
    """Publish the needed drafts if that is confirmed; raise for other links to hidden rows."""
    wait_for_turn(writer)
    while links := find_hidden_links(writer):
        check_own(writer, links)
        wanted: dict[Any, set[int]] = {}
        for link in links:
            wanted.setdefault(link.target, set()).add(link.target_key)
        if not writer.publishes_needed:
            refuse(wanted, may_confirm=writer.publishes_needed is not None)
        for model, keys in wanted.items():
            model.objects.filter(pk__in=keys).update(publication=Publication.PUBLISHED)


def list_linking() -> dict[Any, set[str]]:
    """List the columns whose writes may make a link to a hidden row, by model."""
    return {
        model: {PUBLICATION, *(f.name for f in model._meta.concrete_fields if f.is_relation)}
        for model in apps.get_models()
        if hasattr(model, "audience")
    }


def wait_for_turn(writer: RevisionWriter) -> None:
    """Let a writer that hides a row wait for all other writers, and let these wait for it.

    Otherwise one could publish a reference to a row while another hides that row. SQLite has one
    writer at a time anyway.
    """
    if connection.features.has_select_for_update:
        function = "pg_advisory_xact_lock" + ("" if hides_some(writer) else "_shared")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])


def hides_some(writer: RevisionWriter) -> bool:
    """Return whether a revision hides existing rows that others may refer to."""
    return any(
        model.objects.filter(pk__in=keys).exclude(OPEN).exists()
        for model in HIDEABLE
        if (keys := writer.find_changed(model, PUBLICATION))
    )


def refuse(wanted: dict[Any, set[int]], *, may_confirm: bool) -> NoReturn:
    """Raise the error that names the rows that have to be published, too, or before."""
    needed = [
        row
        for model, keys in wanted.items()
        for row in model.objects.filter(pk__in=keys).order_by("code_key")
    ]
    if may_confirm:
        raise NeedsPublishingError(needed)
    names = ", ".join(f"{name_row(row)} ({row.code})" for row in needed[:ROWS_NAMED])
    raise HiddenLinkError(_("Publish first what this refers to: %(names)s.") % {"names": names})


def check_own(writer: RevisionWriter, links: list[HiddenLink]) -> None:
    """Raise for rows that were just hidden, and for drafts of other parks."""
    hidden = [link for link in links if link.target_key in writer.rows.get(link.target, {})]
    if hidden:
        raise HiddenLinkError(_still_needed(hidden))
    if not all(link.is_own for link in links):
        raise HiddenLinkError(
            _(
                "It would refer to a draft that was made for another park, or for none. Publish "
                "that one first."
            )
        )


def _still_needed(links: list[HiddenLink]) -> str:
    names = []  # of published rows alone
    for link in links[:ROWS_NAMED]:
        rows: Any = link.model._default_manager.filter(pk=link.key)
        if rows.annotate(is_seen=is_public(link.model.audience)).values_list("is_seen")[0][0]:
            row = rows[0]
            names.append(f"{row._meta.verbose_name} {getattr(row, 'code', None) or row}")
    count = len(links)
    text = ngettext(
        "%(count)d row that others see still refers to it",
        "%(count)d rows that others see still refer to it",
        count,
    ) % {"count": count}
    return f"{text}: {', '.join(dict.fromkeys(names))}." if names else f"{text}."


def find_hidden_links(writer: RevisionWriter) -> list[HiddenLink]:
    """Find the forbidden references to hidden rows among the rows of a revision.

    One query if nothing is hidden.
    """
    if not prepare(_select_some_hidden).fetch():
        return []
    if sum(map(len, writer.rows.values())) > MOST_TOUCHED:
        found = prepare(_select_all_links).fetch()
    else:
        found = [
            link
            for number, (model, field, target) in enumerate(list_references())
            for path, keys in [
                *list_touched(writer, model, {field.name}),
                *list_touched(writer, target, set(), f"{field.name}__"),
            ]
            for link in prepare(_select_touched_links, number, path).fetch(keys=keys)
        ]
    links = []
    for number, key, target_key, is_own in dict.fromkeys(found):
        model, _field, target = list_references()[number]
        if target is Post:
            target, target_key = Person, Post.objects.get(pk=target_key).person_id
        links.append(HiddenLink(model, key, target, target_key, bool(is_own)))
    return links


def list_touched(
    writer: RevisionWriter, model: Any, columns: set[str], path: str = ""
) -> Iterator[tuple[str, list[Any]]]:
    """List the written rows that can change the links or the readers of rows of a model.

    Yield the path from the model to the written rows, and their keys. Only writes to these
    columns, and to those that decide who sees a row, count.
    """
    counting = {SOME_COLUMN, PUBLICATION, "park", *model.audience.under, *columns}
    if not counting.isdisjoint(writer.written.get(model, ())):
        yield f"{path}pk", [*writer.rows[model]]
    for name in model.audience.under:
        owner = model._meta.get_field(name).related_model
        yield from list_touched(writer, owner, set(), f"{path}{name}__")


def _select_some_hidden() -> Any:
    hidden = [model.objects.exclude(OPEN).order_by().values("pk") for model in HIDEABLE]
    return hidden[0].union(*hidden[1:], all=True)[:1]


def _select_touched_links(number: int, path: str) -> Any:
    _model, field, target = list_references()[number]
    hidden = _select_hidden(target).filter(pk=OuterRef(field.attname))
    links = _select_links(number, Exists(hidden))
    return links.filter(**{f"{path}__among": GivenKeys()})


def _select_all_links() -> Any:
    queries = [
        _select_links(number, Q(**{f"{field.name}__in": _select_hidden(target)}))
        for number, (_model, field, target) in enumerate(list_references())
    ]
    return queries[0].union(*queries[1:], all=True)


@cache
def list_references() -> list[tuple[Any, Any, Any]]:
    """List the foreign keys to rows that may be hidden: model, field and target."""
    found = []
    for target in (*HIDEABLE, Post):
        for relation in target._meta.get_fields(include_hidden=True):
            audience = getattr(relation.related_model, "audience", None)
            if not relation.auto_created or audience is None:  # such as a table of versions
                continue
            if relation.field.name not in audience.under:  # those rows are visible together
                found.append((relation.related_model, relation.field, target))
    return found


def _select_hidden(target: Any) -> Any:
    return target.objects.exclude(target.audience.public).order_by().values("pk")


def _select_links(number: int, is_to_hidden: Any) -> Any:
    # The rows whose readers may not see the target
    model, field, target = list_references()[number]
    own, made = model.audience.park, f"{field.name}__{target.audience.park}"
    same = Q(**{own: F(made)}) if own else Q(pk__in=[])
    either = same | Q(**{f"{own}__isnull": True, f"{made}__isnull": True}) if own else same
    seen = is_public(model.audience)
    rows: Any = model._default_manager.order_by().filter(is_to_hidden)
    rows = rows.annotate(is_seen=seen, is_own=flag(same), is_beside=flag(either))
    rows = rows.filter(Q(is_seen=True) | Q(is_beside=False))
    return rows.annotate(number=Value(number)).values_list("number", "pk", field.attname, "is_own")
