"""The app of places: parks, the vocabularies that describe them, and their figures."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from config import history


class ParksConfig(AppConfig):
    name = "parks"
    verbose_name = _("Parks and vocabularies")

    def ready(self) -> None:
        from parks.recording.recording import recorded
        from parks.recording.seals import ledger_version

        history.register(history.Recorder(recorded, ledger_version))
