"""Cells whose conv2d fails when it is called, and whether what is told of them holds."""

import builtins
import inspect

import torch
from convlab import checks, messages
from convlab.diagnosis.calls import Asked
from convlab.diagnosis.failing_calls import errors, indexing
from convlab.diagnosis.failing_calls.undefined_names import called_with
from convlab.diagnosis.map_size import is_map
from convlab.examples import SIZES, example
from convlab.mistakes import NotImplementedYet, Raised, TooSlow

LOOPS = """
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    {before}
    out = torch.zeros({size})
    for i in range({rows}):
        for j in range({columns}):
            {body}
    return out
"""
PLAIN = {
    "before": "pass",
    "size": "H - M + 1, W - N + 1",
    "rows": "H - M + 1",
    "columns": "W - N + 1",
    "body": "out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()",
}


def cell(source):
    """The conv2d that a notebook cell of this source defines."""
    namespace = {"__name__": "__main__"}
    exec("import torch\n" + source, namespace)
    return namespace["conv2d"]


def loops(**changed):
    """Two loops over positions, with some of their pieces changed."""
    return cell(LOOPS.format(**{**PLAIN, **changed}))


def explained(conv2d, sizes=SIZES):
    """The Diagnosis of the first of these image sizes at which there is a mistake, and the case."""
    for sides in sizes:
        case = example(*sides, seed=sum(sides))
        mistake = checks.mistake(conv2d, case)
        if mistake:
            assert isinstance(mistake, (Raised, NotImplementedYet, TooSlow)), mistake
            found = errors.explain(conv2d, mistake, case)
            assert found and crosses(found)
            return found, case
    raise AssertionError("this function is right")


def crosses(found):
    """Whether all facts of a Diagnosis are believed when another process tells them."""
    return [messages.believed(messages.plain(fact)) for fact in found.facts] == list(found.facts)


def parts(found, name=None):
    """The parts of its message that a Diagnosis tells, each with its facts."""
    told = [fact.name.partition(".") for fact in found.facts]
    return {
        part: fact.facts
        for (of, _, part), fact in zip(told, found.facts, strict=True)
        if name in (None, of)
    }


def ask(conv2d, *arguments):
    """What the function returns, or the error it ends in."""
    return Asked(conv2d).answer(*arguments)


def sides(text):
    """A size as a pair of numbers."""
    rows, columns = text.split("×")
    return int(rows), int(columns)


def bare(code):
    """A name without the marks of code around it."""
    return code.strip("`")


