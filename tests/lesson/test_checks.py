"""Whether each mistake is told from the others, in words that help, and a right answer passes whatever it prints."""

import logging
import sys
import warnings

import pytest
import torch

from convlab import attempt, checks, mistakes
from convlab.paint import told_apart


def told(conv2d, height=8, width=8):
    """The Mistake in one call on the data of seed 1."""
    return checks.mistake(conv2d, checks.example(height, width, seed=1))


@pytest.mark.parametrize("shape", checks.SIZES)
def test_a_right_answer_has_no_mistake_at_any_size(right, shape):
    """A right function passes on new numbers at each of the four sizes."""
    assert checks.mistake(right, checks.example(*shape)) is None


@pytest.mark.parametrize("result, kind, words", [
    (lambda i, k: None, mistakes.WrongType, "returned None, where a float32 torch tensor of size 6×6 was expected"),
    (lambda i, k: [[1.0]], mistakes.WrongType, "returned a list, where a float32 torch tensor"),
    (lambda i, k: torch.zeros(6, 6).double(), mistakes.WrongDtype, "numbers of type float64"),
    (lambda i, k: torch.zeros(8, 8), mistakes.WrongSize, "returned size 8×8, expected size 6×6"),
    (lambda i, k: torch.zeros(1, 1, 6, 6), mistakes.WrongSize, "returned size 1×1×6×6"),
    (lambda i, k: torch.tensor(0.0), mistakes.WrongSize, "returned a single number"),
    (lambda i, k: torch.full((6, 6), torch.nan), mistakes.WrongValue, "row 0, column 0 is nan"),
    (lambda i, k: 1 // 0, mistakes.Raised, "raised ZeroDivisionError"),
    (lambda i: i, mistakes.Raised, "raised TypeError"),
    (lambda i, k: sys.exit(), mistakes.Raised, "raised SystemExit"),
])
def test_each_kind_of_mistake_has_its_own_name_and_words(result, kind, words):
    """Type, dtype, size, value and error are told apart, and each message says what came and what was expected."""
    mistake = told(result)
    assert type(mistake) is kind
    assert words in str(mistake)
    assert str(mistake).startswith("conv2d(image 8×8, kernel 3×3)")
    assert str(mistake).endswith("To see these numbers again: checks.example(8, 8, seed=1).")


def test_the_stub_is_told_as_not_implemented_yet():
    """A NotImplementedError is no mistake in the numbers but an invitation to begin."""
    def conv2d(image, kernel):
        raise NotImplementedError
    assert type(told(conv2d)) is mistakes.NotImplementedYet
    assert "not implemented yet" in str(told(conv2d))


def test_a_wrong_value_names_cell_patch_and_seed(flipped):
    """The message on a wrong number leads to the patch to look at and to the numbers themselves."""
    message = str(told(flipped))
    assert "every value is wrong" in message
    assert "patch image[0:3, 0:3]" in message
    assert "checks.example(8, 8, seed=1)" in message


def test_wrong_values_in_one_row_are_located(right):
    """A row that was never filled is named."""
    def conv2d(image, kernel):
        result = right(image, kernel)
        result[-1] = 0
        return result
    assert "6 of 36 values are wrong, all in row 5" in str(told(conv2d))


def test_the_seed_brings_the_numbers_back():
    """The same seed makes the same image and kernel, another one others."""
    first, again, other = (checks.example(12, 10, seed=seed) for seed in (7, 7, 8))
    assert torch.equal(first.image, again.image) and torch.equal(first.kernel, again.kernel)
    assert not torch.equal(first.image, other.image)


def test_refilled_tensors_tell_both_seeds():
    """After new numbers went into one tensor, the message names the seed of each."""
    case = checks.example(8, 8, seed=1)
    case.refill("kernel")
    seed = case.seeds["kernel"]
    assert case.again == ("\nTo see these numbers again: checks.example(8, 8, seed=1).image "
                          f"and checks.example(8, 8, seed={seed}).kernel.")
    assert torch.equal(case.kernel, checks.example(8, 8, seed=seed).kernel)
    assert torch.equal(case.image, checks.example(8, 8, seed=1).image)


def test_every_example_is_new():
    """Without a seed, no two examples are alike."""
    seeds = {checks.example(8, 8).seeds["image"] for _ in range(50)}
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
def test_float32_sums_of_an_example_are_exact(seed, right):
    """On these numbers a right float32 answer equals the float64 oracle to the last bit, in any order of summing."""
    case = checks.example(10, 10, seed=seed)
    assert torch.equal(right(case.image, case.kernel).double(), case.target)


def test_half_precision_does_not_pass(right):
    """Numbers computed in half precision and turned back into float32 are wrong in some place."""
    assert type(told(lambda i, k: right(i.half(), k.half()).float())) is mistakes.WrongValue


def test_the_oracle_is_torchs_conv2d_in_float64():
    """The target of an example is what torch computes in double precision."""
    case = checks.example(12, 10, seed=3)
    expected = torch.nn.functional.conv2d(case.image.double()[None, None], case.kernel.double()[None, None])[0, 0]
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
    with pytest.raises(mistakes.SideEffect, match="returned a feature map that changed during a later call"):
        checks.kept(result, case)


@pytest.mark.parametrize("part", ["image", "kernel"])
def test_remembering_results_is_a_side_effect(right, part):
    """A result kept for the same tensor object is stale once the tensor holds new numbers."""
    seen = {}
    case = checks.example(8, 8)
    conv2d = lambda image, kernel: seen.setdefault(id(image), right(image, kernel))  # noqa: E731
    assert checks.mistake(conv2d, case) is None
    case.refill(part)
    with pytest.raises(mistakes.SideEffect, match="was right, then wrong when the tensor was refilled"):
        checks.depends_only_on_arguments(conv2d, case, "the tensor was refilled")


def test_what_a_right_answer_prints_or_warns_goes_to_stdout(right, capsys):
    """Warnings, log lines and prints of a right answer leave stderr empty, since stderr costs points in nbgrader."""
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
    """A call that does not return is stopped after the limit, the same function's next call after a tenth of it."""
    monkeypatch.setattr(attempt, "SECONDS", 0.5)

    def conv2d(image, kernel):
        while True:
            pass

    assert "after 0.5 seconds" in str(told(conv2d))
    assert "after 0.05 seconds" in str(told(conv2d))
    assert type(told(conv2d)) is mistakes.TooSlow


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
