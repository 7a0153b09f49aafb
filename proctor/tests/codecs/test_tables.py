"""Whether tables of pandas come back the same, with what is changed in place, and whether lies about them are refused."""

import contextlib
import datetime
import decimal
import subprocess
import sys
import warnings
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_index_equal, assert_series_equal
from sides import Sides, lie

from proctor.codecs.encode import is_data
from proctor.codecs.frames import FrameError, NotPackable

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
STRICT = {"check_freq": True, "check_flags": True}


def frame(**columns):
    """A table of these columns."""
    return pd.DataFrame(columns)


def assert_same(value, came):
    """The two are equal as strictly as pandas can tell, and of the same types within."""
    assert type(value) is type(came)
    if isinstance(value, pd.DataFrame):
        assert_frame_equal(
            value, came, check_column_type="exact", check_index_type="exact", **STRICT
        )
        for place in range(value.shape[1]):
            assert_same(value.iloc[:, place], came.iloc[:, place])
        assert_same(value.columns, came.columns)
        assert_same(value.index, came.index)
    elif isinstance(value, pd.Series):
        assert_series_equal(value, came, check_index_type="exact", **STRICT)
        assert value.dtype == came.dtype and type(value.name) is type(came.name)
        assert kinds(value) == kinds(came)
        assert_same(value.index, came.index)
    else:
        assert_index_equal(value, came, exact=True)
        assert value.dtype == came.dtype and value.identical(came)
        assert list(value.names) == list(came.names)
        assert getattr(value, "freq", None) == getattr(came, "freq", None)
        assert kinds(value) == kinds(came)


def kinds(values):
    """The types of the cells."""
    return [type(cell) for cell in values.tolist()]


FRAMES = [
    frame(),
    frame(a=[1, 2], b=[1.5, np.nan], c=["x", None], d=[True, False]),
    frame(a=np.arange(3, dtype=np.uint8), b=np.arange(3, dtype=np.float32)),
    frame(a=np.array([1j, 2])),
    pd.DataFrame({"a": [], "b": []}),
    pd.DataFrame(index=[1, 2]),
    pd.DataFrame(columns=["a"]),
    pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"]),
    pd.DataFrame(np.eye(3), index=list("abc"), columns=pd.Index([1, 2, 3], name="n")),
    pd.DataFrame({1: ["a"], ("t", 2): [2], None: [3]}),
    frame(a=pd.Series([1, "a", None, (1, 2), b"x", 2.5], dtype=object)),
    frame(a=pd.Series([[1], ["a", "b"], []])),
    frame(a=pd.Series([decimal.Decimal("1.5"), datetime.date(2024, 1, 2)])),
    frame(a=pd.Series([pd.NaT, pd.NA, pd.Timestamp("2024"), pd.Timedelta("1h")], dtype=object)),
    frame(a=pd.Series(["a", np.nan], dtype=object)),
    frame(a=pd.array([1, None], dtype="Int64"), b=pd.array([True, None], dtype="boolean")),
    frame(a=pd.array([1, None], dtype="UInt8"), b=pd.array([1.5, None], dtype="Float32")),
    frame(a=pd.array(["a", None], dtype=pd.StringDtype("python"))),
    frame(a=pd.Categorical(["u", "v", None])),
    frame(a=pd.Categorical([3, 1], categories=[3, 2, 1], ordered=True)),
    frame(a=pd.to_datetime(["2024-01-02", None])),
    frame(a=pd.to_datetime(["2024-01-02"]).as_unit("s"), b=pd.to_timedelta(["1h"]).as_unit("ms")),
    frame(a=pd.to_datetime(["2024-07-01"]).tz_localize(TOKYO)),
    frame(a=pd.to_datetime(["2024-07-01"], utc=True)),
    pd.DataFrame({"v": [1, 2, 3]}, index=pd.date_range("2024", periods=3, freq="MS", name="day")),
    pd.DataFrame({"v": [1, 2]}, index=pd.to_datetime(["2024-01-01", "2024-01-05"])),
    pd.DataFrame({"v": [1, 2]}, index=pd.date_range("2024-03-30", periods=2, tz=TOKYO)),
    pd.DataFrame({"v": [1, 2]}, index=pd.timedelta_range("1h", periods=2, freq="30min")),
    pd.DataFrame({"v": [1, 2]}, index=pd.CategoricalIndex(["a", "b"], name="c")),
    pd.DataFrame({"v": [1, 2]}, index=pd.RangeIndex(4, 0, -2)),
    pd.DataFrame({"v": [1, 2]}, index=[1.5, np.nan]),
    pd.DataFrame({"v": [1, 2, 3]}).query("v > 1"),
    frame(k=list("aab"), v=[1, 2, 3]).groupby("k").agg({"v": ["sum", "mean"]}),
    frame(k=list("aab"), l=list("xyx"), v=[1, 2, 3]).pivot_table(
        index="k", columns="l", values="v"
    ),
    frame(k=list("aab"), v=[1, 2, 3]).groupby("k").describe(),
    frame(a=[1, 2]).T,
]
SERIES = [
    pd.Series(dtype=float),
    pd.Series([1, 2], name="a"),
    pd.Series([1, 2], name=("a", 1)),
    pd.Series(["a", "b", None], name=0),
    pd.Series({"a": 1.5, "b": 2.5}),
    pd.Series(list("aab")).value_counts(),
    pd.Series(pd.Categorical(["u"])),
    frame(a=[1, 2], b=[3, 4]).mean(),
    frame(a=[1, 2], b=["x", "y"]).iloc[0],
    frame(a=[1, 2], b=["x", "y"]).dtypes.astype(str),
    frame(k=list("aab"), l=[1, 2, 3], v=[1, 2, 3]).groupby(["k", "l"])["v"].sum(),
]
INDEXES = [
    pd.Index([1, 2]),
    pd.Index([1, "a", None], name="x"),
    pd.Index([(1, 2), (3, 4)], tupleize_cols=False),
    pd.Index(["a", "b"]),
    pd.Index([True, False]),
    pd.RangeIndex(5, name="r"),
    pd.DatetimeIndex(["2024-01-01"]),
    pd.CategoricalIndex(["a"], ordered=True),
    pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]),
    pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])[:1],
]