class Claims:
    """What a message claims of a function, asked again: a method for each name and part."""

    def __init__(self, conv2d, case):
        self.conv2d, self.case = conv2d, case
        self.result = ask(conv2d, *case.before)
        self.said = checks.calling.said(self.result)
        self.error = (
            checks.calling.described(self.result)
            if isinstance(self.result, BaseException)
            else None
        )

    def untrue(self, found):
        """The parts of what is told that do not hold."""
        told = parts(found).items()
        return [part for part, facts in told if not self.holds(found.name, part, facts)]

    def holds(self, name, part, facts):
        """Whether one part holds: the facts that most parts have, and those of its own."""
        if facts.get("call", self.case.name) != self.case.name:
            return False
        if not (self.error or "").startswith(facts.get("error", "")):
            return False
        method = getattr(self, f"{name}_{part}".replace("-", "_"))
        wanted = inspect.signature(method).parameters.values()
        return method(**{one.name: facts[one.name] for one in wanted if one.default is one.empty})

    def asked(self, shape):
        """What is returned for an image of this size."""
        case = self.case if shape == tuple(self.case.before[0].shape) else example(*shape)
        return ask(self.conv2d, *case.before)

    def not_a_function_say(self, kind):
        return not callable(self.conv2d) and type(self.conv2d).__name__ == kind.facts["type"]

    def stub_still_there_say(self):
        return isinstance(self.result, NotImplementedError)

    def other_arguments_say(self, wanted):
        return isinstance(self.result, TypeError) and "argument" in self.said

    def other_arguments_number(self, number):
        return f"expected {number}," in self.said

    def none_used_say(self):
        return isinstance(self.result, (TypeError, AttributeError)) and "NoneType" in self.said

    def loop_over_number_say(self, kind):
        return self.said == f"'{kind.facts['type']}' object is not iterable"

    def fractional_count_say(self):
        return isinstance(self.result, (TypeError, IndexError))

    def arguments_swapped_say(self):
        return isinstance(self.result, Exception)

    def arguments_swapped_right(self):
        return checks.mistake(lambda image, kernel: self.conv2d(kernel, image), self.case) is None

    def arguments_swapped_size(self):
        return ask(self.conv2d, *reversed(self.case.before)).shape == self.case.target.shape

    def name_undefined_say(self, name):
        return isinstance(self.result, NameError) and f"'{name}' is not defined" in self.said

    def name_undefined_unset(self, name):
        return (
            isinstance(self.result, NameError)
            and f"'{name}'" in self.said
            and "not associated" in self.said
        )

    def name_undefined_attribute(self, name):
        return isinstance(self.result, AttributeError) and f"no attribute '{name}'" in self.said

    def name_undefined_near(self, near):
        return near in ("image", "kernel") or hasattr(torch, near)

    def axes_miscounted_image(self, count):
        return self.other_with_axes(count, "image")

    def axes_miscounted_kernel(self, count):
        return self.other_with_axes(count, "kernel")

    def axes_miscounted_both(self, count):
        return self.other_with_axes(count, "image", "kernel")

    def other_with_axes(self, count, *names):
        """Whether the error is another one if these arguments have so many axes."""
        tensors = dict(zip(("image", "kernel"), self.case.before, strict=True))
        changed = {name: indexing.with_axes(tensors[name], count) for name in names}
        again = ask(self.conv2d, *{**tensors, **changed}.values())
        return isinstance(self.result, Exception) and str(again) != self.said

    def runs_past_edge_row(self, index, whose, last, axis=0):
        length = last + 1
        own = {"image": self.case.before[0], "kernel": self.case.before[1], "map": self.case.target}
        tensor = own.get(whose.name.rpartition(".")[2])
        return (
            f"index {index.replace('−', '-')} is out of bounds" in self.said
            and f"size {length}" in self.said
            and (axis is None or tensor is None or tensor.shape[axis] == length)
        )

    def runs_past_edge_column(self, index, whose, last):
        return self.runs_past_edge_row(index, whose, last, 1)

    def runs_past_edge_place(self, index, whose, last):
        return self.runs_past_edge_row(index, whose, last, None)

    def runs_past_edge_patch(self, row, column, came, wanted, size):
        (rows, columns), (tall, wide) = sides(wanted), sides(size)
        cut = max(min(row + rows, tall) - row, 0), max(min(column + columns, wide) - column, 0)
        return cut == sides(came) != (rows, columns)

    def runs_past_edge_slice(self, came, wanted):
        return came != wanted

    def runs_past_edge_beyond(self):
        return isinstance(self.result, (IndexError, RuntimeError))

    def runs_past_edge_late(self):
        return isinstance(self.result, (IndexError, ValueError))

    def runs_past_edge_elsewhere(self, answered):
        return all(is_map(self.asked(sides(shape))) for shape in answered)

    def sizes_do_not_fit_say(self, sizes):
        told = [one if isinstance(one, str) else one.name for one in sizes]
        return isinstance(self.result, RuntimeError) and len(set(told)) > 1

    def sizes_do_not_fit_message(self):
        return isinstance(self.result, ValueError)

    def sizes_do_not_fit_reshape(self, count, wanted):
        rows, columns = sides(wanted)
        return rows * columns != count

    def size_refused_say(self, answered, refused):
        shapes, there = {*SIZES, tuple(self.case.before[0].shape)}, set(map(sides, answered))
        asked = {shape for shape in shapes if is_map(self.asked(shape))}
        return there == asked and there | set(map(sides, refused)) == shapes

    def sides_mixed_up_raised(self, squares):
        tall = [(12, 9), (13, 8), (9, 12), (8, 13)]
        return all(
            self.asked(shape).shape == (shape[0] - 2, shape[1] - 2) for shape in map(sides, squares)
        ) and not any(checks.mistake(self.conv2d, example(*shape)) is None for shape in tall)

    def size_fixed_raised(self, counts, filled=False):
        shapes = [*SIZES, (15, 17), (18, 14), (6, 11), (11, 6)]
        for found in filter(is_map, map(self.asked, shapes)):
            rows, columns = found.shape
            if filled:
                rows, columns = (
                    int(found.any(dim=1 - axis).nonzero().max()) + 1 for axis in (0, 1)
                )
            told = {
                f"size-fixed.{unit}.number": count
                for unit, count in (("rows", rows), ("columns", columns))
            }
            if any(told[fact.name] != fact.facts["count"] for fact in counts):
                return False
        return bool(counts)

    def size_fixed_raised_filled(self, counts):
        return self.size_fixed_raised(counts, filled=True)

    def too_many_indices_say(self, count, size, given):
        return count == len(size.split("×")) < given and isinstance(self.result, IndexError)

    def too_many_indices_array(self, count, given):
        return f"{count}-dimensional, but {given} were" in self.said

    def too_many_indices_number(self, count):
        return count == 0 and isinstance(self.result, IndexError)

    def too_many_indices_list(self):
        return "list indices" in self.said and "tuple" in self.said

    def patch_end_fixed_row(self, start, first, end, came, wanted, axis=0):
        tall, short = sides(wanted)[axis], sides(came)[axis]
        return tall == end - first and short == max(end - start, 0) and short < tall

    def patch_end_fixed_column(self, start, first, end, came, wanted):
        return self.patch_end_fixed_row(start, first, end, came, wanted, 1)

    def dot_of_matrices_say(self, function, sizes):
        return "1D tensors expected" in self.said and any("×" in one for one in sizes)

    def builtin_sum_say(self, count):
        lengths = {tensor.shape[1] for tensor in self.case.before}
        return isinstance(self.result, Exception) and count in lengths

    def value_called_say(self, kind):
        return self.said.startswith(f"'{kind.facts['type']}' object is not callable")

    value_called_size = value_called_tensor = value_called_say

    def builtin_hidden_value(self, name, kind):
        return hasattr(builtins, name) and self.value_called_say(kind)

    def builtin_hidden_say(self, names):
        space = self.conv2d.__globals__
        return all(space[name] is getattr(torch, name) for name in map(bare, names))

    def builtin_hidden_further(self, names):
        space = self.conv2d.__globals__
        values = {name: getattr(builtins, name) for name in map(bare, names)}
        again = called_with(Asked(self.conv2d), self.case, space, values)
        return str(again) != self.said

    def endless_recursion_say(self, names):
        return isinstance(self.result, RecursionError) and len(names) == 1

    def endless_recursion_several(self, names):
        return isinstance(self.result, RecursionError) and len(names) > 1

    def too_slow_say(self):
        return isinstance(self.result, checks.calling.TimeIsUp)

    def too_slow_smallest(self, seconds, kernel):
        case = example(*sides(kernel))
        return isinstance(
            Asked(self.conv2d, float(seconds)).answer(*case.before), checks.calling.TimeIsUp
        )

    def raises_error_say(self):
        return isinstance(self.result, BaseException)


def untrue(found, conv2d, case):
    """The parts of a Diagnosis that do not hold when the function is asked again."""
    return Claims(conv2d, case).untrue(found)


SUMS = "(image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))"
