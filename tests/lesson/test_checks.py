"""Whether each mistake is told from the others, in words that help, and a right answer passes
whatever it prints.
"""

import logging
import sys
import warnings

import pytest
import torch
from convlab import calling, checks, messages, mistakes
from convlab.printing import number, told_apart


def told(conv2d, height=8, width=8):
    """The Mistake in one call on the data of seed 1."""
    return checks.mistake(conv2d, checks.example(height, width, seed=1))


@pytest.mark.parametrize("shape", checks.SIZES)
def test_a_right_answer_has_no_mistake_at_any_size(right, shape):
    """A right function passes on new numbers at each of the four sizes."""
    assert checks.mistake(right, checks.example(*shape)) is None


@pytest.mark.parametrize(
    "result, kind, words",
    [
        (
            lambda i, k: None,
            mistakes.WrongType,
            "returned None, where a float32 torch tensor of size 6×6 was expected",
        ),
        (lambda i, k: [[1.0]], mistakes.WrongType, "returned a list, where a float32 torch tensor"),
        (lambda i, k: torch.zeros(6, 6).double(), mistakes.WrongDtype, "numbers of type float64"),
        (
            lambda i, k: torch.zeros(8, 8),
            mistakes.WrongSize,
            "returned size 8×8, expected size 6×6",
        ),
        (
            lambda i, k: torch.zeros(1, 1, 6, 6),
            mistakes.WrongSize,
            "returned a tensor of 4 axes, size 1×1×6×6, expected two",
        ),
        (lambda i, k: torch.tensor(0.0), mistakes.WrongSize, "returned a single number"),
        (
            lambda i, k: torch.zeros(36),
            mistakes.WrongSize,
            "returned a tensor of 1 axis, with 36 numbers, expected two axes, size 6×6",
        ),
        (
            lambda i, k: torch.zeros(8, 6),
            mistakes.WrongSize,
            "one number for each place of the kernel, 6 down and 6 across",
        ),
        (lambda i, k: torch.full((6, 6), torch.nan), mistakes.WrongValue, "row 0, column 0 is nan"),
        (lambda i, k: 1 // 0, mistakes.Raised, "raised ZeroDivisionError"),
        (lambda i: i, mistakes.Raised, "raised TypeError"),
        (lambda i, k: sys.exit(), mistakes.Raised, "raised SystemExit"),
    ],
)
def test_each_kind_of_mistake_has_its_own_name_and_words(result, kind, words):
    """Type, dtype, size, value and error are told apart, and each message says what came and what
    was expected.
    """
    mistake = told(result)
    assert type(mistake) is kind
    assert words in str(mistake)
    assert str(mistake).startswith("conv2d(image 8×8, kernel 3×3)")
    assert str(mistake).endswith("To see these numbers again: checks.example(8, 8, seed=1).")


@pytest.mark.parametrize(
    "result, words",
    [
        (lambda i, k: (n for n in i), "returned a generator"),
        (lambda i, k: i.sum, "are its brackets missing?"),
        (lambda i, k: i.numpy().sum(), "returned a numpy.float32"),
        (lambda i, k: i.shape, "returned a torch.Size"),
        (lambda i, k: (n for n in i), "Look for `yield`"),
        (lambda i, k: 1, "returned an int, where"),
    ],
)
def test_what_is_no_tensor_is_named_with_its_library(result, words):
    """Numpy numbers, generators and functions are called by their names, with advice that fits."""
    assert words in str(told(result))


def test_a_learners_own_not_implemented_error_is_an_error_like_any_other():
    """A NotImplementedError with other words than the stub's is told with these words."""

    def conv2d(image, kernel):
        raise NotImplementedError("rectangles come later")

    assert type(told(conv2d)) is mistakes.Raised
    assert "rectangles come later" in str(told(conv2d))


def test_who_took_hold_of_stderr_before_the_call_costs_nothing(right, capsys):
    """Named loggers, early-bound streams and default arguments write to stdout during the call, to
    stderr after it.
    """
    early = sys.stderr
    logger = logging.getLogger("a.learners.own")
    handler = logging.StreamHandler()
    logger.addHandler(handler)

    def conv2d(image, kernel, log=sys.stderr):
        logger.warning("from a named logger")
        print("early", file=early)
        print("default", file=log)
        return right(image, kernel)

    try:
        assert told(conv2d) is None
    finally:
        logger.removeHandler(handler)
    print("afterwards", file=early)
    out, err = capsys.readouterr()
    assert err == "afterwards\n"
    assert "from a named logger" in out and "early" in out and "default" in out


def test_the_stub_is_told_as_not_implemented_yet():
    """A NotImplementedError is no mistake in the numbers but an invitation to begin."""

    def conv2d(image, kernel):
        raise NotImplementedError

    assert type(told(conv2d)) is mistakes.NotImplementedYet
    assert "not implemented yet" in str(told(conv2d))


def test_a_wrong_value_holds_cell_numbers_and_patch_as_facts(flipped):
    """They lead to the patch to look at and to the numbers, and are the function's own."""
    mistake, case = told(flipped), checks.example(8, 8, seed=1)
    facts = mistake.message.facts
    assert (facts["row"], facts["column"], facts["patch"]) == (0, 0, "image[0:3, 0:3]")
    assert facts["pattern"].name == "pattern.all"
    numbers = [facts[name] for name in ("came", "expected")]
    result = flipped(case.image, case.kernel)
    assert numbers == [number(table[0, 0]) for table in (result, case.target)]
    assert mistake.about[0] is flipped and mistake.about[1].name == case.name


@pytest.mark.parametrize(
    "error, words",
    [
        (ValueError("x" * 1000), "raised ValueError: " + "x" * 200 + " …, where"),
        (ValueError(), "raised ValueError, where"),
        (ValueError("two\nlines"), "raised ValueError: two lines, where"),
    ],
)
def test_any_exception_is_told_in_a_line(error, words):
    """Long, empty and many-lined messages of exceptions are brought into one readable line."""

    def conv2d(image, kernel):
        raise error

    assert words in str(told(conv2d)).split("\n")[0]


def test_an_exception_whose_message_cannot_be_made_is_told_too():
    """Even an error that fails to describe itself does not break the check."""

    class Strange(Exception):
        def __str__(self):
            raise RuntimeError

    def conv2d(image, kernel):
        raise Strange

    assert "raised Strange: (its message could not be printed)" in str(told(conv2d))


def test_an_example_prints_its_numbers():
    """What a message tells to type shows the image, the kernel and the feature map."""
    printed = repr(checks.example(8, 8, seed=1))
    assert all(word in printed for word in ("image:", "kernel:", "feature map:"))


@pytest.mark.parametrize(
    "rows, columns, name, facts",
    [
        (slice(5, 6), slice(None), "row", {"row": 5, "count": 6, "total": 36}),
        (slice(None), slice(2, 3), "column", {"column": 2, "count": 6, "total": 36}),
        (slice(2, 3), slice(3, 4), "one", {"total": 36}),
        (slice(1, 3), slice(1, 3), "some", {"count": 4, "total": 36}),
        (slice(None), slice(None), "all", {}),
    ],
)
def test_the_places_of_wrong_values_are_told(right, rows, columns, name, facts):
    """One wrong number, a row, a column, some or all: the pattern holds which and how many."""

    def conv2d(image, kernel):
        result = right(image, kernel)
        result[rows, columns] += 1
        return result

    pattern = told(conv2d).message.facts["pattern"]
    assert (pattern.name, pattern.facts) == (f"pattern.{name}", facts)


def test_the_seed_brings_the_numbers_back():
    """The same seed makes the same image and kernel, another one others."""
    first, again, other = (checks.example(12, 10, seed=seed) for seed in (7, 7, 8))
    assert torch.equal(first.image, again.image) and torch.equal(first.kernel, again.kernel)
    assert not torch.equal(first.image, other.image)


def test_refilled_tensors_tell_both_seeds():
    """After new numbers went into one tensor, the message names the seed of each."""
    case = checks.example(8, 8, seed=1)
    case.refill("kernel")
    maker = case.makers["kernel"]
    assert case.again.facts == {"image": "checks.example(8, 8, seed=1)", "kernel": maker}
    assert torch.equal(case.kernel, eval(maker, {"checks": checks}).kernel)
    assert torch.equal(case.image, checks.example(8, 8, seed=1).image)


def test_every_example_is_new():
    """Without a seed, no two examples are alike."""
    seeds = {checks.example(8, 8).makers["image"] for _ in range(50)}
    assert len(seeds) > 45


@pytest.mark.parametrize("seed", range(30))
def test_examples_are_signed_fractional_and_fully_asymmetric(seed):
    """Images have both signs and fractions; the nine weights have nine magnitudes, none 0."""
    case = checks.example(12, 8, seed=seed)
    assert case.image.min() < 0 < case.image.max()
    assert (case.image != case.image.round()).any()
    assert len(case.kernel.abs().unique()) == 9
    assert case.kernel.abs().min() > 0


@pytest.mark.parametrize("seed", range(10))
def test_float32_sums_of_an_example_are_good(seed, right):
    """On these numbers a right float32 answer is within a quarter of the tolerance of the float64
    oracle.
    """
    for few_values in (False, True):
        case = checks.example(10, 10, seed=seed, few_values=few_values)
        assert (right(case.image, case.kernel) - case.target).abs().max() < case.tolerance / 4


@pytest.mark.parametrize("dtype", [torch.half, torch.bfloat16])
def test_numbers_kept_in_half_precision_do_not_pass(right, dtype):
    """Image and kernel stored in half precision are other numbers, even where sums are exact."""
    assert (
        type(told(lambda i, k: right(i.to(dtype).float(), k.to(dtype).float())))
        is mistakes.WrongValue
    )


@pytest.mark.parametrize("seed", range(10))
def test_examples_of_few_values_are_like_drawings(seed):
    """They have repeated and zero weights that add up to 0, a blank patch, equal rows, and sums
    beyond a byte.
    """
    case = checks.example(12, 8, seed=seed, few_values=True)
    assert len(case.kernel.unique()) == 3 and float(case.kernel.sum()) == 0
    assert len(case.kernel.unique(dim=0)) == 2
    assert case.image[:3, :3].abs().sum() == 0 and torch.equal(case.image[3], case.image[4])
    assert case.target.abs().max() > 255
    assert case.again.facts == {"maker": f"checks.example(12, 8, seed={seed}, few_values=True)"}


def test_a_sparse_result_is_no_ordinary_tensor(right):
    """A tensor of another layout is told by its layout."""
    mistake = told(lambda i, k: right(i, k).to_sparse())
    assert type(mistake) is mistakes.WrongType and "layout torch.sparse_coo" in str(mistake)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.requires_grad_(),
        lambda image: image.unsqueeze_(0),
        lambda image: setattr(image, "data", image.double()),
    ],
)
def test_changing_what_an_argument_is_counts_as_changing_it(change):
    """Gradient flag, shape and type of an argument belong to the caller as its numbers do."""
    case = checks.example(8, 8)
    change(case.image)
    with pytest.raises(mistakes.SideEffect, match="changed the image it was given"):
        checks.left_alone(case)


