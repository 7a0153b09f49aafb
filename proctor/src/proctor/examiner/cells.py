"""Running the instructor's cells, and the tests, in the trusted process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from typing import Any, cast

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode, from_dict

from proctor.assemble.plan import Part
from proctor.examiner.namespace import Namespace
from proctor.examiner.results import merged
from proctor.kernel.environment import load, working_folder_on_path
from proctor.kernel.outputs import bounded
from proctor.kernel.shell import Shell, prepare_libraries, undrawn, warm

PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def shell_of_tests() -> tuple[Shell, Namespace]:
    """The one shell of this process and its names, made and warmed when it is first asked for."""
    if not Shell.initialized():
        warm(Shell.instance(user_ns=Namespace()))
    shell = Shell.instance()
    shell.unshown_folder = PACKAGE
    return shell, cast(Namespace, shell.user_ns)


class TestCells:
    """The examiner's shell over the names of the tests; made once, then forked for each submission."""

    __test__ = False  # no class of tests, whatever pytest thinks of its name

    def __init__(self, imports: Iterable[str]) -> None:
        self.shell, self.namespace = shell_of_tests()
        self.shell.begin_here()
        working_folder_on_path()
        load(imports)
        prepare_libraries()

    def prefix(
        self, parts: Iterable[Part], is_drawn: Callable[[int], bool] = lambda place: False
    ) -> tuple[dict[int, list[NotebookNode]], list[int]]:
        """Run the cells that come before a student's first one: the outputs of those that are drawn,
        by place, and the places of those that failed. Of the others nothing is drawn, which takes
        most of the time, and those that are of use only for what they show do not run."""
        outputs: dict[int, list[NotebookNode]] = {}
        failed = []
        self.collect_here()
        formatter: Any = self.shell.display_formatter
        for count, part in enumerate(parts, 1):
            if is_drawn(part.index):
                put_out, ok = self.shell.cell(part.examiner_text, count)
                outputs[part.index] = [from_dict(output) for output in put_out]
            elif part.side != "shown":
                formatter.format = undrawn
                _, ok = self.shell.cell(part.examiner_text, count)
                del formatter.format
            else:
                continue
            failed += [] if ok else [part.index]
        self.shell.before_fork()
        # It looks up what begins a line, which would ask the candidate.
        prefilter: Any = self.shell.prefilter_manager
        prefilter.prefilter_lines = unchanged
        return outputs, failed

    def collect_here(self) -> None:
        """Collect what this very process writes, and nothing of the one it was forked from."""
        self.shell.take_streams((bounded(), bounded()))

    def shorten_tracebacks(self) -> None:
        """Show of an error its last line only: making the rest takes longer than most tests."""
        self.shell.InteractiveTB.set_mode("Minimal")

    def silently(self, text: str) -> None:
        """Run an instructor's cell for its names."""
        count = self.shell.execution_count
        self.shell.cell(text, count)
        self.shell.execution_count = count

    def test(self, text: str, count: int) -> tuple[list[NotebookNode], bool]:
        """Run a test: its outputs, and whether it ended without an error."""
        outputs, ok = self.shell.cell(text, count)
        return merged([from_dict(output) for output in outputs]), ok

    def read_ahead(self, texts: Iterable[str]) -> None:
        """Read these cells before the forks: IPython's transformations are pure Python, and slow."""
        manager: TransformerManager = self.shell.input_transformer_manager
        compiler: Any = self.shell.compile
        steps = transformers(manager)
        transformed: dict[str, str] = {}
        hashed: dict[str, str] = {}
        for text in texts:
            with contextlib.suppress(Exception):  # what cannot be read shows where it runs
                transformed[text] = manager.transform_cell(text)
                hashed[text] = os.path.basename(compiler.get_code_name(text, text, 0))
        transform_cell, get_code_name = self.shell.transform_cell, compiler.get_code_name

        def known_cell(text: str) -> str:
            if text in transformed and transformers(manager) == steps:  # a cell may have added one
                return transformed[text]
            return transform_cell(text)

        def known_name(text: str, code: str, number: int) -> str:
            if text in hashed and "IPYKERNEL_CELL_NAME" not in os.environ:
                folder = os.path.dirname(get_code_name("", "", number))  # has the process's number
                return os.path.join(folder, hashed[text])
            return get_code_name(text, code, number)

        self.shell.transform_cell = known_cell  # type: ignore[method-assign]
        compiler.get_code_name = known_name


def transformers(manager: TransformerManager) -> list[Any]:
    """All that may change a cell's text."""
    return [*manager.cleanup_transforms, *manager.line_transforms, *manager.token_transformers]


def unchanged(lines: Any, continue_prompt: bool = False) -> Any:
    """The lines themselves."""
    return lines
