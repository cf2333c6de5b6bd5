"""The page of a project, and its tables of steps, investors and money."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _, pgettext

from api.asking import RefusedError
from pages.addresses import find_row_page
from pages.language import label_word
from pages.parts import blocks
from pages.parts.claims import complete_amount, tabulate_all_claims
from pages.parts.rows import (
    RowNames,
    investment_cell,
    light_cell,
    news_cell,
    stage_cell,
    tabulate_tags,
)
from pages.views import PageView
from parks.history.versions import OPERATIONS
from parks.models.places import PointAccuracy, PointDatum
from projects.models import Assignment, Funding, Investor, Participation, Project
from projects.models.words import (
    MILESTONE_TYPES,
    AgreementType,
    CapitalType,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from sheets.amounts import active_language, format_hedged

LowerRow = Mapping[str, Any]


def tabulate_steps(milestones: Sequence[LowerRow], names: RowNames) -> blocks.PageTable:

    def tell_moves(row: LowerRow) -> blocks.PageCell:
        text = _("%(times_moved)s times, by %(days_moved)s days")
        return blocks.PageCell(text % row if row["times_moved"] else "")

    def name_step(row: LowerRow) -> blocks.PageCell:
        label = str(dict(MILESTONE_TYPES)[row["type"]])
        return blocks.PageCell(label, note=row["reason"] or row["note"])

    columns = [
        blocks.PageColumn(_("Stage"), make_cell=name_step),
        blocks.word_column(_("Status"), "status", MilestoneStatus),
        blocks.period_column(_("Promised"), "promised_on"),
        blocks.period_column(_("Planned"), "planned_on"),
        blocks.PageColumn(_("Plan moved"), make_cell=tell_moves),
        blocks.period_column(_("Met"), "actual_on"),
        blocks.word_column(_("Agreement"), "agreement_type", AgreementType),
        blocks.text_column(_("Document number"), "document_no"),
        names.link_column(_("Source"), "source"),
    ]
    return blocks.fill_known_columns(_("Milestones"), columns, milestones)


def tabulate_investors(investors: Sequence[LowerRow]) -> blocks.PageTable:
    def write_share(row: LowerRow) -> blocks.PageCell:
        return blocks.PageCell("" if row["share_bp"] is None else f"{row['share_bp'] / 100:g}")

    columns = [
        blocks.name_column(_("Investor"), "organisations", "organisation", "organisation_name"),
        blocks.word_column(_("Role"), "role", Investor.Role),
        blocks.PageColumn(_("Share"), "%", make_cell=write_share),
    ]
    return blocks.fill_table(_("Investors"), columns, investors)


def tabulate_fundings(fundings: Sequence[LowerRow], names: RowNames) -> blocks.PageTable:
    unit = blocks.choose_money_unit(row["amount_cny"] for row in fundings)
    is_mixed = any(row["currency"] for row in fundings)  # then each amount has its own unit

    def write_funding(row: LowerRow) -> blocks.PageCell:
        text = blocks.write_flow(row) if is_mixed else unit.write(row["amount_cny"])
        return blocks.number_cell(text, value=row["amount_cny"])

    def write_recognised(row: LowerRow) -> blocks.PageCell:
        cny = row["recognised_cny"]
        return blocks.PageCell() if cny is None else blocks.number_cell(unit.write(cny), value=cny)

    columns = [
        blocks.code_column(_("Month"), "month"),
        blocks.word_column(_("Kind"), "kind", Funding.Kind),
        blocks.PageColumn(_("Amount"), "" if is_mixed else unit.name, "number", write_funding),
        blocks.PageColumn(_("Recognised"), unit.name, "number", write_recognised),
        names.link_column(_("Source"), "source"),
    ]
    return blocks.fill_known_columns(_("Money"), columns, fundings)


def tabulate_participations(participations: Sequence[LowerRow]) -> blocks.PageTable:
    columns = [
        blocks.name_column(_("Event"), "events", "event", "event_name"),
        blocks.period_column(_("Day"), "held_on"),
        blocks.word_column(_("Role"), "role", Participation.Role),
    ]
    return blocks.fill_table(_("Events"), columns, participations)


ShownRow = Mapping[str, Any]
_HISTORY_SHOWN = 10
# Nobody types these in, but their changes are what readers look for
_TOLD_IF_DERIVED = (
    *("stage", "investment_cny", "investment_qualifier", "investment_basis"),
    "paid_in_cny",
)
_NAMED = {
    "source": "sources",
    "project_region": "regions",
    "duplicate_of": "projects",
    "part_of": "projects",
}


class ProjectPageView(PageView):
    template_name = "pages/project.html"
    section = "projects"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        self.resource = f"projects/{code}"
        project = self.ask(self.resource, self.query)
        history = self.ask(f"{self.resource}/history", {"limit": _HISTORY_SHOWN})
        tags = self.ask(f"{self.resource}/tags", {"limit": "100"})["results"]
        sourced = [project, *project["milestones"], *project["fundings"], *tags]
        self.names = RowNames(self.ask, sourced, _NAMED)
        investment = investment_cell(complete_amount(project, project["figures"]))
        paid_in = blocks.number_cell(write_paid_in(project), value=project["paid_in_cny"])
        return {
            **self.build_head(
                self.resource, project, blocks.build_tools("projects", {"code": code})
            ),
            "facts": list_facts(project, self.names),
            "warnings": project["warnings"],
            "way": list_steps(project["milestones"]),
            "amount": [(_("Investment"), investment), (_("Paid in"), paid_in)],
            "blocks": blocks.keep_filled(self.build_blocks(project, tags)),
            "history": [describe_version(version) for version in history["results"]],
            "versions": self.build_versions(is_cut=history["next"] is not None),
        }

    def build_blocks(self, project: ShownRow, tags: Sequence[ShownRow]) -> list[blocks.Block]:
        investors = tabulate_investors(project["investors"])
        call = self.call_api(self.resource, {"fields": "investors"})
        fundings = tabulate_fundings(project["fundings"], self.names)
        claims = tabulate_all_claims(self.ask, project["figures"], {"subject"})
        return [
            self.build_lower(tabulate_steps(project["milestones"], self.names), "milestones"),
            replace(
                self.build_lower(claims, "figures", "claims"),
                title=_("What is said about it in numbers"),
            ),
            blocks.Block(investors.caption, investors, "investors", call=call),
            replace(self.build_lower(fundings, "fundings"), lead=say_paid_in(project)),
            self.build_lower(
                tabulate_participations(project["participations"]), "participations", "events"
            ),
            self.build_lower(tabulate_tags(tags, self.names, _("Tags")), "tags"),
            blocks.Block(_("Work"), self.tabulate_work(project["code"]), "work"),
        ]

    def build_versions(self, *, is_cut: bool) -> blocks.Block:
        """Build the links to all versions, which the page names if it shows only the newest."""
        call = self.call_api(f"{self.resource}/history", {})
        more = [blocks.Tool(_("All versions"), call)] if is_cut else []
        return blocks.Block("", anchor="history", call=call, more=more)

    def build_lower(self, table: blocks.PageTable, name: str, anchor: str = "") -> blocks.Block:
        """Build the block of the rows of one kind below the project."""
        return self.build_block(f"{self.resource}/{name}", {}, table, anchor or name)

    def tabulate_work(self, code: str) -> blocks.PageTable:
        """Tabulate the light, returns, obstacles, excuses and plans, for the roles of its park."""

        def list_rows(
            address: str,
            head: str,
            make_cell: Callable[[ShownRow], blocks.PageCell],
            day: str = "",
            **asked: str,
        ) -> list[list[blocks.PageCell]]:
            rows = self.ask_work(address.format(self.resource), **asked)
            return [
                [blocks.PageCell(head), make_cell(row), blocks.day_cell(str(row.get(day) or ""))]
                for row in rows
            ]

        def show(text: str, note: str) -> Callable[[ShownRow], blocks.PageCell]:
            return lambda row: blocks.text_cell(row[text], note=row[note])

        solver, approver = show("problem", "responsible_unit"), show("reason", "approved_by")
        rows = [
            *list_rows("lights", _("Light"), light_cell, code=code),
            *list_rows("{}/returns", _("Returned"), show("reason", "answer"), "returned_on"),
            *list_rows("{}/obstacles", _("To be solved by"), solver, "due_on"),
            *list_rows("{}/excuses", _("Excused until"), approver, "until_on"),
            *list_rows("plans", _("Plan of the year"), plan_cell, "year", project=code),
            *list_rows("{}/people", _("Who answers for it"), person_cell),
        ]
        columns = [
            blocks.PageColumn(_("What")),
            blocks.PageColumn(_("Note")),
            blocks.PageColumn(_("Day")),
        ]
        return blocks.PageTable(_("Work"), columns, rows)

    def ask_work(self, address: str, **question: str) -> list[ShownRow]:
        """Ask for work information of the project; nothing if the reader may not see it."""
        if not self.request.user.is_authenticated:
            return []
        try:
            answer = self.ask(address, {"limit": "100", **question})
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.FORBIDDEN:
                raise
            return []
        return answer["results"]


def plan_cell(row: ShownRow) -> blocks.PageCell:
    completed = _("completed: %(amount)s") % {"amount": blocks.write_amount(row["completed_cny"])}
    return blocks.number_cell(
        blocks.write_amount(row["planned_cny"]), note=completed, value=row["planned_cny"]
    )


def person_cell(row: ShownRow) -> blocks.PageCell:
    said = (label_word(Assignment.Role, row["role"]), row["office"], row["note"])
    return blocks.text_cell(row["name"], note=" · ".join(filter(None, said)))


def list_facts(project: ShownRow, names: RowNames) -> list[tuple[str, blocks.PageCell]]:
    park_page = find_row_page("parks", project["park"])
    standing = str(Project.Standing(project["standing"]).label)
    noted_on, due_on = project["latest_progress_on"] or "", project["next_step_due_on"] or ""
    return [
        (_("Park"), blocks.name_cell(project, park_page, "park_name")),
        (_("Stage"), stage_cell(project)),
        (_("Standing"), blocks.text_cell(standing, note=project["standing_reason"])),
        (_("Since"), blocks.day_cell(project["standing_on"])),
        *list_classes(project),
        *list_places(project, names),
        (_("Duplicate of"), names.link_row(project, "duplicate_of")),
        (_("Part of"), names.link_row(project, "part_of")),
        (_("National code"), blocks.PageCell(project["national_code"])),
        (_("Office in charge"), blocks.text_cell(project["responsible_unit"])),
        (_("Open issues"), blocks.text_cell(project["open_issues"])),
        *((header, blocks.text_cell(text)) for header, text in project["further_columns"].items()),
        (_("Latest note"), blocks.text_cell(project["latest_progress"] or "", note=noted_on)),
        (_("Noted as next"), blocks.text_cell(project["next_step"] or "", note=due_on)),
        (_("Last news"), news_cell(project)),
        (_("Known as of"), blocks.day_cell(project["reported_on"])),
        (_("Day of review"), blocks.day_cell(project["review_on"])),
        (_("Source"), names.link_row(project, "source")),
        (_("Note"), blocks.note_cell(project["note"])),
    ]


def write_land(project: ShownRow) -> str:
    if project["land_mu"] is None:
        return ""
    area, hedge = Decimal(str(project["land_mu"])), project["land_qualifier"] or "exact"
    return format_hedged(area, hedge, language=active_language())


def write_floor_area(project: ShownRow) -> str:
    area = project["floor_area_m2"]
    return "" if area is None else format_hedged(Decimal(str(area)), language=active_language())


def list_classes(project: ShownRow) -> list[tuple[str, blocks.PageCell]]:
    """List the classes of a project: origin and sector with their basis, and others."""
    region = find_row_page("regions", project["origin"])
    sector = find_row_page("sectors", project["sector"])
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
        (_("Origin"), blocks.name_cell(project, region, "origin_name", origin_basis)),
        (_("Sector"), blocks.name_cell(project, sector, "sector_name", sector_basis)),
        *((label, blocks.PageCell(label_word(kind, project[name]))) for label, kind, name in words),
    ]


def list_places(project: ShownRow, names: RowNames) -> list[tuple[str, blocks.PageCell]]:
    point = ""
    if project["latitude"] is not None:
        point = f"{project['latitude']:g}, {project['longitude']:g}"
    known = [
        label_word(PointAccuracy, project["point_accuracy"]),
        label_word(PointDatum, project["point_datum"]) if point else "",
    ]
    return [
        (_("Region"), names.link_row(project, "project_region")),
        (_("Address"), blocks.text_cell(project["address"])),
        (_("Plot"), blocks.text_cell(project["site"])),
        (_("Latitude and longitude"), blocks.PageCell(point, note=" · ".join(filter(None, known)))),
        (_("Building"), blocks.text_cell(project["building"])),
        (_("Land, in mu"), blocks.PageCell(write_land(project))),
        (_("Floor area, in m²"), blocks.PageCell(write_floor_area(project))),
    ]


def list_steps(milestones: Sequence[ShownRow]) -> list[dict[str, Any]]:
    """List the stages of a project with their status and day."""
    by_stage: dict[str, ShownRow] = {}
    for milestone in milestones:
        known = by_stage.get(milestone["type"])
        if known is None or known["status"] != MilestoneStatus.MET:
            by_stage[milestone["type"]] = milestone
    return [
        {
            "label": stage.label,
            "state": row["status"] if row else "none",
            "status": str(MilestoneStatus(row["status"]).label) if row else _("No record"),
            "day": (row["actual_on"] or row["planned_on"] or "") if row else "",
        }
        for stage in Stage
        for row in [by_stage.get(stage)]
    ]


def write_paid_in(project: ShownRow) -> str:
    """Write what was paid in: the sum in yuan, and of flows in other currencies that of each."""
    others = Counter[str]()
    for row in project["fundings"]:
        if row["currency"] and row["kind"] == Funding.Kind.PAID_IN:
            others[row["currency"]] += row["amount_value"]
    return blocks.write_flows(project["paid_in_cny"], sorted(others.items()))


def say_paid_in(project: ShownRow) -> str:
    """Write the share of the agreed amount that was paid in, if both are known."""
    paid_in, agreed = project["paid_in_cny"], project["investment_cny"]
    if not paid_in or not agreed or project["investment_basis"] != InvestmentBasis.AGREED:
        return ""
    return _("%(paid_in)s has been paid in, of %(agreed)s agreed: %(percent)s %%.") % {
        "paid_in": blocks.write_amount(paid_in),
        "agreed": blocks.write_amount(agreed, project["investment_qualifier"]),
        "percent": blocks.write_percent(100 * paid_in / agreed),
    }


def describe_version(version: ShownRow) -> dict[str, Any]:
    return {
        "at": blocks.find_local_day(version["at"]),
        "by": version["by"],
        "reason": blocks.text_cell(version["reason"] or ""),
        "changes": list_changes(version),
    }


def list_changes(version: ShownRow) -> list[dict[str, Any]]:
    """List what changed, fields before rows; most derived fields only if nothing else did."""
    rows, fields = list_row_changes(version["rows"]), version["changes"]
    shown = {*_TOLD_IF_DERIVED}
    if any(each["field"] == "investment_cny" for each in fields):
        shown.remove("investment_qualifier")  # which is in the words of the amount
    told = [each for each in fields if not each["derived"] or each["field"] in shown]
    described = [
        {
            "label": change["label"],
            "old": blocks.text_cell(str(change["old_text"] or "")),
            "new": blocks.text_cell(str(change["new_text"] or "")),
        }
        for change in (told if told or rows else fields)
    ]
    return [*described, *rows]


def list_row_changes(rows: Sequence[ShownRow]) -> list[dict[str, Any]]:
    """List the rows below the project that were created, changed or deleted, by their kind."""
    names: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        names.setdefault((row["kind"], row["op"]), []).append(row["name"])
    comma = pgettext("between names", ", ")
    return [
        {"label": kind, "new": blocks.text_cell(comma.join(named), note=str(OPERATIONS[operation]))}
        for (kind, operation), named in names.items()
    ]
