# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium without a window, driven through its debugging protocol on a pair of pipes."""

import base64
import contextlib
import json
import os
import select
import subprocess
import tempfile
import time

from kit.tool import Failed

OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--hide-scrollbars", "--remote-debugging-pipe"]


class Page:
    """@complaints collects what the browser has against the page: errors, and requests for anything else."""

    def __init__(self, commands, answers):
        self._commands, self._answers = commands, answers
        self._read, self._last, self._session = b"", 0, None
        self._seen = []
        self.complaints = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def _next(self, limit):
        """The next message; the browser ends each with a zero byte."""
        while b"\0" not in self._read:
            if not select.select([self._answers], [], [], max(0, limit - time.monotonic()))[0]:
                raise Failed("chromium: does not answer")
            piece = os.read(self._answers, 1 << 20)
            if not piece:
                raise Failed("chromium: has ended")
            self._read += piece
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def _note(self, message):
        method, about = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(about["exceptionDetails"]["exception"].get("description", "an exception"))
        elif method == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.complaints.append(about["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"console.{about['type']}: {about['args']}")
        elif method == "Network.requestWillBeSent" and about["request"]["url"] != about["documentURL"]:
            self.complaints.append(f"wants {about['request']['url'][:200]}")
        self._seen.append(method)

    def _call(self, method, timeout=60, **parameters):
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        limit = time.monotonic() + timeout
        while True:
            answer = self._next(limit)
            if answer.get("id") == self._last:
                break
            self._note(answer)
        if "error" in answer:
            raise Failed(f"chromium: {method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, path, timeout=60):
        self._seen.clear()
        self._call("Page.navigate", url=path.resolve().as_uri())
        limit = time.monotonic() + timeout
        while "Page.loadEventFired" not in self._seen:
            self._note(self._next(limit))

    def value(self, expression):
        """Of an expression in JavaScript."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failed(f"{expression}: {answer['exceptionDetails']['exception'].get('description')}")
        return answer["result"].get("value")

    def look(self, width, height, scheme="light", scripts=True):
        """How it is looked at; without scripts from the next open() on."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                   mobile=False)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)

    def photograph(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def print(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._call("Page.printToPDF")["data"]))


@contextlib.contextmanager
def page():
    """A page of a browser of its own, which reads commands from descriptor 3 and answers on 4."""
    commands, answers = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        # Other shells know descriptors of one digit only.
        launch = 'exec 3<&"$0" 4>&"$1"; shift; exec "$@"'
        try:
            browser = subprocess.Popen(
                ["bash", "-c", launch, str(commands[0]), str(answers[1]), "chromium", *OPTIONS,
                 f"--user-data-dir={home}"],
                pass_fds=[commands[0], answers[1]], env={**os.environ, "HOME": home},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.close(commands[0])
            os.close(answers[1])
            try:
                yield Page(commands[1], answers[0])
            finally:
                browser.terminate()
                try:
                    browser.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    browser.kill()
                    browser.wait()
        finally:
            os.close(commands[1])
            os.close(answers[0])
