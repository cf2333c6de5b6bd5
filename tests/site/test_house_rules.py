"""The rules of the house that no linter knows; each check says what to do when it fails."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from simple_history.models import HistoricalChanges

from config import urls
from parks.models import (
    DistinctOrganisations,
    Indicator,
    OrganisationSpelling,
    Region,
    RegionGroup,
    RegionName,
    RetiredCode,
    Sector,
    SectorGroup,
    SeededRow,
)
from parks.models.ledger import Recorded, RecordedQuerySet
from parks.recording.records import Change, Seal
from projects.models import DistinctPair, ProjectSpelling
from tests.paths import ROOT
from tests.together import together

# Each may import those to its right
ARROW = ["pages", "projects", "parks", "api", "sheets", "config"]
LOOK_UP = {"config/urls.py", "config/wsgi.py"}  # the two that see the whole site
FORBIDDEN_FOLDERS = {"common", "core", "helpers", "lib", "misc", "selectors", "services", "utils"}
LONGEST_FUNCTION = 40
LONGEST_FILE = 800
LONGEST_TEST_FILE = 600
SIGNALS = re.compile(r"django\.dispatch|django\.db\.models\.signals|django\.core\.signals")
OF_THIS_MACHINE = re.compile(
    r"(?<![\w.:/}-])/(?:home|root|tmp|Users|work|opt)/\w"  # a path of somebody's machine
    r"|https?://(?:10|127|172\.16|192\.168)\.[\d.]+"  # a host of somebody's network
)
VOCABULARIES = {Indicator, Region, RegionGroup, Sector, SectorGroup}
# Ways around the recording of writes, and who may go them: the recording itself
BYPASSES = {
    *("QuerySet", "_base_manager", "_raw_delete", "_update", "raw", "save_base", "insert_rows")
}
BYPASS_OPTIONS = {"ignore_conflicts", "update_conflicts"}
WRITING_SQL = re.compile(
    r"\b(INSERT\s+INTO|REPLACE\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE)\b"
    r"|\bCOPY\b[^)]*\bFROM\b"
)
MAY_BYPASS = {
    "parks/models/ledger.py": "defines the recorded ways of writing",
    "parks/recording/recording.py": "writes versions, and counts them",
    "parks/recording/change_rows.py": "says which versions there are",
    "config/database/bulk_insert.py": "inserts whatever it is given; who calls it records",
    "config/database/searching.py": "has triggers keep an index, which is no row of the ledger",
    "parks/recording/seals.py": "numbers changes, which are no rows of the ledger",
    "parks/management/commands/protect_history.py": "takes rights away, and writes nothing",
    "parks/names/cell_lookup.py": "notes what it inserts, in the revision that is open",
    "parks/models/organisations.py": "keeps answers of people, which are no rows of the ledger",
    "parks/models/spellings.py": "keeps an index of names, which is no row of the ledger",
    "projects/seeding/fixtures.py": "replaces vocabularies, which keep no versions",
}
# Names that several modules define, and why; any other has one meaning across the tree
SHARED_NAMES = {
    "Command": "is what Django calls the class of each command",
    "DatabaseWrapper": "is what Django calls the class of each database",
    "register": "is where Django looks for tags, and in config the word for what apps bring",
    "recorded": "is the same: config cannot see who records, and passes the call on",
    **dict.fromkeys(
        ("handler400", "handler403", "handler404", "handler500", "urlpatterns"),
        "is where Django looks for it, in the URLs, and where it is written",
    ),
}
# Functions are called by verbs; these may be called by a participle
PARTICIPLES = {"recorded": "reads as a sentence: with recorded(reason=...)"}
VERBS_IN_ED = {"embed", "exceed", "feed", "need", "proceed", "seed", "speed"}
IRREGULAR = set(
    "begun broken built chosen done drawn found given gone held hidden kept known left lost made "
    "meant met paid said seen sent shown sought spent taken told understood unknown written".split()
)
# Nobody reads their messages
WRITTEN_BY_CODE_ALONE = {
    *(Change, DistinctOrganisations, DistinctPair, OrganisationSpelling, ProjectSpelling),
    *(RegionName, RetiredCode, Seal, SeededRow),
}


def source_files(*folders: str) -> list[Path]:
    """The Python files of these folders, without the migrations, which are generated."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    ]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All of a file: several rules look through it, and to walk takes longer than to parse."""
    return [*ast.walk(parsed(path))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """The dotted names of the modules that a file imports."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def our_models() -> list[type[models.Model]]:
    """Our own models, without the tables of versions, which are made from them."""
    return [
        model
        for app in ("parks", "projects")
        for model in apps.get_app_config(app).get_models()
        if not issubclass(model, HistoricalChanges)
    ]


def test_there_is_something_to_check() -> None:
    assert len(source_files(*ARROW)) > 20
    assert len(our_models()) > 15


@together("app", ARROW)
def test_imports_follow_the_arrow(app: str) -> None:
    above = set(ARROW[: ARROW.index(app)])
    wrong = [
        f"{name(path)} imports {module}"
        for path in source_files(app)
        if name(path) not in LOOK_UP
        for module in imported(path)
        if module.split(".")[0] in above
    ]
    assert wrong == []


def test_the_product_imports_neither_its_tests_nor_its_tools() -> None:
    outside = {"tests", "benchmarks", "tools"}
    wrong = [
        f"{name(path)} imports {module}"
        for path in source_files(*ARROW)
        for module in imported(path)
        if module.split(".")[0] in outside
    ]
    assert wrong == []


def words_of_projects() -> set[str]:
    """The labels of the models of projects, and what rows of parks are given by them."""
    models_above = list(apps.get_app_config("projects").get_models())
    accessors = {
        relation.get_accessor_name()
        for model in apps.get_app_config("parks").get_models()
        for relation in model._meta.related_objects
        if relation.related_model in models_above
    }
    routes = {pattern.name for pattern in urls.api if (pattern.name or "").startswith("project")}
    return accessors | routes | {model._meta.label for model in models_above}


def test_parks_does_not_speak_of_projects() -> None:
    """No relation, address or model of theirs is named: what needs them stands in `projects`."""
    words = words_of_projects()
    assert {"projects", "events", "project-list", "projects.Project"} <= words
    wrong = {
        f"{name(path)}:{node.lineno} {word}"
        for path in source_files("parks")
        if path.name != "examples.py"
        for node in nodes(path)
        for word in [getattr(node, "value", None), getattr(node, "attr", None)]
        if isinstance(node, ast.Constant | ast.Attribute)
        if isinstance(word, str) and word in words
    }
    assert wrong == set()


OF_THE_DOMAIN = re.compile(
    r"(?<![a-z])(parks?|projects?|investors?|milestones?|sectors?|regions?|fundings?|events?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
SPEAK_OF_THE_DOMAIN = {
    "config/environment.py": "where the app has what its accounts need",
    "config/apps.py": "the name of the product",
    "config/examinations.py": "a column of PostgreSQL: wait_event",
    "config/profile.py": "the name of the product, which it replaces",
    "config/settings.py": "the name of the product, and which apps there are",
    "config/urls.py": "the one that looks up the other way",
    "sheets/amounts.py": "units in which things are counted: 152个项目",
}


def test_config_does_not_speak_of_the_domain() -> None:
    """Neither in code nor in what is said of it: the apps register what is theirs."""
    found = {
        name(path): words
        for path in source_files("config", "sheets", "api")
        if (words := [match[0] for match in OF_THE_DOMAIN.finditer(path.read_text("utf-8"))])
    }
    assert {path: words for path, words in found.items() if path not in SPEAK_OF_THE_DOMAIN} == {}
    assert found.keys() == SPEAK_OF_THE_DOMAIN.keys()


LOOKED_UP_BY_TEXT = {"get_model", "import_module", "import_string", "__import__"}


def test_nothing_is_looked_up_by_a_text_that_hides_an_import() -> None:
    """What a lower layer needs of a higher one is registered: see `ready` in both `apps.py`."""
    wrong = {
        f"{name(path)}:{line} {word}"
        for path in source_files(*ARROW)
        for line, word in called(path)
        if word in LOOKED_UP_BY_TEXT
    }
    assert wrong == set()


def test_no_folder_or_module_is_a_drawer_for_everything() -> None:
    wrong = {
        name(path)
        for path in source_files(*ARROW, "tests", "benchmarks", "tools", "fixtures")
        if FORBIDDEN_FOLDERS & {*path.relative_to(ROOT).parts, path.stem}
    }
    assert wrong == set()


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}: {function.name} has {length} lines"
        for path in source_files(*ARROW)
        for function in functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize(
    ("folders", "longest"), [(ARROW, LONGEST_FILE), (["tests", "benchmarks"], LONGEST_TEST_FILE)]
)
def test_files_are_short(folders: list[str], longest: int) -> None:
    long = [
        f"{name(path)} has {length} lines"
        for path in source_files(*folders)
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > longest
    ]
    assert long == []


def public_names(path: Path) -> Iterator[str]:
    """The names of the functions, classes and constants that a module defines for others."""
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))


def test_a_public_name_has_one_meaning() -> None:
    """Rename one of the two, with a prefix or a verb, or begin it with `_` if nobody imports it."""
    places: dict[str, set[str]] = {}
    for path in source_files(*ARROW):
        for public in public_names(path):
            places.setdefault(public, set()).add(name(path))
    shared = {public: files for public, files in places.items() if len(files) > 1}
    assert {public: files for public, files in shared.items() if public not in SHARED_NAMES} == {}
    assert set(SHARED_NAMES) <= set(shared)


def is_read_as_a_thing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method is a property, or a column of the admin: these are called by nouns."""
    return any(
        re.search(r"property|setter|display", ast.unparse(decorator))
        for decorator in function.decorator_list
    )


def test_functions_are_called_by_verbs() -> None:
    wrong = []
    for path in source_files(*ARROW):
        for function in functions(path):
            first = function.name.strip("_").split("_")[0]
            is_participle = first in IRREGULAR or (
                first.endswith("ed") and first not in VERBS_IN_ED
            )
            if (
                is_participle
                and function.name not in PARTICIPLES
                and not is_read_as_a_thing(function)
            ):
                wrong.append(f"{name(path)}:{function.lineno} {function.name}")
    assert wrong == []


# What begins a sentence without a verb: such a docstring says what is there, not what is done.
BEGIN_NO_ACT = set(
    "a all an any as both by changes each errors events every for half how if in it its neither no "
    "none of on one project projects row rows sorted such text that the their these they this "
    "those two up what when where whether which who whole whose why with".split()
)
# Of these the API's document shows the docstring as their title
SHOWN_OPERATIONS = {"action", "extend_schema", "get", "list", "post", "retrieve"}


def says_what_is_there(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = {ast.unparse(each).partition("(")[0] for each in function.decorator_list}
    is_shown = not SHOWN_OPERATIONS.isdisjoint({*decorators, function.name})
    return is_shown or is_read_as_a_thing(function)


def test_docstrings_of_functions_begin_with_a_verb() -> None:
    wrong = {
        f"{name(path)}: {function.name}: {said.splitlines()[0]}"
        for path in source_files(*ARROW, "tools")
        for function in functions(path)
        if not function.name.startswith("_") and not says_what_is_there(function)
        if (said := ast.get_docstring(function))
        if re.split(r"[\W_]", said, maxsplit=1)[0].lower() in BEGIN_NO_ACT
    }
    assert wrong == set()


def test_nothing_happens_by_signals() -> None:
    wrong = [
        name(path)
        for path in source_files("parks", "projects")
        if SIGNALS.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path in source_files(*ARROW, "fixtures", "benchmarks")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if OF_THIS_MACHINE.search(line)
    ]
    assert wrong == []


def test_no_day_is_that_of_another_zone() -> None:
    wrong = [
        name(path)
        for path in source_files(*ARROW, "tests")
        if re.search(r"now\((UTC)?\)\.date\(\)", path.read_text(encoding="utf-8"))
    ]
    assert wrong == [], "ask timezone.localdate(): for eight hours a day UTC has yesterday"


def test_every_constraint_has_a_name_and_a_message() -> None:
    dumb = [
        constraint.name
        for model in our_models()
        if model not in WRITTEN_BY_CODE_ALONE
        for constraint in model._meta.constraints
        if constraint.violation_error_message == constraint.default_violation_error_message
    ]
    assert dumb == []


def test_only_parks_and_projects_hold_models() -> None:
    for app in ("config", "pages"):
        assert list(apps.get_app_config(app).get_models()) == []


def test_nothing_is_unique_or_checked_without_a_named_constraint() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key and not field.is_relation
    ]
    assert wrong == []
    assert [model._meta.label for model in our_models() if model._meta.unique_together] == []


def test_vocabularies_are_protected() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model in VOCABULARIES
        and field.remote_field.on_delete is not models.PROTECT
        # A name or a membership is a part of its region or group, and goes with it.
        and not (field.name == "group" or model is RegionName)
    ]
    assert wrong == []


