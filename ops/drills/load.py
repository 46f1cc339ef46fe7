#!/usr/bin/env python3
"""Reps who order, for the drills: bounded in time, on this machine only. Remembers what the server has acknowledged.

load.py --url http://127.0.0.1:8080 --seconds 30 --clients 4 --out FILE [--once] [--until STOP]

They end after the seconds, or as soon as there is a file STOP.

Each client logs in, then writes orders one after the other, each with an id of its own. Without an answer, or with a 5xx,
the same order is sent again until it is acknowledged, as a phone does; with --once it is not, and a request that isn't
answered well is a failure (but for one on a connection that was closed while idle: it is sent on a new one). FILE gets {"orders": {id: milliseconds since 1970 of the acknowledgement}, …}.
"""

import argparse
import http.client
import json
import os
import random
import ssl
import threading
import time
import urllib.parse
import uuid

PASSWORD = "Diligo@2026"


class Client:
    def __init__(self, url: str):
        self.url = urllib.parse.urlsplit(url)
        if self.url.hostname not in ("127.0.0.1", "localhost"):
            raise SystemExit("only servers of this machine")
        self.connection = None
        self.token = None

    def send(self, method: str, path: str, body=None, key: str | None = None):
        """Status and JSON; raises OSError or HTTPException when no answer came."""
        if self.connection is None:
            if self.url.scheme == "https":
                context = ssl._create_unverified_context()
                self.connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=20, context=context)
            else:
                self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=20)
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        try:
            self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        try:
            return answer.status, json.loads(content)
        except ValueError:
            return answer.status, {}

    def login(self, username: str) -> None:
        status, body = self.send("POST", "/api/v1/auth/login", {"username": username, "password": PASSWORD})
        if status != 200:
            raise SystemExit(f"login of {username}: {status} {body}")
        self.token = body["accessToken"]

    def rows(self, path: str) -> list:
        status, body = self.send("GET", path)
        if status != 200:
            raise SystemExit(f"{path}: {status} {body}")
        return body["data"]


class Rep(threading.Thread):
    def __init__(self, number: int, options, world, end: float):
        super().__init__(daemon=True)
        self.dice = random.Random(number)
        self.options, self.world, self.end_at = options, world, end
        self.client = Client(options.url)
        self.client.token = world["token"]
        self.orders: dict[str, int] = {}
        self.answers: list[tuple[float, float]] = []
        self.refused = self.again = self.stale = 0
        self.failures: list[str] = []

    def run(self) -> None:
        while time.time() < self.end_at and not (self.options.until and os.path.exists(self.options.until)):
            order = str(uuid.uuid4())
            body = {
                "id": order,
                "orderType": "PreSales",
                "customerId": self.dice.choice(self.world["customers"]),
                "items": [{"productId": p, "quantity": self.dice.randint(1, 6), "unit": "retail"}
                          for p in self.dice.sample(self.world["products"], 2)],
                "notes": "",
            }
            self.order(order, body)
            if self.options.pause:
                time.sleep(self.options.pause)

    def order(self, order: str, body: dict) -> None:
        pause = 0.05
        while True:
            began = time.time()
            try:
                reused = self.client.connection is not None
                try:
                    status, answer = self.client.send("POST", "/api/v1/orders", body, order)
                except (ConnectionError, ssl.SSLError, http.client.RemoteDisconnected):
                    # A proxy that reloads closes connections that are idle; every client tries a new one, once. The order's id
                    # keeps it from being written twice.
                    if not reused:
                        raise
                    self.stale += 1
                    status, answer = self.client.send("POST", "/api/v1/orders", body, order)
                problem = f"{status} {answer.get('code', '')}" if status >= 500 or status == 429 else None
            except (OSError, http.client.HTTPException) as error:
                status, problem = None, f"no answer: {type(error).__name__} {error}"
            now = time.time()
            if problem is None:
                self.answers.append((now, now - began))
                if status == 201 or status == 200:
                    self.orders[order] = int(now * 1000)
                else:
                    self.refused += 1
                return
            if self.options.once:
                self.failures.append(f"{time.strftime('%H:%M:%S', time.localtime(now))} {problem}")
                return
            self.again += 1
            # Who could not say how the last order ended goes on asking a while after the end.
            if now > self.end_at + 60:
                self.failures.append(problem)
                return
            time.sleep(pause)
            pause = min(pause * 2, 0.5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--until")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    first = Client(options.url)
    first.login("npp01")
    world = {
        "token": first.token,
        "customers": [c["id"] for c in first.rows("/api/v1/customers?pageSize=50")],
        "products": [p["id"] for p in first.rows("/api/v1/products?pageSize=50")],
    }
    end = time.time() + options.seconds
    reps = [Rep(n, options, world, end) for n in range(options.clients)]
    for rep in reps:
        rep.start()
    for rep in reps:
        rep.join(options.seconds + 150)
    answers = sorted(a for rep in reps for a in rep.answers)
    times = sorted(seconds for _, seconds in answers)
    gap, before = 0.0, end - options.seconds
    for at, _ in answers:
        gap, before = max(gap, at - before), at
    failures = [f for rep in reps for f in rep.failures]
    result = {
        "orders": {k: v for rep in reps for k, v in rep.orders.items()},
        "answered": len(answers),
        "refused": sum(rep.refused for rep in reps),
        "again": sum(rep.again for rep in reps),
        "stale": sum(rep.stale for rep in reps),
        "failures": failures,
        "longest_gap_ms": round(gap * 1000),
        "p50_ms": round(times[len(times) // 2] * 1000) if times else None,
        "p99_ms": round(times[len(times) * 99 // 100] * 1000) if times else None,
    }
    with open(options.out, "w") as file:
        json.dump(result, file)
    print(f"{result['answered']} answered, {len(result['orders'])} orders acknowledged, {result['refused']} refused by rules, "
          f"{result['again']} sent again, {result['stale']} on a new connection, {len(failures)} failed; p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms, "
          f"longest time without any answer {result['longest_gap_ms']} ms")
    for failure in failures[:5]:
        print(f"  failed: {failure}")


main()
