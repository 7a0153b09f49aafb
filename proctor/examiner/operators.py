"""Owns comparisons and arithmetic of students' objects: asked of the candidate, but verdicts never passed by it."""

import operator

from proctor.wire import arrays, handles

from .proxy import Proxy, ask, is_proxy, link, must


def compared(op):
    """A comparison: with another handle it is asked; with anything else never."""
    def compare(self, other):
        if is_proxy(other) and link(other).remote is link(self).remote:
            return must(ask(self, op, other), bool, "a comparison")
        if op in ("eq", "ne") and link(self).kind == "class" and isinstance(other, type) and issubclass(other, Proxy):
            return (other.__name__ == self.__name__) is (op == "eq")  # type(value) == TheStudentsClass
        return {"eq": False, "ne": True}.get(op, NotImplemented)
    return compare


def computed(op, turned=False):
    """An arithmetic operation: asked. Where plain data of the test's is in it, at first or second hand (`abs(got - expected)`),
    only an object of the student's is taken as its result."""
    def compute(self, *others):
        result = link(self).remote.operate(op, (*others, self) if turned else (self, *others))
        mixed = link(self).mixed or not all(is_proxy(other) and not link(other).mixed for other in others)
        if is_proxy(result):
            link(result).mixed |= mixed
            link(result).weighed |= op not in handles.INPLACE and any(map(arrays.kind, others))
        elif mixed:
            raise TypeError(f"arithmetic with the student's {type(self).__name__} gave plain data ({type(result).__name__}), "
                            "which is not taken: the student's object would pass the verdict")
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
    """What an object holds whose class derives from a plain type."""
    held = ask(self, "plain")
    return held if type(held) in handles.BASES.values() else must(held, object, "its content")


def held(op):
    """A comparison of what it holds with plain data, passed here."""
    asked = compared(op)
    return lambda self, other: asked(self, other) if is_proxy(other) else getattr(operator, op)(content(self), other)


def held_too(op, turned=False):
    """Arithmetic: an object of the student's if it gives one, else of what it holds."""
    def compute(self, *others):
        result = link(self).remote.operate(op, (*others, self) if turned else (self, *others))
        if is_proxy(result):
            return result
        others = [content(other) if is_proxy(other) else other for other in others]
        return (divmod if op == "divmod" else getattr(operator, op))(*([*others, content(self)] if turned else [content(self), *others]))
    return compute


BASED = {f"__{op}__": held(op) for op in handles.COMPARE} | {f"__{op}__": held_too(op) for op in handles.UNARY} | {
    f"__{'r' * turned}{op.strip('_')}__": held_too(op, turned) for op in (*handles.BINARY, "divmod") for turned in (False, True)} | {
    "__hash__": lambda self: hash(content(self)), "__int__": lambda self: int(content(self)), "__float__": lambda self: float(content(self)),
    "__index__": lambda self: operator.index(content(self))}
