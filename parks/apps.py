"""The app of parks, the vocabularies that describe them, and their figures."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from api import requests
from config import mistakes
from config.database import history


class ParksConfig(AppConfig):
    name = "parks"
    verbose_name = _("Parks and vocabularies")

    def ready(self) -> None:
        from django.core.checks import Tags, register

        from api.openapi.examples import register_examples
        from api.problems.nearest_rows import register_finders
        from config.examinations import GAUGES, ReadGauge, register_examination
        from parks.access import select_readable
        from parks.accounts.openid_roles import check_group_roles, examine_group_roles
        from parks.backups.files import BACKUP_GAUGES, check_backups
        from parks.examples import PARK_EXAMPLES
        from parks.history.verification import examine_times
        from parks.models import Organisation, OrganisationSpelling
        from parks.names.names import FINDERS
        from parks.operating.work import WORK_GAUGES, check_schedule, examine_work
        from parks.publishing import check_links, list_linking
        from parks.pushing.queue import PUSH_GAUGE, examine_queue
        from parks.recording import recording
        from parks.recording.seals import count_unsettled

        requests.register_selection(select_readable)
        register_examples(PARK_EXAMPLES)
        register(check_group_roles, Tags.security)
        register(check_schedule)
        register_examination("backups", check_backups)
        register_examination("recurring work", examine_work)
        register_examination("messages", examine_queue)
        register_examination("roles of groups", examine_group_roles)
        register_examination("times of the history", examine_times)
        recording.register_follow_up(check_links, list_linking())
        recording.register_follow_up(
            OrganisationSpelling.keep, {Organisation: OrganisationSpelling.names}
        )
        meaning = "Changes that have no place in the feed yet; 10000 stands for more."
        unsettled = ReadGauge("ledger_unsettled_changes", meaning, count_unsettled)
        of_backups = BACKUP_GAUGES if settings.BACKUP_DIR else ()
        GAUGES.extend((unsettled, *WORK_GAUGES, PUSH_GAUGE, *of_backups))
        register_finders(FINDERS)
        mistakes.register_synonyms({"region": "origin", "industry": "sector"})
        recorder = recording.recorded, recording.read_ledger_version, recording.find_write_moment
        history.register(history.Recorder(*recorder))
