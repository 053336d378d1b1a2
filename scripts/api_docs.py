#!/usr/bin/env python3
"""Generates docs/API.md, docs/openapi.yaml and the list of services in deploy/envoy/envoy.yaml from the protos.

usage: scripts/api_docs.py [--check]

  --check  writes nothing; exits with 1 and the name of a file that is out of date
"""

import importlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOOGLE = ROOT / "protos/node_modules/google-proto-files"
VERSION = re.search(r"^project\(idea_exchange VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
REQUIRED, OUTPUT_ONLY = 2, 3
SERVICES = ["registry", "drafting", "review", "dispute", "inventory", "notification", "operations"]
CALLERS = {1: "Department", 3: "Statewide CDO", 4: "Governor's Office"}
# Reasons that follow from the form of a method, beside those in its comment.
EVERY_METHOD = [
    "CERTIFICATE_REQUIRED", "CALLER_NOT_ALLOWED", "ENTITY_NOT_ADMITTED", "INVALID_FIELD", "OVERLOADED", "STORAGE_UNAVAILABLE", "PEER_UNAVAILABLE",
    "SHUTTING_DOWN",
]


class Api:
    """The descriptors of our protos with their comments and options."""

    def __init__(self, folder):
        protos = sorted(str(p.relative_to(ROOT / "protos")) for p in (ROOT / "protos/idea").rglob("*.proto"))
        include = ["-I", str(ROOT / "protos"), "-I", str(GOOGLE)]
        options = ["idea/common/v1/options.proto", *(f"google/api/{name}.proto" for name in (
            "annotations", "client", "field_behavior", "http", "launch_stage", "resource"))]
        subprocess.run(["protoc", *include, f"--python_out={folder}", *options], check=True)
        subprocess.run(["protoc", *include, "--include_imports", "--include_source_info", f"--descriptor_set_out={folder}/set", *protos], check=True)
        sys.path.insert(0, folder)
        self.rules = importlib.import_module("idea.common.v1.options_pb2")
        self.behavior = importlib.import_module("google.api.field_behavior_pb2").field_behavior
        self.http = importlib.import_module("google.api.annotations_pb2").http
        descriptor_pb2 = importlib.import_module("google.protobuf.descriptor_pb2")
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(folder, "set").read_bytes())
        self.comments, self.messages, self.enums, self.services = {}, {}, {}, []
        for file in files.file:
            comments = {tuple(each.path): each.leading_comments for each in file.source_code_info.location}
            is_ours = file.name.startswith("idea/")
            for index, message in enumerate(file.message_type):
                self._add_message(file.package, message, (4, index), comments)
            for index, enum in enumerate(file.enum_type):
                self._add_enum(file.package, enum, (5, index), comments)
            for index, service in enumerate(file.service if is_ours else ()):
                name = f"{file.package}.{service.name}"
                self.services.append((name, service))
                self._comment(name, comments.get((6, index)))
                for place, method in enumerate(service.method):
                    self._comment(f"{name}.{method.name}", comments.get((6, index, 2, place)))
        self.services.sort(key=lambda each: SERVICES.index(each[0].split(".")[1]))

    def _comment(self, name, text):
        self.comments[name] = " ".join((text or "").split())

    def _add_message(self, scope, message, path, comments):
        name = f"{scope}.{message.name}"
        self.messages[name] = message
        self._comment(name, comments.get(path))
        for index, field in enumerate(message.field):
            self._comment(f"{name}.{field.name}", comments.get((*path, 2, index)))
        for index, nested in enumerate(message.nested_type):
            self._add_message(name, nested, (*path, 3, index), comments)
        for index, enum in enumerate(message.enum_type):
            self._add_enum(name, enum, (*path, 4, index), comments)

    def _add_enum(self, scope, enum, path, comments):
        name = f"{scope}.{enum.name}"
        self.enums[name] = enum
        self._comment(name, comments.get(path))
        for index, value in enumerate(enum.value):
            self._comment(f"{name}.{value.name}", comments.get((*path, 2, index)))

    def rule(self, field):
        return field.options.Extensions[self.rules.rule]

    def is_required(self, field):
        return REQUIRED in field.options.Extensions[self.behavior]

    def is_output(self, field):
        return OUTPUT_ONLY in field.options.Extensions[self.behavior]

    def http_of(self, method):
        rule = method.options.Extensions[self.http]
        verb = rule.WhichOneof("pattern")
        return (verb, getattr(rule, verb)) if verb else None

    def map_value(self, field):
        """The value field of a map; None for another field."""
        entry = self.messages.get(field.type_name.lstrip(".")) if field.type == 11 else None
        return entry.field[1] if entry and entry.options.map_entry else None

    def type_of(self, field):
        if value := self.map_value(field):
            return f"map of text to {self.type_of(value)}"
        names = {1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 8: "bool", 9: "string", 12: "bytes", 13: "uint32"}
        name = names.get(field.type) or field.type_name.lstrip(".")
        if name.startswith(("idea.", "google.")) and not name.startswith("google.protobuf."):
            name = f"[{name.split('.')[-1]}](#{anchor(name)})" if name in self.messages or name in self.enums else name
        return ("repeated " if field.label == 3 else "") + name.removeprefix("google.protobuf.")

    def rule_text(self, field):
        rule, parts = self.rule(field), []
        if self.is_required(field):
            parts.append("required")
        if self.is_output(field):
            parts.append("output only")
        if rule.resource:
            parts.append(f"`{rule.resource}`")
        if rule.format:
            parts.append(self.rules.TextFormat.Name(rule.format).removeprefix("TEXT_FORMAT_").lower())
        if rule.min or rule.max:
            parts.append(f"{rule.min:,} to {rule.max:,}")
        if rule.min_length:
            parts.append(f"at least {rule.min_length:,}")
        if rule.max_length:
            parts.append(f"at most {rule.max_length:,} " + ("bytes" if field.type == 12 else "characters"))
        if rule.max_items:
            parts.append(f"at most {rule.max_items:,} items")
        return ", ".join(parts)

    def callers_of(self, method):
        policy = method.options.Extensions[self.rules.policy]
        names = [CALLERS[kind] for kind in policy.callers if kind in CALLERS] + [f"`{name}`" for name in policy.services]
        text = ", ".join(names)
        if policy.person:
            roles = [self.rules.ContactRole.Name(role).removeprefix("CONTACT_ROLE_").lower().replace("_", " ") for role in policy.person]
            text += "; a person as " + ", ".join(roles)
        return text

    def reasons_of(self, method):
        """The reasons that follow from the form of the request and from the policy."""
        policy = method.options.Extensions[self.rules.policy]
        fields = {field.name: field for field in self.messages[method.input_type.lstrip(".")].field}
        reasons = []
        if policy.person:
            reasons += ["TOKEN_REQUIRED", "TOKEN_INVALID", "ROLE_REQUIRED"]
        if policy.effect == 2:
            reasons += ["REQUEST_ID_REUSED"]
        if any(self.rule(field).resource and self.is_required(field) for field in fields.values()):
            reasons.append("NOT_FOUND")
        wanted = {"page_token": "PAGE_TOKEN_INVALID", "resume_token": "PAGE_TOKEN_INVALID", "filter": "FILTER_INVALID", "etag": "STALE_ETAG"}
        reasons += [reason for name, reason in wanted.items() if name in fields]
        words = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", self.comments.get(method_name(self, method), "")))
        return sorted({*reasons, *(word for word in words if word in self.known_reasons)})

    @property
    def known_reasons(self):
        return {value.name.removeprefix("ERROR_REASON_") for value in self.enums["idea.common.v1.ErrorReason"].value}


