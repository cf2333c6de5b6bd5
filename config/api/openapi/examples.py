"""Examples in the OpenAPI document: made from the schemas, so that they cannot contradict them."""

import re
from collections.abc import Mapping
from typing import Any

from config.api.openapi.example_bodies import BODIES, FILES, PARAMETERS, ROWS, UPLOAD
from config.api.problems.problems import PROBLEM_MEDIA_TYPE, PROBLEM_TYPES, TYPE_OF_STATUS

Schema = Mapping[str, Any]
MAX_DEPTH = 12
JSON = "application/json"
FORM = "multipart/form-data"
# Of rows that the shipped ledger has none of, or that are numbered
SOME_CODE = "import-2023-11"
SOME_ID = "17"

# What a field of this name holds, where its schema allows it
WORDS: dict[str, Any] = {
    "code": "baodi-2023-017",
    "name_zh": "京津中关村科技城芯片封装项目",
    "name_en": "Chip packaging project",
    "park": "baodi-zgc",
    "park_name_zh": "宝坻京津中关村科技城",
    "park_name_en": "Baodi Beijing-Tianjin Zhongguancun Science Town",
    "origin": "110108",
    "origin_name_zh": "海淀区",
    "origin_name_en": "Haidian District",
    "origin_text": "北京市海淀区",
    "region": "120115",
    "place": "120115",
    "sector": "C3973",
    "sector_name_zh": "集成电路制造",
    "sector_name_en": "Integrated circuit manufacturing",
    "investment_cny": 150_000_000,
    "amount_cny": 150_000_000,
    "reported_cny": 150_000_000,
    "size_floor_cny": 100_000_000,
    "signed_on": "2023-11",
    "signed_year": 2023,
    "month": "2023-11",
    "land_mu": 42.5,
    "share_bp": 6_000,
    "version": 4,
    "id": 17,
    "uscc": "91120224MA06F4X00K",
    "currency": "USD",
    "url": "https://example.org/report",
    "list_url": "https://ledger.example.org/api/v1/projects?park=baodi-zgc",
    "organisation": ROWS["organisations"],
    "event": ROWS["events"],
    "source": ROWS["sources"],
    "indicator": "investment",
    "count": 12,
    "next": "https://ledger.example.org/api/v1/projects?cursor=WyIxMDAiXQ",
    "previous": None,
    "request_id": "3d068c16b6f84c0bb0d3f8f7a2a4c7d1",
    "after": "3f2a9c1b-1043-a81f03c2",
}
# Of texts with a pattern, the first that it matches is taken
SAMPLES = (
    "2023-11",
    "2023",
    "baodi-2023-017",
    "tax",
    "C3973",
    "110108",
    "1.5亿元",
    "CNY",
    "A",
    "1",
)
FORMATS = {
    "date": "2023-11-29",
    "date-time": "2024-03-05T02:11:09Z",
    "uri": "https://example.org/report",
    "uri-reference": "/problems/validation-failed",
    "binary": "",
}


def add_examples(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Postprocessing hook: gives each JSON body, asked for or answered, an example."""
    made = Examples(result.get("components", {}).get("schemas", {}))
    for response in result.get("components", {}).get("responses", {}).values():
        add_problem(response)
    for path, operations in result["paths"].items():
        for operation in operations.values():
            add_request(path, operation)
            for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
                for kind, media in body.get("content", {}).items():
                    if "schema" in media and not {"example", "examples"} & media.keys():
                        if kind in FILES:
                            media["example"] = FILES[kind]
                        elif kind == JSON:
                            media["example"] = made.of(media["schema"])
    return result


def add_request(path: str, operation: dict[str, Any]) -> None:
    """A request that the shipped ledger takes: the address, what must be asked, the body."""
    steps = path.split("/")
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path" and "example" not in parameter:
            # The step before the parameter says of which resource it is.
            resource = steps[steps.index(f"{{{name}}}") - 1]
            parameter["example"] = ROWS.get(resource, SOME_CODE if name == "code" else SOME_ID)
        elif parameter.get("required") and name in PARAMETERS:
            parameter["example"] = PARAMETERS[name]
    content = operation.get("requestBody", {}).get("content", {})
    if operation["operationId"] in BODIES:
        content[JSON]["example"] = BODIES[operation["operationId"]]
    elif FORM in content:
        content[FORM]["example"] = UPLOAD


def add_problem(response: dict[str, Any]) -> None:
    """A problem of the status that the response is for."""
    media = response.get("content", {}).get(PROBLEM_MEDIA_TYPE)
    if media is None:
        return
    slug = TYPE_OF_STATUS[media["x-status"]]
    del media["x-status"]
    media["example"] = {
        "type": f"/problems/{slug}",
        "title": str(PROBLEM_TYPES[slug].title),
        "status": PROBLEM_TYPES[slug].status,
        "detail": str(response["description"]),
        "errors": [],
        "request_id": WORDS["request_id"],
    }


class Examples:
    """Makes values that a schema allows; `components` are the schemas that it may refer to."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self.components = components

    def of(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value of a schema, and of a field of this name if it allows the usual one."""
        schema = self.resolved(schema)
        if said := schema.get("examples"):
            return said[0]
        for word in ("example", "const", "default"):
            if word in schema:
                return schema[word]
        if choices := schema.get("enum"):
            return choices[0]
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return self.of(schema[word][0], name, depth)
        return self.by_type(schema, name, depth)

    def by_type(self, schema: Schema, name: str, depth: int) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        kind = kinds[0]
        if name in WORDS and fits(WORDS[name], kinds, schema):
            return WORDS[name]
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            return [] if depth >= MAX_DEPTH else [self.of(schema["items"], name, depth + 1)]
        return self.plain(kind, schema)

    def object(self, schema: Schema, depth: int) -> Any:
        if depth >= MAX_DEPTH:
            return {}
        fields = schema.get("properties", {})
        made = {name: self.of(field, name, depth + 1) for name, field in fields.items()}
        rest = schema.get("additionalProperties")
        if not fields and isinstance(rest, Mapping):
            made["baodi-zgc"] = self.of(rest, "", depth + 1)
        return made

    def plain(self, kind: str, schema: Schema) -> Any:
        if kind == "string":
            if pattern := schema.get("pattern"):
                return next((text for text in SAMPLES if re.search(pattern, text)), "")
            text = FORMATS.get(schema.get("format", ""), "…")
            return text[: schema.get("maxLength", len(text))]
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        return None

    def resolved(self, schema: Schema) -> Schema:
        if reference := schema.get("$ref"):
            return self.resolved(self.components[reference.rsplit("/", 1)[-1]])
        if len(parts := schema.get("allOf", ())) == 1:
            return {**self.resolved(parts[0]), **{k: v for k, v in schema.items() if k != "allOf"}}
        return schema


def fits(value: Any, kinds: list[str], schema: Schema) -> bool:
    """Whether a value is of one of these types, and not longer or larger than allowed."""
    types: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    if not any(isinstance(value, types[kind]) for kind in kinds if kind in types):
        return False
    if isinstance(value, str):
        is_short = len(value) <= schema.get("maxLength", len(value))
        return is_short and re.search(schema.get("pattern", ""), value) is not None
    if value is None:
        return True
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)
