"""Bands of amounts: their bounds, the code that the filter takes, and their names."""

from config.amounts import format_cny

Band = tuple[int, int | None]  # from, and below; None where the band is open
DEFAULT_BANDS = (10**8, 5 * 10**8, 10**9, 5 * 10**9, 10**10)  # 1, 5, 10, 50 and 100 in 亿


def build_bands(edges: tuple[int, ...]) -> list[Band]:
    """Build the bands below, between and above the bounds, in yuan."""
    return list(zip((0, *edges), (*edges, None), strict=True))


def write_band(band: Band) -> str:
    """Write a band as the filter `size_band` takes it: `100000000-500000000`, `500000000-`."""
    low, high = band
    return f"{low}-{'' if high is None else high}"


def name_band(band: Band) -> tuple[str, str]:
    """Name a band as people do, in Chinese and in English."""
    low, high = band
    if high is None:
        return f"{format_cny(low)}及以上", f"{format_cny(low, language='en')} and more"
    if low == 0:
        return f"{format_cny(high)}以下", f"under {format_cny(high, language='en')}"
    begin = format_cny(low, language="en").removesuffix(" yuan")
    return (
        f"{format_cny(low)}至{format_cny(high)}以下",
        f"{begin} to under {format_cny(high, language='en')}",
    )


def intersect_bands(one: Band, other: Band) -> Band | None:
    """Find where two bands overlap; None where they do not."""
    low = max(one[0], other[0])
    ends = [end for end in (one[1], other[1]) if end is not None]
    high = min(ends, default=None)
    return None if high is not None and high <= low else (low, high)
