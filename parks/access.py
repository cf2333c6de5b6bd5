"""The one place that decides who may read and write what.

A person is a superuser, or has any of: roles in some parks (`Membership`), and the right to edit
what all parks share (the permission `edit_vocabularies`). A token has the rights of its
person, and a token for reading none of those to write. To which park the rows of a model belong is
said by the `audience` of the model; where it names none, all parks share them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

EDIT_VOCABULARIES = "parks.edit_vocabularies"


class Publication(models.TextChoices):
    """Who sees a row: its editors alone, everybody, or again its editors alone."""

    DRAFT = "draft", gettext_lazy("draft")
    PUBLISHED = "published", gettext_lazy("published")
    WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")


class Role(models.TextChoices):
    """What a person is in one park: viewers see its drafts, editors also change it."""

    EDITOR = "editor", gettext_lazy("editor")
    VIEWER = "viewer", gettext_lazy("viewer")


class Write(StrEnum):
    """What can be done to a row. To change a park's milestones is to change the park, too."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"


WRITE_OF_METHOD = {"POST": Write.ADD, "DELETE": Write.DELETE}


# --- Who somebody is ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Rights:
    """What a person may do. `roles` is by the ids of parks."""

    is_superuser: bool = False
    edits_shared: bool = False
    roles: Mapping[int, str] = field(default_factory=dict)

    @property
    def parks(self) -> frozenset[int]:
        """The parks of which the person sees drafts."""
        return frozenset(self.roles)

    @property
    def edited_parks(self) -> frozenset[int]:
        return frozenset(park for park, role in self.roles.items() if role == Role.EDITOR)

    @property
    def visibility(self) -> str:
        """The same text for all who see the same rows."""
        if self.is_superuser:
            return "all"
        parks = ",".join(map(str, sorted(self.parks)))
        return f"{'shared' if self.edits_shared else 'published'}:{parks}"


NOBODY = Rights()


def rights_of(actor: Any) -> Rights:
    """Look up the rights of a person, once for each `request.user`, like Django's permissions."""
    if actor is None or not actor.is_active:
        return NOBODY
    if actor.is_superuser:
        return Rights(is_superuser=True, edits_shared=True)
    known: Rights | None = getattr(actor, "_ledger_rights", None)
    if known is None:
        known = Rights(
            edits_shared=actor.has_perm(EDIT_VOCABULARIES),
            roles=dict(actor.memberships.values_list("park_id", "role")),
        )
        actor._ledger_rights = known
    return known


def role_of(actor: Any) -> str:
    """Give the word by which others may know who wrote: `superuser`, `editor`; blank if none."""
    rights = rights_of(actor)
    if rights.is_superuser:
        return "superuser"
    if rights.edits_shared:
        return "vocabulary_editor"
    if rights.edited_parks:
        return Role.EDITOR.value
    return Role.VIEWER.value if rights.parks else ""


def has_any_rights(actor: Any) -> bool:
    """Tell whether there is anything that this person sees or does and everybody else does not."""
    return rights_of(actor) != NOBODY


# --- Reading ------------------------------------------------------------------------------------


def readable(actor: Any, model: Any) -> Q:
    """Select the rows that a person may read: what everybody does, and all of their own parks.

    No condition at all is for superusers, and for what everybody sees.
    """
    if hasattr(model, "readable_by"):
        return model.readable_by(actor)
    rights, path = rights_of(actor), park_path(model)
    if rights.is_superuser or not path:
        return Q()
    if rights.edits_shared and is_shared(model):
        return Q(pk__isnull=False)
    condition: Q = model.audience.public
    if rights.parks:
        condition |= Q(**{f"{path}__in": rights.parks})
    if rights.edits_shared and may_be_shared(model):
        condition |= Q(**{f"{path}__isnull": True})
    return condition


def select_readable(rows: Any, actor: Any) -> Any:
    """Select the rows that a person may read; every list, count, sum and file begins here.

    `rows` is a queryset, or a model to select from all of its rows.
    """
    listed = _list_rows(rows)
    return listed.filter(readable(actor, listed.model))


