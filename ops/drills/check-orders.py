#!/usr/bin/env python3
"""check-orders.py LOAD.json [BEFORE_MS]: reads order ids from standard input, one a line, and says which acknowledged orders
are missing. With BEFORE_MS only those acknowledged before must be there, and those after 1.5 s later must not."""

import json
import sys

acknowledged = json.load(open(sys.argv[1]))["orders"]
found = {line.strip() for line in sys.stdin if line.strip()}
if len(sys.argv) > 2:
    before = int(sys.argv[2])
    must = {i for i, at in acknowledged.items() if at <= before}
    never = {i for i, at in acknowledged.items() if at > before + 1500}
else:
    must, never = set(acknowledged), set()
missing, extra = must - found, never & found
print(f"{len(must)} acknowledged orders must be there: {len(missing)} missing" + (f"; {len(never)} later ones must not: {len(extra)} there" if never else ""))
sys.exit(1 if missing or extra or not must else 0)
