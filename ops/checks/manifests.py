#!/usr/bin/env python3
"""Checks rendered manifests: strictly against Kubernetes' schemas, and whether what they name is there.

manifests.py FILE…            checks; prints what is wrong
manifests.py --custom FILE…   prints the custom resources as JSON, one a line
manifests.py --rules FILE…    prints the groups of the Prometheus rules, as Prometheus reads them
"""

import json
import re
import sys
from pathlib import Path

import kubernetes_validate
import yaml

VERSION = "1.33"
CUSTOM = {"cert-manager.io", "external-secrets.io", "monitoring.coreos.com", "velero.io"}
# Files are read in one go, so that a canary finds the secrets of production.
SETTINGS = Path("crates/platform/src/config.rs")
# Read by OpenTelemetry's own library.
OPEN_TELEMETRY = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"}


def group(resource: dict) -> str:
    return resource["apiVersion"].split("/")[0] if "/" in resource["apiVersion"] else ""


def load(files: list[str]) -> list[dict]:
    return [r for f in files for r in yaml.safe_load_all(Path(f).read_text()) if r]


def pods(resource: dict):
    """The pod template of whatever makes pods."""
    spec = resource.get("spec", {})
    match resource["kind"]:
        case "Deployment" | "Job":
            return spec["template"]
        case "CronJob":
            return spec["jobTemplate"]["spec"]["template"]
    return None


