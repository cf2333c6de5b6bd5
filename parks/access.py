"""Decide who may read and write which rows; nothing else does.

A user is a superuser, or has roles in some parks (`Membership`), the right to edit rows shared by
all parks (the permission `edit_vocabularies`), or both. The role of a district covers the parks
that its region has now: it reads like a viewer, and returns projects. A token has the rights of its
user, a read-only token none to write. The `audience` of a model says to which park its rows belong;
if it names none, all parks share them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

EDIT_VOCABULARIES = {"content_type__app_label": "parks", "codename": "edit_vocabularies"}


class Publication(models.TextChoices):
    """Who sees a row: drafts and withdrawn rows are seen by the roles of their park alone."""

    DRAFT = "draft", gettext_lazy("draft")
    PUBLISHED = "published", gettext_lazy("published")
    WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")


class Role(models.TextChoices):
    """The role of a user: viewers see the drafts of a park, editors also change it.

    A district sees the drafts of all parks in its region, and returns their projects.
    """

    EDITOR = "editor", gettext_lazy("editor")
    VIEWER = "viewer", gettext_lazy("viewer")
    DISTRICT = "district", gettext_lazy("district")


class Write(StrEnum):
    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"


WRITE_OF_METHOD = {"POST": Write.ADD, "DELETE": Write.DELETE}


@dataclass(frozen=True)
class Rights:
    """The rights of a user; `roles` are by the keys of parks."""

    is_superuser: bool = False
    edits_shared: bool = False
    roles: Mapping[int, str] = field(default_factory=dict)

    @property
    def parks(self) -> frozenset[int]:
        """The parks whose drafts the user sees."""
        return frozenset(self.roles)

    @property
    def edited_parks(self) -> frozenset[int]:
        return self._parks_with(Role.EDITOR)

    @property
    def overseen_parks(self) -> frozenset[int]:
        """The parks whose projects the user returns."""
        return self._parks_with(Role.DISTRICT)

    def _parks_with(self, role: Role) -> frozenset[int]:
        return frozenset(park for park, each in self.roles.items() if each == role)

    @property
    def visibility(self) -> str:
        """A text that is the same for all users who see the same rows."""
        if self.is_superuser:
            return "all"
        parks = ",".join(map(str, sorted(self.parks)))
        return f"{'shared' if self.edits_shared else 'published'}:{parks}"


NOBODY = Rights()


def rights_of(actor: Any) -> Rights:
    """Load the rights of a user, once for each `request.user`."""
    if actor is None or not actor.is_active:
        return NOBODY
    if actor.is_superuser:
        return Rights(is_superuser=True, edits_shared=True)
    known: Rights | None = getattr(actor, "_ledger_rights", None)
    if known is None:
        edits_shared, roles = actor.memberships.model.find_rights(actor.pk)
        known = Rights(edits_shared=edits_shared, roles=roles)
        actor._ledger_rights = known
    return known


def role_of(actor: Any) -> str:
    """Return the role that revisions show: `superuser`, `vocabulary_editor` ...; blank if none."""
    rights = rights_of(actor)
    if rights.is_superuser:
        return "superuser"
    if rights.edits_shared:
        return "vocabulary_editor"
    words = {*rights.roles.values()}
    return next(
        (role.value for role in (Role.EDITOR, Role.DISTRICT, Role.VIEWER) if role in words), ""
    )


def has_any_rights(actor: Any) -> bool:
    """Return whether the user has more rights than an anonymous one."""
    return rights_of(actor) != NOBODY


def readable(actor: Any, model: Any) -> Q:
    """Build the condition for the rows that the actor may read; empty if these are all rows."""
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
    """Select the rows of a queryset or model that the actor may read.

    Every list, count, sum and file begins here.
    """
    listed = _list_rows(rows)
    return listed.filter(readable(actor, listed.model))


def _list_rows(rows: Any) -> models.QuerySet[Any]:
    model: Any = rows if isinstance(rows, type) else None
    return model._default_manager.all() if model else rows


def sees_all_of(actor: Any, row: models.Model) -> bool:
    """Return whether the actor sees all versions of a row, as the roles of its park do."""
    return judge_parks(rights_of(actor), type(row))(park_of(row))


def judge_parks(rights: Rights, model: type[models.Model]) -> Callable[[int | None], bool]:
    """Build the function that says whether all rows of a park, or of None, are visible."""
    are_shared = is_shared(model)

    def sees_all(park: int | None) -> bool:
        is_theirs = park in rights.parks or rights.is_superuser
        return is_theirs or (rights.edits_shared and (are_shared or park is None))

    return sees_all


def works_on(actor: Any, model: type[models.Model]) -> bool:
    """Return whether the actor can see rows of this model in the admin."""
    rights = rights_of(actor)
    if rights.is_superuser or rights.parks:
        return True
    return rights.edits_shared and may_be_shared(model)


def select_worked_on(rows: Any, actor: Any) -> Any:
    """Select the rows of a queryset or model that the actor works on: their parks' and shared."""
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


def park_path(model: type[models.Model]) -> str:
    """Return the path to the key of the park that rows belong to; blank if they are shared."""
    audience: Any = getattr(model, "audience", None)
    return audience.park if audience else ""


def is_shared(model: type[models.Model]) -> bool:
    """Return whether all parks share the rows, except drafts made for one of them."""
    audience: Any = getattr(model, "audience", None)
    return bool(audience and audience.is_shared)


def is_from_above(model: type[models.Model]) -> bool:
    """Return whether districts add the rows, which the editors of the park only answer."""
    audience: Any = getattr(model, "audience", None)
    return bool(audience and audience.is_from_above)


