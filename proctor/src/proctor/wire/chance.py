"""Owns random generators on their way to the candidate: the libraries' own once the instructor seeded them, and those handed over.
One way only: numbers that a test draws are never chosen by the student's code."""

import functools
import json
import random
import sys

SEEDERS = {
    "random": (("random", "seed"), ("random", "setstate")),
    "numpy.random": (("numpy.random", "seed"), ("numpy.random", "set_state")),
    "torch": (
        ("torch", "manual_seed"),
        ("torch.random", "manual_seed"),
        ("torch", "set_rng_state"),
        ("torch.random", "set_rng_state"),
    ),
}
BITS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class Seeds:
    """Which libraries' generators were seeded here since the candidate was told."""

    def __init__(self):
        self.due, self.watched = set(), set()

    def watch(self):
        """Notice from now on when a loaded library's generator is seeded."""
        for library, places in SEEDERS.items():
            if library in sys.modules and library not in self.watched:
                self.watched.add(library)
                for module, name in places:
                    setattr(
                        sys.modules[module],
                        name,
                        self.noticed(library, getattr(sys.modules[module], name)),
                    )

    def noticed(self, library, seeder):
        """The function that seeds, noticed if it is given something to seed by."""

        @functools.wraps(seeder)
        def seed(*args, **more):
            result = seeder(*args, **more)
            if args and args[0] is not None or more:
                self.due.add(library)
            return result

        return seed

    def news(self):
        """The states to tell the candidate, {library: text}; told once."""
        told = {library: state(own(library)) for library in sorted(self.due)}
        self.due.clear()
        return {"chance": told} if told else {}


def take(body):
    """In the candidate: let the libraries' generators stand where a message says."""
    for library, text in body.get("chance", {}).items():
        if library in sys.modules:
            restore(own(library), text)


def own(library):
    """A library's own generator, as something with a state."""
    if library == "random":
        return random._inst
    return (
        sys.modules["numpy"].random.mtrand._rand
        if library == "numpy.random"
        else sys.modules["torch"].default_generator
    )


def state(generator):
    """A generator's kind and state as text, None if it is no generator that can be handed over."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    kind = type(generator)
    if kind is random.Random:
        return json.dumps(["Random", generator.getstate()])
    if numpy and kind is numpy.random.Generator and type(generator.bit_generator).__name__ in BITS:
        return json.dumps(
            ["Generator", generator.bit_generator.state], default=lambda array: array.tolist()
        )
    if numpy and kind is numpy.random.RandomState:
        return json.dumps(
            ["RandomState", generator.get_state()], default=lambda array: array.tolist()
        )
    if torch and kind is torch.Generator and generator.device.type == "cpu":
        return json.dumps(["torch", bytes(generator.get_state().numpy()).hex()])
    return None


def restore(generator, text):
    """Let a generator stand where the text says."""
    kind, told = json.loads(text)
    if kind == "Random":
        version, numbers, gauss = told
        generator.setstate((version, tuple(numbers), gauss))
    elif kind == "Generator":
        numpy = sys.modules["numpy"]
        if "key" in told["state"]:
            told["state"] = {
                name: numpy.array(one, "u4" if told["bit_generator"] == "MT19937" else "u8")
                if isinstance(one, list)
                else one
                for name, one in told["state"].items()
            }
        generator.bit_generator.state = told
    elif kind == "RandomState":
        generator.set_state(told)
    else:
        torch = sys.modules["torch"]
        generator.set_state(torch.frombuffer(bytearray.fromhex(told), dtype=torch.uint8))


def fresh(text):
    """A generator that stands where the text says."""
    kind, told = json.loads(text)
    if kind == "Random":
        made = random.Random()
    elif kind == "torch":
        import torch

        made = torch.Generator()
    else:
        import numpy

        made = (
            numpy.random.RandomState()
            if kind == "RandomState"
            else numpy.random.Generator(getattr(numpy.random, told["bit_generator"])())
        )
    restore(made, text)
    return made
