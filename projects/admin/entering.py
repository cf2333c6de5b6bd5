"""Entering projects quickly: default values, and the values copied from another project."""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from config.texts import find_whole
from parks.access import select_writable
from parks.models import ImportBatch, Park, Source
from projects.models import Investor, Milestone, Project
from projects.models.words import Stage

COPY_OF = "copy"  # of the address of a new project: the key of one that it is like
USUAL_STEPS = (Stage.INTENDED, Stage.SIGNED, Stage.STARTED, Stage.OPERATING)
USUAL_UNIT = "usual_unit"  # of a session: in which amounts were typed last
# What the next project probably has in common with the last one
KEPT: dict[str, Any] = {"park": Park, "source": Source}
# What two projects have in common that somebody copies
COPIED = (
    *("name_zh", "name_en", "park", "kind", "function", "site_mode", "source"),
    *("origin", "origin_basis", "origin_text", "sector", "sector_basis", "sector_text"),
    *("responsible_unit", "contact"),
)


def fill_in_fields(request: HttpRequest, projects: QuerySet) -> dict[str, Any]:
    """Return initial values of a new project: of the copied project, or of the last one."""
    copied = find_copied(request, projects)
    if copied is None:
        return find_usual(request)
    return {name: copied.serializable_value(name) for name in COPIED}


def fill_in_rows(request: HttpRequest, model: type[Model], projects: QuerySet) -> dict[str, Any]:
    """Return initial rows of a new project: the usual steps, the investors of the copied one."""
    if model is Milestone:
        return {"initial": [{"type": step} for step in USUAL_STEPS]}
    # A posted form has no initial rows: they must count as changed, so that they are stored
    if model is Investor and request.method == "GET":
        investors = Investor.objects.filter(project=find_copied(request, projects))
        return {"initial": list(investors.values("organisation", "role", "share_bp"))}
    return {}


def find_copied(request: HttpRequest, projects: QuerySet) -> Any:
    """Find the project to copy; None if the user may not see it."""
    return projects.filter(pk=find_whole(request.GET.get(COPY_OF, ""))).first()


def find_usual(request: HttpRequest) -> dict[str, Any]:
    """Find the keys of the park and source of the last project of this session.

    Without one, the park is that of the user's last import, or their only one.
    """
    found: dict[str, Any] = {
        name: key
        for name, model in KEPT.items()
        if (key := request.session.get(f"usual_{name}")) and model.objects.filter(pk=key).exists()
    }
    parks = select_writable(Park, request.user)
    if "park" not in found or not parks.filter(pk=found["park"]).exists():
        found["park"] = _find_last_park(request.user, parks)
    return found


def _find_last_park(person: Any, parks: Any) -> int | None:
    own = ImportBatch.objects.filter(user_id=person.pk).order_by("-id")
    last = own.values_list("options__mapping__defaults__park", flat=True).first()
    keys = parks.values_list("pk", flat=True)
    found: int | None = keys.filter(code_key=(last or "").lower()).first()
    if found is None and len(mine := list(keys[:2])) == 1:
        found = mine[0]
    return found


def keep_usual(request: HttpRequest, project: Project, unit: str | None) -> None:
    """Keep unit, park and source for the next project, in the transaction of the edit.

    Saving the session with the response might fail after the edit is stored, and the user would
    read that nothing was.
    """
    usual = {f"usual_{name}": project.serializable_value(name) for name in KEPT}
    usual[USUAL_UNIT] = unit or request.session.get(USUAL_UNIT)
    if any(request.session.get(name) != value for name, value in usual.items()):
        request.session.update(usual)
        request.session.save()
        request.session.modified = False
