"""The page of an organisation: in what it invests, what it runs, and what is said of it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pages.language import find_other_name, label_word, say_name
from pages.lists.list_blocks import (
    build_claim_block,
    build_project_block,
    build_row_block,
    build_summary_block,
)
from pages.parts.blocks import (
    Block,
    PageCell,
    build_block,
    call_api,
    count_cell,
    keep_filled,
    text_cell,
)
from pages.parts.rows import RowNames, tabulate_tags
from pages.views import PageView
from parks.models import Organisation

_MOST_TAGS = "100"
_NAMED = {"region": "regions", "parent": "organisations", "source": "sources"}


class OrganisationPageView(PageView):
    """The page at /organisations/{code}."""

    template_name = "pages/record.html"
    section = "projects"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        address = f"organisations/{kwargs['code']}"
        organisation = self.ask(address, self.query)
        question = {"organisation": organisation["code"]}
        total = self.ask("projects/summary", question)["total"]
        return {
            "title": say_name(organisation),
            "other_name": text_cell(find_other_name(organisation)),
            "facts": [
                (_("Projects in which it invests"), count_cell(total["count"], total["list_url"])),
                *self.list_organisation_facts(organisation),
            ],
            "page": Block("", call=call_api(self.request, address, self.query)),
            **(self.build_projects(question) if total["count"] else {}),
            "blocks": keep_filled(
                [
                    *self.build_tags(organisation["code"], _("Tags")),
                    *self.build_tags(organisation["parent"], _("Tags of its group")),
                    *self.build_rows(organisation["code"]),
                ]
            ),
        }

    def list_organisation_facts(
        self, organisation: Mapping[str, Any]
    ) -> list[tuple[str, PageCell]]:
        names = RowNames(self.ask, [organisation], _NAMED)
        aliases = pgettext("between names", ", ").join(organisation["aliases"])
        return [
            (_("Also called"), text_cell(aliases)),
            (_("Unified social credit code"), PageCell(organisation["uscc"])),
            (_("Kind"), text_cell(label_word(Organisation.Kind, organisation["kind"]))),
            (
                _("Ownership"),
                text_cell(label_word(Organisation.Ownership, organisation["ownership"])),
            ),
            (_("Region"), names.link_row(organisation, "region")),
            (_("Part of"), names.link_row(organisation, "parent")),
            (_("Source"), names.link_row(organisation, "source")),
            (_("Note"), text_cell(organisation["note"])),
        ]

    def build_tags(self, code: str | None, title: str) -> list[Block]:
        if code is None:
            return []
        address = f"organisations/{code}/tags"
        tags = self.ask(address, {"limit": _MOST_TAGS, "ordering": "-year"})["results"]
        names = RowNames(self.ask, tags, {"source": "sources"})
        table = tabulate_tags(tags, names, title)
        return [build_block(self.request, address, {}, title, table)]

    def build_projects(self, question: Mapping[str, str]) -> dict[str, list[Block]]:
        """Build the list of the projects in which it invests, by how far and where they are."""
        title = _("Projects in which it invests, the largest first")
        stages, parks = (
            self.ask("projects/summary", {**question, "group_by": dimension})
            for dimension in ("stage", "park")
        )
        return {
            "first": [build_project_block(self, title, question)],
            "summaries": [
                build_summary_block(
                    self, stages, _("How far its projects are"), _("Stage"), "stage"
                ),
                build_summary_block(self, parks, _("In which parks"), _("Park"), "park"),
            ],
        }

    def build_rows(self, code: str) -> list[Block]:
        said = build_claim_block(self, _("What is said of it"), {"organisation": code}, {"subject"})
        return [
            said,
            build_row_block(self, "parks", _("Parks that it runs"), {"operator": code}),
            build_row_block(self, "organisations", _("What belongs to it"), {"parent": code}),
        ]
