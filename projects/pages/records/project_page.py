"""The page of a project: its way, its amounts, who invests, what came in, and who says so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _

from config.amounts import active_language, format_hedged
from config.api.asking import RefusedError
from parks.models.located import PointAccuracy, PointDatum
from projects.lifecycle.words import (
    AgreementType,
    CapitalType,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.models import Project
from projects.pages.addresses import find_row_page
from projects.pages.language import find_other_name, label_word, say_name
from projects.pages.parts.blocks import (
    Block,
    PageCell,
    PageTable,
    build_block,
    build_tools,
    call_api,
    day_cell,
    find_local_day,
    name_cell,
    number_cell,
    text_cell,
)
from projects.pages.parts.claims import tabulate_claims
from projects.pages.parts.numbers import write_amount
from projects.pages.parts.project_rows import investment_cell, link_projects_of_sector, stage_cell
from projects.pages.parts.row_names import RowNames
from projects.pages.parts.tag_tables import tabulate_tags
from projects.pages.records.project_tables import (
    tabulate_fundings,
    tabulate_investors,
    tabulate_participations,
    tabulate_people,
    tabulate_steps,
)
from projects.pages.views import PageView

ShownRow = Mapping[str, Any]
_HISTORY_SHOWN = 10
_NAMED = {
    "source": "sources",
    "project_region": "regions",
    "duplicate_of": "projects",
    "part_of": "projects",
}


class ProjectPageView(PageView):
    """The page at /projects/{code}."""

    template_name = "pages/project.html"
    section = "projects"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        project = self.ask(f"projects/{code}", self.query)
        history = self.ask(f"projects/{code}/history", {"limit": _HISTORY_SHOWN})
        self.resource = f"projects/{code}"
        tags = self.ask(f"{self.resource}/tags", {"limit": "100"})["results"]
        sourced = [project, *project["milestones"], *project["fundings"], *tags]
        self.names = RowNames(self.ask, sourced, _NAMED)
        return {
            "title": say_name(project),
            "other_name": text_cell(find_other_name(project)),
            "facts": list_facts(project, self.names),
            "warnings": [warning["detail"] for warning in project["warnings"]],
            "way": list_steps(project["milestones"]),
            "amount": list_amount_cells(project),
            "blocks": [
                block
                for block in [*self.build_blocks(project), *self.build_others(tags)]
                if block.table
            ],
            "history": [describe_version(version) for version in history["results"]],
            "versions": Block(
                "", anchor="history", call=call_api(self.request, f"{self.resource}/history", {})
            ),
            "page": Block(
                "",
                call=call_api(self.request, self.resource, self.query),
                tools=build_tools("projects", {"code": code}),
            ),
        }

    def build_blocks(self, project: ShownRow) -> list[Block]:
        """Build the tables of what belongs to the project; empty ones have no table."""
        steps = tabulate_steps(project["milestones"], self.names)
        claims = tabulate_claims(project["figures"]) if project["figures"] else None
        investors = tabulate_investors(project["investors"])
        fundings = tabulate_fundings(project["fundings"], self.names)
        events = tabulate_participations(project["participations"])
        call = call_api(self.request, self.resource, {"fields": "investors"})
        paid_in = self.build_lower(_("Money that came in"), fundings, "fundings")
        return [
            self.build_lower(_("Milestones"), steps, "milestones"),
            self.build_lower(_("What is said about it in numbers"), claims, "figures", "claims"),
            Block(_("Investors"), investors, "investors", call=call),
            replace(paid_in, lead=say_paid_in(project)),
            self.build_lower(_("Events"), events, "participations", "events"),
        ]

    def build_lower(
        self, title: str, table: PageTable | None, name: str, anchor: str = ""
    ) -> Block:
        """Build the block of the rows of one kind below the project."""
        resource = f"{self.resource}/{name}"
        return build_block(self.request, resource, {}, title, table, anchor or name)

    def build_others(self, tags: Sequence[ShownRow]) -> list[Block]:
        """Build the tables of its tags, and of who answers for it, for whoever may see that."""
        tagged = tabulate_tags(tags, self.names, _("Tags"))
        people = tabulate_people(self.ask_people())
        return [
            self.build_lower(_("Tags"), tagged, "tags"),
            self.build_lower(_("Who answers for it"), people, "people"),
        ]

    def ask_people(self) -> list[ShownRow]:
        """Ask who answers for the project; nobody where whoever asks must not see it."""
        if not self.request.user.is_authenticated:
            return []
        try:
            answer = self.ask(f"{self.resource}/people", {"limit": "100"})
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.FORBIDDEN:
                raise
            return []
        people: list[ShownRow] = answer["results"]
        return people


def list_facts(project: ShownRow, names: RowNames) -> list[tuple[str, PageCell]]:
    """List what is known of a project, each with its label; what is unknown is left out."""
    park_page = find_row_page("parks", project["park"])
    standing = str(Project.Standing(project["standing"]).label)
    noted_on, due_on = project["latest_progress_on"] or "", project["next_step_due_on"] or ""
    return [
        (_("Park"), name_cell(project, park_page, "park_name")),
        (_("Stage"), stage_cell(project)),
        (_("Standing"), text_cell(standing, note=project["standing_reason"])),
        (_("Since"), day_cell(project["standing_on"])),
        *list_classes(project),
        *list_places(project, names),
        (_("Duplicate of"), names.link_row(project, "duplicate_of")),
        (_("Part of"), names.link_row(project, "part_of")),
        (_("National code"), PageCell(project["national_code"])),
        (_("Office in charge"), text_cell(project["responsible_unit"])),
        (_("Open issues"), text_cell(project["open_issues"])),
        *((header, text_cell(text)) for header, text in project["further_columns"].items()),
        (_("Latest note"), text_cell(project["latest_progress"] or "", note=noted_on)),
        (_("Noted as next"), text_cell(project["next_step"] or "", note=due_on)),
        (_("Last news"), day_cell(project["news_on"])),
        (_("Known as of"), day_cell(project["reported_on"])),
        (_("Source"), names.link_row(project, "source")),
        (_("Note"), text_cell(project["note"])),
    ]


def write_land(project: ShownRow) -> str:
    """Write the area of a project's land as it was said; "" where it is unknown."""
    if project["land_mu"] is None:
        return ""
    area, hedge = Decimal(str(project["land_mu"])), project["land_qualifier"] or "exact"
    return format_hedged(area, hedge, language=active_language())


