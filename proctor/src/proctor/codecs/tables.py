"""Tables of pandas: how each is taken apart, and made again from parts that may lie.

A table is taken apart into what it is like (nested lists of plain data), the bytes of its columns, and the objects
in it: names, labels and cells, which must be data. Nothing of pandas is imported where nobody else has done so but
to make a table that came.
"""

import itertools
import re
import sys
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from proctor.codecs.arrays import is_plain
from proctor.codecs.memory import check
from proctor.codecs.scalars import Node, counts, encode_zone, make_zone

KINDS = ("DataFrame", "Series", "Index")
INDEXES = (
    "Index",
    "RangeIndex",
    "DatetimeIndex",
    "TimedeltaIndex",
    "CategoricalIndex",
    "MultiIndex",
)
MASKED = {
    **{
        f"{kind}{bits}": f"{kind}{bits}Dtype"
        for kind in ("Int", "UInt")
        for bits in (8, 16, 32, 64)
    },
    "Float32": "Float32Dtype",
    "Float64": "Float64Dtype",
    "boolean": "BooleanDtype",
}  # the dtypes of columns with missing values, and their classes
UNITS = ("s", "ms", "us", "ns")
NUMBERS = re.compile(r"[<|](b1|[iu][1248]|f[248]|c(8|16))")
TIMES = re.compile(r"<[mM]8\[(s|ms|us|ns)\]")
FREQUENCY = re.compile(r"-?\d{0,6}[A-Za-z]{1,6}(-[A-Z]{3})?")
MOST_ROWS = 4_000_000  # of texts, and of an index that is told by its ends
MOST_COLUMNS = 10_000
MOST_LEVELS = 100
AllData = Callable[[Iterable[Any]], bool]


class NoData(Exception):
    """A table that would not come back the same."""


class Parts:
    """A table taken apart."""

    def __init__(self) -> None:
        self.like: Node = []
        self.raws: list[bytes] = []
        self.objects: list[Any] = []

    def same(self, other: "Parts") -> bool:
        """Whether two tables are alike, with the very same objects."""
        return (
            self.like == other.like
            and self.raws == other.raws
            and len(self.objects) == len(other.objects)
            and all(one is two for one, two in zip(self.objects, other.objects, strict=True))
        )


class Tabled:
    """A table that is tracked; `last` is what both sides knew it to be."""

    def __init__(self, kind: str, value: Any, weak: bool, last: Parts) -> None:
        self.kind = kind
        self.get: Any = weakref.ref(value) if weak else lambda: value
        self.last = last


def loaded() -> Any:
    """The library, if it is loaded, else None."""
    pandas = sys.modules.get("pandas")
    return pandas if hasattr(pandas, "DataFrame") else None


def kind(value: Any) -> str | None:
    """Which of KINDS a value is, else None."""
    pandas, of = loaded(), type(value)
    if pandas is None:
        return None
    if of is pandas.DataFrame:
        return "DataFrame"
    if of is pandas.Series:
        return "Series"
    return "Index" if any(of is getattr(pandas, name) for name in INDEXES) else None


def take_apart(value: Any, all_data: AllData) -> Parts | None:
    """What a table is made of; None if there is more to it than that."""
    parts = Parts()
    what = kind(value)
    try:
        if what == "Index":
            parts.like = index(value, parts)
        elif value.attrs or not value.flags.allows_duplicate_labels or not ordinary(value):
            return None
        elif what == "Series":
            parts.objects.append(value.name)
            parts.like = [index(value.index, parts), column(value._values, parts)]
        else:
            if value.shape[1] > MOST_COLUMNS:
                return None
            parts.like = [
                index(value.index, parts),
                index(value.columns, parts),
                [column(values, parts) for values in value._iter_column_arrays()],
            ]
    except NoData:
        return None
    return parts if all_data(parts.objects) else None


def ordinary(table: Any) -> bool:
    """Whether nobody has given a table attributes of another kind."""
    return all(name[:1] == "_" for name in vars(table))


def index(value: Any, parts: Parts) -> Node:
    """What the labels of rows or columns are like."""
    pandas = loaded()
    name = type(value).__name__
    if name not in INDEXES or type(value) is not getattr(pandas, name):
        raise NoData
    parts.objects += value.names
    if name == "RangeIndex":
        if len(value) > MOST_ROWS:
            raise NoData
        return [name, value.start, value.stop, value.step]
    if name == "MultiIndex":
        plain = [
            [index(level, parts), column(codes, parts)]
            for level, codes in zip(value.levels, value.codes, strict=True)
        ]
        return [name, value.sortorder, *plain]
    return [name, frequency(value), column(value._values, parts)]


def frequency(value: Any) -> str | None:
    """The text of an index's frequency, if it has one."""
    found = getattr(value, "freq", None)
    if found is None:
        return None
    text = value.freqstr
    if (
        not FREQUENCY.fullmatch(text)
        or sys.modules["pandas"].tseries.frequencies.to_offset(text) != found
    ):
        raise NoData
    return str(text)


