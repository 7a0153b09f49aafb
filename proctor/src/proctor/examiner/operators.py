"""Owns comparisons and arithmetic of students' objects: asked of the candidate, but verdicts never passed by it."""

import operator

from proctor.wire import handles

from proctor.examiner import verdicts
from proctor.examiner.proxy import Proxy, ask, is_proxy, link, must

PLAINLY = dict(zip(handles.INPLACE, handles.BINARY))
FIXED = (int, float, complex, str, bytes)
LISTS = (list, tuple, dict, str, bytes)  # which no test subtracts from what it expects


def compared(op):
    """A comparison: with another handle it is asked; with anything else never."""

    def compare(self, other):
        if is_proxy(other) and link(other).remote is link(self).remote:
            return must(ask(self, op, other), bool, "a comparison")
        if (
            op in ("eq", "ne")
            and link(self).kind == "class"
            and isinstance(other, type)
            and issubclass(other, Proxy)
        ):
            return (other.__name__ == self.__name__) is (
                op == "eq"
            )  # type(value) == TheStudentsClass
        return {"eq": False, "ne": True}.get(op, NotImplemented)

    return compare


def computed(op, turned=False):
    """An arithmetic operation: asked. Where plain data of the test's is in it, at first or second hand (`abs(got - expected)`),
    only an object of the student's is taken as its result."""

    def compute(self, *others):
        result = link(self).remote.operate(op, (*others, self) if turned else (self, *others))
        if is_proxy(result):
            verdicts.mark(result, op, self, others)
        elif link(self).mixed or not all(
            is_proxy(other) and not link(other).mixed for other in others
        ):
            raise TypeError(
                f"arithmetic with the student's {type(self).__name__} gave plain data ({type(result).__name__}), "
                "which is not taken: the student's object would pass the verdict"
            )
        return result

    return compute


for _op in handles.COMPARE:
    setattr(Proxy, f"__{_op}__", compared(_op))
for _op in (*handles.BINARY, "divmod"):
    setattr(Proxy, f"__{_op.strip('_')}__", computed(_op))
    setattr(Proxy, f"__r{_op.strip('_')}__", computed(_op, turned=True))
for _op in (*handles.UNARY, *handles.INPLACE):
    setattr(Proxy, f"__{_op}__", computed(_op))


def content(self):
    """What an object holds whose class derives from a plain type; asked once where it cannot change."""
    made = link(self)
    held = ask(self, "plain") if made.held is None else made.held
    if type(held) not in handles.BASES.values():
        must(held, object, "its content")
    if type(held) not in (list, dict, set):
        made.held = held
    if made.mixed and type(held) not in LISTS:
        raise TypeError(
            f"what the student's {type(self).__name__} holds is not taken: it came out of arithmetic with the test's own data, "
            "and would pass the verdict"
        )
    return held


def held(op):
    """A comparison of what it holds with plain data, passed here."""
    asked = compared(op)
    return lambda self, other: (
        asked(self, other) if is_proxy(other) else getattr(operator, op)(content(self), other)
    )


def held_too(op, turned=False):
    """Arithmetic: an object of the student's if it gives one, else of what it holds."""

    def compute(self, *others):
        told = not link(self).mixed and not all(map(is_proxy, others))
        before = content(self) if told else None  # afterwards it may say something else
        result = link(self).remote.operate(op, (*others, self) if turned else (self, *others))
        if is_proxy(result):
            if not told or not agrees(result, before, op, turned, others):
                verdicts.mark(result, op, self, others)
            return result
        return reckoned(
            op,
            turned,
            content(self) if before is None else before,
            [content(other) if is_proxy(other) else other for other in others],
        )

    return compute


def reckoned(op, turned, mine, others):
    """Arithmetic of plain data."""
    return (divmod if op == "divmod" else getattr(operator, op))(
        *([*others, mine] if turned else [mine, *others])
    )


def agrees(result, mine, op, turned, others):
    """Whether a result holds what arithmetic of plain data gives, too: then it is no verdict of the student's."""
    if not verdicts.based(result) or any(map(is_proxy, others)):
        return False
    try:
        expected = reckoned(PLAINLY.get(op, op), turned, mine, others)
    except Exception:  # plain data knows no such arithmetic
        return False
    found = (
        content(result)
        if type(expected) in FIXED or type(expected) in (set, list) and op in handles.INPLACE
        else None
    )
    return type(found) is type(expected) and found == expected


BASED = (
    {f"__{op}__": held(op) for op in handles.COMPARE}
    | {f"__{op}__": held_too(op) for op in handles.UNARY}
    | {
        f"__{'r' * turned}{op.strip('_')}__": held_too(op, turned)
        for op in (*handles.BINARY, "divmod")
        for turned in (False, True)
    }
    | {f"__{op}__": held_too(op) for op in handles.INPLACE}
    | {
        "__based__": True,
        "__hash__": lambda self: hash(content(self)),
        "__int__": lambda self: int(content(self)),
        "__float__": lambda self: float(content(self)),
        "__index__": lambda self: operator.index(content(self)),
    }
)
