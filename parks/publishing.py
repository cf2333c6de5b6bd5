"""What is published refers to nothing that is hidden: held at the end of every revision.

A draft of a source, an organisation or a person is referred to only by rows that are hidden as
well, and belong to the park that it was made for. So whoever sees a row sees all that it refers to,
and no list, file, filter or sum has to leave out a part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import status
from rest_framework.exceptions import APIException

from api.problems.errors import ConfirmationError, json_pointer
from config.database.history import PUBLICATION
from config.database.prepared import GivenKeys, prepare
from config.mistakes import Mistake
from parks.access import Publication
from parks.models import Organisation, Person, Post, Source
from parks.models.ledger import OPEN
from parks.recording.change_rows import is_public
from parks.recording.recording import SOME_COLUMN, Unit

PUBLISH_NEEDED = "publish_needed"  # the word that settles it
_LOCK = 0x68696465  # "hide": the advisory lock of those who write
ROWS_NAMED = 10
MOST_TOUCHED = 1_000  # rows: where more are written, all references are looked at
HIDEABLE: tuple[Any, ...] = (Source, Organisation, Person)


@dataclass(frozen=True)
class HiddenLink:
    """A reference to a hidden row that may not be: `is_own` if both are of one park."""

    model: Any
    key: int
    target: Any  # the model of the hidden row
    target_key: int
    is_own: bool


class HiddenLinkError(APIException):
    """409: what would be published refers to what is hidden."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refers_to_draft"
    default_detail = gettext_lazy("What is published cannot refer to a draft.")


class NeedsPublishingError(ConfirmationError):
    """409: what would be published needs others to be published, too; `needed` are those rows."""

    def __init__(self, needed: list[Any]) -> None:
        self.needed = needed
        super().__init__(describe_needed(needed))


def describe_needed(needed: list[Any]) -> Iterator[Mistake]:
    """Describe each row that has to be published, too."""
    remedy = _("Send it again with confirm=publish_needed to publish it, too.")
    for row in needed:
        told = {"kind": row._meta.verbose_name, "name": name_row(row), "code": row.code}
        detail = _("This needs the %(kind)s “%(name)s” (%(code)s), which is a draft.") % told
        title = getattr(row, "title", "")
        names = {name: getattr(row, name, title) for name in ("name_zh", "name_en")}
        candidates = [{"code": row.code, **names}]
        yield Mistake(
            "needs_publishing", f"{detail} {remedy}", None, candidates, confirm=PUBLISH_NEEDED
        ).at(pointer=json_pointer())


def name_row(row: Any) -> str:
    """Name a source by its title, others by their name."""
    return str(getattr(row, "title", "") or getattr(row, "name", row.code))


def check_links(unit: Unit) -> None:
    """Publish what is needed where that is settled; raise for any other link to a hidden row."""
    wait_for_turn(unit)
    while links := find_hidden_links(unit):
        check_own(unit, links)
        wanted: dict[Any, set[int]] = {}
        for link in links:
            wanted.setdefault(link.target, set()).add(link.target_key)
        if not unit.publishes_needed:
            refuse(list_rows(wanted), may_confirm=unit.publishes_needed is not None)
        for model, keys in wanted.items():
            model.objects.filter(pk__in=keys).update(publication=Publication.PUBLISHED)


def list_linking() -> dict[Any, set[str]]:
    """List the columns that may lead to a hidden row, or hide or show a row, by model."""
    return {
        model: {PUBLICATION, *(f.name for f in model._meta.concrete_fields if f.is_relation)}
        for model in apps.get_models()
        if hasattr(model, "audience")
    }


def wait_for_turn(unit: Unit) -> None:
    """Have who hides a row wait for all others that write just now, and they for that one.

    Else one could publish what refers to a row while another hides that row, and neither would see
    it. Of SQLite's writers one comes at a time anyhow.
    """
    if connection.features.has_select_for_update:
        function = "pg_advisory_xact_lock" + ("" if hides_some(unit) else "_shared")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])


def hides_some(unit: Unit) -> bool:
    """Tell whether a revision hides rows that others may refer to; new ones nobody has seen."""
    for model in HIDEABLE:
        keys = unit.find_changed(model, PUBLICATION)
        if keys and model.objects.filter(pk__in=keys).exclude(OPEN).exists():
            return True
    return False


def list_rows(wanted: dict[Any, set[int]]) -> list[Any]:
    return [
        row
        for model, keys in wanted.items()
        for row in model.objects.filter(pk__in=keys).order_by("code_key")
    ]