def test_results_that_share_memory_are_not_new(right):
    """Two calls must not hand out the same tensor, or views of one."""
    case = checks.example(8, 8)
    first, second = right(case.image, case.kernel), right(case.image, case.kernel)
    checks.are_new([first, second])
    with pytest.raises(mistakes.SideEffect, match="returned the same tensor"):
        checks.are_new([first, second, first.view(36)])


def test_the_oracle_is_torchs_conv2d_in_float64():
    """The target of an example is what torch computes in double precision."""
    case = checks.example(12, 10, seed=3)
    expected = torch.nn.functional.conv2d(
        case.image.double()[None, None], case.kernel.double()[None, None]
    )[0, 0]
    assert torch.equal(expected, case.target)


def test_changing_an_argument_is_a_side_effect(right):
    """A function that scales the image in place is told which argument it changed."""
    case = checks.example(8, 8)
    checks.call(lambda image, kernel: right(image.mul_(2), kernel), case)
    with pytest.raises(mistakes.SideEffect, match="changed the image it was given"):
        checks.left_alone(case)


def test_a_shared_output_is_a_side_effect(right):
    """A result that a later call overwrites is noticed."""
    shared = torch.zeros(6, 6)
    case = checks.example(8, 8)
    result = checks.call(lambda image, kernel: shared.copy_(right(image, kernel)), case)
    shared.zero_()
    with pytest.raises(
        mistakes.SideEffect, match="returned a feature map that changed during a later call"
    ):
        checks.kept(result, case)