def _list_rows(rows: Any) -> models.QuerySet[Any]:
    """List all rows of a model; a queryset stays as it is."""
    model: Any = rows if isinstance(rows, type) else None
    listed: models.QuerySet[Any] = model._default_manager.all() if model else rows
    return listed


def sees_all_of(actor: Any, row: models.Model) -> bool:
    """Tell whether the person sees a row as its park does, with versions that were never public."""
    return judge_parks(rights_of(actor), type(row))(park_of(row))


def judge_parks(rights: Rights, model: type[models.Model]) -> Callable[[int | None], bool]:
    """Build the function that tells whether one sees all rows of a park, or of no park."""
    are_shared = is_shared(model)

    def sees_all(park: int | None) -> bool:
        is_theirs = park in rights.parks or rights.is_superuser
        return is_theirs or (rights.edits_shared and (are_shared or park is None))

    return sees_all


def works_on(actor: Any, model: type[models.Model]) -> bool:
    """Tell whether there can be rows of this model that the person sees in the admin."""
    rights = rights_of(actor)
    if rights.is_superuser or rights.parks:
        return True
    return rights.edits_shared and may_be_shared(model)


def select_worked_on(rows: Any, actor: Any) -> Any:
    """Select the rows a person works on: of their own parks, and what these share with others.

    `rows` is a queryset, or a model to select from all of its rows.
    """
    rows = _list_rows(rows)
    rights, path = rights_of(actor), park_path(rows.model)
    if rights.is_superuser or not path:
        return rows
    if is_shared(rows.model):
        return select_readable(rows, actor)
    condition = Q(**{f"{path}__in": rights.parks})
    if may_be_shared(rows.model):
        shared = Q(**{f"{path}__isnull": True})
        if rights.edits_shared:
            condition |= shared
        elif may_be_draft(rows.model):
            condition |= shared & rows.model.audience.public
    return rows.filter(condition)


# --- Writing ------------------------------------------------------------------------------------


def park_path(model: type[models.Model]) -> str:
    """Give the path to the key of the park that rows of this model belong to; blank if shared."""
    audience: Any = getattr(model, "audience", None)
    return audience.park if audience else ""


def is_shared(model: type[models.Model]) -> bool:
    """Tell whether all parks share the rows, but for drafts that were made for one of them."""
    audience: Any = getattr(model, "audience", None)
    return bool(audience and audience.is_shared)


def may_be_draft(model: type[models.Model]) -> bool:
    """Tell whether rows of this model can be hidden by a publication of their own or of an owner.

    Other rows are seen with the row that they are about.
    """
    return is_shared(model) or hasattr(model, "publication")


def may_be_shared(model: type[models.Model]) -> bool:
    """Tell whether there can be rows of this model that belong to no park."""
    path = park_path(model)
    if path in ("", "pk"):
        return not path
    link: Any = None
    for step in path.split("__"):
        link = (link.related_model if link else model)._meta.get_field(step)
    return bool(link.null)


def park_of(row: Any) -> int | None:
    """Give the id of the park that a row belongs to; None for what all parks share."""
    path = park_path(type(row))
    if not path:
        return None
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def may_write_some(actor: Any, write: Write, model: type[models.Model]) -> bool:
    """Tell whether there can be rows of this model that the person may add, change or delete."""
    rights = rights_of(actor)
    if rights.is_superuser:
        return True
    if rights.edits_shared and may_be_shared(model):
        return True
    if not rights.edited_parks:
        return False
    return bool(park_path(model)) and (park_path(model) != "pk" or write == Write.CHANGE)


def may_write(actor: Any, write: Write, row: Any) -> bool:
    """Tell whether the person may add this row as it is, change it, or delete it.

    Of a park: its editors; but parks are added and deleted by superusers. Of no park: those who
    edit what all share; sources, organisations and people are added by all editors, who change
    the drafts of their parks, and what they added themselves while nobody else has changed it.
    """
    rights = rights_of(actor)
    if not may_write_some(actor, write, type(row)):
        return False
    if rights.is_superuser:
        return True
    if is_shared(type(row)):
        if rights.edits_shared or _may_write_made(rights, write, row):
            return True
        return write == Write.CHANGE and bool(row.is_only_of(actor))
    if (park := park_of(row)) is not None:
        return park in rights.edited_parks
    return rights.edits_shared