def may_be_draft(model: type[models.Model]) -> bool:
    """Return whether rows of this model can be hidden by their own publication or an owner's."""
    return is_shared(model) or hasattr(model, "publication")


def may_be_shared(model: type[models.Model]) -> bool:
    """Return whether rows of this model may belong to no park."""
    path = park_path(model)
    if path in ("", "pk"):
        return not path
    link: Any = None
    for step in path.split("__"):
        link = (link.related_model if link else model)._meta.get_field(step)
    return bool(link.null)


def park_of(row: Any) -> int | None:
    """Return the key of the park that a row belongs to; None for shared rows."""
    path = park_path(type(row))
    if not path:
        return None
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def may_write_some(actor: Any, write: Write, model: type[models.Model]) -> bool:
    """Return whether the actor may add, change or delete some rows of this model."""
    rights = rights_of(actor)
    if rights.is_superuser or (rights.edits_shared and may_be_shared(model)):
        return True
    if write != Write.CHANGE and is_from_above(model):
        return write == Write.ADD and bool(rights.overseen_parks)
    if not rights.edited_parks:
        return False
    return bool(park_path(model)) and (park_path(model) != "pk" or write == Write.CHANGE)


def may_write(actor: Any, write: Write, row: Any) -> bool:
    """Return whether the actor may add this row as it is, change it, or delete it.

    Rows of a park: its editors; but only superusers add and delete parks. Shared rows: editors of
    shared rows. All editors add sources, organisations and people, and change the drafts of their
    parks and the rows that they added while nobody else has changed them. Only districts add rows
    that are from above, and only superusers delete them.
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
        is_from_district = write == Write.ADD and is_from_above(type(row))
        return park in (rights.overseen_parks if is_from_district else rights.edited_parks)
    return rights.edits_shared


def _may_write_made(rights: Rights, write: Write, row: Any) -> bool:
    # Editors of parks add open rows, and write the drafts of their parks
    park = park_of(row)
    if write == Write.ADD and row.is_open:
        return park is None or park in rights.edited_parks or park_path(type(row)) != "park_id"
    return park in rights.edited_parks and not row.is_open


def may_leave(actor: Any, write: Write, row: models.Model) -> bool:
    """Return whether the actor may leave a row in the state they have just written.

    An editor may publish a draft because they could have added it published.
    """
    return may_write(actor, Write.ADD if is_shared(type(row)) else write, row)


def may_replace(actor: Any, before: Any, after: Any) -> bool:
    """Return whether the actor may turn one state of a row into the other.

    This is the rule of every write: it needs the right to the row before and after. None stands for
    a row that does not exist, and an actor of None is the operator of the server. A write refers
    only to rows that `readable` selects. Rows that refer to a merged row follow it without a check.
    """
    if actor is None:
        return True
    if before is None or after is None:
        write = Write.ADD if before is None else Write.DELETE
        return may_write(actor, write, after if before is None else before)
    return may_write(actor, Write.CHANGE, before) and may_leave(actor, Write.CHANGE, after)


def require_writes(actor: Any, *states: tuple[Any, Any]) -> None:
    """Raise `PermissionDenied` unless the actor may turn each first state into the second."""
    if not all(may_replace(actor, before, after) for before, after in states):
        raise PermissionDenied


def select_writable(rows: Any, actor: Any) -> Any:
    """Select the rows of a queryset or model that the actor may change."""
    rows = _list_rows(rows)
    rights, path = rights_of(actor), park_path(rows.model)
    if rights.is_superuser or (rights.edits_shared and (not path or is_shared(rows.model))):
        return rows
    if not path:
        return rows.none()
    condition = Q(**{f"{path}__in": rights.edited_parks})
    if is_shared(rows.model):
        return rows.filter(condition).exclude(rows.model.audience.public)
    if rights.edits_shared:
        condition |= Q(**{f"{path}__isnull": True})
    return rows.filter(condition)


def check_scope(request: Request) -> None:
    """Raise `PermissionDenied` for a read-only token."""
    token: Any = request.auth
    if token is not None and not token.may_write:
        raise PermissionDenied(_("This token may only read."))


class LedgerPermission(BasePermission):
    """Anybody may read unless PUBLIC_READ is off; writes need a right to the row.

    Views without a queryset are written by superusers. A row that the user may read but not write
    is a 403; one that they may not read is a 404, since no queryset contains it.
    """

    message = gettext_lazy(
        "Your roles do not allow this. Editors write the rows of their parks, vocabulary editors "
        "what all parks share, and superusers everything."
    )

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
        """Return a text that is the same for all who see the same rows, for tags and caches."""
        return rights_of(request.user).visibility

    def kind_of(self, view: Any) -> Write:
        """Return what a request does: a PUT of a new row adds it, and so does a restoration."""
        if getattr(view, "puts_new", False):
            return Write.ADD
        if getattr(view, "restores", False):
            return Write.CHANGE
        return WRITE_OF_METHOD.get(str(view.request.method), Write.CHANGE)


PUBLIC_VIEW = "public_view"  # of a session: its user wants to see what everybody sees


class PublicViewMiddleware(MiddlewareMixin):
    """Lets a signed-in user read as the public does, on pages and in the files they open."""

    def process_request(self, request: Any) -> None:
        """Replace the user of a reading request, outside of the admin, if they chose so."""
        is_read = request.method in SAFE_METHODS and settings.PUBLIC_READ
        if is_read and not request.path_info.startswith("/admin/"):
            request.is_public_view = request.session.get(PUBLIC_VIEW, False)
            if request.is_public_view:
                request.user = AnonymousUser()
