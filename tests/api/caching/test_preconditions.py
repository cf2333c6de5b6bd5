"""Entity tags as clients and proxies send them back."""

from api.caching import make_entity_tag, parse_entity_tags
from tests.together import together


@together(
    ("header", "tags"),
    [
        *[('"5"', ["5"]), ('"5.a1b2"', ["5.a1b2"]), ('W/"5.a1b2"', ["5.a1b2"])],
        *[('"4", W/"5" ,"6.c"', ["4", "5", "6.c"]), ("*", ["*"]), (" * ", ["*"]), ("", [])],
        *[("5", []), ("'5'", []), ('w/"5"', []), ('"5', [])],
    ],
)
def test_tags_are_read_without_quotes_and_without_what_a_proxy_adds(
    header: str, tags: list[str]
) -> None:
    assert parse_entity_tags(header) == tags


def test_the_tag_of_a_row_begins_with_its_version() -> None:
    assert make_entity_tag("5") == '"5"'
    assert make_entity_tag("5", "a1b2") == '"5.a1b2"'
