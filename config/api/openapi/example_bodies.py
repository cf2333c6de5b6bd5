"""What the OpenAPI document sends in its examples: the shipped ledger takes every one of them."""

from typing import Any

Body = dict[str, Any]

# A row of each resource in the shipped ledger, as its address has it
ROWS: dict[str, str] = {
    "events": "baodi-zgc-promo-2025",
    "figures": "baodi-zgc-area-2024",
    "indicators": "area",
    "organisations": "zgc-group",
    "parks": "baodi-zgc",
    "people": "wang-hao",
    "projects": "boyu-semi",
    "region-groups": "jjj",
    "regions": "120115",
    "sector-groups": "ic",
    "sectors": "C3973",
    "sources": "S004",
    "timeline": "baodi-zgc-agreement-2013-11-30",
}
# Values of parameters that cannot be left out, or of which any other would be refused
PARAMETERS: dict[str, str] = {
    "group_by": "park",
    "indicator": "area",
    "nature": "actual",
    "parks": "baodi-zgc,caofeidian",
}

NAMES = {"name_zh": "京津中关村科技城芯片封装项目", "name_en": "Chip packaging project"}
NOTE = {"note": "Read on the site of the park on 2024-03-05."}
SOURCE = {"title": "京津冀产业合作签约", "publisher": "天津日报", "published_on": "2023-11-30"}
ORGANISATION = {
    "name_zh": "博宇半导体有限公司",
    "name_en": "Boyu Semiconductor",
    "region": "110108",
}
PARK = {
    "name_zh": "宝坻新材料产业园",
    "name_en": "Baodi New Materials Park",
    "region": "120115",
    "publication": "draft",
}
PROJECT = {
    **NAMES,
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
EVENT = {
    "name_zh": "京津冀产业合作签约",
    "name_en": "Jing-Jin-Ji signing of November 2023",
    "kind": "signing",
    "held_on": "2023-11",
    "place": "北京",
    "park": "baodi-zgc",
    "source": "S004",
}
AREA = {"indicator": "area", "value": 14.5, "nature": "actual", "as_of": "2024", "source": "S004"}

# By the name of the operation
BODIES: dict[str, Body] = {
    "events_create": EVENT,
    "events_update": EVENT,
    "events_partial_update": {"held_on": "2025-02-28"},
    "events_figures_create": {
        **{"indicator": "declared_projects", "value": 152, "nature": "actual"},
        **{"as_of": "2023-11", "as_reported": "152个意向合作项目", "source": "S004"},
    },
    "events_figures_partial_update": NOTE,
    "figures_create": {**AREA, "park": "baodi-zgc"},
    "figures_partial_update": NOTE,
    "indicators_create": {
        **{"code": "office_area", "name_zh": "办公面积", "name_en": "Office area"},
        **{"kind": "area", "unit": "m2", "is_summable": True},
    },
    "indicators_partial_update": {"name_en": "Area"},
    "organisations_create": ORGANISATION,
    "organisations_update": ORGANISATION,
    "organisations_partial_update": NOTE,
    "parks_create": PARK,
    "parks_update": PARK | {"publication": "published"},
    "parks_partial_update": NOTE,
    "people_create": {"name_zh": "王工", "name_en": "Engineer Wang"},
    "people_partial_update": NOTE,
    "projects_create": PROJECT,
    "projects_update": PROJECT,
    "projects_partial_update": {"site_mode": "lease", "land_mu": None},
    "projects_bulk_post": {"projects": [PROJECT, {"name_zh": "研发中心", "park": "baodi-zgc"}]},
    "projects_figures_create": {
        **{"indicator": "investment", "value": 150_000_000, "nature": "projected"},
        "investment_basis": "agreed",
        **{"as_of": "2023-11", "as_reported": "1.5亿元", "source": "S004"},
    },
    "projects_figures_partial_update": NOTE,
    "projects_fundings_create": {"kind": "paid_in", "month": "2023-11", "reported_cny": 50_000_000},
    "projects_fundings_partial_update": NOTE,
    "projects_milestones_create": {
        **{"type": "signed", "status": "met", "actual_on": "2023-11"},
        **{"agreement_type": "contract", "source": "S004"},
    },
    "projects_milestones_partial_update": NOTE,
    "projects_participations_create": {
        **{"event": "baodi-zgc-promo-2025", "role": "signed", "agreement_type": "contract"},
    },
    "projects_participations_partial_update": {"role": "started", "agreement_type": None},
    "region_groups_create": {
        **{"code": "west-of-tianjin", "name_zh": "天津西部", "name_en": "West of Tianjin"},
        "members": [{"region": "120114"}, {"region": "120115", "valid_from": "2015-01-01"}],
    },
    "region_groups_partial_update": {"name_en": "Beijing-Tianjin-Hebei"},
    "regions_create": {
        **{"code": "120198", "level": "county", "parent": "120000"},
        **{"name_zh": "滨海新区东部", "name_en": "East of Binhai"},
    },
    "regions_partial_update": {"aliases": ["Baodi"]},
    "sector_groups_create": {
        **{"code": "packaging", "name_zh": "封装测试", "name_en": "Packaging and testing"},
        "members": [{"sector": "C397"}, {"sector": "C3971", "excluded": True}],
    },
    "sector_groups_partial_update": {"aliases": ["chips"]},
    "sectors_create": {
        **{"code": "C3978", "level": "class", "parent": "C397"},
        **{"name_zh": "其他器件制造", "name_en": "Other devices"},
    },
    "sectors_partial_update": {"name_en": "Integrated circuit manufacturing"},
    "sources_create": SOURCE,
    "sources_update": SOURCE,
    "sources_partial_update": NOTE,
    "timeline_create": {
        **{"park": "baodi-zgc", "kind": "opening", "happened_on": "2023-Q4"},
        **{"name_zh": "展示中心开放", "name_en": "Exhibition centre opened", "source": "S004"},
    },
    "timeline_partial_update": NOTE,
}
CSV = "code,name_zh,park,investment_cny\r\nboyu-2,博宇二期,baodi-zgc,150000000\r\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"></svg>'
# Of what is no JSON; workbooks and pixels cannot be shown in a text.
FILES = {"text/csv": CSV, "image/svg+xml": SVG}
UPLOAD = {"file": CSV, "resource": "projects", "dry_run": True, "park": "baodi-zgc"}
