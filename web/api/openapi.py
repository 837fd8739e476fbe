"""The OpenAPI 3.1 document, written from the table of operations."""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec

from web.api.operations import JSON, Operation
from web.problems import MEDIA_TYPE, Problem

NO_CONTENT: Final = 204
REFERENCE: Final = "#/components/schemas/{name}"
SECURITY: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"session": []}]
SAYS: Final = {
    400: "A field is wrong; `field` names it",
    401: "No credentials, or not valid ones",
    403: "Not open to this person",
    404: "Not known, or not to be seen by this person",
    406: "The Accept header does not take the answer's media type",
    409: "Not possible in the present state",
    413: "Too large",
    415: "The body's media type is not application/json",
    416: "The range lies outside the file",
    429: "Too often; see Retry-After",
    503: "The database or the telephone system cannot be reached; see Retry-After",
}

_NAMES = re.compile(r"\{(\w+)\}")

Json = dict[str, Any]


def document(operations: Sequence[Operation], *, cookie: str) -> Json:
    """The whole document; `cookie` is the name of the session's cookie."""
    types = list(dict.fromkeys(_types(operations)))
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    _mark_instants(types, components)
    schema_of = dict(zip(types, schemas, strict=True))
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.address, {})[operation.method.lower()] = _described(
            operation, schema_of, components
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hotline",
            "version": version("hotline"),
            "description": "Calls, agents, tickets, recordings and the desk's commands.",
        },
        "paths": paths,
        "security": SECURITY,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
    }


def _mark_instants(types: Sequence[Any], components: Json) -> None:
    """Say `date-time` of every instant: msgspec does so only where a time zone is demanded."""
    left: list[Any] = list(msgspec.inspect.multi_type_info(types))
    seen: set[type] = set()
    while left:
        shape = left.pop()
        if isinstance(shape, msgspec.inspect.StructType) and shape.cls not in seen:
            seen.add(shape.cls)
            properties = components[shape.cls.__name__]["properties"]
            for field in shape.fields:
                left.append(field.type)
                _mark(field.type, properties[field.encode_name])
        left += getattr(shape, "types", ())
        left += [shape.item_type] if hasattr(shape, "item_type") else []


def _mark(kind: Any, schema: Json) -> None:
    if isinstance(kind, msgspec.inspect.DateTimeType):
        schema["format"] = "date-time"
    elif isinstance(kind, msgspec.inspect.UnionType):
        instants = [part for part in kind.types if isinstance(part, msgspec.inspect.DateTimeType)]
        for part in schema.get("anyOf", []):
            if instants and part.get("type") == "string":
                part["format"] = "date-time"


def _types(operations: Sequence[Operation]) -> Iterator[Any]:
    yield Problem
    for operation in operations:
        yield from (
            kind for kind in (operation.answer, operation.query, operation.body) if kind is not None
        )


def _described(operation: Operation, schemas: dict[Any, Json], components: Json) -> Json:
    described: Json = {
        "operationId": operation.act.__name__,
        "summary": operation.summary,
        "parameters": [
            *_path_parameters(operation),
            *_query_parameters(_resolved(schemas[operation.query], components)),
            *_header_parameters(operation),
        ],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        shape = schemas[operation.body]
        described["requestBody"] = {
            "required": bool(_resolved(shape, components)["required"]),
            "content": {JSON: {"schema": shape}},
        }
    if operation.public:
        described["security"] = []
    return described


def _resolved(schema: Json, components: Json) -> Json:
    resolved: Json = components[schema["$ref"].rpartition("/")[2]]
    return resolved


def _path_parameters(operation: Operation) -> Iterator[Json]:
    for name in _NAMES.findall(operation.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": operation.path_names[name],
            "schema": {"type": "string", "minLength": 1},
        }


def _query_parameters(shape: Json) -> Iterator[Json]:
    for name, schema in shape["properties"].items():
        parameter = {"name": name, "in": "query", "required": name in shape["required"]}
        if text := schema.get("description"):
            parameter["description"] = text
        yield {**parameter, "schema": schema}


def _header_parameters(operation: Operation) -> Iterator[Json]:
    for name, text in operation.headers.items():
        yield {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}


def _responses(operation: Operation, schemas: dict[Any, Json]) -> Json:
    problem = {MEDIA_TYPE: {"schema": schemas[Problem]}}
    good: Json = {"description": operation.summary}
    if operation.answer is not None:
        good["content"] = {operation.media: {"schema": schemas[operation.answer]}}
    elif operation.status != NO_CONTENT:
        good["content"] = {operation.media: {"schema": {}}}
    fails = {400, 406, *operation.fails} | (set() if operation.public else {401, 403, 503})
    if operation.body is not None:
        fails |= {413, 415}
    if operation.path_names:
        fails.add(404)
    return {
        str(operation.status): good,
        **{
            str(status): {"description": SAYS[status], "content": problem}
            for status in sorted(fails)
        },
        "default": {"description": "Any other refusal", "content": problem},
    }