@pytest.mark.parametrize("part", ["image", "kernel"])
def test_remembering_results_is_a_side_effect(right, part):
    """A result kept for the same tensor object is stale once the tensor holds new numbers."""
    seen = {}
    case = checks.example(8, 8)
    conv2d = lambda image, kernel: seen.setdefault(id(image), right(image, kernel))  # noqa: E731
    assert checks.mistake(conv2d, case) is None
    case.refill(part)
    with pytest.raises(mistakes.SideEffect) as caught:
        checks.right_again(conv2d, case, f"refilled-{part}")
    facts = caught.value.message.facts
    assert (facts["what"].name, facts["wrong"].name) == (f"when.refilled-{part}", "wrong-value")
    assert f"then wrong when the same {part} tensor held new numbers" in str(caught.value)


def test_what_a_right_answer_prints_or_warns_goes_to_stdout(right, capsys):
    """Warnings, log lines and prints of a right answer leave stderr empty, since stderr costs
    points in nbgrader.
    """
    handler = logging.StreamHandler()
    logging.getLogger().addHandler(handler)

    def conv2d(image, kernel):
        print(warnings.formatwarning("a warning", UserWarning, "cell", 1), file=sys.stderr)
        logging.getLogger().warning("a log line")
        print("a print", file=sys.stderr)
        return right(image, kernel)

    try:
        assert told(conv2d) is None
    finally:
        logging.getLogger().removeHandler(handler)
    out, err = capsys.readouterr()
    assert err == ""
    assert all(text in out for text in ("a warning", "a log line", "a print"))