def method_name(api, method):
    return next(f"{name}.{method.name}" for name, service in api.services for each in service.method if each is method)


def anchor(name):
    return name.replace(".", "-").lower()


def cell(text):
    return text.replace("|", "\\|")


def fields_table(api, name):
    message = api.messages[name]
    if not message.field:
        return ["No fields.", ""]
    lines = ["| Field | Type | Rule | Meaning |", "|---|---|---|---|"]
    for field in message.field:
        meaning = cell(api.comments[f"{name}.{field.name}"])
        lines.append(f"| `{field.name}` | {api.type_of(field)} | {api.rule_text(field)} | {meaning} |")
    return [*lines, ""]


def api_md(api):
    out = [
        "# API", "",
        "Generated from the protos by `scripts/api_docs.py`; the test `api_docs_test` keeps it current.", "",
        "Every service, method, message and enum of the contract. [CALLING.md](CALLING.md) says how to call,",
        "[ERRORS.md](ERRORS.md) every reason of a refusal. *Refusals* names the reasons that follow from the form of a method and its",
        "description. Every method may also be refused with", ", ".join(EVERY_METHOD) + ".", "",
    ]
    shown = set()
    for name, service in api.services:
        out += [f"## {service.name}", "", f"`{name}`. {api.comments[name]}", ""]
        for method in service.method:
            full = f"{name}.{method.name}"
            request, response = method.input_type.lstrip("."), method.output_type.lstrip(".")
            shown |= {request, response}
            out += [f"### {method.name}", "", api.comments[full], ""]
            if http := api.http_of(method):
                out.append(f"- HTTP: `{http[0].upper()} {http[1]}`")
            cli = method.options.Extensions[api.rules.cli]
            if cli.noun:
                out.append(f"- ideactl: `ideactl {cli.noun} {cli.verb}`")
            effect = "writes" if method.options.Extensions[api.rules.policy].effect == 2 else "reads"
            stream = "a stream of " if method.server_streaming else ""
            out.append(f"- Callers: {api.callers_of(method)}. It {effect}{' and returns ' + stream + 'messages' if stream else ''}.")
            out += [f"- Refusals: {', '.join(api.reasons_of(method)) or 'those of every method'}", "", f"Request{' (a stream)' if method.client_streaming else ''}:", ""]
            out += [*fields_table(api, request), "Response:", "", *fields_table(api, response)]
    out += ["## Messages", ""]
    ours = [name for name in sorted(api.messages) if name.startswith(("idea.", "google.type.", "google.rpc."))]
    for name in ours:
        if name in shown or api.messages[name].options.map_entry or not name.startswith("idea."):
            if not name.startswith("google.type."):
                continue
        out += [f'### <a id="{anchor(name)}"></a>{name}', "", api.comments[name], "", *fields_table(api, name)]
    out += ["## Enums", ""]
    for name in sorted(api.enums):
        if not name.startswith("idea.") or name == "idea.common.v1.ErrorReason":
            continue
        out += [f'### <a id="{anchor(name)}"></a>{name}', "", api.comments[name], "", "| Value | Number | Meaning |", "|---|---|---|"]
        for value in api.enums[name].value:
            out.append(f"| `{value.name}` | {value.number} | {cell(api.comments[f'{name}.{value.name}'])} |")
        out.append("")
    text = "\n".join(out)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def camel(name):
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


