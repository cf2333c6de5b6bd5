"""Names as people write them: of places with their type word and without, and by which index."""

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
