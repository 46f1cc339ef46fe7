#!/usr/bin/env python3
"""Clients of the live hub by long polling and server-sent events' older brother: negotiate, hold a connection, and begin anew
when the hub says goodbye. hub-load.py --url https://127.0.0.1:8443 --seconds 60 --clients 4

A negotiation or a request that fails, or a connection that ends without the hub's goodbye, is a failure.
"""

import argparse
import http.client
import json
import ssl
import threading
import time
import urllib.parse

END = "\x1e"


class Watcher(threading.Thread):
    def __init__(self, url: str, token: str, end_at: float):
        super().__init__(daemon=True)
        self.url, self.token, self.end_at = urllib.parse.urlsplit(url), token, end_at
        self.failures: list[str] = []
        self.connections = self.goodbyes = self.messages = 0
        self.cookie = ""

    def send(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        if self.url.scheme == "https":
            c = http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=130, context=ssl._create_unverified_context())
        else:
            c = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=130)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "text/plain"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        c.request(method, path, body, headers)
        answer = c.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = value.split(";")[0]
        text = answer.read().decode()
        c.close()
        return answer.status, text

    def run(self) -> None:
        while time.time() < self.end_at:
            try:
                self.connect()
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.failures.append(f"{type(error).__name__} {error}")
                time.sleep(0.2)

    def connect(self) -> None:
        # A new connection belongs to whichever hub there is; the cookie of the last one may name one that has gone.
        self.cookie = ""
        status, text = self.send("POST", "/hubs/dms/negotiate?negotiateVersion=1", "")
        if status != 200:
            self.failures.append(f"negotiate: {status} {text[:100]}")
            time.sleep(0.2)
            return
        self.connections += 1
        here = f"/hubs/dms?id={json.loads(text)['connectionToken']}"
        # The first poll only opens the connection.
        status, _ = self.send("GET", here)
        if status != 200:
            self.failures.append(f"first poll: {status}")
            return
        status, _ = self.send("POST", here, json.dumps({"protocol": "json", "version": 1}) + END)
        if status != 200:
            self.failures.append(f"handshake: {status}")
            return
        goodbye = False
        while time.time() < self.end_at:
            status, text = self.send("GET", here)
            if status == 204:
                break
            if status != 200:
                if not goodbye:
                    self.failures.append(f"poll: {status} {text[:80]}")
                return
            for message in filter(None, text.split(END)):
                kind = json.loads(message).get("type")
                self.messages += 1
                goodbye |= kind == 7
            if goodbye:
                self.goodbyes += 1
                return
        else:
            self.send("DELETE", here)
            return
        if not goodbye:
            self.failures.append("the connection ended without a goodbye")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--login-url", help="where one logs in, when the hub is by itself")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    url = urllib.parse.urlsplit(options.login_url or options.url)
    if url.hostname not in ("127.0.0.1", "localhost"):
        raise SystemExit("only servers of this machine")
    first = Watcher(options.url, "", 0)
    c = http.client.HTTPSConnection(url.hostname, url.port, timeout=20, context=ssl._create_unverified_context()) \
        if url.scheme == "https" else http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    c.request("POST", "/api/v1/auth/login", json.dumps({"username": "gsbh01", "password": "Diligo@2026"}), {"Content-Type": "application/json"})
    token = json.loads(c.getresponse().read())["accessToken"]
    del first
    end = time.time() + options.seconds
    watchers = [Watcher(options.url, token, end) for _ in range(options.clients)]
    for w in watchers:
        w.start()
    for w in watchers:
        w.join(options.seconds + 140)
    failures = [f for w in watchers for f in w.failures]
    for failure in failures[:5]:
        print(f"  hub failed: {failure}")
    print(f"hub: {sum(w.connections for w in watchers)} connections, {sum(w.messages for w in watchers)} messages, "
          f"{sum(w.goodbyes for w in watchers)} goodbyes, {len(failures)} failed")
    raise SystemExit(1 if failures else 0)


main()
