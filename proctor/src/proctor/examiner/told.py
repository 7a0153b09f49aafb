"""Owns what a candidate is told beside each request: which classes both have, seeded generators, files that it may need."""

from proctor.wire import files, gradients
from proctor.wire.chance import Seeds

from proctor.examiner.patched import Patches

MOST_GIVEN, MOST_ASKED = 2_000, 50_000  # characters of one request's arguments, and of all of them


class Told:
    """`alike` has the classes; `texts` are the student's cells, which name the files they read; what was `asked` names those they may change."""

    def __init__(self, alike):
        self.alike, self.seeds, self.files, self.texts, self.asked, self.place = (
            alike,
            Seeds(),
            None,
            [],
            "",
            None,
        )
        self.patches = Patches()

    def watch(self, work, temporary):
        """A submission begins, with these folders of its own."""
        self.files, self.texts = files.Files(True, work=work, temporary=temporary), []
        self.asked = ""

    def renew(self):
        """A fresh candidate: it has been told nothing."""
        self.place, self.patches.said = None, {}
        if self.files is not None:
            self.files.known.clear()
            self.files.mark = None

    def news(self, fields, lend):
        """What goes with a request of these fields."""
        told = self.alike.news() | self.seeds.news() | self.patches.news(lend)
        if gradients.off():
            told["without gradients"] = True
        if self.files is not None:
            given = "\0".join(map(files.mentioned, fields.values()))
            said, self.asked = (
                "\0".join([*self.texts, given]),
                f"{self.asked}\0{given[:MOST_GIVEN]}"[-MOST_ASKED:] if given else self.asked,
            )
            if self.place is None:
                told["temporary"] = self.place = self.files.places["temporary"]
            if written := self.files.changed(named_in(said), named_in(self.asked)):
                told["files"] = written
        return told

    def heard(self, body):
        """Take in what came with an answer; ValueError for a lie."""
        if self.files is not None and "files" in body:
            self.files.take(body["files"])


def named_in(text):
    """Tells whether a text could name a file, or a folder it is in."""
    return lambda name: any(part in text for part in name.strip("/").split("/"))
