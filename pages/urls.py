"""The addresses of the pages, outside of /api/."""

from django.urls import path, re_path

from pages.compare import ComparePageView
from pages.discovery import answer_catalogue, answer_llms, answer_robots, answer_sitemap
from pages.home.about import AboutView
from pages.home.home import HomeView
from pages.language import choose_language
from pages.lists.dispatch_page import DispatchPageView
from pages.lists.list_blocks import SearchPageView
from pages.lists.project_list import FunnelPageView, ProjectListView
from pages.lists.record_lists import RECORD_PAGES
from pages.lists.work_pages import TABLE_PAGES, AttentionPageView, SavedPageView
from pages.mcp import McpView
from pages.papers.bulletins import BulletinPageView
from pages.parts.sharing import CHARTED, DRAWN
from pages.pushing.feeds import answer_calendar, answer_news
from pages.records.event_pages import EventListView, EventPageView
from pages.records.figure_pages import FigureListView
from pages.records.park_pages import ParkListView, ParkPageView
from pages.records.project_page import ProjectPageView
from pages.records.record_pages import (
    EditionPageView,
    OrganisationPageView,
    RegionPageView,
    SourcePageView,
)
from pages.sharing import ChartView, CiteFileView, CitePageView, EmbedView, OEmbedView
from pages.views import choose_view
from parks.accounts.sign_in import SignInView

app_name = "pages"
urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("search", SearchPageView.as_view(), name="search"),
    path("projects", ProjectListView.as_view(), name="projects"),
    path("projects/<slug:code>", ProjectPageView.as_view(), name="project"),
    path("funnel", FunnelPageView.as_view(), name="funnel"),
    path("parks", ParkListView.as_view(), name="parks"),
    path("parks/<slug:code>", ParkPageView.as_view(), name="park"),
    path("about", AboutView.as_view(), name="about"),
    path("events", EventListView.as_view(), name="events"),
    path("events/<slug:code>", EventPageView.as_view(), name="event"),
    path("bulletin", BulletinPageView.as_view(), name="bulletin"),
    path("compare", ComparePageView.as_view(), name="compare"),
    path("sources/<slug:code>", SourcePageView.as_view(), name="source"),
    path("organisations/<slug:code>", OrganisationPageView.as_view(), name="organisation"),
    path("regions/<slug:code>", RegionPageView.as_view(), name="region"),
    path("attention", AttentionPageView.as_view(), name="attention"),
    *(
        path(page.resource, page.as_view(), name=page.resource)
        for page in (*RECORD_PAGES, *TABLE_PAGES)
    ),
    path("editions/<slug:code>", EditionPageView.as_view(), name="edition"),
    path("figures", FigureListView.as_view(), name="figures"),
    path("dispatch", DispatchPageView.as_view(), name="dispatch"),
    path("saved", SavedPageView.as_view(), name="saved"),
    path("cite", CitePageView.as_view(), name="cite"),
    re_path(r"^cite\.(?P<ending>bib|ris)$", CiteFileView.as_view(), name="cite-file"),
    re_path(rf"^embed/(?P<resource>{'|'.join(CHARTED)})$", EmbedView.as_view(), name="embed"),
    re_path(
        rf"^(?P<root>charts|embed)/(?P<resource>{'|'.join(DRAWN)})\.svg$",
        ChartView.as_view(),
        name="chart",
    ),
    path("oembed", OEmbedView.as_view(), name="oembed"),
    path("robots.txt", answer_robots, name="robots"),
    path("sitemap.xml", answer_sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", answer_sitemap, name="sitemap-section"),
    path("llms.txt", answer_llms, name="llms"),
    path("mcp", McpView.as_view(), name="mcp"),
    path("catalogue.jsonld", answer_catalogue, name="catalogue"),
    path("calendar.ics", answer_calendar, name="calendar"),
    path("news.atom", answer_news, name="news"),
    path("language", choose_language, name="language"),
    path("public-view", choose_view, name="public-view"),
    path("sign-in", SignInView.as_view(), name="sign-in"),
]