def test_vocabularies_have_their_codes_as_keys() -> None:
    assert {model._meta.pk.name for model in VOCABULARIES} == {"code"}


def test_amounts_in_yuan_are_whole_numbers() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.name.endswith("_cny") and not isinstance(field, models.BigIntegerField)
    ]
    assert wrong == []


# Derived from the ends of periods, a month by definition, or written down on a day.
WHOLE_DAYS = {
    "projects.Project.news_on",
    "projects.Project.next_planned_on",
    *("projects.Funding.month", "projects.Edition.month"),
    *("projects.Project.latest_progress_on", "projects.Project.next_step_due_on"),
    *("projects.ProgressNote.noted_on", "projects.ProgressNote.due_on"),
    "projects.Return.returned_on",
    "projects.PlanMove.moved_on",
    *("projects.LightExcuse.from_on", "projects.LightExcuse.until_on"),
    *(f"projects.Obstacle.{name}" for name in ("raised_on", "due_on", "solved_on")),
}


def test_every_partial_date_has_its_precision() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        if not hasattr(model, "valid_from")
        for field in model._meta.local_fields
        if isinstance(field, models.DateField)
        and not isinstance(field, models.DateTimeField)
        and not hasattr(model, f"{field.name}_precision")
        and f"{model._meta.label}.{field.name}" not in WHOLE_DAYS
    ]
    assert wrong == []


