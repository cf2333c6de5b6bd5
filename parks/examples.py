"""What the OpenAPI document sends and shows of parks; the shipped ledger takes all of it."""

from typing import Any

from django.utils.translation import gettext_lazy

from api.openapi.examples import ANY_NAME, AppExamples

_NOTE = {"note": "Read on the site of the park on 2024-03-05."}
_SOURCE = {"title": "京津冀产业合作签约", "publisher": "天津日报", "published_on": "2023-11-30"}
_ORGANISATION = {
    "name_zh": "博宇半导体有限公司",
    "name_en": "Boyu Semiconductor",
    "region": "110108",
}
_PARK = {
    "name_zh": "宝坻新材料产业园",
    "name_en": "Baodi New Materials Park",
    "region": "120115",
    "publication": "draft",
}
_AREA = {"indicator": "area", "value": 14.5, "nature": "actual", "as_of": "2024", "source": "S004"}
_BODIES: dict[str, dict[str, Any]] = {
    "figures_create": {**_AREA, "park": "baodi-zgc"},
    "figures_partial_update": _NOTE,
    "indicators_create": {
        **{"code": "office_area", "name_zh": "办公面积", "name_en": "Office area"},
        **{"kind": "area", "unit": "m2", "is_summable": True},
    },
    "indicators_partial_update": {"name_en": "Area"},
    "organisations_create": _ORGANISATION,
    "organisations_duplicates_post": {"codes": ["avic", "zgc-group"]},
    "organisations_update": _ORGANISATION,
    "organisations_partial_update": _NOTE,
    "organisations_tags_create": {"tag": "fortune-500", "year": 2024, "source": "S004"},
    "organisations_tags_partial_update": _NOTE,
    "tags_create": {
        **{"code": "hidden-champion", "bearer": "organisation", "is_yearly": True},
        **{"name_zh": "隐形冠军企业", "name_en": "Hidden champion"},
    },
    "tags_partial_update": {"name_en": "Fortune Global 500 company"},
    "parks_create": _PARK,
    "parks_update": _PARK | {"publication": "published"},
    "parks_partial_update": _NOTE,
    "people_create": {"name_zh": "王工", "name_en": "Engineer Wang"},
    "people_partial_update": _NOTE,
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
    "sources_create": _SOURCE,
    "sources_update": _SOURCE,
    "sources_partial_update": _NOTE,
    "timeline_create": {
        **{"park": "baodi-zgc", "kind": "opening", "happened_on": "2023-Q4"},
        **{"name_zh": "展示中心开放", "name_en": "Exhibition centre opened", "source": "S004"},
    },
    "timeline_partial_update": _NOTE,
}
_ROWS = {
    "figures": "baodi-zgc-area-2024",
    "indicators": "area",
    "organisations": "zgc-group",
    "parks": "baodi-zgc",
    "people": "wang-hao",
    "region-groups": "jjj",
    "regions": "120115",
    "sector-groups": "ic",
    "sectors": "C3973",
    "sources": "S004",
    "tags": "fortune-500",
    "timeline": "baodi-zgc-agreement-2013-11-30",
}
PARK_EXAMPLES = AppExamples(
    rows=_ROWS,
    unshipped={"deliveries": "msg_0123456789abcdef0123456789abcdef"},
    bodies=_BODIES,
    parameters={"indicator": "area", "nature": "actual", "parks": "baodi-zgc,caofeidian"},
    parts={"organisation": gettext_lazy("The public code of the organisation.")},
    texts={"code": "baodi-2023-017", "term": "tax", "sector": "C3973", "region": "110108"},
    words={
        ANY_NAME: "baodi-zgc",  # a comparison is by park
        "park": "baodi-zgc",
        "park_name_zh": "宝坻京津中关村科技城",
        "park_name_en": "Baodi Beijing-Tianjin Zhongguancun Science Town",
        "origin": "110108",
        "origin_name_zh": "海淀区",
        "origin_name_en": "Haidian District",
        "origin_text": "北京市海淀区",
        "region": "120115",
        "place": "120115",
        "sector": "C3973",
        "sector_name_zh": "集成电路制造",
        "sector_name_en": "Manufacture of integrated circuits",
        "size_floor_cny": 100_000_000,
        "amount_cny": 150_000_000,
        "uscc": "91120224MA06F4X00K",
        "organisation": "zgc-group",
        "source": "S004",
        "indicator": "investment",
        "after": "3f2a9c1b-1043-a81f03c2",
    },
)