def list_classes(project: ShownRow) -> list[tuple[str, PageCell]]:
    """List what a project is counted by: origin and sector with their basis, and words."""
    region = find_row_page("regions", project["origin"])
    sector = link_projects_of_sector(project["sector"])
    origin_basis = label_word(Project.OriginBasis, project["origin_basis"])
    sector_basis = label_word(Project.SectorBasis, project["sector_basis"])
    words = [
        (_("Kind"), Project.Kind, "kind"),
        (_("Function"), Project.Function, "function"),
        (_("Site"), Project.SiteMode, "site_mode"),
        (_("Agreement"), AgreementType, "agreement_type"),
        (_("Capital"), CapitalType, "capital_type"),
        (_("Left out of totals as"), Project.TotalsExclusion, "totals_exclusion"),
    ]
    return [
        (_("Origin"), name_cell(project, region, "origin_name", origin_basis)),
        (_("Sector"), name_cell(project, sector, "sector_name", sector_basis)),
        *((label, PageCell(label_word(kind, project[name]))) for label, kind, name in words),
    ]


def list_places(project: ShownRow, names: RowNames) -> list[tuple[str, PageCell]]:
    """List where a project is: its region, address, site and point, and its land."""
    point = ""
    if project["latitude"] is not None:
        point = f"{project['latitude']:g}, {project['longitude']:g}"
    known = [
        label_word(PointAccuracy, project["point_accuracy"]),
        label_word(PointDatum, project["point_datum"]) if point else "",
    ]
    return [
        (_("Region"), names.link_row(project, "project_region")),
        (_("Address"), text_cell(project["address"])),
        (_("Plot"), text_cell(project["site"])),
        (_("Latitude and longitude"), PageCell(point, note=" · ".join(filter(None, known)))),
        (_("Land, in mu"), PageCell(write_land(project))),
    ]


def list_amount_cells(project: ShownRow) -> list[tuple[str, PageCell]]:
    """List the amounts of a project: its investment with its basis, and what came in of it."""
    paid_in = number_cell(write_amount(project["paid_in_cny"]), value=project["paid_in_cny"])
    return [(_("Investment"), investment_cell(project)), (_("Paid in"), paid_in)]


def list_steps(milestones: Sequence[ShownRow]) -> list[dict[str, Any]]:
    """List the way of a project, stage by stage: met, planned, revoked, or nothing known."""
    by_stage: dict[str, ShownRow] = {}
    for milestone in milestones:
        known = by_stage.get(milestone["type"])
        if known is None or known["status"] != MilestoneStatus.MET:
            by_stage[milestone["type"]] = milestone
    return [
        {
            "label": stage.label,
            "state": row["status"] if row else "none",
            "status": str(MilestoneStatus(row["status"]).label) if row else _("nothing known"),
            "day": (row["actual_on"] or row["planned_on"] or "") if row else "",
        }
        for stage in Stage
        for row in [by_stage.get(stage)]
    ]


def say_paid_in(project: ShownRow) -> str:
    """Say how much of the agreed amount was paid in, where both are known."""
    paid_in, agreed = project["paid_in_cny"], project["investment_cny"]
    if not paid_in or not agreed or project["investment_basis"] != InvestmentBasis.AGREED:
        return ""
    return _("%(paid_in)s were paid in, of %(agreed)s agreed: %(percent).1f %%.") % {
        "paid_in": write_amount(paid_in),
        "agreed": write_amount(agreed, project["investment_qualifier"]),
        "percent": 100 * paid_in / agreed,
    }


def describe_version(version: ShownRow) -> dict[str, Any]:
    """Describe one version of a row: when, by whom, why, and what changed."""
    return {
        "at": find_local_day(version["at"]),
        "by": version["by"],
        "reason": text_cell(version["reason"] or ""),
        "changes": [
            {
                "label": change["label"],
                "old": text_cell(str(change["old_text"] or "")),
                "new": text_cell(str(change["new_text"] or "")),
            }
            for change in version["changes"]
            if not change["derived"]
        ],
    }
