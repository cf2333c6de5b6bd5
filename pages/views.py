"""The base of every page: it asks the API, and shows its refusals as sentences."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from api.asking import RefusedError, ask_api, build_call, date_question
from api.caching import digest_representation, find_answer, is_worth_keeping, keep_answer
from api.problems.handlers import Remedy, answer_error_page, answer_unavailable
from api.problems.problems import problem_response
from config.database.history import ledger_version
from config.database.prepared import snapshot
from config.database.replicas import CONNECTION_ERRORS, leave_out, reading_elsewhere
from config.mistakes import Mistake
from pages.addresses import change_query, find_page_of_row, join_address, read_query
from pages.language import find_other_language, find_other_name, say_name
from pages.parts import blocks
from pages.parts.sharing import complete_blocks, describe_page
from pages.parts.summary_tables import plan_picture, read_question, tabulate_summary
from parks.access import PUBLIC_VIEW, has_any_rights, rights_of

# What decides a page beside its address: the language is a cookie's or the browser's
RECENT = "recent"  # in the session of a user: the pages of rows that were read last
_MOST_RECENT = 12
# Lists whose rows have briefs, and reports of a period
WITH_PAPERS = ("projects", "parks", "events", "organisations", "editions")
_REPORTED = {"parks": "park", "regions": "region"}
VARIES_PAGES_BY = ("Accept-Language", "Cookie")


@csrf_exempt  # another site could change what is shown to its user and nothing else
@require_POST
def choose_view(request: HttpRequest) -> HttpResponse:
    """Keep in the session whether `public` pages are shown, and go back to `next`."""
    if request.POST.get("public") and request.user.is_authenticated:
        request.session[PUBLIC_VIEW] = True
    else:
        request.session.pop(PUBLIC_VIEW, None)
    following = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(following, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(following if is_ours else "/")


class PageView(View):
    """A page: `build` says what its template shows. All of it is of one state of the ledger.

    Pages of visitors who have not signed in are kept, as responses of the API are, until a write.
    """

    http_method_names = ["get", "head", "options"]
    template_name: ClassVar[str]
    section: ClassVar[str] = ""  # of the bar
    is_for_roles: ClassVar[bool] = False  # then no browser keeps it
    takes_as_of: ClassVar[bool] = True  # whether it can be of a moment in the past
    is_cited: ClassVar[bool] = True  # whether others can look at the same
    picture_root: ClassVar[str] = "/charts"

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        digest = self.digest_page()
        if digest and (kept := find_answer(digest)):
            return self.finish(kept[0])
        try:
            shown = self.look()
        except RefusedError as refusal:
            return self.answer_refusal(refusal)
        if "code" in kwargs and request.user.is_authenticated:
            before = request.session.get(RECENT, [])
            seen = [*dict.fromkeys([request.path, *before])][:_MOST_RECENT]
            if seen != before:
                request.session[RECENT] = seen
        page = self.show(self.template_name, shown)
        if digest and is_worth_keeping(page) and self.digest_page() == digest:
            keep_answer(digest, page, dict(page.headers), "")
        return self.finish(page)

    def digest_page(self) -> str:
        """Digest everything that the page of a visitor depends on; blank for a user's own page."""
        if self.request.user.is_authenticated:
            return ""
        return digest_representation(self.request, ledger_version(), "visitor")

    def look(self) -> dict[str, Any]:
        """Build the context of the template, with the share links of each block."""
        self.query = read_query(self.request)
        rights_of(self.request.user)  # who may see what, no standby is asked
        with reading_elsewhere() as replica:
            try:
                return self.look_at_once()
            except (RefusedError, *CONNECTION_ERRORS) as error:
                status = getattr(error, "status", HTTPStatus.SERVICE_UNAVAILABLE)
                if replica is None or status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
        leave_out(replica, "a page failed there")
        return self.look_at_once()

    def look_at_once(self) -> dict[str, Any]:
        """Build the context from one snapshot of one database."""
        with snapshot():
            shown = self.build(**self.kwargs)
        return complete_blocks(self.request, shown, self.moment, self.is_cited)

    @property
    def moment(self) -> str | None:
        """Return the moment that the page shows, as it was requested; None for now."""
        return self.query.get("as_of") if self.takes_as_of else None

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        """Build the context of the template; RefusedError if the API rejects a request."""
        raise NotImplementedError

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any] | None:
        """Build the context for a rejected question; None for the plain error page."""
        return None

    def ask(self, resource: str, question: Mapping[str, Any] | None = None) -> Any:
        """Call the API as the user of this page."""
        asked = question or {}
        if self.takes_as_of:
            asked = date_question(resource, asked, self.moment)
        return ask_api(self.request, resource, asked)

    def call_api(self, resource: str, question: Mapping[str, Any]) -> str:
        """Return the absolute URL at which the API answers a question."""
        asked = blocks.flatten_query(date_question(resource, question, None))
        return self.request.build_absolute_uri(build_call(resource, asked))

    def build_head(
        self, address: str, row: Mapping[str, Any], tools: Sequence[blocks.Tool] = ()
    ) -> dict[str, Any]:
        """Build the names of the row that a page is about, with its API call and files."""
        resource, _slash, code = address.partition("/")
        if resource in WITH_PAPERS:
            tools = [*blocks.build_tools(address, {}, blocks.PAPER_FILES), *tools]
        if resource in _REPORTED:
            report = join_address("/bulletin", {_REPORTED[resource]: code})
            tools = [*tools, blocks.Tool(_("Monthly report"), report)]
        return {
            "title": say_name(row),
            "badge": blocks.say_publication(row),
            "other_name": blocks.text_cell(find_other_name(row)),
            "page": blocks.Block("", tools=tools, call=self.call_api(address, self.query)),
        }

    def build_block(
        self,
        resource: str,
        question: Mapping[str, Any],
        table: blocks.PageTable | None,
        anchor: str = "",
        *,
        endings: Sequence[str] = blocks.TABLE_FILES,
        **further: Any,
    ) -> blocks.Block:
        """Build the block of what the API answers to a question, with its files and its call.

        The caption of the table is its title, unless another one is given.
        """
        further.setdefault("title", table.caption if table else "")
        tools = blocks.build_tools(resource, question, endings)
        call = self.call_api(resource, question)
        return blocks.Block(table=table, anchor=anchor, tools=tools, call=call, **further)

    def build_sums(
        self,
        answer: Mapping[str, Any],
        table: blocks.PageTable,
        anchor: str,
        question: Mapping[str, Any] | None = None,
        *,
        resource: str = "projects/summary",
        endings: Sequence[str] = blocks.SUM_FILES,
        **further: Any,
    ) -> blocks.Block:
        """Build the block of the table of a summary, with what its words mean.

        Its files ask what the answer says was asked, unless a question is given.
        """
        asked, meanings = question or read_question(answer), blocks.list_definitions(answer)
        return self.build_block(
            resource, asked, table, anchor, endings=endings, definitions=meanings, **further
        )

    def build_summary(
        self,
        answer: Mapping[str, Any],
        title: str,
        head: str,
        anchor: str,
        question: Mapping[str, Any] | None = None,
        **further: Any,
    ) -> blocks.Block:
        """Build the block of a summary by one dimension, with its chart; see `build_sums`."""
        table = tabulate_summary(answer, title, head)
        asked = question or read_question(answer)
        picture = plan_picture(self.picture_root, "projects/summary", asked, answer)
        return self.build_sums(answer, table, anchor, question, picture=picture, **further)

    def show(self, template: str, shown: Mapping[str, Any], status: int = 200) -> HttpResponse:
        """Render a template in the frame of the site."""
        frame = {
            "section": self.section,
            "address": self.request.get_full_path(),
            "title_language": find_other_language(str(shown.get("title", ""))),
            "preview": describe_page(self.request, shown),
            "printed_on": timezone.localdate(),
            "has_public_view": settings.PUBLIC_READ and has_any_rights(self.request.user),
        }
        if self.takes_as_of:
            kept = change_query(self.query, as_of=None)
            frame["as_of"] = {
                "moment": self.moment or "",
                "action": self.request.path,
                "kept": [(name, value) for name in kept for value in kept.getlist(name)],
                "now": join_address(self.request.path, kept),
            }
        return render(self.request, template, {**frame, **shown}, status=status)

    def finish(self, response: HttpResponse) -> HttpResponseBase:
        """Set the cache headers, and return 304 if the client has the page."""
        patch_vary_headers(response, VARIES_PAGES_BY)
        kept_by = "private" if self.request.user.is_authenticated else "public"
        kept = "no-store" if self.is_for_roles else f"{kept_by}, no-cache"
        response.headers["Cache-Control"] = kept
        if response.status_code != HTTPStatus.OK:
            return response
        digest = blake2b(response.content, digest_size=16).hexdigest()
        response.headers["ETag"] = etag = f'"{digest}"'
        return get_conditional_response(self.request, etag=etag, response=response) or response

    def answer_refusal(self, refusal: RefusedError) -> HttpResponseBase:
        """Answer a rejected question: a redirect, 503, or an error page."""
        address = self.request.get_full_path()
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            response = redirect_to_login(address)
            patch_vary_headers(response, VARIES_PAGES_BY)
            response.headers["Cache-Control"] = "no-store"
            return response
        if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return answer_unavailable(self.request)
        if refusal.location:  # merged into another, whose page says all
            successor = find_page_of_row(refusal.location)
            return HttpResponseRedirect(join_address(successor, read_query(self.request)))
        remedies = [
            remedy for error in refusal.problem["errors"] for remedy in self.list_remedies_of(error)
        ]
        details, shown = list_details(refusal, self.label_parameters()), None
        if refusal.status == HTTPStatus.BAD_REQUEST:
            with suppress(RefusedError):  # the lists of the page may be of the same wrong moment
                shown = self.build_refused(refusal)
        if shown:
            wrong = {"details": details, "remedies": remedies}
            page = self.show(self.template_name, {**shown, "wrong": wrong}, HTTPStatus.BAD_REQUEST)
            return self.finish(page)
        title = str(refusal.problem["title"])
        return answer_error_page(self.request, refusal.status, title, details, remedies)

    def label_parameters(self) -> Mapping[str, str]:
        """Return what the form of the page calls its parameters."""
        return {}

    def list_remedies_of(self, error: Mapping[str, Any]) -> list[Remedy]:
        """List the suggestions of an error in a parameter or in the code of the address."""
        name = error.get("parameter", "")
        if name in self.kwargs:
            rows = [row for row in error.get("candidates", ()) if isinstance(row, Mapping)]
            before = self.request.path.removesuffix(self.kwargs[name])
            return [Remedy(say_name(row), f"{before}{row['code']}") for row in rows]
        suggestion = error.get("suggestion")
        if name not in self.query or not isinstance(suggestion, str):
            return []
        if error["code"] == "unknown_parameter":
            changed = change_query(self.query, **{suggestion: str(self.query[name]), name: None})
        else:
            changed = change_query(self.query, **{name: suggestion})
        text = _("Did you mean “%(suggestion)s”?") % {"suggestion": suggestion}
        return [Remedy(text, join_address(self.request.path, changed))]


def build_value_refusal(mistake: Mistake, name: str) -> RefusedError:
    """Build the refusal of a parameter of the page, as the API would answer it."""
    mistake, detail = mistake.at(parameter=name), mistake.messages[0]
    answer = problem_response(None, 400, "validation-failed", detail=detail, errors=[mistake])
    return RefusedError(orjson.loads(answer.content))


def list_details(
    refusal: RefusedError, labels: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """List what is wrong, with the labels of parameters that a page has for their names."""

    def say(error: Mapping[str, Any]) -> str:
        known = {} if error["code"] == "unknown_parameter" else labels
        return re.sub(
            "“([a-z_]+)”", lambda name: f"“{known.get(name[1], name[1])}”", str(error["detail"])
        )

    errors = [*map(say, refusal.problem["errors"])]
    return list(dict.fromkeys(errors)) or [str(refusal.problem["detail"])]
