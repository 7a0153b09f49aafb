"""Whether sample answers are read as their authors meant them, and bad heads are refused."""

import pytest

from course import answers

TEXT = '''"""A file."""

# %% first
# Does it right.
def conv2d(image, kernel):
    return 1


# %% second [8x8, from_scratch] map-transposed+kernel-flipped | not-a-function
# Does it wrong.
conv2d = None
'''


def test_heads_divide_a_file_into_answers():
    """Each head begins an answer: name, sentence, text, the cells it loses, what is wrong."""
    first, second = answers.parse(TEXT, "a.py")
    assert (first.name, first.about, first.right) == ("first", "Does it right.", True)
    assert first.source == "# Does it right.\ndef conv2d(image, kernel):\n    return 1\n"
    assert second.loses == {"feature_map_8x8", "from_scratch"}
    assert (first.diagnoses, second.diagnoses) == (
        (),
        (("map-transposed", "kernel-flipped"), ("not-a-function",)),
    )


def test_all_means_all_five_cells():
    """`[all]` stands for every graded cell."""
    (answer,) = answers.parse("# %% a [all] random\n# Says.\nx = 1\n", "a.py")
    assert answer.loses == set(answers.SHORT.values())


def test_an_unknown_cell_is_refused_with_the_names_there_are():
    """A misspelled cell is answered with the place and the possible names."""
    with pytest.raises(ValueError, match="a.py: a: no graded cell '9x9'; there are 8x8, 12x10"):
        list(answers.parse("# %% a [9x9]\n# Says.\nx = 1\n", "a.py"))


@pytest.mark.parametrize(
    "head, complaint",
    [
        ("# %% a [8x8] kernel-twisted", "a.py: a: no diagnosis 'kernel-twisted' in diagnoses.toml"),
        ("# %% a [8x8] random+", "a.py: a: no diagnosis '' in"),
        ("# %% a [8x8]", "a.py: a: is wrong, and its head says not what is wrong"),
        ("# %% a [none]", "a.py: a: is wrong, and its head says not what is wrong"),
        ("# %% a random", "a.py: a: loses nothing, and its head says 'random' is wrong"),
    ],
)
def test_a_head_must_say_what_is_wrong_in_names_that_exist(head, complaint):
    """A misspelled, a missing and a needless diagnosis are refused with the place."""
    with pytest.raises(ValueError, match=complaint):
        list(answers.parse(f"{head}\n# Says.\nx = 1\n", "a.py"))


def test_an_answer_without_a_sentence_is_refused():
    """An answer must begin with a comment that says what it does."""
    with pytest.raises(ValueError, match="answer a needs a comment line"):
        list(answers.parse("# %% a\nx = 1\n", "a.py"))


@pytest.mark.parametrize("answer", answers.load(), ids=lambda answer: answer.name)
def test_every_answer_is_a_cell_that_compiles(answer):
    """Sample answers are mistakes of thought, not of syntax, and each says what it does."""
    compile(answer.source, answer.name, "exec")
    assert answer.about.endswith(".")