def test_an_endless_function_is_stopped_and_later_calls_sooner(monkeypatch):
    """A call that does not return is stopped after the limit, the same function's next call after a
    tenth of it.
    """
    monkeypatch.setattr(calling, "SECONDS", 0.5)

    def conv2d(image, kernel):
        while True:
            pass

    assert "after 0.5 seconds" in str(told(conv2d))
    assert "after 0.05 seconds" in str(told(conv2d))
    assert type(told(conv2d)) is mistakes.TooSlow


def test_time_passes_while_a_module_is_loaded(monkeypatch, tmp_path):
    """A first import takes its time, and the call goes on; an import without end is stopped."""
    monkeypatch.setattr(calling, "SECONDS", 0.2)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "loaded_slowly.py").write_text("import time\ntime.sleep(0.5)\n")
    (tmp_path / "loaded_never.py").write_text("while True:\n    pass\n")

    def slow_at_first(image, kernel):
        import loaded_slowly

        return loaded_slowly.__name__

    def never(image, kernel):
        import loaded_never

        return loaded_never.__name__

    assert calling.call(slow_at_first, None, None, "conv2d()") == "loaded_slowly"
    with pytest.raises(mistakes.TooSlow):
        calling.call(never, None, None, "conv2d()")


def test_a_loop_that_swallows_every_exception_is_stopped_too(monkeypatch):
    """`except Exception` inside an endless loop does not hide the loop from the limit."""
    monkeypatch.setattr(calling, "SECONDS", 0.3)

    def conv2d(image, kernel):
        while True:
            try:
                sum(range(1000))
            except Exception:
                continue

    assert type(told(conv2d)) is mistakes.TooSlow


def test_a_learners_own_timeout_is_an_error_like_any_other():
    """A TimeoutError that the function itself raises is not taken for the limit."""

    def conv2d(image, kernel):
        raise TimeoutError("mine")

    assert "raised TimeoutError: mine" in str(told(conv2d))


def test_an_error_names_the_learners_own_line():
    """The message on an exception quotes the line of the notebook cell it came from."""
    import linecache

    source = "def conv2d(image, kernel):\n    return image[99]\n"
    linecache.cache["<a cell>"] = (len(source), None, source.splitlines(True), "<a cell>")
    namespace = {"__name__": "__main__"}
    exec(compile(source, "<a cell>", "exec"), namespace)
    assert "Look at line 2 of its cell: `return image[99]`." in str(told(namespace["conv2d"]))


