#!/usr/bin/env python3
"""For the drill `alerts`.

alerts.py rules RULE.yaml     prints the groups of a PrometheusRule as Prometheus reads them, made quicker: each `for` is a 60th,
                              each window a tenth. Conditions and thresholds are as they are; only what asks for the time of day
                              is told that it is Tuesday, 10 in the morning in Vietnam.
alerts.py names RULE.yaml     prints the names of the alerts
alerts.py watch URL FOLDER    until it is ended: writes FOLDER/NAME, with the time in ms, when Prometheus first says that the alert
                              NAME fires
"""

import json
import re
import sys
import time
import urllib.request
from pathlib import Path

UNITS = {"s": 1, "m": 60, "h": 3600}
WORKDAY = 1704164400


def quicker(text: str, by: int) -> str:
    return f"{max(int(text[:-1]) * UNITS[text[-1]] // by, 1)}s"


def groups(file: str) -> list[str]:
    lines = Path(file).read_text().splitlines()
    return [line[2:] for line in lines[lines.index("spec:") + 1:]]


def rules(file: str) -> None:
    for line in groups(file):
        line = re.sub(r"^(\s+for: )(\d+[smh])$", lambda m: m[1] + quicker(m[2], 60), line)
        line = re.sub(r"\[(\d+[smh])\]", lambda m: f"[{quicker(m[1], 10)}]", line)
        line = re.sub(r"\b(hour|day_of_week)\(\)", rf"\1(vector({WORKDAY}))", line)
        print(line)


def watch(url: str, folder: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"{url}/api/v1/alerts", timeout=5) as answer:
                alerts = json.load(answer)["data"]["alerts"]
        except (OSError, ValueError):
            alerts = []
        for alert in alerts:
            if alert["state"] == "firing":
                fired = Path(folder) / alert["labels"]["alertname"]
                if not fired.exists():
                    # The log of the drill has what the alert says.
                    print(alert["labels"]["alertname"], json.dumps(alert["annotations"], ensure_ascii=False), flush=True)
                    fired.write_text(str(int(time.time() * 1000)))
        time.sleep(0.3)


match sys.argv[1:]:
    case ["rules", file]:
        rules(file)
    case ["names", file]:
        print("\n".join(re.findall(r"- alert: (\w+)", "\n".join(groups(file)))))
    case ["watch", url, folder]:
        watch(url, folder)
    case _:
        sys.exit(__doc__)