class Check:
    def __init__(self, resources: list[dict]):
        self.resources = resources
        self.wrong: list[str] = []

    def fail(self, resource: dict, text: str) -> None:
        meta = resource["metadata"]
        self.wrong.append(f"{resource['kind']} {meta.get('namespace', '')}/{meta['name']}: {text}")

    def of(self, kind: str, namespace: str | None = None) -> dict[str, dict]:
        return {
            r["metadata"]["name"]: r
            for r in self.resources
            if r["kind"] == kind and (namespace is None or r["metadata"].get("namespace") == namespace)
        }

    def schemas(self) -> None:
        for r in self.resources:
            if group(r) in CUSTOM:
                continue
            try:
                kubernetes_validate.validate(r, VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                self.fail(r, f"{'.'.join(map(str, error.path))}: {error.message}")
            except kubernetes_validate.SchemaNotFoundError:
                self.fail(r, f"Kubernetes {VERSION} knows no {r['apiVersion']} {r['kind']}")

    def unique(self) -> None:
        seen = set()
        for r in self.resources:
            key = (r["apiVersion"], r["kind"], r["metadata"].get("namespace"), r["metadata"]["name"])
            if key in seen:
                self.fail(r, "is there twice")
            seen.add(key)

    def references(self) -> None:
        names = set(re.findall(r'"([a-z_]+)",', SETTINGS.read_text().split("const NAMES")[1].split("];")[0]))
        for r in self.resources:
            space = r["metadata"].get("namespace")
            template = pods(r)
            if template:
                self.pod(r, template, space)
            spec = r.get("spec", {})
            match r["kind"]:
                case "Deployment":
                    labels = template["metadata"]["labels"]
                    if not spec["selector"]["matchLabels"].items() <= labels.items():
                        self.fail(r, "selects other pods than its own")
                    if not spec["template"]["spec"]["affinity"]["podAntiAffinity"]:
                        self.fail(r, "may put all its pods on one node")
                case "Service":
                    chosen = [
                        d
                        for d in self.of("Deployment", space).values()
                        if spec["selector"].items() <= d["spec"]["template"]["metadata"]["labels"].items()
                    ]
                    if len(chosen) != 1:
                        self.fail(r, f"finds {len(chosen)} deployments")
                    for port in spec["ports"]:
                        for d in chosen:
                            ports = d["spec"]["template"]["spec"]["containers"][0]["ports"]
                            if port["targetPort"] not in [p["name"] for p in ports]:
                                self.fail(r, f"{d['metadata']['name']} has no port {port['targetPort']}")
                case "Ingress":
                    for rule in spec["rules"]:
                        if rule["host"].endswith(".example"):
                            self.fail(r, "has no host name of its own")
                        if not any(rule["host"] in tls["hosts"] for tls in spec["tls"]):
                            self.fail(r, f"{rule['host']} has no certificate")
                        for path in rule["http"]["paths"]:
                            service = path["backend"]["service"]
                            found = self.of("Service", space).get(service["name"])
                            if not found or service["port"]["name"] not in [p["name"] for p in found["spec"]["ports"]]:
                                self.fail(r, f"there is no service {service}")
                case "HorizontalPodAutoscaler":
                    if spec["scaleTargetRef"]["name"] not in self.of("Deployment", space):
                        self.fail(r, "scales something that isn't there")
                    if spec["minReplicas"] >= spec["maxReplicas"]:
                        self.fail(r, "has no room")
                case "PodDisruptionBudget":
                    chosen = [
                        d
                        for d in self.of("Deployment", space).values()
                        if spec["selector"]["matchLabels"].items() <= d["spec"]["template"]["metadata"]["labels"].items()
                    ]
                    if len(chosen) != 1:
                        self.fail(r, f"finds {len(chosen)} deployments")
                    elif chosen[0]["spec"]["replicas"] <= spec["minAvailable"]:
                        self.fail(r, "lets no pod go, so that no node can be drained")
                case "ServiceMonitor":
                    found = [
                        s
                        for s in self.of("Service", space).values()
                        if spec["selector"]["matchLabels"].items() <= s["metadata"].get("labels", {}).items()
                    ]
                    if not found:
                        self.fail(r, "finds no service")
                    for s in found:
                        if spec["endpoints"][0]["port"] not in [p["name"] for p in s["spec"]["ports"]]:
                            self.fail(r, f"{s['metadata']['name']} has no port {spec['endpoints'][0]['port']}")
                case "ExternalSecret":
                    store = spec["secretStoreRef"]
                    if store["name"] not in self.of(store["kind"], space):
                        self.fail(r, f"there is no {store['kind']} {store['name']}")
                case "ConfigMap":
                    for key in r["data"]:
                        others = key == "DMS_ENVIRONMENT" or key in OPEN_TELEMETRY
                        if key.lower() not in names and not others:
                            self.fail(r, f"the program has no setting {key}")
                        if re.search("connectionstring|signingkey|password", key, re.IGNORECASE):
                            self.fail(r, f"{key} is a secret")
                case "Schedule":
                    template = spec["template"]
                    if len(spec["schedule"].split()) != 5 or not re.fullmatch(r"\d+h", template["ttl"]):
                        self.fail(r, "has no proper schedule or ttl")
                    if template["storageLocation"] not in self.of("BackupStorageLocation", space):
                        self.fail(r, f"there is no place {template['storageLocation']}")
                    for wanted in template["includedNamespaces"]:
                        if wanted not in self.of("Namespace"):
                            self.fail(r, f"there is no namespace {wanted}")

    def pod(self, r: dict, template: dict, space: str | None) -> None:
        spec = template["spec"]
        if spec["serviceAccountName"] not in self.of("ServiceAccount", space) and space:
            self.fail(r, f"there is no account {spec['serviceAccountName']}")
        secrets = self.of("ExternalSecret", space)
        for container in spec["containers"]:
            if container["image"].endswith(":latest") or ":" not in container["image"]:
                if space:
                    self.fail(r, f"the image {container['image']} has no version")
            for variable in container.get("env", []):
                name = variable["name"]
                ref = variable.get("valueFrom", {}).get("secretKeyRef")
                if ref and space:
                    keys = [d["secretKey"] for d in secrets.get(ref["name"], {"spec": {"data": []}})["spec"]["data"]]
                    if ref["key"] not in keys:
                        self.fail(r, f"{name}: nobody makes the secret {ref['name']}/{ref['key']}")
                elif not ref and re.search("ConnectionString|SigningKey", name):
                    self.fail(r, f"{name} stands in the open")
            for source in container.get("envFrom", []):
                if source["configMapRef"]["name"] not in self.of("ConfigMap", space):
                    self.fail(r, f"there is no ConfigMap {source['configMapRef']['name']}")
        # Every pod is let through to something: who forgets the network policies hears of it here.
        labels = template["metadata"]["labels"]
        if space:
            policies = self.of("NetworkPolicy", space).values()
            if not any(selects(p["spec"]["podSelector"], labels) and p["spec"].get("egress") for p in policies
                       if p["metadata"]["name"] not in ("names", "default-deny")):
                self.fail(r, "no network policy lets its pods reach anything")

    def run(self) -> int:
        self.schemas()
        self.unique()
        self.references()
        for line in self.wrong:
            print(line, file=sys.stderr)
        return 1 if self.wrong else 0


def selects(selector: dict, labels: dict) -> bool:
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    return all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


def main() -> int:
    match sys.argv[1:]:
        case ["--custom", *files]:
            for r in load(files):
                if group(r) in CUSTOM:
                    print(json.dumps(r))
        case ["--rules", *files]:
            groups = [g for r in load(files) if r["kind"] == "PrometheusRule" for g in r["spec"]["groups"]]
            print(yaml.safe_dump({"groups": groups}, sort_keys=False, allow_unicode=True, width=10000))
            return 0 if groups else 1
        case files if files:
            return Check(load(files)).run()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


sys.exit(main())