def shown(value):
    """What a table is called in the list of tests."""
    return " ".join(str(value).split())[:50]


@pytest.mark.parametrize("value", FRAMES + SERIES + INDEXES, ids=shown)
def test_tables_come_back_the_same(sides, value):
    """Dtypes, index, names and cells are equal in all that pandas can tell, both ways."""
    assert is_data(value)
    for way in (sides.to, sides.back):
        assert_same(value, way(value))


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2024-01-02 03:04:05.000000006"),
        pd.Timestamp("2024-01-02").as_unit("s"),
        pd.Timestamp("2024-01-02", tz=TOKYO),
        pd.Timestamp("2024-10-27 01:30", tz="UTC").tz_convert(BERLIN),
        pd.Timestamp("2024-01-02", tz="UTC"),
        pd.Timestamp("1600-01-01").as_unit("us"),
        pd.Timedelta("1h"),
        pd.Timedelta(-3, "s").as_unit("ms"),
        pd.NaT,
        pd.NA,
    ],
    ids=repr,
)
def test_scalars_of_pandas_come_back_the_same(sides, value):
    """A moment keeps its unit and zone, a missing value is the very one."""
    assert is_data(value)
    for way in (sides.to, sides.back):
        came = way(value)
        assert (repr(came), type(came)) == (repr(value), type(value))
        assert getattr(came, "unit", None) == getattr(value, "unit", None)
        assert getattr(came, "fold", None) == getattr(value, "fold", None)


class Sub(pd.DataFrame):
    """A student's table."""


def with_attrs(value):
    """A table with metadata."""
    value.attrs["source"] = "here"
    return value


def with_attribute(value):
    """A table with an attribute that is no column."""
    object.__setattr__(value, "more", 1)
    return value