WELL_KNOWN = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string"},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Any": {"type": "object", "properties": {"@type": {"type": "string"}}, "additionalProperties": True},
    "google.protobuf.BoolValue": {"type": "boolean"},
    "google.protobuf.Int32Value": {"type": "integer"},
    "google.protobuf.StringValue": {"type": "string"},
}


def schema_of_field(api, field):
    """The JSON of a field by the JSON mapping of Protobuf."""
    if value := api.map_value(field):
        return {"type": "object", "additionalProperties": schema_of_field(api, value)}
    kinds = {1: {"type": "number"}, 2: {"type": "number"}, 3: {"type": "string", "format": "int64"}, 4: {"type": "string", "format": "uint64"},
             5: {"type": "integer", "format": "int32"}, 8: {"type": "boolean"}, 9: {"type": "string"}, 12: {"type": "string", "format": "byte"},
             13: {"type": "integer", "format": "int64"}}
    name = field.type_name.lstrip(".")
    schema = dict(kinds.get(field.type) or WELL_KNOWN.get(name) or {"$ref": f"#/components/schemas/{name}"})
    rule = api.rule(field)
    if field.type == 9 and rule.max_length:
        schema["maxLength"] = rule.max_length
    if field.type == 9 and rule.resource:
        schema["pattern"] = "^" + "/".join("[^/]+" if part == "*" else part for part in rule.resource.split("/")) + "$"
    if field.label == 3:
        schema = {"type": "array", "items": schema}
    return schema


def message_schema(api, name):
    message = api.messages[name]
    schema = {"type": "object"}
    if api.comments[name]:
        schema["description"] = api.comments[name]
    properties = {}
    for field in message.field:
        inner = schema_of_field(api, field)
        comment = api.comments[f"{name}.{field.name}"]
        if "$ref" in inner:
            inner = {"allOf": [inner]}
        if comment:
            inner["description"] = comment
        if api.is_output(field):
            inner["readOnly"] = True
        properties[camel(field.name)] = inner
    if properties:
        schema["properties"] = properties
    if required := [camel(field.name) for field in message.field if api.is_required(field)]:
        schema["required"] = required
    return schema


