"""Whole answers, as they were before: what a client reads is not changed by accident."""

import json
from typing import Any

from tests.paths import DATA

KEPT = DATA / "answers.json"
MOVING = {"id", "version", "created_at", "updated_at"}


def hide_moving(value: Any) -> Any:
    """An answer without what is another one in each run."""
    if isinstance(value, dict):
        return {name: hide_moving(each) for name, each in value.items()} | {
            name: "…" for name in MOVING & {*value} if name != "id" or isinstance(value[name], int)
        }
    return [hide_moving(each) for each in value] if isinstance(value, list) else value


def check_kept(name: str, answer: Any) -> None:
    """Look at what differs, delete it from the file: the next run writes it, and fails."""
    kept = json.loads(KEPT.read_text("utf-8"))
    shown = hide_moving(answer)
    if name not in kept:
        kept[name] = shown
        text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
        KEPT.write_text(f"{text}\n", "utf-8")
        raise AssertionError(f"{name} is now kept in {KEPT.name}: read it there, then run again")
    assert shown == kept[name], name
