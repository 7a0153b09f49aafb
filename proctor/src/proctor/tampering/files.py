"""Files of a submission in the way of the instructor's modules, or of what starts a kernel."""

import os
import re
from collections.abc import Collection, Iterator, Mapping

from proctor.submission.files import shown
from proctor.tampering.places import PrivatePlaces, is_below

# What Python, IPython, Jupyter and nbgrader run or read, unasked, where they find it.
STARTING = {
    "sitecustomize.py",
    "usercustomize.py",
    "ipykernel_launcher.py",
    "ipython_config.py",
    "ipython_kernel_config.py",
    "jupyter_config.py",
    "nbgrader_config.py",
    "submission_secret.txt",
}
STARTING_FOLDER = re.compile(r"(^|/)\.ipython/profile_default/startup/")
MODULE = re.compile(r"^([^./]+)(/__init__)?(\.[^/]*)?\.(py|pyc|so|pyd)$")
UNUSED = "It was not used."


def own_modules(support: Collection[str]) -> frozenset[str]:
    """The names of the modules and packages beside an assignment's notebooks."""
    return frozenset(found[1] for name in support if (found := MODULE.match(name)))


def odd_links(folder: str, links: Mapping[str, str], places: PrivatePlaces) -> Iterator[str]:
    """A sentence for each symbolic link of a submission that leads to what is not a student's.

    Others are not told of: a virtual environment that was handed in along with the work has many.
    """
    for name, text in sorted(links.items()):
        path = os.path.normpath(os.path.join(folder, os.path.dirname(name), text))
        if places.holds(path) and not is_below(path, folder):
            yield (
                f"{shown(name)} was handed in as a link to {shown(text)}, which is not the "
                "student's. It was not followed."
            )


def odd_files(files: Collection[str], support: Collection[str]) -> Iterator[str]:
    """A sentence for each odd file of a student's, if it is none that the instructor has given."""
    modules = own_modules(support)
    for name in sorted(set(files) - set(support)):
        if os.path.basename(name) in STARTING or STARTING_FOLDER.search(name):
            yield (
                f"{shown(name)} was handed in, which is a name of what starts or configures the "
                f"grading. {UNUSED}"
            )
            continue
        found = MODULE.match(name)
        if found and found[1] in modules:
            yield (
                f"{shown(name)} was handed in, which would be imported in the place of the "
                f"assignment's own module {found[1]}. {UNUSED}"
            )