# --- Recording ----------------------------------------------------------------------------------


# What a related manager could be taken for
SETS = {"projects/importing/stored.py: events"}


def recorded_models() -> list[type[Recorded]]:
    return [model for model in our_models() if issubclass(model, Recorded)]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The texts in a module, what is filled into them as `{}`."""
    for node in nodes(path):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def called(path: Path) -> Iterator[tuple[int, str]]:
    """What a module calls or reads by these names, and the options it passes."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.lineno, getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from ((node.lineno, option.arg or "") for option in node.keywords)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            yield node.lineno, node.attr


def test_nothing_goes_around_the_recording_of_writes() -> None:
    found = {
        f"{name(path)}:{line} {word}"
        for path in source_files(*ARROW)
        if name(path) not in MAY_BYPASS
        for line, word in called(path)
        if word in BYPASSES | BYPASS_OPTIONS
    }
    assert found == set()


def test_nothing_is_written_by_sql_of_our_own() -> None:
    found = {
        f"{name(path)}:{line} {text.strip()[:40]}"
        for path in source_files(*ARROW)
        if name(path) not in MAY_BYPASS
        for line, text in texts(path)
        if WRITING_SQL.search(text)
    }
    assert found == set()


def test_whoever_may_go_around_the_recording_is_still_there() -> None:
    assert {place for place in MAY_BYPASS if not (ROOT / place).is_file()} == set()


