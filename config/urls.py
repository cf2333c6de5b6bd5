"""Every address of the site. The only module of `config` that knows the apps."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from config.api import problems
from config.api.files import CSVRenderer
from config.health import healthz, readyz
from parks.claim_views import (
    ComparisonViewSet,
    FigureViewSet,
    IndicatorViewSet,
    PersonViewSet,
    TimelineViewSet,
)
from parks.views import (
    OrganisationViewSet,
    ParkViewSet,
    RegionGroupViewSet,
    RegionViewSet,
    SectorGroupViewSet,
    SectorViewSet,
    SourceViewSet,
)
from projects.row_views import (
    EventFigureViewSet,
    FundingViewSet,
    MilestoneViewSet,
    ParticipationViewSet,
    ProjectFigureViewSet,
)
from projects.views import EventViewSet, ProjectViewSet

router = SimpleRouter(trailing_slash=False)
router.register("regions", RegionViewSet, basename="region")
router.register("region-groups", RegionGroupViewSet, basename="region-group")
router.register("sectors", SectorViewSet, basename="sector")
router.register("sector-groups", SectorGroupViewSet, basename="sector-group")
router.register("sources", SourceViewSet, basename="source")
router.register("organisations", OrganisationViewSet, basename="organisation")
router.register("parks", ParkViewSet, basename="park")
router.register("figures", FigureViewSet, basename="figure")
router.register("timeline", TimelineViewSet, basename="timeline-entry")
router.register("indicators", IndicatorViewSet, basename="indicator")
router.register("people", PersonViewSet, basename="person")
router.register("projects", ProjectViewSet, basename="project")
router.register("events", EventViewSet, basename="event")
project_rows = r"projects/(?P<project>[A-Za-z0-9_-]+)"
router.register(f"{project_rows}/milestones", MilestoneViewSet, basename="milestone")
router.register(f"{project_rows}/participations", ParticipationViewSet, basename="participation")
router.register(f"{project_rows}/fundings", FundingViewSet, basename="funding")
router.register(f"{project_rows}/figures", ProjectFigureViewSet, basename="project-figure")
event_rows = r"events/(?P<event>[A-Za-z0-9_-]+)"
router.register(f"{event_rows}/figures", EventFigureViewSet, basename="event-figure")

projects_csv = ProjectViewSet.as_view({"get": "csv"}, renderer_classes=[CSVRenderer])

api = [
    path("projects.csv", projects_csv, name="project-csv"),
    path("parks/compare", ComparisonViewSet.as_view({"get": "compare"}), name="park-compare"),
    *router.urls,
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path("", problems.unknown_address),
]
urlpatterns = [
    path("api/v1/", include(api)),
    path("api/v1", RedirectView.as_view(url="/api/v1/docs")),
    path("api/", problems.unknown_address),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", RedirectView.as_view(url="/api/v1/docs"), name="home"),
]
handler400 = "config.api.problems.handler400"
handler403 = "config.api.problems.handler403"
handler404 = "config.api.problems.handler404"
handler500 = "config.api.problems.handler500"