def test_close_numbers_are_printed_with_enough_decimals():
    """Two values that differ in the fourth decimal are not printed alike."""
    came, expected = told_apart(1.23401, 1.23402)
    assert came != expected
    assert (came, expected) == ("1.234010", "1.234020")


def test_no_cause_is_guessed_for_an_error(right):
    """A slice that comes out too small says what happened, in which line, and nothing of edges."""
    mistake = told(lambda i, k: right(i, k) + i[0:1, 0:3])
    assert mistake.look is None or mistake.look.name == "error.look"


def compared(conv2d):
    """What a graded cell with its hidden part prints of this function."""
    comparison = checks.feature_map(conv2d, height=8, width=8)
    comparison.values()
    comparison.repeated()
    return comparison


@pytest.mark.parametrize("shape", checks.SIZES)
def test_a_right_answer_is_compared_in_all(right, shape):
    """Without the hidden part the cell says that no values were compared, with it that all were."""
    comparison = checks.feature_map(right, *shape)
    assert "The values were not compared in this copy" in str(comparison)
    comparison.values()
    comparison.repeated()
    assert str(comparison) == "Type, size and all values are right, in this and in further calls."


def writes_into_its_image(right):
    """A conv2d that is right and clears the first pixel of its image."""

    def conv2d(image, kernel):
        result = right(image, kernel)
        image[0, 0] = 0
        return result

    return conv2d


def returns_one_tensor(right):
    """A conv2d that is right and always fills the same tensor."""
    shared = torch.zeros(6, 6)
    return lambda image, kernel: shared.copy_(right(image, kernel))


def remembers_its_image(right):
    """A conv2d that looks up the map of an image tensor it has had before."""
    known = {}

    def conv2d(image, kernel):
        found = known.setdefault(id(image), (image, right(image, kernel)))
        return found[1].clone()

    return conv2d


@pytest.mark.parametrize(
    "make, kind, name",
    [
        (lambda right: lambda i, k: None, mistakes.WrongType, "returned-none"),
        (lambda right: lambda i, k: i, mistakes.WrongSize, "wrong-size"),
        (lambda right: lambda i, k: right(i, k) + 1, mistakes.WrongValue, "wrong-value"),
        (
            lambda right: lambda i, k: right(i, k) + (i.abs() == 255).any(),
            mistakes.WrongValue,
            "wrong-value-later",
        ),
        (writes_into_its_image, mistakes.SideEffect, "argument-changed"),
        (returns_one_tensor, mistakes.SideEffect, "map-changed-later"),
        (remembers_its_image, mistakes.SideEffect, "right-then-wrong"),
    ],
)
def test_a_comparison_raises_the_first_mistake(right, make, kind, name):
    """Type, size, values, later calls, arguments and memory are asked in this order."""
    with pytest.raises(kind) as caught:
        compared(make(right))
    assert caught.value.message.name == name
    assert caught.value.about is not None


def test_other_variables_are_an_image_and_a_kernel_of_sizes_that_nobody_asks_about():
    """What a hidden test puts into the notebook's variables cannot be taken for a call's own."""
    image, kernel = checks.other_variables()
    assert tuple(image.shape) not in checks.SIZES and tuple(kernel.shape) == checks.KERNEL


def test_a_mistake_is_told_in_the_language_asked_for(flipped, monkeypatch):
    """Its message, what to look at and how to repeat it are put into words only when it is told."""
    german = {
        "mistakes": {
            "wrong-value": {
                "say": "{call}: {came} statt {expected}; {pattern}",
                "look": "Sieh nach.",
            },
            "pattern": {"all": "alles falsch"},
            "again": {"say": "Noch einmal: {maker}."},
        }
    }
    monkeypatch.setitem(messages.TABLES, "de", german)
    mistake = told(flipped)
    facts = mistake.message.facts
    assert mistake.text("de") == (
        f"conv2d(image 8×8, kernel 3×3): {facts['came']} statt {facts['expected']}; alles falsch\n"
        "Sieh nach.\nNoch einmal: checks.example(8, 8, seed=1)."
    )
    assert "every value is wrong" in str(mistake)
    monkeypatch.setenv("CONVLAB_LANGUAGE", "de_DE")
    assert "alles falsch" in str(mistake)
