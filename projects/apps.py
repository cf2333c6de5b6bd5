"""The app of what is signed or intended in the parks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# What others call our parameters
OTHER_WORDS = {
    "year": "signed_year",
    "date": "signed_from",
    "province": "origin_province",
    "city": "origin_city",
    "amount": "investment_min investment_cny",
    "investment": "investment_min investment_cny",
    "status": "stage",
    **dict.fromkeys(["under construction", "construction", "在建", "building"], "started"),
    **dict.fromkeys(["stats", "statistics", "dashboard"], "projects/summary"),
    "drafts": "publication",
    "include_drafts": "publication",
    "codes": "parks",
}


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects and signing events")

    def ready(self) -> None:
        from api.openapi.examples import register_examples
        from config.database.history import register_correction
        from config.mistakes import register_synonyms
        from parks.models import Organisation, Park
        from parks.recording.recording import register_derivation, register_follow_up
        from projects.examples import PROJECT_EXAMPLES
        from projects.lifecycle.derivation import OF_OWNERS, derive, settle_written_owners
        from projects.lifecycle.parts import OF_PARTS, correct_exclusion, settle_written_parts
        from projects.models import Project, ProjectSpelling

        register_examples(PROJECT_EXAMPLES)
        register_synonyms(OTHER_WORDS)
        register_derivation(Project, derive)
        register_follow_up(settle_written_owners, {Organisation: OF_OWNERS})
        register_follow_up(settle_written_parts, {Project: OF_PARTS, Park: {"publication"}})
        register_follow_up(ProjectSpelling.keep, {Project: ProjectSpelling.names})
        register_correction(Project, "totals_exclusion", correct_exclusion)
