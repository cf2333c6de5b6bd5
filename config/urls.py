"""Every URL of the site. The only module of `config` that knows the apps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from api.health import healthz, readyz
from api.openapi.about import DocsView, IndexView, SchemaView
from api.problems import handlers
from api.renderers import FILE_RENDERERS
from api.views import LedgerRouter
from pages.charts import views as charts
from pages.charts.targets import TargetPicturesViewSet
from parks import views as parks
from parks.admin.base import ChoosingView
from parks.claims.views import ComparisonViewSet, TimelineViewSet
from parks.history.feed_views import ChangesView
from parks.merging.duplicates import OrganisationDuplicatesViewSet
from projects.children import views as children
from projects.claims import AnyClaimViewSet, SourceWithRowsViewSet, SpeakerViewSet
from projects.importing.views import ImportViewSet, ReconciliationViewSet, TemplateView
from projects.summaries import views as summaries
from projects.summaries.chains import ChainViewSet
from projects.tracking.editions import (
    CodebookViewSet,
    EditionFiguresViewSet,
    EditionRowsViewSet,
    EditionViewSet,
)
from projects.tracking.funnel import FunnelViewSet
from projects.tracking.lights import LightListViewSet, LightRuleViewSet
from projects.tracking.results import ResultListViewSet, ResultTotalFilesViewSet
from projects.tracking.targets import TargetViewSet
from projects.tracking.views import (
    AttentionViewSet,
    ObstacleListViewSet,
    PlanListViewSet,
    PlanMoveListViewSet,
    ProgressListViewSet,
)
from projects.views import (
    EventViewSet,
    FollowThroughFilesViewSet,
    ParkWithProjectsViewSet,
    ProjectDuplicatesViewSet,
    ProjectViewSet,
)

router = LedgerRouter()
router.register("projects", ProjectViewSet, basename="project")
router.register("regions", parks.RegionViewSet, basename="region")
router.register("region-groups", parks.RegionGroupViewSet, basename="region-group")
router.register("sectors", parks.SectorViewSet, basename="sector")
router.register("sector-groups", parks.SectorGroupViewSet, basename="sector-group")
router.register("tags", parks.TagViewSet, basename="tag")
router.register("sources", SourceWithRowsViewSet, basename="source")
router.register("organisations", parks.OrganisationViewSet, basename="organisation")
router.register("parks", ParkWithProjectsViewSet, basename="park")
router.register("figures", AnyClaimViewSet, basename="figure")
router.register("timeline", TimelineViewSet, basename="timeline-entry")
router.register("indicators", parks.IndicatorViewSet, basename="indicator")
router.register("people", SpeakerViewSet, basename="person")
router.register("events", EventViewSet, basename="event")
router.register("targets", TargetViewSet, basename="target")
router.register("editions", EditionViewSet, basename="edition")
router.register("light-rules", LightRuleViewSet, basename="light-rule")
router.register("imports", ImportViewSet, basename="import")
project_rows = r"projects/(?P<project>[A-Za-z0-9_-]+)"
router.register(f"{project_rows}/milestones", children.MilestoneViewSet, basename="milestone")
router.register(
    f"{project_rows}/participations", children.ParticipationViewSet, basename="participation"
)
router.register(f"{project_rows}/fundings", children.FundingViewSet, basename="funding")
router.register(f"{project_rows}/plans", children.YearPlanViewSet, basename="year-plan")
router.register(f"{project_rows}/people", children.AssignmentViewSet, basename="assignment")
router.register(f"{project_rows}/returns", children.ReturnViewSet, basename="return")
router.register(f"{project_rows}/excuses", children.LightExcuseViewSet, basename="excuse")
router.register(f"{project_rows}/obstacles", children.ObstacleViewSet, basename="obstacle")
router.register(f"{project_rows}/tags", children.ProjectTagViewSet, basename="project-tag")
router.register(f"{project_rows}/progress", children.ProgressNoteViewSet, basename="progress-note")
router.register(f"{project_rows}/figures", children.ProjectFigureViewSet, basename="project-figure")
organisation_rows = r"organisations/(?P<organisation>[A-Za-z0-9_-]+)"
router.register(
    f"{organisation_rows}/tags", children.OrganisationTagViewSet, basename="organisation-tag"
)
event_rows = r"events/(?P<event>[A-Za-z0-9_-]+)"
router.register(f"{event_rows}/figures", children.EventFigureViewSet, basename="event-figure")

FILES = {**FILE_RENDERERS, "svg": charts.SVGRenderer, "png": charts.PNGRenderer}
TABLES, PICTURES = ("csv", "xlsx"), ("svg", "png")


def route(address: str, view: Any, name: str, actions: Mapping[str, str], **options: Any) -> Any:
    """Route a URL to actions of a view, by method; an address with a group is a pattern."""
    made = view.as_view(actions, **options)
    if "(" not in address:
        return path(address, made, name=name)
    pattern = address.replace(".", r"\.")
    return re_path(f"^{pattern}$", made, name=name)


def route_files(
    address: str,
    view: Any,
    name: str,
    endings: Sequence[str],
    action: str = "",
    method: str = "get",
) -> list[Any]:
    """Route the files of what an address answers; their actions are named by their endings."""
    return [
        route(
            f"{address}.{ending}",
            view,
            f"{name}-{ending}",
            {method: f"{action}{ending}"},
            renderer_classes=[FILES[ending]],
        )
        for ending in endings
    ]


GET_LIST, GET_SUMMARY = {"get": "list"}, {"get": "summary"}
PAIRS = {"get": "duplicates", "post": "keep_apart"}
row = "(?P<code>[A-Za-z0-9_-]+)"
followed = f"events/{row}/follow-through"
present = f"{event_rows}/participations"
chain = f"sector-groups/{row}/links"
edition = f"editions/{row}"

# They are looked through one after the other: what is asked for most stands first.
api = [
    route("parks/compare", ComparisonViewSet, "park-compare", {"get": "compare"}),
    route("projects/duplicates", ProjectDuplicatesViewSet, "project-duplicates", PAIRS),
    route(
        "organisations/duplicates", OrganisationDuplicatesViewSet, "organisation-duplicates", PAIRS
    ),
    route("projects/facets", summaries.ProjectSumsViewSet, "project-facets", {"get": "facets"}),
    route("projects/cohorts", summaries.ProjectSumsViewSet, "project-cohorts", {"get": "cohorts"}),
    route("projects/funnel", FunnelViewSet, "project-funnel", {"get": "funnel"}),
    route("projects/summary", summaries.ProjectSumsViewSet, "project-summary", GET_SUMMARY),
    *router.urls,
    *route_files("projects/facets", summaries.FacetFilesViewSet, "project-facets", TABLES),
    *route_files("projects/cohorts", summaries.CohortFilesViewSet, "project-cohorts", TABLES),
    route(chain, ChainViewSet, "sector-group-links", {"get": "links"}),
    *route_files(chain, ChainViewSet, "sector-group-links", TABLES),
    *route_files("projects/funnel", FunnelViewSet, "project-funnel", TABLES),
    *route_files(followed, FollowThroughFilesViewSet, "event-follow-through", TABLES),
    route(present, children.EventParticipationViewSet, "event-participation-list", GET_LIST),
    *route_files(present, children.EventParticipationViewSet, "event-participation", TABLES),
    *route_files("parks/compare", ComparisonViewSet, "park-compare", TABLES),
    *route_files(
        "projects/summary", summaries.ProjectSumsViewSet, "project-summary", TABLES, "summary_"
    ),
    *route_files(
        "projects/summary", charts.ProjectPicturesViewSet, "project-summary", PICTURES, "summary_"
    ),
    route("fundings", summaries.FundingListViewSet, "funding-of-all-list", GET_LIST),
    *route_files("fundings", summaries.FundingListViewSet, "funding-of-all", TABLES),
    route("progress", ProgressListViewSet, "progress-list", GET_LIST),
    *route_files("progress", ProgressListViewSet, "progress", TABLES),
    route("plans", PlanListViewSet, "plan-list", GET_LIST),
    *route_files("plans", PlanListViewSet, "plan", TABLES),
    route("plan-moves", PlanMoveListViewSet, "plan-move-list", GET_LIST),
    *route_files("plan-moves", PlanMoveListViewSet, "plan-move", TABLES),
    route("lights", LightListViewSet, "light-list", GET_LIST),
    *route_files("lights", LightListViewSet, "light", TABLES),
    route("obstacles", ObstacleListViewSet, "obstacle-of-all-list", GET_LIST),
    *route_files("obstacles", ObstacleListViewSet, "obstacle-of-all", TABLES),
    route("results", ResultListViewSet, "result-list", GET_LIST),
    *route_files("results", ResultListViewSet, "result", TABLES),
    route("results/summary", ResultListViewSet, "result-summary", GET_SUMMARY),
    *route_files("results/summary", ResultTotalFilesViewSet, "result-summary", TABLES),
    route("fundings/summary", summaries.FundingListViewSet, "funding-summary", GET_SUMMARY),
    *route_files(
        "fundings/summary", summaries.FundingListViewSet, "funding-summary", TABLES, "summary_"
    ),
    *route_files(
        "fundings/summary", charts.FundingPicturesViewSet, "funding-summary", PICTURES, "summary_"
    ),
    route(f"{edition}/rows", EditionRowsViewSet, "edition-rows", {"get": "rows"}),
    *route_files(f"{edition}/rows", EditionRowsViewSet, "edition-rows", TABLES),
    route(f"{edition}/codebook", CodebookViewSet, "edition-codebook", {"get": "codebook"}),
    *route_files(f"{edition}/codebook", CodebookViewSet, "edition-codebook", TABLES),
    *route_files(f"{edition}/figures", EditionFiguresViewSet, "edition-figures", TABLES),
    *route_files("targets", TargetPicturesViewSet, "target", PICTURES),
    route("reconciliations", ReconciliationViewSet, "reconciliation", {"post": "reconcile"}),
    *route_files("reconciliations", ReconciliationViewSet, "reconciliation", TABLES, method="post"),
    path("imports/template.xlsx", TemplateView.as_view(), name="import-template"),
    path("changes", ChangesView.as_view(), name="changes"),
    route("attention", AttentionViewSet, "attention", {"get": "attend"}),
    route(f"parks/{row}/overview", ParkWithProjectsViewSet, "park-overview", {"get": "overview"}),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(url_name="schema"), name="docs"),
    re_path("", handlers.answer_unknown_url),
]
# Lists that belong to no row of another
lists = [prefix for prefix, _view, _name in router.registry if "(" not in prefix]
index = IndexView.as_view(
    resources=[
        *lists,
        "fundings",
        "changes",
        "attention",
        "progress",
        "plans",
        "plan-moves",
        "obstacles",
        "results",
        "lights",
    ]
)

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
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("pages.urls")),
]
handler400 = "api.problems.handlers.handler400"
handler403 = "api.problems.handlers.handler403"
handler404 = "api.problems.handlers.handler404"
handler500 = "api.problems.handlers.handler500"