def _may_write_made(rights: Rights, write: Write, row: Any) -> bool:
    """Whether an editor of parks may write a shared row: what is open is added, and no more."""
    park = park_of(row)
    if write == Write.ADD and row.is_open:
        return park is None or park in rights.edited_parks or park_path(type(row)) != "park_id"
    return park in rights.edited_parks and not row.is_open


def may_leave(actor: Any, write: Write, row: models.Model) -> bool:
    """Tell whether the person may leave a row as they have just written it.

    A draft of theirs that they publish is one that they could have added so.
    """
    return may_write(actor, Write.ADD if is_shared(type(row)) else write, row)


def may_replace(actor: Any, before: Any, after: Any) -> bool:
    """Tell whether the person may turn one state of a row into the other.

    This is the rule of every write, for every row that it changes: the right to the row as it is,
    and to the row as it is to be. None stands for a row that does not exist, and an actor of None
    for the operator of the server. A write refers only to rows that `readable` selects. Rows that
    refer to a merged row follow it without a right of their own: they still name the same thing.
    """
    if actor is None:
        return True
    if before is None or after is None:
        write = Write.ADD if before is None else Write.DELETE
        return may_write(actor, write, after if before is None else before)
    return may_write(actor, Write.CHANGE, before) and may_leave(actor, Write.CHANGE, after)


def require_writes(actor: Any, *states: tuple[Any, Any]) -> None:
    """Raise `PermissionDenied` unless the person may replace each state by the one beside it."""
    if not all(may_replace(actor, before, after) for before, after in states):
        raise PermissionDenied


def select_writable(rows: Any, actor: Any) -> Any:
    """Select the rows that a person may change.

    `rows` is a queryset, or a model to select from all of its rows.
    """
    rows = _list_rows(rows)
    rights, path = rights_of(actor), park_path(rows.model)
    if rights.is_superuser or (not path and rights.edits_shared):
        return rows
    if not path:
        return rows.none()
    if is_shared(rows.model) and rights.edits_shared:
        return rows
    condition = Q(**{f"{path}__in": rights.edited_parks})
    if is_shared(rows.model):
        return rows.filter(condition).exclude(rows.model.audience.public)
    if rights.edits_shared:
        condition |= Q(**{f"{path}__isnull": True})
    return rows.filter(condition)


def check_scope(request: Request) -> None:
    """Raise `PermissionDenied` for a token that may only read."""
    token: Any = request.auth
    if token is not None and not token.may_write:
        raise PermissionDenied(_("This token may only read."))


class LedgerPermission(BasePermission):
    """Reading is open unless PUBLIC_READ is off; writing is for those who have a right to it.

    What a view without a queryset writes, superusers alone write.
    What one may read and not write is a 403; what one may not read is a 404, since it is in no
    queryset.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        person = request.user
        if request.method in SAFE_METHODS:
            return settings.PUBLIC_READ or person.is_authenticated
        if not person.is_authenticated:
            return False
        check_scope(request)
        rows = getattr(view, "queryset", None)
        if rows is None:
            return rights_of(person).is_superuser
        return may_write_some(person, self.kind_of(view), rows.model)  # who adds some changes some

    def has_object_permission(self, request: Request, view: Any, obj: models.Model) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return may_write(request.user, self.kind_of(view), obj)

    def visibility(self, request: Request) -> str:
        """Give a text, the same for all who see the same rows: tags and caches depend on it."""
        return rights_of(request.user).visibility

    def kind_of(self, view: Any) -> Write:
        """Tell what a request does: a PUT adds what is not there, and so does what restores it."""
        if getattr(view, "puts_new", False):
            return Write.ADD
        if getattr(view, "restores", False):
            return Write.CHANGE
        return WRITE_OF_METHOD.get(str(view.request.method), Write.CHANGE)
