"""Names as people write them: of places and companies with their type word, and without."""

import re
import unicodedata

from config.searching import TextIndex

ORGANISATION_TEXTS = TextIndex(
    "parks_organisation", {"names": ("code", "name_zh", "name_en", "aliases", "uscc")}
)

ZH_TYPES = "特别行政区 自治区 自治州 自治县 自治旗 地区 新区 林区 特区 省 市 盟 县 区 旗".split()
EN_TYPES = (
    "special administrative region, autonomous region, autonomous prefecture, autonomous county, "
    "autonomous banner, province, municipality, prefecture, new area, city, district, county, "
    "league, banner"
).split(", ")
_SIGNS = re.compile(r"[\W_]+")
_FORMS = re.compile(
    r"(?:股份有限|有限责任|有限|股份)?公司$|(?:co)?(?:ltd|limited|inc|llc|plc|corp|corporation|gmbh)$"
)


def name_key(text: str) -> str:
    """Write a name as it is compared: case and repeated blanks do not count."""
    return " ".join(text.split()).casefold()


def without_type(name: str) -> str:
    """Cut the type word from a name (浙江省 -> 浙江); nothing when too little is left."""
    for ending in ZH_TYPES:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    for ending in EN_TYPES:
        if name.endswith(f" {ending}"):
            return name.removesuffix(f" {ending}")
    return ""


def loosen_organisation(name: str) -> str:
    """Take from a name what people leave out or write otherwise: signs, blanks, the legal form."""
    plain = _SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())
    shorter = _FORMS.sub("", plain)
    return shorter if len(shorter) >= 2 else plain
