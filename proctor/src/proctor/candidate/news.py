"""Owns what goes beside requests and answers in the candidate: seeded generators, replaced functions, and files that were written."""

import contextlib
import importlib
import os

from proctor.wire import chance, files

from proctor.candidate.strangers import Callback


class News:
    """What of the examiner's is in force here, and the files that both sides have."""

    def __init__(self):
        self.patched, self.files = {}, files.Files(False, work=os.getcwd())

    def take(self, body, objects):
        """Take in what the examiner tells beside a request."""
        chance.take(body)
        if "patches" in body:
            self.patch(body["patches"], objects)
        with contextlib.suppress(OSError):
            if "temporary" in body:
                os.makedirs(body["temporary"], exist_ok=True)
                self.files.add("temporary", body["temporary"])
        self.files.take(body.get("files", []))

    def patch(self, wanted, objects):
        """Let just these functions of libraries be the examiner's."""
        for (module, name), before in self.patched.items():
            setattr(importlib.import_module(module), name, before)
        self.patched = {
            (module, name): getattr(importlib.import_module(module), name)
            for module, name, _ in wanted
        }
        for module, name, number in wanted:
            setattr(importlib.import_module(module), name, Callback(objects, number))

    def add(self, body):
        """A message, with the files that were written since the last one."""
        with contextlib.suppress(
            Exception
        ):  # what the student's code did to the folder, or to our means
            if told := self.files.changed():
                body["files"] = told
        return body
