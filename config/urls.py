"""Every URL of the site. The only module of `config` that knows the apps."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config.api.openapi.about import DocsView, IndexView, SchemaView
from config.api.problems import handlers
from config.api.renderers import CSVRenderer, XLSXRenderer
from config.api.routers import LedgerRouter
from config.health import healthz, readyz
from parks.admin.choosing import ChoosingView
from parks.claims.views import (
    ComparisonViewSet,
    IndicatorViewSet,
    TimelineViewSet,
)
from parks.history.feed_views import ChangesView
from parks.merging.duplicate_views import OrganisationDuplicatesViewSet
from parks.views import (
    OrganisationViewSet,
    RegionGroupViewSet,
    RegionViewSet,
    SectorGroupViewSet,
    SectorViewSet,
    TagViewSet,
)
from projects.charts.target_views import TargetPicturesViewSet
from projects.charts.views import (
    FundingPicturesViewSet,
    PNGRenderer,
    ProjectPicturesViewSet,
    SVGRenderer,
)
from projects.children.views import (
    AssignmentViewSet,
    EventFigureViewSet,
    EventParticipationViewSet,
    FundingViewSet,
    MilestoneViewSet,
    ParticipationViewSet,
    ProgressNoteViewSet,
    ProjectFigureViewSet,
    YearPlanViewSet,
)
from projects.claims import AnyClaimViewSet
from projects.doubts.duplicate_views import ProjectDuplicatesViewSet
from projects.importing.views import ImportViewSet, TemplateView
from projects.parks import ParkWithProjectsViewSet
from projects.sources import SourceWithRowsViewSet, SpeakerViewSet
from projects.summaries.views import (
    CohortFilesViewSet,
    FacetFilesViewSet,
    FundingListViewSet,
    ProjectSumsViewSet,
)
from projects.tagging.views import OrganisationTagViewSet, ProjectTagViewSet
from projects.tracking.progress_views import PlanListViewSet, ProgressListViewSet
from projects.tracking.target_views import TargetViewSet
from projects.tracking.views import AttentionViewSet
from projects.views import EventViewSet, FollowThroughFilesViewSet, ProjectViewSet

router = LedgerRouter()
router.register("projects", ProjectViewSet, basename="project")
router.register("regions", RegionViewSet, basename="region")
router.register("region-groups", RegionGroupViewSet, basename="region-group")
router.register("sectors", SectorViewSet, basename="sector")
router.register("sector-groups", SectorGroupViewSet, basename="sector-group")
router.register("tags", TagViewSet, basename="tag")
router.register("sources", SourceWithRowsViewSet, basename="source")
router.register("organisations", OrganisationViewSet, basename="organisation")
router.register("parks", ParkWithProjectsViewSet, basename="park")
router.register("figures", AnyClaimViewSet, basename="figure")
router.register("timeline", TimelineViewSet, basename="timeline-entry")
router.register("indicators", IndicatorViewSet, basename="indicator")
router.register("people", SpeakerViewSet, basename="person")
router.register("events", EventViewSet, basename="event")
router.register("targets", TargetViewSet, basename="target")
router.register("imports", ImportViewSet, basename="import")
project_rows = r"projects/(?P<project>[A-Za-z0-9_-]+)"
router.register(f"{project_rows}/milestones", MilestoneViewSet, basename="milestone")
router.register(f"{project_rows}/participations", ParticipationViewSet, basename="participation")
router.register(f"{project_rows}/fundings", FundingViewSet, basename="funding")
router.register(f"{project_rows}/plans", YearPlanViewSet, basename="year-plan")
router.register(f"{project_rows}/people", AssignmentViewSet, basename="assignment")
router.register(f"{project_rows}/tags", ProjectTagViewSet, basename="project-tag")
router.register(f"{project_rows}/progress", ProgressNoteViewSet, basename="progress-note")
router.register(f"{project_rows}/figures", ProjectFigureViewSet, basename="project-figure")
organisation_rows = r"organisations/(?P<organisation>[A-Za-z0-9_-]+)"
router.register(f"{organisation_rows}/tags", OrganisationTagViewSet, basename="organisation-tag")
event_rows = r"events/(?P<event>[A-Za-z0-9_-]+)"
router.register(f"{event_rows}/figures", EventFigureViewSet, basename="event-figure")

present = EventParticipationViewSet.as_view({"get": "list"})
present_csv = EventParticipationViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
present_xlsx = EventParticipationViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
facets = ProjectSumsViewSet.as_view({"get": "facets"})
cohorts = ProjectSumsViewSet.as_view({"get": "cohorts"})
summary = ProjectSumsViewSet.as_view({"get": "summary"})
summary_csv = ProjectSumsViewSet.as_view({"get": "summary_csv"}, renderer_classes=[CSVRenderer])
summary_xlsx = ProjectSumsViewSet.as_view({"get": "summary_xlsx"}, renderer_classes=[XLSXRenderer])
fundings = FundingListViewSet.as_view({"get": "list"})
fundings_csv = FundingListViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
fundings_xlsx = FundingListViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
progress = ProgressListViewSet.as_view({"get": "list"})
progress_csv = ProgressListViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
progress_xlsx = ProgressListViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
plans = PlanListViewSet.as_view({"get": "list"})
plans_csv = PlanListViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
plans_xlsx = PlanListViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
funding_summary = FundingListViewSet.as_view({"get": "summary"})
funding_summary_csv = FundingListViewSet.as_view(
    {"get": "summary_csv"}, renderer_classes=[CSVRenderer]
)
funding_summary_xlsx = FundingListViewSet.as_view(
    {"get": "summary_xlsx"}, renderer_classes=[XLSXRenderer]
)
compared_parks_csv = ComparisonViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
compared_parks_xlsx = ComparisonViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
facets_csv = FacetFilesViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
facets_xlsx = FacetFilesViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
cohorts_csv = CohortFilesViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
cohorts_xlsx = CohortFilesViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
followed_csv = FollowThroughFilesViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])
followed_xlsx = FollowThroughFilesViewSet.as_view({"get": "xlsx"}, renderer_classes=[XLSXRenderer])
park_overview = ParkWithProjectsViewSet.as_view({"get": "overview"})
summary_svg = ProjectPicturesViewSet.as_view({"get": "summary_svg"}, renderer_classes=[SVGRenderer])
summary_png = ProjectPicturesViewSet.as_view({"get": "summary_png"}, renderer_classes=[PNGRenderer])
funding_summary_svg = FundingPicturesViewSet.as_view(
    {"get": "summary_svg"}, renderer_classes=[SVGRenderer]
)
funding_summary_png = FundingPicturesViewSet.as_view(
    {"get": "summary_png"}, renderer_classes=[PNGRenderer]
)

like_projects = ProjectDuplicatesViewSet.as_view({"get": "duplicates", "post": "keep_apart"})
like_organisations = OrganisationDuplicatesViewSet.as_view(
    {"get": "duplicates", "post": "keep_apart"}
)
targets_svg = TargetPicturesViewSet.as_view({"get": "svg"}, renderer_classes=[SVGRenderer])
targets_png = TargetPicturesViewSet.as_view({"get": "png"}, renderer_classes=[PNGRenderer])

followed = r"^events/(?P<code>[A-Za-z0-9_-]+)/follow-through"

# They are looked through one after the other: what is asked for most stands first.
api = [
    path("parks/compare", ComparisonViewSet.as_view({"get": "compare"}), name="park-compare"),
    path("projects/duplicates", like_projects, name="project-duplicates"),
    path("organisations/duplicates", like_organisations, name="organisation-duplicates"),
    path("projects/facets", facets, name="project-facets"),
    path("projects/cohorts", cohorts, name="project-cohorts"),
    path("projects/summary", summary, name="project-summary"),
    *router.urls,
    path("projects/facets.csv", facets_csv, name="project-facets-csv"),
    path("projects/facets.xlsx", facets_xlsx, name="project-facets-xlsx"),
    path("projects/cohorts.csv", cohorts_csv, name="project-cohorts-csv"),
    path("projects/cohorts.xlsx", cohorts_xlsx, name="project-cohorts-xlsx"),
    re_path(rf"{followed}\.csv$", followed_csv, name="event-follow-through-csv"),
    re_path(rf"{followed}\.xlsx$", followed_xlsx, name="event-follow-through-xlsx"),
    re_path(rf"^{event_rows}/participations$", present, name="event-participation-list"),
    re_path(rf"^{event_rows}/participations\.csv$", present_csv, name="event-participation-csv"),
    re_path(rf"^{event_rows}/participations\.xlsx$", present_xlsx, name="event-participation-xlsx"),
    path("parks/compare.csv", compared_parks_csv, name="park-compare-csv"),
    path("parks/compare.xlsx", compared_parks_xlsx, name="park-compare-xlsx"),
    path("projects/summary.csv", summary_csv, name="project-summary-csv"),
    path("projects/summary.xlsx", summary_xlsx, name="project-summary-xlsx"),
    path("projects/summary.svg", summary_svg, name="project-summary-svg"),
    path("projects/summary.png", summary_png, name="project-summary-png"),
    path("fundings", fundings, name="funding-of-all-list"),
    path("fundings.csv", fundings_csv, name="funding-of-all-csv"),
    path("fundings.xlsx", fundings_xlsx, name="funding-of-all-xlsx"),
    path("progress", progress, name="progress-list"),
    path("progress.csv", progress_csv, name="progress-csv"),
    path("progress.xlsx", progress_xlsx, name="progress-xlsx"),
    path("plans", plans, name="plan-list"),
    path("plans.csv", plans_csv, name="plan-csv"),
    path("plans.xlsx", plans_xlsx, name="plan-xlsx"),
    path("fundings/summary", funding_summary, name="funding-summary"),
    path("fundings/summary.csv", funding_summary_csv, name="funding-summary-csv"),
    path("fundings/summary.xlsx", funding_summary_xlsx, name="funding-summary-xlsx"),
    path("fundings/summary.svg", funding_summary_svg, name="funding-summary-svg"),
    path("fundings/summary.png", funding_summary_png, name="funding-summary-png"),
    path("targets.svg", targets_svg, name="target-svg"),
    path("targets.png", targets_png, name="target-png"),
    path("imports/template.xlsx", TemplateView.as_view(), name="import-template"),
    path("changes", ChangesView.as_view(), name="changes"),
    path("attention", AttentionViewSet.as_view({"get": "attend"}), name="attention"),
    re_path(r"^parks/(?P<code>[A-Za-z0-9_-]+)/overview$", park_overview, name="park-overview"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(url_name="schema"), name="docs"),
    re_path("", handlers.answer_unknown_url),
]
# Lists that belong to no row of another
lists = [prefix for prefix, _view, _name in router.registry if "(" not in prefix]
index = IndexView.as_view(
    resources=[*lists, "fundings", "changes", "attention", "progress", "plans"]
)

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/v1", index, name="index"),
    path("api", RedirectView.as_view(pattern_name="index")),
    path("api/", handlers.answer_unknown_url),
    path("", include("parks.accounts.password_urls")),
    path("", include("parks.accounts.reminder_urls")),
    # The same address as Django's own, which knows of no best match
    path(
        "admin/autocomplete/",
        admin.site.admin_view(ChoosingView.as_view(admin_site=admin.site)),
        name="admin-autocomplete",
    ),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    *([path("", include("parks.accounts.openid_urls"))] if settings.OPENID_ISSUER else []),
    path("", include("projects.pages.urls")),
]
handler400 = "config.api.problems.handlers.handler400"
handler403 = "config.api.problems.handlers.handler403"
handler404 = "config.api.problems.handlers.handler404"
handler500 = "config.api.problems.handlers.handler500"
