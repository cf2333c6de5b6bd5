"""Hostile headers: each is ignored, understood or refused, never a 500."""

import pytest

from tests.answers import API
from tests.hostile import CalmClient
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db  # for the tables, which are copied

NAMES = """
Accept Accept-Language Accept-Encoding Accept-Charset Authorization Cookie If-Match If-None-Match
If-Modified-Since If-Unmodified-Since If-Range Range Content-Type Content-Length Content-Encoding
Transfer-Encoding Expect TE X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Prefix
Forwarded X-Forwarded-Ssl X-Forwarded-Protocol X-Real-Ip X-Request-Id X-CSRFToken Host Origin
Referer User-Agent Connection Upgrade Change-Reason SCRIPT_NAME PATH_INFO REMOTE_USER REMOTE_ADDR
X-HTTP-Method-Override Prefer Sec-Fetch-Site Idempotency-Key Accept-Datetime Via Max-Forwards Date
""".split()
DIGITS = b"9" * 5_000
VALUES = [
    *(b"", b" ", b"-1", b"0", b"1e400", b"NaN", b"inf", b"9" * 40, DIGITS, b"0" * 5_000 + b"1"),
    *(b"\x00", b"a\x00b", b"\x7f", b"\xff\xfe", b"\xed\xa0\x80", b"\xb1\xa6", "中".encode(), b"\t"),
    *("🏗️".encode(), "\u202eabc".encode(), "１２".encode(), "١٢".encode(), b"%00", b"%ED%A0%80"),
    *(b"%s", b"%(x)s", b"{0}", b"[]", b"{}", b'"', b"'", b'"a', b'W/"', b'"' + DIGITS + b'"', b"*"),
    *(b"../", b"http://[", b"[::1", b"a:b:c", b"a:99999", b"-", b";", b",,,", b"=", b"a=b; c"),
    *(b"/", b"bytes=0-", b"bytes=-" + DIGITS, b"bytes=5-1", b"bytes=a-b", b"bytes=0-0," * 500),
    *(b"lines=1", b"Bearer", b"Bearer \xff", b"Bearer pl_", b"Basic \xff", b"Basic ===="),
    *(b"Token a b c", b"sessionid=\xff", b"sessionid=" + b"a" * 5_000, b"messages=a"),
    *(
        b"csrftoken=%00; sessionid=[]",
        b"text/html;q=" + DIGITS,
        b"*/*;q=nan",
        b"a/b;c",
        b"zh;q=1e400",
    ),
    *(b"zh-" * 1_000, b"gzip;q=x", b"application/json; charset=\xff", b"multipart/form-data"),
    *(b"application/json; charset=nothing", b"multipart/form-data; boundary="),
    *(b"multipart/form-data; boundary=\xff", b"chunked, chunked", b"0000-00-00", b"https"),
    *(b"Mon, 32 Foo 99999 25:61:61 GMT", b"Thu, 01 Jan 0001 00:00:00 GMT"),
]
TARGETS = [
    *(("GET", f"{API}/projects"), ("GET", f"{API}/projects/fab"), ("GET", f"{API}/projects.csv")),
    *(("PATCH", f"{API}/projects/fab"), ("POST", f"{API}/sources"), ("POST", f"{API}/imports")),
    *(("GET", f"{API}/changes"), ("GET", "/"), ("GET", "/projects/fab"), ("GET", "/admin/")),
    *(("POST", "/sign-in"), ("GET", "/healthz"), ("GET", "/static/admin/css/base.css")),
]


CASES = [
    (place, name, value) for place, name in enumerate(NAMES) for value in sample(VALUES, 36, place)
]


@pytest.mark.slow
@pytest.mark.usefixtures("every_address")
@together(("method", "target"), TARGETS)
def test_no_header_breaks_the_site(hostile: CalmClient, method: str, target: str) -> None:
    for _place, name, value in CASES[TARGETS.index((method, target)) :: len(TARGETS)]:
        if b"\x00" not in value:  # which no server passes on
            key = name.upper().replace("-", "_")
            is_own = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
            header = {key if is_own else f"HTTP_{key}": value.decode("latin-1")}
            data = {"data": "{}", "content_type": "application/json"} if method != "GET" else {}
            hostile.generic(method, target, **data, **header)
