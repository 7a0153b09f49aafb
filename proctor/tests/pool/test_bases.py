"""The base process: what it loads is there for both sides, and it is replaced if it loaded too much."""

import psutil
from run_notebook import run, template
from small_notebook import answer, checks, given

from proctor.pool.bases import Bases
from proctor.pool.pool import Pool

LOADED = given("import sys\nloaded = [name for name in ('wave', 'chunk') if name in sys.modules]")


def test_modules_that_are_loaded_early() -> None:
    """Examiner and candidate find them imported; a module that nobody loaded is not there."""
    with Bases(["wave", "no_such_module_here"]) as bases, Pool(bases, template(LOADED), 1) as pool:
        ran = run(pool, LOADED, answer("print(loaded)"), checks("print(loaded)"))
    assert (ran.printed("answer"), ran.printed("test")) == ("['wave']\n", "['wave']\n")


def test_what_not_all_notebooks_load() -> None:
    """A process that loaded such a module is replaced; one that loaded less is kept."""
    with Bases(["wave"]) as bases:
        first = bases.process.running.pid
        bases.load(["json", "wave"])
        assert bases.process.running.pid == first
        bases.load(["json"])
        assert bases.process.running.pid != first and not psutil.pid_exists(first)
        assert bases.loaded == ["json"]


def test_bases_that_know_nothing_yet() -> None:
    """What comes to be known first is loaded, in the process that is there already."""
    with Bases() as bases:
        first = bases.process.running.pid
        bases.load(["wave"])
        assert (bases.process.running.pid, bases.loaded) == (first, ["wave"])
