"""Entering projects quickly: what is filled in already, and what of a project is copied."""

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
    """Fill in fields of a new project: of the one that it is like, or as in the last one."""
    copied = find_copied(request, projects)
    if copied is None:
        return find_usual(request)
    return {name: copied.serializable_value(name) for name in COPIED}


def fill_in_rows(request: HttpRequest, model: type[Model], projects: QuerySet) -> dict[str, Any]:
    """Fill in rows of a new project: the usual steps, and who invests in the one it is like."""
    if model is Milestone:
        return {"initial": [{"type": step} for step in USUAL_STEPS]}
    # What was filled in is stored all the same, so the form that is sent knows nothing of it
    if model is Investor and request.method == "GET":
        investors = Investor.objects.filter(project=find_copied(request, projects))
        return {"initial": list(investors.values("organisation", "role", "share_bp"))}
    return {}


def find_copied(request: HttpRequest, projects: QuerySet) -> Any:
    """Find the project that the new one is like, if the person may see it; else None."""
    return projects.filter(pk=find_whole(request.GET.get(COPY_OF, ""))).first()


def find_usual(request: HttpRequest) -> dict[str, Any]:
    """Find park and source of the last project of this session, by their keys.

    Without one, the park is that of the person's last import, or the only one that is theirs.
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
    found: int | None = (
        parks.filter(code_key=(last or "").lower()).values_list("pk", flat=True).first()
    )
    if found is not None:
        return found
    mine = list(parks.values_list("pk", flat=True)[:2])
    return mine[0] if len(mine) == 1 else None


def keep_usual(request: HttpRequest, project: Project, unit: str | None) -> None:
    """Keep unit, park and source for the next project, in the transaction of the edit.

    What a session saves when the answer is ready may fail though the edit is stored: the person
    would be told that nothing was.
    """
    usual = {f"usual_{name}": project.serializable_value(name) for name in KEPT}
    usual[USUAL_UNIT] = unit or request.session.get(USUAL_UNIT)
    if any(request.session.get(name) != value for name, value in usual.items()):
        request.session.update(usual)
        request.session.save()
        request.session.modified = False
