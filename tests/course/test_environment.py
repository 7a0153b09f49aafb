"""Whether the environment's descriptions agree: pyproject.toml, constraints and conda's file."""

import re
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from setuptools import find_namespace_packages

from course import layout

PROJECT, PROCTOR = (
    tomllib.loads((layout.ROOT / place / "pyproject.toml").read_text("utf-8"))["project"]
    for place in (".", "proctor")
)
SETUPTOOLS = tomllib.loads((layout.ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "setuptools"
]
CONDA = yaml.safe_load((layout.ROOT / "environment.yml").read_text("utf-8"))
ON_CONDA = {"pytorch-cpu": "torch", "msgpack-python": "msgpack"}  # other names there


def wanted():
    """What the course and proctor ask for, tests included, without proctor: {name: Requirement}."""
    lines = [
        line
        for one in (PROCTOR, PROJECT)
        for line in one["dependencies"] + one["optional-dependencies"]["test"]
    ]
    found = {
        canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)
    }
    return {name: requirement for name, requirement in found.items() if name != PROCTOR["name"]}


def pinned():
    """What constraints.txt pins: {name: version}."""
    lines = (layout.ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_environment_yml_asks_for_what_pyproject_asks_for():
    """Same packages, same bounds, Python included; what conda-forge has not comes from pip."""
    *lines, by_pip = CONDA["dependencies"]
    assert lines.pop() == "pip"
    assert [by_pip["pip"].pop(0) for _ in range(2)] == ["--editable ./proctor", "--editable ."]
    conda = {}
    for line in lines + by_pip["pip"]:
        name, bounds = re.fullmatch(r"([\w-]+)(.*)", line).groups()
        conda[ON_CONDA.get(name, name)] = bounds
    expected = {
        name: re.fullmatch(r"[\w-]+(.*)", line)[1]
        for name, line in (
            (canonicalize_name(Requirement(line).name), line)
            for one in (PROCTOR, PROJECT)
            for line in one["dependencies"] + one["optional-dependencies"]["test"]
        )
        if name != PROCTOR["name"]
    }
    assert conda == expected | {"python": PROJECT["requires-python"]}


def test_both_projects_ask_for_the_same_of_what_both_need():
    """A package that the course and proctor need has one range of versions."""
    both = [
        {
            canonicalize_name(Requirement(line).name): line
            for line in one["dependencies"] + one["optional-dependencies"]["test"]
        }
        for one in (PROJECT, PROCTOR)
    ]
    shared = both[0].keys() & both[1].keys()
    assert "nbgrader" in shared
    assert {name: both[0][name] for name in shared} == {name: both[1][name] for name in shared}


def test_every_part_of_convlab_is_installed():
    """The environment has each package of the lesson's library, and each kind of file in it."""
    find, data = SETUPTOOLS["packages"]["find"], SETUPTOOLS["package-data"]["convlab"]
    library = layout.SOURCE / "convlab"
    found = find_namespace_packages(str(layout.SOURCE), include=find["include"])
    folders = {path.parent.relative_to(layout.SOURCE) for path in library.rglob("*.py")}
    assert {str(folder).replace("/", ".") for folder in folders} <= set(found)
    assert {(layout.ROOT / place).resolve() for place in find["where"]} == {
        layout.ROOT,
        layout.SOURCE,
    }
    kinds = {path.suffix for path in library.rglob("*") if path.is_file()} - {".py", ".pyc"}
    assert {f"**/*{kind}" for kind in kinds} <= set(data)


def test_environment_yml_uses_conda_forge_only():
    """No other channel is mixed in."""
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]


def test_every_constraint_is_one_version():
    """The constraints pin exactly, and name no place to download from."""
    text = (layout.ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in text and "@" not in text
    assert all(
        re.fullmatch(r"[\w.-]+==[\w.]+", line)
        for line in text.splitlines()
        if line and line[0] != "#"
    )


@pytest.mark.parametrize("name", sorted(wanted()))
def test_constraints_satisfy_pyproject(name):
    """Each package that is asked for is pinned to a version within its bounds."""
    assert wanted()[name].specifier.contains(pinned()[name])


def test_torch_is_pinned_to_the_build_that_has_a_cpu_wheel():
    """The tests' numbers and times belong to this version."""
    assert pinned()["torch"] == "2.13.0"


def test_this_python_is_one_that_the_project_supports():
    """The environment was built with a Python that pyproject.toml allows."""
    assert sys.version_info >= (3, 11)
    assert PROJECT["requires-python"] == ">=3.11"