def column(values: Any, parts: Parts) -> Node:
    """What a column's values are like, whose bytes or objects are put with the parts."""
    pandas, numpy = loaded(), sys.modules["numpy"]
    of, dtype = type(values), values.dtype
    if of is numpy.ndarray and dtype.kind == "O":
        parts.objects += values.tolist()
        return ["object", len(values)]
    if of is numpy.ndarray and NUMBERS.fullmatch(dtype.str) and is_plain(dtype, numpy):
        return ["numbers", dtype.str, raw(values, parts)]
    if of is pandas.arrays.DatetimeArray or of is pandas.arrays.TimedeltaArray:
        zone = encode_zone(getattr(values, "tz", None))
        times = values._ndarray
        if zone is None or not TIMES.fullmatch(times.dtype.str):
            raise NoData
        return ["times", times.dtype.str, raw(times, parts), zone]
    if of is pandas.Categorical:
        return [
            "categories",
            bool(values.ordered),
            index(values.categories, parts),
            column(values.codes, parts),
        ]
    if type(dtype) is pandas.StringDtype:
        return texts(values, pandas)
    if dtype.name in MASKED and type(dtype) is getattr(pandas, MASKED[dtype.name]):
        return ["masked", dtype.name, raw(values._data, parts), raw(values._mask, parts)]
    raise NoData


def texts(values: Any, pandas: Any) -> Node:
    """What a column of texts is like."""
    missing = values.dtype.na_value
    cells = values.tolist()
    if len(cells) > MOST_ROWS:
        raise NoData
    for cell in cells:
        if not (type(cell) is str or cell is missing or type(cell) is float and cell != cell):
            raise NoData
    told = [cell if type(cell) is str else None for cell in cells]
    return ["texts", values.dtype.storage, missing is pandas.NA, told]


def raw(values: Any, parts: Parts) -> int:
    """Put the bytes of numbers with the parts; how many numbers there are."""
    parts.raws.append(values.tobytes())
    return len(values)


def make(what: str, like: Any, raws: list[Any], objects: list[Any]) -> Any:
    """The table of this kind; whatever a lie leads to is raised."""
    parts = Given(raws, objects)
    if what == "Index":
        made = make_index(like, parts)
    elif what == "Series":
        name = next(parts.objects)
        rows, values = like
        rows, values = make_index(rows, parts), make_column(values, parts)
        made = parts.pandas.Series(values, index=rows, dtype=values.dtype, name=name, copy=False)
    else:
        rows, labels, columns = like
        rows, labels = make_index(rows, parts), make_index(labels, parts)
        if len(columns) > MOST_COLUMNS:
            raise ValueError("a table with too many columns")
        arrays = [make_column(values, parts) for values in columns]
        if len(labels) != len(arrays) or any(len(values) != len(rows) for values in arrays):
            raise ValueError("a table with columns of another length")
        made = parts.pandas.DataFrame._from_arrays(
            arrays, columns=labels, index=rows, verify_integrity=False
        )
    if next(parts.raws, None) is not None or next(parts.objects, parts) is not parts:
        raise ValueError("a table with too many parts")
    return made


class Given:
    """The parts that came, which are used up in order."""

    def __init__(self, raws: list[Any], objects: list[Any]) -> None:
        import numpy
        import pandas

        self.pandas: Any = pandas
        self.numpy: Any = numpy
        self.raws = iter(raws)
        self.objects = iter(objects)

    def numbers(self, dtype: Any, count: Any) -> Any:
        """So many numbers of the next bytes."""
        data, of = next(self.raws), self.numpy.dtype(dtype)
        if type(count) is not int or len(data) != count * of.itemsize:
            raise ValueError("numbers of another length")
        if of.kind == "b":
            check("truth", data)
        return self.numpy.frombuffer(bytearray(data), of)

    def cells(self, count: Any) -> list[Any]:
        """So many of the next objects."""
        found = list(itertools.islice(self.objects, count))
        if len(found) != count:
            raise ValueError("a table with too few parts")
        return found


def make_index(like: Any, parts: Given) -> Any:
    """The labels of rows or columns."""
    name, *more = like
    pandas = parts.pandas
    if name == "MultiIndex":
        sortorder, *levels = more
        names = parts.cells(len(levels))
        both = [(make_index(level, parts), make_column(codes, parts)) for level, codes in levels]
        if not 0 < len(both) <= MOST_LEVELS or type(sortorder) not in (int, type(None)):
            raise ValueError("an index with impossible levels")
        return pandas.MultiIndex(
            levels=[level for level, _ in both],
            codes=[codes for _, codes in both],
            names=names,
            sortorder=sortorder,
        )
    names = parts.cells(1)
    if name == "RangeIndex":
        counts(*more)
        made = pandas.RangeIndex(*more)
        if len(made) > MOST_ROWS:
            raise ValueError("an index too long")
    else:
        freq, values = more
        values = make_column(values, parts)
        made = pandas.Index(values, dtype=values.dtype, copy=False)
        if freq is not None:
            if type(freq) is not str or not FREQUENCY.fullmatch(freq):
                raise ValueError("no frequency")
            made = type(made)(made, freq=freq)
    if type(made).__name__ != name:
        raise ValueError("an index of another kind")
    made.names = names
    return made


