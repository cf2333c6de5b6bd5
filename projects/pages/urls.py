"""The addresses of the pages, outside of /api/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from parks.accounts.sign_in import SignInView
from projects.pages.home import HomeView
from projects.pages.language import choose_language
from projects.pages.project_list import ProjectListView

app_name = "pages"
urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("projects", ProjectListView.as_view(), name="projects"),
    path("language", choose_language, name="language"),
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
]