def refuse(needed: list[Any], *, may_confirm: bool) -> NoReturn:
    """Raise what says which rows have to be published, too, or before."""
    if may_confirm:
        raise NeedsPublishingError(needed)
    names = ", ".join(f"{name_row(row)} ({row.code})" for row in needed[:ROWS_NAMED])
    raise HiddenLinkError(_("Publish first what this refers to: %(names)s.") % {"names": names})


def check_own(unit: Unit, links: list[HiddenLink]) -> None:
    """Raise for rows that were just hidden, and for drafts of others: nobody publishes those."""
    hidden = [link for link in links if link.target_key in unit.rows.get(link.target, {})]
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
    """What is published and refers to a row that was to be hidden; others are not named."""
    names = []
    for link in links[:ROWS_NAMED]:
        rows: Any = link.model._default_manager.filter(pk=link.key)
        if rows.annotate(is_seen=is_public(link.model.audience)).values_list("is_seen")[0][0]:
            row = rows[0]
            names.append(f"{row._meta.verbose_name} {getattr(row, 'code', None) or row}")
    count = len(links)
    told = ngettext(
        "%(count)d row that others see still refers to it",
        "%(count)d rows that others see still refer to it",
        count,
    ) % {"count": count}
    return f"{told}: {', '.join(dict.fromkeys(names))}." if names else f"{told}."


def find_hidden_links(unit: Unit) -> list[HiddenLink]:
    """Find the references to hidden rows that may not be, among those that a unit has touched.

    With one query if nothing is hidden.
    """
    if not has_hidden_rows():
        return []
    if sum(map(len, unit.rows.values())) > MOST_TOUCHED:
        found = prepare(_select_all_links).fetch()
    else:
        found = [
            link
            for number, (model, field, target) in enumerate(list_references())
            for path, keys in [
                *list_touched(unit, model, {field.name}),
                *list_touched(unit, target, set(), f"{field.name}__"),
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
    unit: Unit, model: Any, columns: set[str], path: str = ""
) -> Iterator[tuple[str, list[Any]]]:
    """List the written rows that can change the links or the readers of rows of a model.

    Yields the path from a row of the model to the written rows, and the keys of these. Only writes
    to the given columns count, and to those that decide who sees a row.
    """
    counting = {SOME_COLUMN, PUBLICATION, "park", *model.audience.under, *columns}
    if not counting.isdisjoint(unit.written.get(model, ())):
        yield f"{path}pk", [*unit.rows[model]]
    for name in model.audience.under:
        owner = model._meta.get_field(name).related_model
        yield from list_touched(unit, owner, set(), f"{path}{name}__")


def has_hidden_rows() -> bool:
    """Tell whether any row is hidden that others may refer to."""
    return bool(prepare(_select_some_hidden).fetch())


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
    """List the models with foreign keys to rows that may be hidden, these, and where they lead."""
    found = []
    for target in (*HIDEABLE, Post):
        for relation in target._meta.get_fields(include_hidden=True):
            audience = getattr(relation.related_model, "audience", None)
            if not relation.auto_created or audience is None:  # such as a table of versions
                continue
            if relation.field.name not in audience.under:  # those are seen together anyhow
                found.append((relation.related_model, relation.field, target))
    return found


def _select_hidden(target: Any) -> Any:
    return target.objects.exclude(target.audience.public).order_by().values("pk")


def _select_links(number: int, is_to_hidden: Any) -> Any:
    """Select the rows whose foreign key leads to what their readers may not see."""
    model, field, target = list_references()[number]
    own, made = model.audience.park, f"{field.name}__{target.audience.park}"
    same = Q(**{own: F(made)}) if own else Q(pk__in=[])
    either = same | Q(**{f"{own}__isnull": True, f"{made}__isnull": True}) if own else same
    seen = is_public(model.audience)
    rows: Any = model._default_manager.order_by().filter(is_to_hidden)
    rows = rows.annotate(is_seen=seen, is_own=_tell(same), is_beside=_tell(either))
    rows = rows.filter(Q(is_seen=True) | Q(is_beside=False))
    return rows.annotate(number=Value(number)).values_list("number", "pk", field.attname, "is_own")


def _tell(condition: Q) -> Any:
    return models.Case(
        models.When(condition, then=Value(True)),
        default=Value(False),
        output_field=models.BooleanField(),
    )