def openapi(api):
    paths, used = {}, []
    for name, service in api.services:
        for method in service.method:
            http = api.http_of(method)
            if http is None:
                continue
            verb, path = http
            request, response = method.input_type.lstrip("."), method.output_type.lstrip(".")
            parameters, in_path = [], set()
            for variable, form in re.findall(r"\{([\w.]+)=([^}]+)\}", path):
                in_path.add(variable)
                ids = []
                for part in form.split("/"):
                    ids.append("{%s}" % re.sub("ies$", "y", camel(ids[-1])).removesuffix("s") if part == "*" else part)
                path = path.replace("{%s=%s}" % (variable, form), "/".join(ids))
                parameters += [{"name": each[1:-1], "in": "path", "required": True, "schema": {"type": "string"}} for each in ids if each[0] == "{"]
            operation = {"tags": [service.name], "operationId": f"{service.name}_{method.name}", "description": api.comments[f"{name}.{method.name}"]}
            if verb in ("get", "delete"):
                for field in api.messages[request].field:
                    if field.name in in_path or field.type == 11:
                        continue
                    parameter = {"name": camel(field.name), "in": "query", "schema": schema_of_field(api, field)}
                    if comment := api.comments[f"{request}.{field.name}"]:
                        parameter["description"] = comment
                    if api.is_required(field):
                        parameter["required"] = True
                    parameters.append(parameter)
                    used += re.findall(r"#/components/schemas/([\w.]+)", json.dumps(parameter))
            else:
                body = message_schema(api, request)
                for variable in in_path:
                    top = camel(variable.split(".")[0])
                    if "." not in variable:
                        body.get("properties", {}).pop(top, None)
                        if top in body.get("required", ()):
                            body["required"].remove(top)
                if not body.get("required"):
                    body.pop("required", None)
                used += re.findall(r"#/components/schemas/([\w.]+)", json.dumps(body))
                operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
            if parameters:
                operation["parameters"] = parameters
            answer = {"$ref": f"#/components/schemas/{response}"}
            used.append(response)
            if method.server_streaming:
                answer = {"type": "array", "items": answer}
            operation["responses"] = {
                "200": {"description": "The answer." if not method.server_streaming else "A stream of messages.", "content": {"application/json": {"schema": answer}}},
                "default": {"description": "A refusal: google.rpc.Status.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/google.rpc.Status"}}}},
            }
            paths.setdefault(path, {})[verb] = operation
    schemas = {"google.rpc.Status": {"type": "object", "properties": {
        "code": {"type": "integer", "format": "int32"}, "message": {"type": "string"}, "details": {"type": "array", "items": WELL_KNOWN["google.protobuf.Any"]}}}}
    while used:
        name = used.pop()
        if name in schemas:
            continue
        if name in api.enums:
            schemas[name] = {"type": "string", "enum": [value.name for value in api.enums[name].value]}
            if api.comments[name]:
                schemas[name]["description"] = api.comments[name]
        else:
            schemas[name] = message_schema(api, name)
            used += re.findall(r"#/components/schemas/([\w.]+)", json.dumps(schemas[name]))
    return {
        "openapi": "3.0.3",
        "info": {"title": "IDEA Exchange", "version": VERSION,
                 "description": "The JSON interface of a gateway as in deploy/envoy. Generated from the protos by scripts/api_docs.py."},
        "servers": [{"url": "http://localhost:8080"}],
        "tags": [{"name": service.name, "description": api.comments[name]} for name, service in api.services],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def yaml(value, indent=0):
    """YAML in which every text is quoted as JSON quotes it."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, inner in value.items():
            text = yaml(inner, indent + 1)
            name = key if re.fullmatch(r"[A-Za-z][\w.]*", key) else json.dumps(key)
            lines.append(f"{pad}{name}:{text if not text.startswith(chr(10)) else text}")
        return "\n" + "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n" + "\n".join(f"{pad}-" + (yaml(each, indent + 1).replace("\n" + "  " * (indent + 1), " ", 1) if isinstance(each, dict) else yaml(each, indent + 1)) for each in value)
    return " " + json.dumps(value, ensure_ascii=False)


def envoy(api):
    """deploy/envoy/envoy.yaml with the present list of services."""
    text = (ROOT / "deploy/envoy/envoy.yaml").read_text()
    services = "".join(f"                        - {name}\n" for name, service in api.services if any(api.http_of(method) for method in service.method))
    return re.sub(r"(                      services:\n)(?:                        - .*\n)*", lambda match: match[1] + services, text)


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(__doc__.strip(), file=sys.stderr if sys.argv[1] not in ("-h", "--help") else sys.stdout)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    with tempfile.TemporaryDirectory() as folder:
        api = Api(folder)
        files = {"docs/API.md": api_md(api), "docs/openapi.yaml": "# Generated by scripts/api_docs.py." + yaml(openapi(api)) + "\n", "deploy/envoy/envoy.yaml": envoy(api)}
    stale = 0
    for name, text in files.items():
        path = ROOT / name
        if check and (not path.exists() or path.read_text() != text):
            print(f"{name} is out of date: run scripts/api_docs.py")
            stale = 1
        elif not check:
            path.write_text(text)
    return stale


sys.exit(main())
