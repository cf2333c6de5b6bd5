"""The app of the pages that people look at."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from config.examinations import register_examination
        from pages.charts.drawing import check_fonts
        from pages.papers import admin  # noqa: F401 registers its pages
        from pages.pushing.messages import check_list, write_message
        from parks.models import Delivery, Subscription

        register_examination("fonts of charts", check_fonts)
        Delivery.write = staticmethod(write_message)
        Subscription.check_list = staticmethod(check_list)
