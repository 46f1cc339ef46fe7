#!/usr/bin/env python3
"""Every metric that an alert or a dashboard asks for must be one that the program writes, or one of the cluster's own that is
listed here; and every alert must have a test.

metrics.py RULES.yml TESTS.yml DASHBOARD.json…
"""

import json
import re
import sys
from pathlib import Path

import yaml

# Written by others, by name: Prometheus itself, kube-state-metrics, cert-manager, Velero.
OTHERS = {
    "up",
    "kube_pod_container_status_restarts_total",
    "certmanager_certificate_expiration_timestamp_seconds",
    "velero_backup_last_successful_timestamp",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
}
WRITTEN = re.compile(r'(counter|gauge|histogram)!\(\s*"([a-z_]+)"')
NAME = re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b(?=\s*[\[{)]|\s*(?:==|>|<|$|/|\*|-|\)))|\b(up)\{")
WORDS = {"histogram_quantile", "day_of_week", "label_replace", "count_values", "max_over_time", "avg_over_time"}


def written() -> set[str]:
    names = set()
    for file in Path("crates").rglob("*.rs"):
        for kind, name in WRITTEN.findall(file.read_text()):
            names.add(name)
            if kind == "histogram":
                names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return names


def used(expression: str) -> set[str]:
    # Labels and texts are no metrics.
    plain = re.sub(r'"[^"]*"', '""', expression)
    plain = re.sub(r"\b(by|on|without|ignoring)\s*\([^)]*\)", "", plain)
    plain = re.sub(r"\{[^}]*\}", "{}", plain)
    return {a or b for a, b in NAME.findall(plain)} - WORDS


def main() -> int:
    rules, tests, *dashboards = sys.argv[1:]
    known = written() | OTHERS
    wrong = []
    alerts = [r for g in yaml.safe_load(Path(rules).read_text())["groups"] for r in g["rules"]]
    for alert in alerts:
        found = used(alert["expr"])
        if not found:
            wrong.append(f"{alert['alert']}: asks for no metric")
        wrong += [f"{alert['alert']}: nobody writes {name}" for name in sorted(found - known)]
    fired, silent = set(), set()
    for test in yaml.safe_load(Path(tests).read_text())["tests"]:
        for check in test["alert_rule_test"]:
            (fired if check["exp_alerts"] else silent).add(check["alertname"])
    names = {a["alert"] for a in alerts}
    wrong += [f"{name}: no test sees it fire" for name in sorted(names - fired)]
    wrong += [f"{name}: no test sees it silent" for name in sorted(names - silent - {"JobFails"})]
    wrong += [f"{name}: is tested but isn't there" for name in sorted((fired | silent) - names)]
    text = Path("docs/OPERATIONS.md").read_text()
    wrong += [f"{a['alert']}: docs/OPERATIONS.md says nothing of it" for a in alerts if f"#### {a['alert']}" not in text]
    for file in dashboards:
        board = json.loads(Path(file).read_text())
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                wrong += [f"{file}, {panel['title']}: nobody writes {n}" for n in sorted(used(target["expr"]) - known)]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
