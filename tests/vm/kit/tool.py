# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's programs: quiet when they succeed, quoted when they fail."""

import os
import subprocess


class Failed(Exception):
    """What went wrong, in words for the person who runs the test."""


class Silent(Failed):
    """A guest that is still there does not say what it should."""


def call(*command, timeout=600, **options):
    """Run a program and return what it wrote to stdout."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, timeout=timeout, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    except FileNotFoundError:
        raise Failed(f"{command[0]}: no such program") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command)}: not finished after {timeout} s") from None
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        raise Failed(f"{' '.join(command)}: exit status {done.returncode}\n{tail}")
    return done.stdout


def make(*goals, **options):
    """Run make in the project, with its own settings whatever those of a make around us are."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return call("make", *goals, env=environment, **options)