def within_itself():
    """A table that has a list with the table in a cell."""
    table = pd.DataFrame({"a": [[]]})
    table.loc[0, "a"].append(table)
    return table


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Sub({"a": [1]}), id="subclass"),
        pytest.param(with_attrs(frame(a=[1])), id="attrs"),
        pytest.param(with_attribute(frame(a=[1])), id="attribute"),
        pytest.param(frame(a=[1]).set_flags(allows_duplicate_labels=False), id="flags"),
        pytest.param(frame(a=[object()]), id="object in a cell"),
        pytest.param(frame(a=[[object()]]), id="object in a list in a cell"),
        pytest.param(frame(a=[frame(a=[1])]), id="table in a cell"),
        pytest.param(within_itself(), id="within itself"),
        pytest.param(pd.DataFrame({object(): [1]}), id="object as a label"),
        pytest.param(pd.Series([1], name=print), id="object as a name"),
        pytest.param(frame(a=pd.period_range("2024", periods=1, freq="M")), id="periods"),
        pytest.param(frame(a=pd.arrays.IntervalArray.from_breaks([0, 1])), id="intervals"),
        pytest.param(frame(a=pd.arrays.SparseArray([0, 1])), id="sparse"),
        pytest.param(frame(a=np.array([1.5], np.longdouble)), id="long double"),
        pytest.param(
            frame(a=[1]).set_index(
                pd.bdate_range("2024", periods=1, freq="C", holidays=["2024-12-25"])
            ),
            id="holidays",
        ),
        pytest.param(pd.period_range("2024", periods=2, freq="M"), id="index of periods"),
        pytest.param(pd.RangeIndex(10**12), id="index of very many rows"),
        pytest.param(frame(k=[1]).groupby("k"), id="groups"),
    ],
)
def test_what_would_not_come_back_the_same_is_no_data(odd, value):
    """A table with more to it than names, labels and cells of data is left to the owner, as a whole."""
    assert not is_data(value)
    assert odd.back(value).name == odd.to(value).name == type(value).__name__


