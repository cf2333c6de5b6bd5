"""The app of the pages that people look at."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from config.examinations import register_examination
        from pages.charts.drawing import check_fonts
        from pages.papers import admin  # noqa: F401 registers its pages

        register_examination("fonts of charts", check_fonts)
