"""Every URL of the site. The only module of `config` that knows the apps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from api.health import healthz, readyz
from api.openapi.about import DocsView, IndexView, SchemaView, explain_problem
from api.problems import handlers
from api.renderers import FILE_RENDERERS
from api.views import LedgerRouter
from pages.charts import views as charts
from pages.charts.targets import TargetPicturesViewSet
from pages.papers import views as papers
from pages.papers.papers import BRIEFS
from parks import views as parks
from parks.admin.base import ChoosingView
from parks.claims.views import ComparisonViewSet, TimelineViewSet
from parks.history.feed_views import ChangesView
from parks.merging.duplicates import OrganisationDuplicatesViewSet
from parks.pushing.views import SubscriptionViewSet
from projects import views as projects
from projects.children import views as children
from projects.claims import AnyClaimViewSet, SourceWithRowsViewSet, SpeakerViewSet
from projects.importing.views import ImportViewSet, ReconciliationViewSet, TemplateView
from projects.summaries import views as summaries
from projects.summaries.chains import ChainViewSet
from projects.summaries.dispatch import DispatchViewSet
from projects.tracking import editions, views as tracking
from projects.tracking.funnel import FunnelViewSet
from projects.tracking.lights import LightListViewSet, LightRuleViewSet
from projects.tracking.results import ResultListViewSet, ResultTotalsViewSet
from projects.tracking.targets import TargetViewSet

router = LedgerRouter()
router.register("projects", projects.ProjectViewSet, basename="project")
router.register("regions", parks.RegionViewSet, basename="region")
router.register("region-groups", parks.RegionGroupViewSet, basename="region-group")
router.register("sectors", parks.SectorViewSet, basename="sector")
router.register("sector-groups", parks.SectorGroupViewSet, basename="sector-group")
router.register("tags", parks.TagViewSet, basename="tag")
router.register("sources", SourceWithRowsViewSet, basename="source")
router.register("organisations", parks.OrganisationViewSet, basename="organisation")
router.register("parks", projects.ParkWithProjectsViewSet, basename="park")
router.register("figures", AnyClaimViewSet, basename="figure")
router.register("timeline", TimelineViewSet, basename="timeline-entry")
router.register("indicators", parks.IndicatorViewSet, basename="indicator")
router.register("people", SpeakerViewSet, basename="person")
router.register("events", projects.EventViewSet, basename="event")
router.register("targets", TargetViewSet, basename="target")
router.register("editions", editions.EditionViewSet, basename="edition")
router.register("light-rules", LightRuleViewSet, basename="light-rule")
router.register("imports", ImportViewSet, basename="import")
router.register("subscriptions", SubscriptionViewSet, basename="subscription")
project_rows = r"projects/(?P<project>[A-Za-z0-9_-]+)"
for rows, view, name in (
    ("milestones", children.MilestoneViewSet, "milestone"),
    ("participations", children.ParticipationViewSet, "participation"),
    ("fundings", children.FundingViewSet, "funding"),
    ("plans", children.YearPlanViewSet, "year-plan"),
    ("people", children.AssignmentViewSet, "assignment"),
    ("returns", children.ReturnViewSet, "return"),
    ("excuses", children.LightExcuseViewSet, "excuse"),
    ("obstacles", children.ObstacleViewSet, "obstacle"),
    ("tags", children.ProjectTagViewSet, "project-tag"),
    ("progress", children.ProgressNoteViewSet, "progress-note"),
    ("figures", children.ProjectFigureViewSet, "project-figure"),
):
    router.register(f"{project_rows}/{rows}", view, basename=name)
organisation_rows = r"organisations/(?P<organisation>[A-Za-z0-9_-]+)"
router.register(
    f"{organisation_rows}/tags", children.OrganisationTagViewSet, basename="organisation-tag"
)
event_rows = r"events/(?P<event>[A-Za-z0-9_-]+)"
router.register(f"{event_rows}/figures", children.EventFigureViewSet, basename="event-figure")

FILES = {
    **{**FILE_RENDERERS, "svg": charts.SVGRenderer, "png": charts.PNGRenderer},
    **{"docx": papers.WordRenderer, "pdf": papers.PDFRenderer},
}
TABLES, PICTURES, PAPERS = ("csv", "xlsx"), ("svg", "png"), ("docx", "pdf")


def route(address: str, view: Any, name: str, actions: Mapping[str, str], **options: Any) -> Any:
    """Route a URL to actions of a view, by method; an address with a group is a pattern."""
    made = view.as_view(actions, **options)
    if "(" not in address:
        return path(address, made, name=name)
    pattern = address.replace(".", r"\.")
    return re_path(f"^{pattern}$", made, name=name)


def route_files(
    address: str, view: Any, name: str, endings: Sequence[str], method: str = "get", **options: Any
) -> list[Any]:
    """Route the files of what an address answers; their actions are named by their endings."""
    return [
        route(
            f"{address}.{ending}",
            view,
            f"{name}-{ending}",
            {method: ending},
            renderer_classes=[FILES[ending]],
            **options,
        )
        for ending in endings
    ]


def route_answer(address: str, view: Any, name: str, method: str = "get") -> list[Any]:
    """Route an answer that is computed, and its files."""
    return [
        route(address, view, name, {method: "show"}),
        *route_files(address, view, name, TABLES, method=method),
    ]


def route_list(address: str, view: Any, name: str) -> list[Any]:
    """Route a list that is only read, and its files."""
    return [
        route(address, view, f"{name}-list", {"get": "list"}),
        *route_files(address, view, name, (*TABLES, "parquet")),
    ]


READ_LISTS = {
    "fundings": (summaries.FundingListViewSet, "funding-of-all"),
    "progress": (tracking.ProgressListViewSet, "progress"),
    "plans": (tracking.PlanListViewSet, "plan"),
    "plan-moves": (tracking.PlanMoveListViewSet, "plan-move"),
    "obstacles": (tracking.ObstacleListViewSet, "obstacle-of-all"),
    "results": (ResultListViewSet, "result"),
    "lights": (LightListViewSet, "light"),
}
PAIRS = {"get": "duplicates", "post": "keep_apart"}
row = "(?P<code>[A-Za-z0-9_-]+)"
followed = f"events/{row}/follow-through"
present = f"{event_rows}/participations"
chain = f"sector-groups/{row}/links"
edition = f"editions/{row}"

# They are looked through one after the other: what is asked for most stands first.
api = [
    *route_answer("parks/compare", ComparisonViewSet, "park-compare"),
    route("projects/duplicates", projects.ProjectDuplicatesViewSet, "project-duplicates", PAIRS),
    route(
        "organisations/duplicates", OrganisationDuplicatesViewSet, "organisation-duplicates", PAIRS
    ),
    *route_answer("projects/facets", summaries.FacetsViewSet, "project-facets"),
    *route_answer("projects/cohorts", summaries.CohortsViewSet, "project-cohorts"),
    *route_answer("projects/funnel", FunnelViewSet, "project-funnel"),
    *route_answer("projects/summary", summaries.ProjectSumsViewSet, "project-summary"),
    *route_files("projects/dispatch", DispatchViewSet, "project-dispatch", ("xlsx",)),
    *router.urls,
    *route_answer(chain, ChainViewSet, "sector-group-links"),
    *route_answer(followed, projects.FollowThroughViewSet, "event-follow-through"),
    *route_list(present, children.EventParticipationViewSet, "event-participation"),
    *route_files("projects/summary", charts.ProjectPicturesViewSet, "project-summary", PICTURES),
    *(each for address, given in READ_LISTS.items() for each in route_list(address, *given)),
    *route_answer("results/summary", ResultTotalsViewSet, "result-summary"),
    *route_answer("fundings/summary", summaries.FundingSumsViewSet, "funding-summary"),
    *route_files("fundings/summary", charts.FundingPicturesViewSet, "funding-summary", PICTURES),
    *route_answer(f"{edition}/rows", editions.EditionRowsViewSet, "edition-rows"),
    *route_answer(f"{edition}/codebook", editions.CodebookViewSet, "edition-codebook"),
    *route_files(f"{edition}/figures", editions.EditionFiguresViewSet, "edition-figures", TABLES),
    re_path(r"^projects/summary\.(?:docx|pdf)$", handlers.answer_unknown_url),  # it is no project
    *(
        each
        for rows in BRIEFS
        for each in route_files(
            f"{rows}/{row}", papers.BriefViewSet, f"{rows}-brief", PAPERS, of=rows
        )
    ),
    *route_files("bulletin", papers.BulletinViewSet, "bulletin", PAPERS),
    *route_files(edition, papers.EditionBulletinViewSet, "edition-bulletin", PAPERS),
    *route_files("targets", TargetPicturesViewSet, "target", PICTURES),
    *route_answer("reconciliations", ReconciliationViewSet, "reconciliation", method="post"),
    path("imports/template.xlsx", TemplateView.as_view(), name="import-template"),
    path("changes", ChangesView.as_view(), name="changes"),
    route("attention", tracking.AttentionViewSet, "attention", {"get": "attend"}),
    route(
        f"parks/{row}/overview",
        projects.ParkWithProjectsViewSet,
        "park-overview",
        {"get": "overview"},
    ),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(url_name="schema"), name="docs"),
    re_path("", handlers.answer_unknown_url),
]
# Lists that belong to no row of another
lists = [prefix for prefix, _view, _name in router.registry if "(" not in prefix]
index = IndexView.as_view(resources=[*lists, *READ_LISTS, "changes", "attention"])

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/v1", index, name="index"),
    path("api", RedirectView.as_view(pattern_name="index")),
    path("api/", handlers.answer_unknown_url),
    path("", include("parks.accounts.urls")),
    # The same address as Django's own, which knows of no best match
    path(
        "admin/autocomplete/",
        admin.site.admin_view(ChoosingView.as_view(admin_site=admin.site)),
        name="admin-autocomplete",
    ),
    path("admin/", admin.site.urls),
    path("problems/<slug:slug>", explain_problem, name="problem"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("pages.urls")),
]
handler400 = "api.problems.handlers.handler400"
handler403 = "api.problems.handlers.handler403"
handler404 = "api.problems.handlers.handler404"
handler500 = "api.problems.handlers.handler500"
