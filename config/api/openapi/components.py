"""The OpenAPI document says once what many operations have in common.

What repeats moves to `components` and is referred to: parameters, headers, and answers. The ways to
sign in that most operations take are said of all. Schemas to which nothing refers are left out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, MutableMapping
from typing import Any

from config.api.openapi.examples import JSON

Described = dict[str, Any]
# A parameter, header or answer where it stands: what holds it, by which key, and its operation.
Place = tuple[MutableMapping[Any, Any] | list[Any], Any, Described]
OF_STATUS = {"201": "Created", "204": "Deleted", "304": "NotModified"}


def name_repeated(result: Described, **_options: Any) -> Described:
    """Refer to each parameter, header and answer that repeats: a postprocessing hook."""
    operations = [each for item in result["paths"].values() for each in item.values()]
    components = result.setdefault("components", {})
    for kind, find in (
        ("headers", _find_headers),
        ("parameters", _find_parameters),
        ("responses", _find_answers),
    ):
        named = components.setdefault(kind, {})
        named |= _lift(kind, [place for each in operations for place in find(each)], {*named})
        components[kind] = dict(sorted(named.items()))
    result |= _share_security(operations)
    _drop_unused(result)
    return result


def _drop_unused(result: Described) -> None:
    """Drop the schemas of bodies that nobody sends: those of fields that are only read."""
    schemas = result["components"].get("schemas", {})
    text = json.dumps(result, default=str)
    for name in [each for each in schemas if f'"#/components/schemas/{each}"' not in text]:
        del schemas[name]


def _share_security(operations: list[Described]) -> Described:
    """Take what most operations say of signing in from them; it holds where they say nothing."""
    texts = [json.dumps(each["security"]) for each in operations if "security" in each]
    if not texts:
        return {}
    ((usual, _times),) = Counter(texts).most_common(1)
    for operation in operations:
        if json.dumps(operation.get("security")) == usual:
            del operation["security"]
    return {"security": json.loads(usual)}


def _find_parameters(operation: Described) -> Iterator[tuple[str, Place]]:
    parameters = operation.get("parameters", [])
    for number, parameter in enumerate(parameters):
        yield parameter["name"], (parameters, number, operation)


def _find_headers(operation: Described) -> Iterator[tuple[str, Place]]:
    for answer in operation["responses"].values():
        for name in answer.get("headers", ()):
            yield name, (answer["headers"], name, operation)


def _find_answers(operation: Described) -> Iterator[tuple[str, Place]]:
    answers = operation["responses"]
    for status in answers:
        if "$ref" not in answers[status]:
            yield _name_answer(status, answers[status]), (answers, status, operation)


def _name_answer(status: str, answer: Described) -> str:
    """Name an answer by what it holds and what was done: `Row`, `RowCreated`, `CsvFile`."""
    done = OF_STATUS.get(status, "")
    for media_type, media in answer.get("content", {}).items():
        if media_type == JSON:
            return f"{media['schema'].get('$ref', 'Answer').rpartition('/')[2]}{done}"
        form = media_type.partition(";")[0].partition("/")[2].split(".")[-1].partition("+")[0]
        return f"{form.capitalize()}File"
    return done


def _lift(kind: str, found: list[tuple[str, Place]], taken: set[str]) -> Described:
    """Put a reference at each place whose content stands elsewhere, too; returns the contents."""
    texts = [
        json.dumps(holder[key], sort_keys=True, default=str)  # some texts are still lazy
        for _name, (holder, key, _operation) in found
    ]
    times, names = Counter(texts), _name_texts(found, texts, taken)
    lifted: Described = {}
    for text, (_name, (holder, key, _operation)) in zip(texts, found, strict=True):
        if times[text] > 1:
            lifted.setdefault(names[text], holder[key])
            holder[key] = {"$ref": f"#/components/{kind}/{names[text]}"}
    return lifted


def _name_texts(
    found: list[tuple[str, Place]], texts: list[str], taken: set[str]
) -> dict[str, str]:
    """Name each content: by its own name where one content has it, else with where it is used."""
    variants: dict[str, list[str]] = defaultdict(list)
    first_use: dict[str, Described] = {}
    for text, (name, (_holder, _key, operation)) in zip(texts, found, strict=True):
        if text not in first_use:
            first_use[text] = operation
            variants[name].append(text)
    names: dict[str, str] = {}
    used = {*taken}
    for name, same in variants.items():
        for text in same:
            operation = first_use[text]
            ways = [name] if len(same) == 1 else []
            ways += [f"{name}.{operation['tags'][0]}", f"{name}.{operation['operationId']}"]
            names[text] = next(way for way in ways if way not in used)
            used.add(names[text])
    return names
