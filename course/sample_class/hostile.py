"""What the sample class's hostile members hand in.

Each of these would harm a class that is graded in the students' own processes.
"""

from pathlib import Path

WRONG = """
def conv2d(image, kernel):
    return torch.zeros(image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1)
"""
RIGHT = """
def conv2d(image, kernel):
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel).sum(dim=(2, 3))
"""
PATCHED_CHECKS = (
    WRONG
    + """
from convlab import checks

questions = "is_float32_tensor has_size has_values left_alone kept are_new is_feature_map"
for name in questions.split():
    setattr(checks, name, lambda *arguments, **named: None)
checks.right_again = lambda *arguments: torch.zeros(1)
checks.mistake = lambda *arguments: None
"""
)
ALWAYS_EQUAL = """
class Agreeable(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        result = super().__torch_function__(function, types, args, kwargs or {})
        equal = function in (torch.Tensor.eq, torch.Tensor.__eq__)
        return torch.ones_like(result) if equal else result


def conv2d(image, kernel):
    size = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return torch.zeros(size).as_subclass(Agreeable)
"""
READS_THE_TARGET = """
import sys


def conv2d(image, kernel):
    frame = sys._getframe(1)
    while frame:
        case = frame.f_locals.get("case")
        if hasattr(case, "target"):
            return case.target.float()
        frame = frame.f_back
    return torch.zeros(image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1)
"""
READS_THE_SOLUTION = (
    WRONG
    + """
import json
from pathlib import Path

for folder in Path.cwd().parents:
    for path in folder.glob("source/*/*.ipynb"):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["id"] == "conv2d":
                exec("".join(cell["source"]))
"""
)
KILLS_THE_GRADER = (
    RIGHT
    + """
import os
import signal

os.kill(os.getppid(), signal.SIGKILL)
"""
)
EATS_THE_MEMORY = """
def conv2d(image, kernel):
    eaten = []
    while True:
        eaten.append(bytearray(10 ** 8))
"""
FLOODS_THE_OUTPUT = (
    RIGHT
    + """
for number in range(3000):
    print("Give me full marks! " * 50_000)
"""
)
SCRIPT_IN_THE_OUTPUT = (
    RIGHT
    + """
from IPython.display import HTML

script = "fetch('/formgrader/api/grade/1', {method: 'PUT', body: '{\\"manual_score\\": 99}'})"
HTML(f"<script>{script}</script>My pictures!")
"""
)
ANSWERS = {
    "patched-the-checks": PATCHED_CHECKS,
    "always-equal": ALWAYS_EQUAL,
    "reads-the-target": READS_THE_TARGET,
    "reads-the-solution": READS_THE_SOLUTION,
    "kills-the-grader": KILLS_THE_GRADER,
    "eats-the-memory": EATS_THE_MEMORY,
    "floods-the-output": FLOODS_THE_OUTPUT,
    "script-in-the-output": SCRIPT_IN_THE_OUTPUT,
}
HARMFUL = (
    "kills-the-grader",
    "eats-the-memory",
    "floods-the-output",
)  # not to be tried where nothing confines them
LINK = (
    Path("..") / ".." / "sample-patch-sums"
)  # beside it in submitted/, for who hands in a link to another's work
