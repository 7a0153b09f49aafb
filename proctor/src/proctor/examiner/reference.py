"""Owns what the reference solution says of names: which ones are asked of the student, which are libraries, which the answers read."""

import importlib
from dataclasses import dataclass, field

from proctor.examiner import binding
from proctor.examiner.states import States, states


@dataclass(frozen=True)
class Reference:
    """`answers`: names that it defines or assigns; `imports`: (name, module, attribute) of what it only imports and tests mention;
    `reads`: names that it reads. `known` says whether there is one at all; `states` which names its functions share with the notebook."""

    answers: frozenset = frozenset()
    imports: tuple = ()
    reads: frozenset = frozenset()
    known: bool = False
    states: States = field(default_factory=States, hash=False)

    def libraries(self):
        """What it imports, from this process: {name: value}. To be asked before any file of a student's lies about."""
        found = {}
        for name, module, attribute in self.imports:
            try:
                found |= taken(name, importlib.import_module(module), attribute)
            except Exception:  # it is not to be had here: the student's stands
                continue
        return {name: value for name, value in found.items() if name and name not in self.answers}


def taken(name, module, attribute):
    """What an import statement binds."""
    if attribute == "*":
        return {
            one: getattr(module, one)
            for one in getattr(module, "__all__", None) or vars(module)
            if not one.startswith("_")
        }
    if not attribute:
        return {name: module}
    return {
        name: getattr(module, attribute)
        if hasattr(module, attribute)
        else importlib.import_module(f"{module.__name__}.{attribute}")
    }


def reference(solutions, given=(), ordinary=(), tests=(), known=True):
    """The Reference of these texts: solution cells, the instructor's other cells, those of them that are open, and the tests."""
    answers = set().union(
        *(binding.bound(text, made=True) for text in solutions), *map(binding.unwritten, ordinary)
    )
    mentioned = set().union({"", "*"}, *map(binding.reads, [*given, *tests]))
    imports = {
        (name, module, attribute): None
        for text in solutions
        for name, module, attribute in binding.imports(text)
        if name in mentioned and name not in answers
    }
    reads = set().union(*map(binding.reads, solutions))
    functions = {name: names for text in given for name, names in binding.definitions(text).items()}
    left = [name for name in functions if name in reads]
    while left:  # what the given functions read that the answers use, the answers read
        more = functions[left.pop()] - reads
        reads |= more
        left += [name for name in more if name in functions]
    return Reference(frozenset(answers), tuple(imports), frozenset(reads), known, states(solutions))
