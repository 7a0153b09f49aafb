"""Measures Run All: the seconds that the unsolved lesson takes after its imports."""

import argparse
import statistics
import time

import nbclient

from course import layout, notebook

FOLDER = layout.ROOT / "release" / layout.ASSIGNMENT


def run_all():
    """Run the released notebook once: (seconds of the import cell, seconds of all others)."""
    begun, seconds = {}, {}
    client = nbclient.NotebookClient(
        notebook.read(FOLDER / layout.NOTEBOOK),
        timeout=120,
        resources={"metadata": {"path": str(FOLDER)}},
        on_cell_execute=lambda cell, cell_index: begun.update({cell.id: time.monotonic()}),
        on_cell_executed=lambda cell, cell_index, execute_reply: seconds.update(
            {cell.id: time.monotonic() - begun[cell.id]}
        ),
    )
    client.execute()
    imports = seconds.pop("setup")
    return imports, sum(seconds.values())


def main():
    """Print minimum, median and maximum of the runs; the figure to reach is 10 s on two cores."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = [run_all() for _ in range(parser.parse_args().runs)]
    for name, values in zip(("imports", "after the imports"), zip(*runs, strict=True), strict=True):
        print(
            f"{name:<18} min {min(values):5.1f} s   median {statistics.median(values):5.1f} s"
            f"   max {max(values):5.1f} s"
        )


if __name__ == "__main__":
    main()