def make_column(like: Any, parts: Given) -> Any:
    """The values of a column."""
    tag, *more = like
    pandas = parts.pandas
    if tag == "object":
        (count,) = more
        cells = parts.cells(count)
        values = parts.numpy.empty(len(cells), object)
        for place, cell in enumerate(cells):  # at once, lists would become another dimension
            values[place] = cell
        return values
    if tag == "numbers":
        dtype, count = more
        if not NUMBERS.fullmatch(dtype):
            raise ValueError("no dtype of a column")
        return parts.numbers(dtype, count)
    if tag == "times":
        dtype, count, zone = more
        if not TIMES.fullmatch(dtype):
            raise ValueError("no dtype of a column")
        made = pandas.Index(parts.numbers(dtype, count))
        if zone:
            made = made.tz_localize("UTC").tz_convert(make_zone(*zone))
        return made._values
    if tag == "categories":
        ordered, categories, codes = more
        of = pandas.CategoricalDtype(make_index(categories, parts), ordered is True)
        return pandas.Categorical.from_codes(make_column(codes, parts), dtype=of)
    if tag == "texts":
        return make_texts(pandas, *more)
    if tag == "masked":
        name, count, masks = more
        of = getattr(pandas, MASKED[name])()
        data, mask = parts.numbers(of.numpy_dtype, count), parts.numbers("bool", masks)
        return of.construct_array_type()(data, mask)
    raise ValueError("a column of no kind")


def make_texts(pandas: Any, storage: Any, masked: Any, cells: Any) -> Any:
    """A column of texts."""
    if (
        storage not in ("python", "pyarrow")
        or type(masked) is not bool
        or type(cells) is not list
        or not all(cell is None or type(cell) is str for cell in cells)
    ):
        raise ValueError("no texts")
    missing = {} if masked else {"na_value": float("nan")}
    return pandas.array(cells, dtype=pandas.StringDtype(storage, **missing))


def comes_back(what: str, parts: Parts) -> bool:
    """Whether a table that is put together of these parts is the same."""
    try:
        made = make(what, parts.like, list(parts.raws), parts.objects)
        again = take_apart(made, lambda objects: True)
    except Exception:  # whatever pandas does not take from us
        return False
    return again is not None and again.same(parts)


def can_follow(what: str, last: Parts, now: Parts) -> bool:
    """Whether a table that was like `last` can be made like `now` in place."""
    if what == "Index" and (now.like != last.like or now.raws != last.raws):
        return False
    return comes_back(what, now)


def update(what: str, known: Any, made: Any) -> None:
    """Let a table be like another, in place; ValueError if it cannot."""
    if what == "Index":
        if type(known) is not type(made) or not known.equals(made):
            raise ValueError("an index with other labels")
        known.names = made.names
        return
    known._update_inplace(made)
    if what == "Series":
        known.name = made.name


def encode(value: Any) -> Node | None:
    """The node of a moment, a length of time or a missing value of pandas, else None."""
    pandas, of = loaded(), type(value)
    if pandas is None:
        return None
    if value is pandas.NaT or value is pandas.NA:
        return ["missing", "NaT" if value is pandas.NaT else "NA"]
    if of is pandas.Timedelta:
        return ["Timedelta", value.unit, value._value]
    if of is not pandas.Timestamp:
        return None
    zone = encode_zone(value.tzinfo)
    if zone is None or not zone and value.fold:
        return None
    return ["Timestamp", value.unit, value._value, *zone]


def make_missing(name: Any) -> Any:
    """A missing value."""
    import pandas

    if name not in ("NaT", "NA"):
        raise ValueError("no missing value")
    return getattr(pandas, name)


def make_timedelta(unit: Any, count: Any) -> Any:
    """A length of time."""
    import numpy
    import pandas

    counts(count)
    if unit not in UNITS:
        raise ValueError("no unit")
    return pandas.Timedelta(numpy.timedelta64(count, unit))


def make_timestamp(unit: Any, count: Any, *zone: Any) -> Any:
    """A moment."""
    import numpy
    import pandas

    counts(count)
    if unit not in UNITS:
        raise ValueError("no unit")
    made = pandas.Timestamp(numpy.datetime64(count, unit))
    return made.tz_localize("UTC").tz_convert(make_zone(*zone)) if zone else made


MAKE: dict[str, Callable[..., Any]] = {
    "missing": make_missing,
    "Timedelta": make_timedelta,
    "Timestamp": make_timestamp,
}
