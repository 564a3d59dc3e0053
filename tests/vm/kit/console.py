# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guest writes to its serial console: lines with the host's time of their arrival."""

import re
import threading
import time


class Console:
    """Reads a pipe in a thread. A place in the log is the number of lines before it."""

    def __init__(self, pipe, log_path, fault=None, on_fault=None):
        """@on_fault is called, in the thread, at the first line with the pattern @fault."""
        self._pipe = pipe
        self._fault, self._on_fault = fault, on_fault
        self.faulty_line = None
        self._lines = []
        self._changed = threading.Condition()
        self._ended = False
        self._started = time.monotonic()
        self._log = open(log_path, "w", buffering=1, encoding="utf-8")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for raw in self._pipe:
            now = time.monotonic()
            text = raw.decode(errors="replace").rstrip("\r\n")
            self._log.write(f"{now - self._started:9.3f} {text}\n")
            with self._changed:
                self._lines.append((now, text))
                self._changed.notify_all()
            if self._fault and not self.faulty_line and re.search(self._fault, text):
                self.faulty_line = text
                self._on_fault()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self):
        self._thread.join(timeout=10)
        self._log.close()

    @property
    def place(self):
        return len(self._lines)

    def find(self, pattern, since=0):
        """(time, match) of the first line after a place, or None."""
        for when, text in self._lines[since:]:
            match = re.search(pattern, text)
            if match:
                return when, match
        return None

    def wait(self, pattern, timeout, since=0):
        """The same, but waits for it; None when it does not come or the guest is gone."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for when, text in self._lines[since:]:
                    match = re.search(pattern, text)
                    if match:
                        return when, match
                since = len(self._lines)
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    return None
                self._changed.wait(left)

    def tail(self, count=25):
        return [text for _, text in self._lines[-count:]]

    def text(self, since=0):
        return "\n".join(text for _, text in self._lines[since:])
