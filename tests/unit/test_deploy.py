"""The files of deploy/, held to the code as far as that goes without an engine that runs them."""

import copy
import json
import re

import jsonschema
import pytest
import yaml

from bot import launch
from bot.__main__ import _parser
from bot.quiet import ROOT

DEPLOY, SCHEMAS = ROOT / "deploy", ROOT / ".schemas"
MANIFESTS = SCHEMAS / "kubernetes_validate" / "kubernetes-json-schema" / "v1.29.0-local-strict"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf8"))
KINDS = {part["kind"]: part for part in yaml.safe_load_all((DEPLOY / "kubernetes.yml").read_text(encoding="utf8"))}
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf8")
SERVERS = {name: service for name, service in COMPOSE["services"].items() if name.startswith("server-")}
POD = KINDS["Deployment"]["spec"]["template"]["spec"]
CONTAINER = POD["containers"][0]


def table():
    """The settings that deploy/README.md lists: name, and whether several servers must have it."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", (DEPLOY / "README.md").read_text(encoding="utf8"), re.MULTILINE)
    assert len(dict(rows)) == len(rows)
    return {name: needed.strip() == "needed" for name, needed in rows}


def read_by_the_code():
    """The names that the code and the endpoints take from the environment; the code names them there, or in constants that end in _VARIABLE."""
    names = set(re.findall(r": \$\{(\w+)\}", (DEPLOY / "endpoints.yml").read_text(encoding="utf8")))
    for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("actions/**/*.py")):
        text = path.read_text(encoding="utf8")
        names |= set(re.findall(r'environ(?:\.get\(|\.pop\(|\[)"(\w+)"', text))
        for told in re.findall(r'^(?:\w+_VARIABLE(?:, )?)+ = ("[^\n]+")$', text, re.MULTILINE):
            names |= set(re.findall(r"\w+", told))
    return names


@pytest.fixture(scope="module")
def compose_schema():
    return json.loads((SCHEMAS / "compose" / "config" / "compose_spec.json").read_text())


def faults(part):
    """What Kubernetes' own schema has against a part of the manifest."""
    schema = json.loads((MANIFESTS / f"{part['kind'].lower()}-{part['apiVersion'].replace('/', '-')}.json").read_text())
    shared = {"https://kubernetes.io/api/_definitions.json": json.loads((MANIFESTS / "_definitions.json").read_text())}
    resolver = jsonschema.RefResolver("", schema, store=shared)
    return [error.message for error in jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(part)]


@pytest.mark.parametrize("kind", KINDS)
def test_kubernetes_knows_every_line(kind):
    assert faults(KINDS[kind]) == []
    assert faults({**KINDS[kind], "spek": {}})


def test_compose_knows_every_line(compose_schema):
    jsonschema.validate(COMPOSE, compose_schema)
    wrong = copy.deepcopy(COMPOSE)
    wrong["services"]["redis"]["comand"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, compose_schema)


def test_every_setting_is_listed_once():
    assert set(table()) == read_by_the_code()


@pytest.mark.parametrize("name", SERVERS)
def test_compose_gives_every_server_what_it_needs(name):
    assert {key for key, needed in table().items() if needed} <= set(SERVERS[name]["environment"]) <= set(table())


def test_kubernetes_gives_the_servers_what_they_need():
    given = {entry["name"] for entry in CONTAINER["env"]}
    assert {key for key, needed in table().items() if needed} <= given <= set(table())


def test_secrets_come_from_outside():
    for name in ("DB_PASSWORD", "REDIS_PASSWORD", "SESSION_KEY"):
        assert all(service["environment"][name] == f"${{{name}:?}}" for service in SERVERS.values())
        assert [entry["valueFrom"]["secretKeyRef"]["key"] for entry in CONTAINER["env"] if entry["name"] == name] == [name]


def test_endpoints_are_accepted_at_the_start():
    assert launch.tracker_store(DEPLOY / "endpoints.yml")["dialect"] == "postgresql"


def test_the_container_starts_a_command_that_exists():
    (line,) = re.findall(r"^ENTRYPOINT (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    python, *arguments = yaml.safe_load(line)
    assert arguments[:2] == ["-m", "bot"]
    options = _parser().parse_args(arguments[2:])
    assert python == ".venv/bin/python"
    assert (ROOT / options.endpoints).exists()
    assert f"EXPOSE {options.port}" in CONTAINERFILE
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": options.port}]


def test_what_is_copied_into_the_image_exists():
    for copied in re.findall(r"^COPY (?!--from)(\S+) ", CONTAINERFILE, re.MULTILINE):
        assert (ROOT / copied).exists(), copied


def test_nothing_in_the_containers_may_be_changed():
    assert re.findall(r"^USER (\d+)$", CONTAINERFILE, re.MULTILINE) == [str(POD["securityContext"]["runAsUser"])]
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True
    assert all(service["read_only"] and service["tmpfs"] == ["/tmp"] and service["cap_drop"] == ["ALL"] for service in SERVERS.values())


def test_nginx_knows_every_server():
    known = re.findall(r"^    server (\S+):5005 ", (DEPLOY / "nginx-many.conf").read_text(encoding="utf8"), re.MULTILINE)
    assert known == sorted(SERVERS)
    assert set(COMPOSE["services"]["nginx"]["depends_on"]) == set(SERVERS)
    (published,) = COMPOSE["services"]["nginx"]["ports"]
    assert f"listen {published.split(':')[-1]};" in (DEPLOY / "nginx-many.conf").read_text(encoding="utf8")


def test_mounted_files_exist_and_volumes_are_declared():
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], volume


def test_images_are_named_without_a_host():
    images = [*(service["image"] for service in COMPOSE["services"].values()), CONTAINER["image"], *re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)]
    assert all(re.fullmatch(r"[a-z-]+:[\w.${}:-]+", image) for image in images), images


def test_kubernetes_finds_the_servers_that_it_starts():
    label = {"app": "clinic-assistant"}
    assert KINDS["Deployment"]["spec"]["selector"]["matchLabels"] == KINDS["Deployment"]["spec"]["template"]["metadata"]["labels"] == label
    assert KINDS["Service"]["spec"]["selector"] == KINDS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == label
    assert KINDS["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == KINDS["Deployment"]["metadata"]["name"]
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == {volume["name"] for volume in POD["volumes"]}


def test_kubernetes_updates_without_a_gap():
    assert KINDS["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert KINDS["PodDisruptionBudget"]["spec"]["minAvailable"] < KINDS["HorizontalPodAutoscaler"]["spec"]["minReplicas"]
    assert {CONTAINER[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe")} == {"/health"}
    assert CONTAINER["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert "/ready" in CONTAINERFILE


def test_the_scenario_for_locust_can_be_read():
    path = ROOT / "tests" / "load" / "locustfile.py"
    compile(path.read_text(encoding="utf8"), str(path), "exec")


def test_the_files_that_the_page_names_are_all_there_are():
    named = set(re.findall(r"^\| `(deploy/[\w.-]+)` \|", (DEPLOY / "README.md").read_text(encoding="utf8"), re.MULTILINE))
    assert named == {f"deploy/{path.name}" for path in DEPLOY.iterdir()} - {"deploy/README.md"}
