"""The app of the pages that people look at."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "projects.pages"
    label = "pages"

    def ready(self) -> None:
        from config.examinations import register_examination
        from projects.charts.drawing import check_fonts

        register_examination("fonts of charts", check_fonts)
