"""Whether nbgrader_config.py is explained and understood, and reads platforms' file names."""

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from course import layout

TEXT = (layout.ROOT / "nbgrader_config.py").read_text("utf-8")


@pytest.fixture
def config():
    """The settings as nbgrader loads them."""
    loaded = Config()
    exec(
        compile(TEXT, "nbgrader_config.py", "exec"),
        {"get_config": lambda: loaded, "__file__": str(layout.ROOT / "nbgrader_config.py")},
    )
    return loaded


def test_every_setting_has_its_reason_above_it():
    """Before each group of settings stands a comment."""
    lines = TEXT.split("\n")
    settings = [n for n, line in enumerate(lines) if line.startswith("c.")]
    assert len(settings) >= 6
    for n in settings:
        above = [line for line in lines[:n] if line][-1]
        assert above.startswith(("#", "c.")), lines[n]


def test_every_setting_is_one_that_nbgrader_knows(config):
    """No name is misspelled: each class and trait exists."""
    from nbconvert.preprocessors import ExecutePreprocessor
    from nbgrader.apps import ZipCollectApp
    from nbgrader.converters import Autograde, GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import ClearSolutions, LimitOutput, OverwriteCells
    from proctor.nbgrader_plugin import ConfiningExporter

    known = {
        cls.__name__: cls
        for cls in (
            Autograde,
            ExecutePreprocessor,
            GenerateFeedback,
            CourseDirectory,
            ZipCollectApp,
            ClearSolutions,
            LimitOutput,
            OverwriteCells,
            ConfiningExporter,
            HTMLExporter,
        )
    }
    for name, settings in config.items():
        assert set(settings) <= set(known[name].class_trait_names()), name


def test_the_stub_is_a_friendly_sentence(config):
    """What students find in the solution's place says what to do."""
    stub = config.ClearSolutions.code_stub["python"]
    with pytest.raises(NotImplementedError, match="replace this line by your own code"):
        exec(stub)


def test_nbgrader_autograde_goes_through_proctor(config):
    """The settings hand autograding over, with the sandbox on."""
    assert config["Autograde"]["exporter_class"] == "proctor.nbgrader_plugin.ConfiningExporter"
    assert config["ConfiningExporter"]["sandbox"] is True


def test_feedback_pages_have_formulas_that_need_no_network(config):
    """A page made with these settings has MathML where nbconvert alone leaves TeX."""
    text = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(r"So $\sum_i x_i$.")])
    page, _ = HTMLExporter(config=config, template_name="classic").from_notebook_node(text)
    assert "<math" in page and r"$\sum" not in page
