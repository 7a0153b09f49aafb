"""The attacks against stock `nbgrader autograde`: each on a fresh class of its own; run as a script it writes stock_results.md.

python -m tests.attacks.stock [--only PATTERN] [--jobs N]"""

import argparse
import fnmatch
import json
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from proctor.publish.folders import remove

from . import arena, catalogue, course
from .attack import hand_in
from .judge import Before, judge

RESULTS = Path(__file__).with_name("stock_results.md")
VICTIMS = ("aa-half", "zz-half")
SECONDS = 90
MEMORY = 5 * arena.GIB
HEAD = """# Attacks against stock nbgrader 0.9.6

Written by `python -m tests.attacks.stock`. Each attacker sat in a class of three, between two honest students, and `nbgrader autograde`
graded the class. "Holds": the attacker got what the answer deserved, and nobody else noticed. Of the attacks on the choice of way, those
on proctor's own wire have nothing to attack in stock nbgrader and were not tried; for the others the points of tests that proctor
grades in process, as stock does, are granted.

"""


def template(base):
    """A course nobody has handed in to, built once and copied for each attack."""
    return course.build(base, arena.free_port())


def try_one(attack, pattern, folder):
    """The Verdict on one attack in a class of its own."""
    base = Path(tempfile.mkdtemp(prefix="attack-", dir=folder))
    shutil.copytree(pattern.base, base, dirs_exist_ok=True, symlinks=True)
    target = course.Target(base, arena.free_port(), pattern.canaries)
    if attack.earlier:
        hand_in(target, attack, only=attack.earlier)
        grade(target)
        shutil.rmtree(target.folder(attack.who))
    course.hand_in_victims(target, VICTIMS)
    hand_in(target, attack)
    before = Before.of(target)
    verdict = judge(target, attack, grade(target), before, VICTIMS)
    remove(base)
    return verdict


def grade(target):
    words = [sys.executable, "-m", "nbgrader", "autograde", course.ASSIGNMENT, "--force"]
    return arena.run(
        target.base,
        [words],
        port=target.port,
        environ=target.environ(),
        seconds=SECONDS,
        memory=MEMORY,
    )


def table(verdicts):
    """The results as Markdown: a count, then a row for each attack."""
    won = sum(bool(verdict) and verdict != "holds" for verdict in verdicts.values())
    rows = "".join(
        f"| {attack.kind} | {attack.name} | {attack.goal} | {verdicts[attack.name]} |\n"
        for attack in catalogue.ATTACKS
        if attack.name in verdicts
    )
    return f"{HEAD}{won} of {len(verdicts)} succeed.\n\n| kind | attack | goal | stock nbgrader |\n|---|---|---|---|\n{rows}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--json", type=Path, help="keep the verdicts here, and go on from what is there"
    )
    given = parser.parse_args()
    chosen = [
        attack
        for attack in catalogue.ATTACKS
        if fnmatch.fnmatch(attack.name, given.only)
        and (arena.FENCED or not (attack.fenced or attack.dangerous))
    ]
    verdicts = json.loads(given.json.read_text()) if given.json and given.json.exists() else {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pattern = template(Path(folder) / "template")

        def one(attack):
            verdicts[attack.name] = str(try_one(attack, pattern, folder))
            print(f"{attack.name:40} {verdicts[attack.name]}", flush=True)
            if given.json:
                given.json.write_text(json.dumps(verdicts, indent=1))

        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(one, [attack for attack in chosen if attack.name not in verdicts]))
    if given.only == "*":
        RESULTS.write_text(table(verdicts))


if __name__ == "__main__":
    main()
