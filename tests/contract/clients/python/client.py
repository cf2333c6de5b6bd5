"""The tasks of every client, with the package that openapi-python-client makes."""

import json
import sys
from functools import partial
from types import ModuleType
from typing import Any

from made.api.projects import (
    projects_bulk_post,
    projects_csv,
    projects_list,
    projects_partial_update,
    projects_retrieve,
    projects_summary,
)
from made.client import AuthenticatedClient
from made.models import (
    BulkRequest,
    BulkRowRequest,
    PatchedProjectDetailRequest,
    ProjectsBulkPostOnExisting,
    ProjectsListCount,
)
from made.models.projects_summary_group_by_item import ProjectsSummaryGroupByItem

PARK = "baodi-zgc"
client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])


def ask(operation: ModuleType, *path: str, **given: Any) -> Any:
    return operation.sync_detailed(*path, client=client, **given)


page = ask(projects_list, park=PARK, limit=3, count=ProjectsListCount.EXACT).parsed
dimensions = [ProjectsSummaryGroupByItem.PARK, ProjectsSummaryGroupByItem.SIGNED_YEAR]
summary = ask(projects_summary, group_by=dimensions).parsed
code = page.results[0].code
tag = ask(projects_retrieve, code).headers["ETag"]
note = PatchedProjectDetailRequest(note="Seen by openapi-python-client.")
edited = ask(projects_partial_update, code, if_match=tag, body=note).parsed
refused = ask(projects_partial_update, code, if_match=tag, body=note)
row = BulkRowRequest(code="by-openapi-python-client", park=PARK, name_zh="白鹭光学")
update = ProjectsBulkPostOnExisting.UPDATE
upsert = partial(ask, projects_bulk_post, body=BulkRequest([row]), on_existing=update)
upserts = [upsert().parsed, upsert().parsed]
csv = ask(projects_csv, park=PARK, columns=["code", "stage"], bom=False)
wrong = ask(projects_list, park="baodi").parsed
told = {
    "count": page.count,
    "codes": [row.code for row in page.results],
    "amounts": [row.investment_cny for row in page.results],
    "cells": [[row.park.value, row.signed_year.value, row.count] for row in summary.rows],
    "total": summary.total.count,
    "note": edited.note,
    "refused": [refused.status_code, refused.parsed.type_, refused.parsed.changed_fields],
    "upserts": [[each.created, each.same] for each in upserts],
    "csv": csv.content.decode(),
    "problem": [wrong.type_, wrong.errors[0].parameter, wrong.errors[0].code],
}
print(json.dumps(told))
