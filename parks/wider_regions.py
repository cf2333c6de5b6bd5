"""Regions that contain a place without a code of its own: 韩国首尔, 美国加州, 雄安新区, 京."""

import re
from contextlib import suppress
from os.path import commonprefix

from django.core.exceptions import ValidationError

from parks.models import Region, RegionGroup, RegionGroupMember, RegionName
from parks.models.naming import name_key
from parks.names import LONGEST_LOOKUP, find_called_region

# What provinces are called in tables, by the first two digits of their codes
ABBREVIATIONS = {
    letter: code
    for code, letters in {
        **{"11": "京", "12": "津", "13": "冀", "14": "晋", "15": "蒙", "21": "辽", "22": "吉"},
        **{"23": "黑", "31": "沪", "32": "苏", "33": "浙", "34": "皖", "35": "闽", "36": "赣"},
        **{"37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "44": "粤", "45": "桂", "46": "琼"},
        **{"50": "渝", "51": "川蜀", "52": "贵黔", "53": "云滇", "54": "藏", "61": "陕秦"},
        **{"62": "甘陇", "63": "青", "64": "宁", "65": "新", "71": "台", "81": "港", "82": "澳"},
    }.items()
    for letter in letters
}
# Between a country and a place in it
_SIGNS = " ·/-—,，()（）"
# A place, not a list of several, and not an industrial park in China that is named after a country
_PLACE = re.compile(r"(?!.*[和及与或等、；;园])[^\W\d_][\w·'. -]+")


def find_wider_region(text: str) -> Region | None:
    """Find the smallest known region around a place; None for a region, and for what is no place.

    A group of regions is in the region that has all of its members.
    """
    if len(text) > LONGEST_LOOKUP:
        return None
    with suppress(ValidationError):  # of an ambiguous name
        called = find_called_region(text)
        if isinstance(called, RegionGroup):
            return _find_around(called)
        if called is None:
            return _find_head(text) or _find_tail(text)
    return None


def _find_head(text: str) -> Region | None:
    """Find the country, or the province, with which the name of a place begins."""
    plain = text.strip()
    heads = {name_key(plain[:end]): end for end in range(2, len(plain))}
    names = RegionName.objects.filter(
        key__in=heads, region__level__in=[Region.Level.COUNTRY, Region.Level.PROVINCE]
    ).select_related("region")
    for name in sorted(names, key=lambda name: heads[name.key], reverse=True):
        rest = plain[heads[name.key] :].strip(_SIGNS)
        if name.region.level == Region.Level.COUNTRY:
            return name.region if _is_place(rest) else None
        called = find_called_region(rest) if rest else None
        around = _find_around(called) if isinstance(called, RegionGroup) else None
        if around and around.code.startswith(name.region.prefix):
            return around
    return None


def _find_tail(text: str) -> Region | None:
    """Find the country behind the last comma: Seoul, South Korea."""
    place, comma, country = text.replace("，", ",").rpartition(",")
    names = RegionName.objects.filter(key=name_key(country), region__level=Region.Level.COUNTRY)
    found = names.select_related("region").first() if comma else None
    return found.region if found and _is_place(place) else None


def _is_place(text: str) -> bool:
    """Tell whether a text may be a place that no region is called by."""
    is_name = _PLACE.fullmatch(text.strip().replace(",", "")) is not None
    return is_name and all(find_called_region(part.strip()) is None for part in text.split(","))


def _find_around(group: RegionGroup) -> Region | None:
    members = RegionGroupMember.objects.filter(group=group).in_force()
    prefix = commonprefix([*members.values_list("region_id", flat=True)])
    prefixes = [prefix[:length].ljust(6, "0") for length in (4, 2) if len(prefix) >= length]
    return Region.objects.filter(code__in=prefixes).order_by("-code").first()
