"""Owns how a result goes from an examiner to the round: the prefix's outputs, the same for all submissions, are named and not sent."""

import copy
import io
import pickle


class Packer(pickle.Pickler):
    """Pickles a result; `prefix` has the lists of outputs, by index, that the other side has too."""

    def __init__(self, file, prefix):
        super().__init__(file)
        self.names = {id(outputs): index for index, outputs in prefix.items()}

    def persistent_id(self, value):
        return self.names.get(id(value)) if type(value) is list else None


KNOWN = {
    "proctor.examiner.results": {"Outcome", "Event"},
    "nbformat.notebooknode": {"NotebookNode"},
    "builtins": {"set", "list"},
}


class Plain(pickle.Unpickler):
    """Reads numbers, texts and containers of them. What an examiner says is read so: should a test run what a student returned, that
    student could pickle anything."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} is not expected here")


def plain(content):
    """The plain data that these bytes hold."""
    return Plain(io.BytesIO(content)).load()


class Unpacker(pickle.Unpickler):
    """Reads a result, which holds Outcomes and notebooks; `prefix()` gives the outputs, when one is named."""

    def find_class(self, module, name):
        if name in KNOWN.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not expected here")

    def __init__(self, file, prefix):
        super().__init__(file)
        self.prefix = prefix

    def persistent_load(self, name):
        return copy.deepcopy(self.prefix()[name])  # a configured step may change one submission's


def packed(result, prefix):
    """A result as bytes."""
    with io.BytesIO() as file:
        Packer(file, prefix).dump(result)
        return file.getvalue()


def unpacked(content, prefix):
    """The result that these bytes hold."""
    return Unpacker(io.BytesIO(content), prefix).load()
