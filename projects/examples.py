"""What the OpenAPI document sends and shows of projects; the shipped ledger takes all of it."""

from typing import Any

from django.utils.translation import gettext_lazy

from api.openapi.examples import AppExamples

_NAMES = {"name_zh": "京津中关村科技城芯片封装项目", "name_en": "Chip packaging project"}
_NOTE = {"note": "Read on the site of the park on 2024-03-05."}
_PROJECT = {
    **_NAMES,
    "park": "baodi-zgc",
    "function": "manufacturing",
    "site_mode": "land",
    "land_mu": 42.5,
    "origin": "110108",
    "origin_basis": "stated",
    "origin_text": "北京市海淀区",
    "sector": "C3973",
    "sector_basis": "stated",
    "sector_text": "集成电路",
    "investment_cny": "超1.5亿元",
    "investment_basis": "agreed",
    "reported_on": "2023-11",
    "source": "S004",
    "investors": [{"organisation": "zgc-group", "role": "lead", "share_bp": 6_000}],
}
_WITH_ROWS = {
    **_PROJECT,
    "milestones": [
        {"type": "signed", "actual_on": "2023-11", "agreement_type": "contract", "source": "S004"},
        {"type": "started", "status": "scheduled", "planned_on": "2026"},
    ],
    "figures": [{"indicator": "tax_per_year", "value": "2000万元", "nature": "projected"}],
}
_EVENT = {
    "name_zh": "京津冀产业合作签约",
    "name_en": "Jing-Jin-Ji signing of November 2023",
    "kind": "signing",
    "held_on": "2023-11",
    "place": "北京",
    "park": "baodi-zgc",
    "source": "S004",
}
_BODIES: dict[str, dict[str, Any]] = {
    "events_create": _EVENT,
    "events_update": _EVENT,
    "events_partial_update": {"held_on": "2025-02-28"},
    "events_figures_create": {
        **{"indicator": "declared_projects", "value": 152, "nature": "actual"},
        **{"as_of": "2023-11", "as_reported": "152个意向合作项目", "source": "S004"},
    },
    "events_figures_partial_update": _NOTE,
    "imports_apply_post": {"on_error": "abort"},
    "projects_create": _WITH_ROWS,
    "projects_update": _PROJECT,
    "projects_partial_update": {"site_mode": "lease"},
    "projects_duplicates_post": {"codes": ["amer-equipment", "boyu-semi"]},
    "projects_bulk_post": {"projects": [_WITH_ROWS, {"name_zh": "研发中心", "park": "baodi-zgc"}]},
    "projects_figures_create": {
        **{"indicator": "investment", "value": 150_000_000, "nature": "projected"},
        "investment_basis": "agreed",
        **{"as_of": "2023-11", "as_reported": "1.5亿元", "source": "S004"},
    },
    "projects_figures_partial_update": _NOTE,
    "projects_fundings_create": {"kind": "paid_in", "month": "2023-11", "reported_cny": 50_000_000},
    "projects_fundings_partial_update": _NOTE,
    "targets_create": {
        **{"park": "baodi-zgc", "year": 2026, "measure": "signed_count", "value": 40},
        "source": "S004",
    },
    "targets_partial_update": {"value": 45},
    "editions_create": {"park": "baodi-zgc", "month": "2023-11", "name": "2023年11月期报"},
    "editions_partial_update": {"publication": "published"},
    "projects_plans_create": {"year": 2026, "planned_cny": 120_000_000, "source": "S004"},
    "projects_plans_partial_update": _NOTE,
    "projects_people_create": {"role": "responsible", "name": "李工", "office": "招商二处"},
    "projects_people_partial_update": _NOTE,
    "projects_tags_create": {"tag": "province-key", "year": 2026, "source": "S004"},
    "projects_tags_partial_update": _NOTE,
    "projects_progress_create": {
        **{"noted_on": "2024-03-08", "text": "厂房主体封顶，设备招标完成。"},
        **{"next_step": "设备进场", "due_on": "2024-05-31", "noted_by": "招商二处"},
    },
    "projects_progress_partial_update": {"noted_by": "招商二处 李工"},
    "projects_milestones_create": {
        **{"type": "signed", "status": "met", "actual_on": "2023-11"},
        **{"agreement_type": "contract", "source": "S004"},
    },
    "projects_milestones_partial_update": _NOTE,
    "projects_participations_create": {
        **{"event": "baodi-zgc-promo-2025", "role": "signed", "agreement_type": "contract"}
    },
    "projects_participations_partial_update": {"role": "started", "agreement_type": None},
    "projects_merge_post": {"into": "baodi-2023-017"},
    "organisations_merge_post": {"into": "boyu-tech"},
    **dict.fromkeys(
        (f"reconciliations{ending}_post" for ending in ("", "_csv", "_xlsx")),
        {"projects": [{"code": "boyu-semi", "investment_cny": "150000000"}]},
    ),
}
_CSV = "code,name_zh,park,investment_cny\r\nboyu-2,博宇二期,baodi-zgc,150000000\r\n"
_LINE = '{"code":"boyu-2","name_zh":"博宇二期","milestones":[{"id":17,"type":"signed"}]}\n'
_POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "baodi-zgc",
            "geometry": {"type": "Point", "coordinates": [117.25, 39.65]},
            "properties": {"code": "baodi-zgc", "point_datum": "gcj02"},
        }
    ],
    "datums": {"gcj02": 1},
    "without_point": 0,
}
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"></svg>'
PROJECT_EXAMPLES = AppExamples(
    rows={"events": "baodi-zgc-promo-2025", "projects": "boyu-semi"},
    bodies=_BODIES,
    parameters={"group_by": "park"},
    # Of what is no JSON; workbooks and pixels cannot be shown in a text
    files={
        **{"text/csv": _CSV, "application/x-ndjson": _LINE},
        **{"application/geo+json": _POINTS, "image/svg+xml": _SVG},
    },
    upload={"file": _CSV, "park": "baodi-zgc"},
    unshipped={"imports": "import-2023-11"},
    problems={
        "pointer": "#/investors/0/share_bp",
        "dependents_by_kind": {"project": 12, "figure": 3},
    },
    parts={
        "project": gettext_lazy("The public code of the project."),
        "event": gettext_lazy("The public code of the event."),
    },
    words={
        **_PROJECT,
        "code": "baodi-2023-017",
        "investment_cny": 150_000_000,
        "reported_cny": 150_000_000,
        "signed_on": "2023-11",
        "signed_year": 2023,
        "month": "2023-11",
        "share_bp": 6_000,
        "event": "baodi-zgc-promo-2025",
        "list_url": "https://ledger.example.org/api/v1/projects?park=baodi-zgc",
        "next": "https://ledger.example.org/api/v1/projects?cursor=WyIxMDAiXQ",
    },
)