def test_rows_are_linked_to_others_by_saving_them() -> None:
    """A related manager writes the keys of rows, or their members, past the rows themselves."""
    links = {
        field.get_accessor_name() if field.auto_created else field.name
        for model in recorded_models()
        for field in model._meta.get_fields()
        if field.one_to_many or field.many_to_many
    }
    found = {
        f"{name(path)}:{node.lineno} {node.func.value.attr}.{node.func.attr}"
        for path in source_files("parks", "projects")
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"add", "set", "remove", "clear"}
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr in links
        and f"{name(path)}: {node.func.value.attr}" not in SETS
    }
    assert found == set()


def test_every_manager_of_a_recorded_model_records() -> None:
    wrong = [
        f"{model._meta.label}.{manager.name}"
        for model in recorded_models()
        for manager in model._meta.managers
        if manager.name != "history" and not isinstance(manager.all(), RecordedQuerySet)
    ]
    assert wrong == []


# Set to null by the recorded update in `Appended.delete`, before the row goes
SET_NULL_BY_HAND = {
    f"{claim}.superseded_by"
    for claim in (
        *("parks.Figure", "projects.ProjectFigure", "projects.EventFigure"),
        "projects.ProgressNote",
    )
}


KEPT_BACK = (models.PROTECT, models.RESTRICT)  # refuse the deletion


def test_no_deletion_reaches_a_recorded_row_without_recording_it() -> None:
    wrong = []
    for model in recorded_models():
        for link in model._meta.concrete_fields:
            if not link.is_relation or link.remote_field.on_delete in KEPT_BACK:
                continue
            label = f"{model._meta.label}.{link.name}"
            owner = link.related_model
            is_owned = (
                link.remote_field.on_delete is models.CASCADE
                and link.remote_field.get_accessor_name() in getattr(owner, "owns", ())
            )
            is_set_null = link.remote_field.on_delete is models.SET_NULL
            if not is_owned and not (is_set_null and label in SET_NULL_BY_HAND):
                wrong.append(label)
    assert wrong == []