CHANGES = [
    lambda df: df.drop(columns="b", inplace=True),
    lambda df: df.__setitem__("c", df["a"] * 2),
    lambda df: df.loc.__setitem__(len(df), [9, "new"]),
    lambda df: df.loc.__setitem__((0, "a"), 7),
    lambda df: df.rename(columns={"a": "A"}, inplace=True),
    lambda df: df.sort_values("a", ascending=False, inplace=True),
    lambda df: df.reset_index(inplace=True),
    lambda df: setattr(df, "index", list("xyz")),
    lambda df: setattr(df.index, "name", "row"),
    lambda df: df.fillna({"b": "none"}, inplace=True),
    lambda df: df.pop("a"),
    lambda df: df.insert(0, "first", pd.Categorical(list("uvu"))),
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
@pytest.mark.parametrize("way", ["examiner", "candidate"])
def test_a_table_is_changed_in_place(sides, change, way):
    """What a side does to a table is there in the very same table on the other side."""
    mine = frame(a=[3, 1, 2], b=["x", None, "z"])
    theirs = (sides.to if way == "candidate" else sides.back)(mine)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", getattr(pd.errors, "Pandas4Warning", FutureWarning))
        change(theirs)
    came = (sides.back if way == "candidate" else sides.to)(theirs)
    assert came is mine
    assert_same(theirs, mine)
    assert_same(mine.index, theirs.index)


def test_a_column_and_an_index_are_changed_in_place(sides):
    """As a whole table is: values and name of a column, names of an index."""
    column, index = pd.Series([1, 2], name="a"), pd.MultiIndex.from_tuples([(1, 2)])
    there = sides.to((column, index))
    there[0][0] = 5
    there[0][7] = 6
    there[0].name = "b"
    there[1].names = ["x", "y"]
    sides.back()
    assert (column.to_dict(), column.name, list(index.names)) == (
        {0: 5, 1: 2, 7: 6},
        "b",
        ["x", "y"],
    )


def test_a_list_in_a_cell_is_the_same_list(sides):
    """It is followed like any list, and may be known from elsewhere."""
    words = ["a"]
    table = frame(w=[words, ["b"]])
    came, other = sides.back((table, words))
    assert came.loc[0, "w"] is other
    other.append("c")
    sides.to()
    assert words == ["a", "c"]


def test_an_unchanged_table_is_not_sent_again(sides):
    """What both sides know is not told again."""
    table = frame(a=np.arange(1000), b=["x"] * 1000)
    sides.to(table)
    body = sides.examiner.pack(value=table)
    assert (body["blobs"], len(body["nodes"])) == ([], 1)


def test_a_table_that_nobody_holds_is_let_go_of(sides):
    """Neither side follows it any more."""
    for _ in range(3):
        sides.to(frame(a=[1]))
        sides.back(frame(a=[1]))
    sides.to()
    sides.to()
    assert len(sides.examiner.table.tables) + len(sides.candidate.table.tables) <= 2


def test_what_is_written_to_a_table_that_nobody_holds_is_told(sides):
    """An edit of what just came is in the next message."""
    theirs = frame(a=[1])
    sides.back([theirs])[0]["a"] = 5
    sides.to()
    assert theirs["a"].tolist() == [5]


def test_a_table_that_is_no_data_any_more_is_refused_once(sides):
    """That it cannot be told is said in words; after that nobody follows it any more."""
    there = sides.to((frame(a=[1]),))[0]
    there["b"] = [object()]
    with pytest.raises(NotPackable):
        sides.back(1)
    assert sides.back([2]) == [2]


RANGE = ["RangeIndex", 0, 2, 1]
NUMBERS = ["numbers", "<i8", 2]
MORE = ["list", 3]


def table(what, like, *objects, first=0, count=1):
    """The node of a table over sixteen bytes."""
    return [what, 1, like, first, count, *objects]


def series(values, *objects, count=1, rows=RANGE):
    """The node of a column."""
    return table("Series", [rows, values], "name", None, *objects, count=count)


@pytest.mark.parametrize(
    "node",
    [
        ["Series"],
        ["Series", 1],
        table("Series", None),
        table("Series", [RANGE]),
        table("Series", [RANGE, NUMBERS]),
        table("Series", [RANGE, NUMBERS], "name", None, "more"),
        table("Series", [RANGE, NUMBERS], [1], None),
        table("Series", [RANGE, NUMBERS], "name", None, count=0),
        table("Series", [RANGE, NUMBERS], "name", None, count=2),
        table("Series", [RANGE, NUMBERS], "name", None, first=1),
        table("Series", [RANGE, NUMBERS], "name", None, first=-1),
        table("Series", [RANGE, NUMBERS], "name", None, count="1"),
        ["Series", 2, [RANGE, NUMBERS], 0, 1, "name", None],
        ["Series", [], [RANGE, NUMBERS], 0, 1, "name", None],
        series(["numbers", "<i8", 3]),
        series(["numbers", "<i8", -1]),
        series(["numbers", "<i8", "2"]),
        series(["numbers", "O", 2]),
        series(["numbers", "<M8[us]", 2]),
        series(["numbers", "<f8,<f8", 1]),
        series(["numbers", 5, 2]),
        series(["eval", "1"]),
        series([]),
        series(5),
        series(["object", 2], 1, count=0),
        series(["object", 10**12], 1, 2, count=0),
        series(["object", -1], 1, 2, count=0),
        series(["object", "2"], 1, 2, count=0),
        series(["times", "<M8[us]", 2, ["Nowhere/Land"]]),
        series(["times", "<M8[us]", 2, ["../../etc/passwd"]]),
        series(["times", "<M8[us]", 2, 5]),
        series(["times", "<M8[fs]", 2, []]),
        series(["times", "<i8", 2, []]),
        series(["texts", "python", True, ["a", 5]], count=0),
        series(["texts", "python", True, ["a", "b", "c"]], count=0),
        series(["texts", "disk", True, ["a", "b"]], count=0),
        series(["texts", "python", 1, ["a", "b"]], count=0),
        series(["texts", "python", True, "ab"], count=0),
        series(["masked", "Int64", 2, 2]),
        series(["masked", "object", 2, 2]),
        series(["categories", True, RANGE, NUMBERS], None),
        series(["categories", True, ["RangeIndex", 5, 5, 1], NUMBERS], None),
        series(["categories", 5, ["MultiIndex", None], NUMBERS], None),
        series(NUMBERS, rows=["RangeIndex", 0, 3, 1]),
        series(NUMBERS, rows=["RangeIndex", 0, 2, 0]),
        series(NUMBERS, rows=["RangeIndex", 0, 2]),
        series(NUMBERS, rows=["RangeIndex", "0", 2, 1]),
        series(NUMBERS, rows=["RangeIndex", 0, 1 << 62, 1]),
        series(NUMBERS, rows=["PeriodIndex", None, NUMBERS]),
        series(NUMBERS, rows=["DatetimeIndex", None, ["numbers", "<i8", 2]]),
        table("Index", ["RangeIndex", 0, 10**12, 1], None, count=0),
        table("Index", ["Index", "D", NUMBERS], None),
        table("Index", ["Index", None, NUMBERS], [1]),
        table("Index", ["DatetimeIndex", "D", ["times", "<M8[us]", 2, []]], None),
        table("Index", ["DatetimeIndex", "C", ["times", "<M8[us]", 2, []]], None),
        table("Index", ["DatetimeIndex", "__import__('os')", ["times", "<M8[us]", 2, []]], None),
        table("Index", ["DatetimeIndex", 5, ["times", "<M8[us]", 2, []]], None),
        table("Index", ["MultiIndex", None], count=0),
        table("Index", ["MultiIndex", None, [RANGE, NUMBERS]], "a"),
        table("Index", ["MultiIndex", 9, [["RangeIndex", 0, 1, 1], NUMBERS]], "a", "b"),
        table("DataFrame", [RANGE, RANGE], None, None, count=0),
        table("DataFrame", [RANGE, RANGE, []], None, None, count=0),
        table("DataFrame", [RANGE, ["RangeIndex", 0, 1, 1], [["numbers", "|u1", 16]]], None, None),
        table("DataFrame", [RANGE, RANGE, [NUMBERS]], None, None),
        ["missing", "NaN"],
        ["missing", []],
        ["Timestamp", "us"],
        ["Timestamp", "fs", 1],
        ["Timestamp", "us", 1.5],
        ["Timestamp", "s", 1 << 63],
        ["Timestamp", "us", 1, "Nowhere/Land"],
        ["Timedelta", "D", 1],
        ["Timedelta", "us", "1"],
        ["Timedelta", "s", 1 << 63],
    ],
    ids=lambda node: repr(node)[:90],
)
def test_a_lie_about_a_table_is_refused(sides, node):
    """Whatever is said of a table that cannot be is a FrameError."""
    with pytest.raises(FrameError):
        sides.examiner.unpack(lie(MORE, node))


def test_truth_values_of_a_table_stay_truth_values():
    """Bytes that are neither true nor false are refused in columns and in their masks."""
    rows = ["RangeIndex", 0, 16, 1]
    for values in (["numbers", "|b1", 16], ["masked", "Int8", 16, 16]):
        node = series(values, rows=rows, count=2 if values[0] == "masked" else 1)
        for last, refused in ((b"\0", False), (b"\2", True)):
            body = lie(node, blobs=[bytes(15) + last] * 2)
            with pytest.raises(FrameError) if refused else contextlib.nullcontext():
                Sides().examiner.unpack(body)


def test_a_handle_in_a_cell_is_refused(odd):
    """Cells and labels are data."""
    node = ["Series", 1, [["RangeIndex", 0, 1, 1], ["object", 1]], 0, 0, None, None, [0]]
    with pytest.raises(FrameError):
        odd.examiner.unpack(lie(["odd", "a", True], node))


@pytest.mark.parametrize(
    "like, objects",
    [
        (["RangeIndex", 0, 3, 1], ["a"]),
        (["Index", None, ["numbers", "<i8", 2]], ["a"]),
        (["RangeIndex", 0, 2, 1], ["a", "b"]),
    ],
)
def test_a_known_index_keeps_its_labels(sides, like, objects):
    """Only its names can change; other labels for it are a lie."""
    index = pd.RangeIndex(2)
    sides.to(index)
    (number,) = sides.examiner.table.tables
    with pytest.raises(FrameError):
        sides.examiner.unpack(
            lie(["Index", number, like, 0, int("numbers" in str(like)), *objects], fields={})
        )
    assert index.name is None


def test_pandas_is_not_imported_by_who_sends():
    """A side that has not loaded it looks at no table."""
    code = (
        "import sys\n"
        "from proctor.codecs.encode import is_data\n"
        "from proctor.codecs import crossing\n"
        "assert not is_data(object()) and is_data([1])\n"
        "assert not {'pandas', 'numpy', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
