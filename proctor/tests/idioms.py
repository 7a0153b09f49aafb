"""Owns idioms of honest courses as text: what the instructor gives, what a student writes, and a test that passes in one process."""

IDIOMS = r'''
# === dataclass-given
# --- given
from dataclasses import dataclass

@dataclass
class P:
    x: int
    y: int = 0
# --- student
def move(p):
    return P(p.x + 1, p.y)
# --- test
assert move(P(1, 2)) == P(2, 2)

# === frozen-given
# --- given
from dataclasses import dataclass

@dataclass(frozen=True)
class P:
    x: int
# --- student
def f():
    return {P(1), P(2)}
# --- test
assert f() == {P(1), P(2)}

# === enum-given
# --- given
from enum import Enum

class C(Enum):
    R = 1
    G = 2
# --- student
def f(c):
    return C.G if c is C.R else C.R
# --- test
assert f(C.R) is C.G and f(C.G) == C.R

# === intenum-student
# --- student
from enum import IntEnum

class C(IntEnum):
    R = 1
    G = 2
# --- test
assert C.R == 1 and C.G.name == 'G' and (C(2) is C.G) and isinstance(C.R, int) and (len(C) == 2) and ([c.value for c in C] == [1, 2])

# === enum-student
# --- student
from enum import Enum

class C(Enum):
    R = 'r'
    G = 'g'
# --- test
assert C.R.value == 'r' and C('g') == C.G and (C['R'] is C.R) and issubclass(C, __import__('enum').Enum)

# === list-subclass
# --- student
class S(list):

    def push(self, x):
        self.append(x)
        return self

    def top(self):
        return self[-1]
# --- test
s = S([1, 2])
s.push(3)
assert s.top() == 3 and s == [1, 2, 3] and (len(s) == 3) and isinstance(s, list) and (list(s) == [1, 2, 3]) and (s[0] == 1)

# === dict-subclass
# --- student
class D(dict):

    def __missing__(self, k):
        return 0

    def total(self):
        return sum(self.values())
# --- test
d = D(a=1)
assert d['b'] == 0 and d.total() == 1 and (d == {'a': 1}) and (dict(d) == {'a': 1})

# === float-subclass
# --- student
class C(float):

    def f(self):
        return self * 9 / 5 + 32
# --- test
assert C(100).f() == 212 and C(1) + 1 == 2 and (C(3) > 2) and (abs(C(2) - 2) < 1e-09) and (float(C(3)) == 3)

# === str-subclass
# --- student
class N(str):

    def shout(self):
        return self.upper() + '!'
# --- test
assert N('a').shout() == 'A!' and N('a') == 'a' and (N('a') + 'b' == 'ab') and (len(N('ab')) == 2)

# === namedtuple-student
# --- student
from collections import namedtuple
P = namedtuple('P', 'x y')
# --- test
p = P(1, 2)
assert p.x == 1 and p == (1, 2) and (P._fields == ('x', 'y'))

# === typed-namedtuple
# --- student
from typing import NamedTuple

class P(NamedTuple):
    x: float
    y: float = 0

    def norm(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5
# --- test
assert P(3, 4).norm() == 5 and P(3) == (3, 0) and (P(1).x == 1)
x, y = P(1, 2)
assert y == 2

# === namedtuple-given
# --- given
from collections import namedtuple
P = namedtuple('P', 'x y')
# --- student
def f(p):
    return P(p.y, p.x)
# --- test
assert isinstance(f(P(1, 2)), P) and f(P(1, 2)).x == 2

# === vector
# --- student
class V:

    def __init__(s, x, y):
        s.x, s.y = (x, y)

    def __add__(s, o):
        return V(s.x + o.x, s.y + o.y)

    def __mul__(s, o):
        return V(s.x * o, s.y * o) if isinstance(o, (int, float)) else s.x * o.x + s.y * o.y
    __rmul__ = __mul__

    def __abs__(s):
        return (s.x ** 2 + s.y ** 2) ** 0.5

    def __eq__(s, o):
        return (s.x, s.y) == (o.x, o.y)

    def __repr__(s):
        return f'V({s.x}, {s.y})'

    def __neg__(s):
        return V(-s.x, -s.y)

    def __bool__(s):
        return bool(abs(s))

    def __iter__(s):
        return iter((s.x, s.y))

    def __call__(s, t):
        return s.x * t
# --- test
assert V(1, 2) + V(3, 4) == V(4, 6) and V(1, 2) * V(3, 4) == 11 and (abs(V(3, 4)) == 5) and (V(1, 2) * 2 == V(2, 4)) and (2 * V(1, 2) == V(2, 4)) and (repr(V(1, 2)) == 'V(1, 2)') and (-V(1, 0) == V(-1, 0)) and (not V(0, 0)) and (tuple(V(1, 2)) == (1, 2)) and (V(2, 0)(3) == 6)

# === sorted-key
# --- student
def key(w):
    return (len(w), w)
# --- test
assert sorted(['bb', 'a', 'ab'], key=key) == ['a', 'ab', 'bb'] and list(map(key, ['a'])) == [(1, 'a')]

# === decorator
# --- student
import functools

def count(f):

    @functools.wraps(f)
    def w(*a, **k):
        w.calls += 1
        return f(*a, **k)
    w.calls = 0
    return w
# --- test
@count
def add(a, b):
    return a + b
assert add(1, 2) == 3 and add(2, 2) == 4 and (add.calls == 2) and (add.__name__ == 'add')

# === contextmanager
# --- student
from contextlib import contextmanager
log = []

@contextmanager
def tag(n):
    log.append('<' + n)
    yield n
    log.append('>' + n)
# --- test
with tag('b') as t:
    assert t == 'b'
assert log == ['<b', '>b']

# === property-error
# --- student
class A:

    def __init__(s):
        s._x = 1

    @property
    def x(s):
        return s._x

    @x.setter
    def x(s, v):
        if v < 0:
            raise ValueError('neg')
        s._x = v

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def st():
        return 3
# --- test
a = A.make()
a.x = 5
assert a.x == 5 and A.st() == 3
try:
    a.x = -1
    assert False
except ValueError as e:
    assert str(e) == 'neg'

# === hasattr
# --- student
class A:

    def go(s):
        pass
    n = 3
# --- test
assert hasattr(A, 'go') and (not hasattr(A, 'stop')) and (A.n == 3) and callable(A.go) and hasattr(A(), 'go') and (getattr(A(), 'zzz', 5) == 5)

# === inherit-student
# --- student
class A:

    def s(self):
        return 'a'

class B(A):

    def s(self):
        return super().s() + 'b'
# --- test
assert issubclass(B, A) and isinstance(B(), A) and (B().s() == 'ab') and (not isinstance(A(), B))

# === abc
# --- given
from abc import ABC, abstractmethod

class Shape(ABC):

    @abstractmethod
    def area(self):
        ...

    def twice(self):
        return 2 * self.area()
# --- student
class Sq(Shape):

    def __init__(s, a):
        s.a = a

    def area(s):
        return s.a ** 2
# --- test
assert isinstance(Sq(2), Shape) and Sq(2).area() == 4 and (Sq(3).twice() == 18) and issubclass(Sq, Shape)

# === polymorph
# --- student
def total(shapes):
    return sum((s.area() for s in shapes))
# --- test
class S:

    def __init__(s, a):
        s.a = a

    def area(s):
        return s.a
assert total([S(1), S(2)]) == 3

# === doctest
# --- student
def sq(x):
    """Square.

    >>> sq(3)
    9
    """
    return x * x
# --- test
assert 'Square' in sq.__doc__

# === signature
# --- student
def f(a, b=2, *c, d: int=3, **e) -> int:
    pass
# --- test
import inspect
p = inspect.signature(f).parameters
assert list(p) == ['a', 'b', 'c', 'd', 'e'] and p['b'].default == 2 and (f.__annotations__['d'] is int)

# === global-var
# --- student
total = 0

def add(x):
    global total
    total += x
# --- test
add(3)
assert total == 3
add(4)
assert total == 7

# === result-vars
# --- student
import numpy as np
x = np.linspace(0, 1, 5)
answer = 42
names = ['a']
d = {'k': (1, 2)}
# --- test
assert x.shape == (5,) and answer == 42 and (names == ['a']) and (d['k'][1] == 2) and np.isclose(x[1], 0.25)

# === assign-type
# --- student
x = 3.0
# --- test
assert type(x) == float and isinstance(x, float)

# === recursion
# --- student
def fact(n):
    return 1 if n == 0 else n * fact(n - 1)
# --- test
assert fact(20) == 2432902008176640000
try:
    fact(-1)
except RecursionError:
    pass
else:
    assert False

# === unittest
# --- student
def sq(x):
    return x * x
# --- test
import unittest

class T(unittest.TestCase):

    def test_a(self):
        self.assertEqual(sq(2), 4)

    def test_b(self):
        with self.assertRaises(TypeError):
            sq('a')
r = unittest.TextTestRunner(stream=__import__('io').StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
assert r.wasSuccessful()

# === stringio-arg
# --- student
def w(f):
    f.write('a\n')
    print('b', file=f)

def r(f):
    return [l.strip() for l in f]
# --- test
import io
b = io.StringIO()
w(b)
assert b.getvalue() == 'a\nb\n'
assert r(io.StringIO('x\ny')) == ['x', 'y']

# === capture-print
# --- student
def p():
    print('hi')
    print('x', end='')
# --- test
import io, contextlib
with contextlib.redirect_stdout(io.StringIO()) as f:
    p()
assert f.getvalue() == 'hi\nx'

# === sys-stdout-swap
# --- student
def p():
    print('hi')
# --- test
import io, sys
old = sys.stdout
sys.stdout = io.StringIO()
p()
out = sys.stdout.getvalue()
sys.stdout = old
assert out == 'hi\n'

# === input-patch
# --- student
def a():
    return int(input('?')) + int(input())
# --- test
from unittest.mock import patch
with patch('builtins.input', side_effect=['1', '2']):
    assert a() == 3

# === input-assign
# --- student
def a():
    return int(input('?'))
# --- test
input = lambda _='': '5'
assert a() == 5
del input

# === input-builtins-assign
# --- student
def a():
    return int(input('?'))
# --- test
import builtins
old = builtins.input
builtins.input = lambda *_: '5'
try:
    assert a() == 5
finally:
    builtins.input = old

# === input-builtins-assign-later
# --- student
def a():
    return int(input('?'))
def b(x):
    print(x)
# --- test
import builtins
try:
    a()
except Exception:
    pass
real, said = (builtins.input, builtins.print), []
builtins.input, builtins.print = (lambda *_: '5'), lambda *x: said.append(x)
try:
    assert a() == 5
    b(3)
finally:
    builtins.input, builtins.print = real
assert said == [(3,)]
b(4)
assert said == [(3,)]
try:
    a()
except Exception:
    pass
else:
    raise AssertionError("input was not put back")

# === stdin-swap
# --- student
import sys

def a():
    return sys.stdin.readline().strip()
# --- test
import sys, io
old = sys.stdin
sys.stdin = io.StringIO('5\n')
try:
    assert a() == '5'
finally:
    sys.stdin = old

# === mock-fn
# --- student
def call(f):
    return [f(1), f(x=2)]
# --- test
from unittest.mock import Mock
m = Mock(return_value=7)
assert call(m) == [7, 7]
assert m.call_count == 2
m.assert_called_with(x=2)

# === mock-obj
# --- student
def go(api):
    return api.get('u').json()['k']
# --- test
from unittest.mock import Mock
m = Mock()
m.get.return_value.json.return_value = {'k': 3}
assert go(m) == 3
m.get.assert_called_once_with('u')

# === patch-random
# --- student
import random

def die():
    return random.randint(1, 6)
# --- test
from unittest.mock import patch
with patch('random.randint', return_value=4):
    assert die() == 4

# === patch-student-fn
# --- student
def helper():
    return 1

def f():
    return helper() + 1
# --- test
old = helper
helper = lambda: 10
try:
    assert f() == 11
finally:
    helper = old

# === seed
# --- student
import random, numpy as np

def f():
    return (random.random(), np.random.rand())
# --- test
import random, numpy as np
random.seed(1)
np.random.seed(1)
a = f()
random.seed(1)
np.random.seed(1)
assert a == (random.random(), np.random.rand())

# === rng-arg
# --- student
def f(rng):
    return rng.normal(size=3)
# --- test
import numpy as np
a = f(np.random.default_rng(3))
assert np.allclose(a, np.random.default_rng(3).normal(size=3))
r = np.random.default_rng(3)
x = f(r)
y = f(r)
assert not np.allclose(x, y)

# === random-arg
# --- student
def f(r):
    return r.choice([1, 2, 3])
# --- test
import random
assert f(random.Random(5)) == random.Random(5).choice([1, 2, 3])

# === iter-protocol
# --- student
class Up:

    def __init__(s, n):
        s.n = n
        s.i = 0

    def __iter__(s):
        return s

    def __next__(s):
        if s.i >= s.n:
            raise StopIteration
        s.i += 1
        return s.i
# --- test
assert list(Up(3)) == [1, 2, 3]
u = Up(1)
assert next(u) == 1
try:
    next(u)
    assert False
except StopIteration:
    pass

# === gen-send
# --- student
def avg():
    t = 0
    n = 0
    a = None
    while True:
        x = (yield a)
        t += x
        n += 1
        a = t / n
# --- test
g = avg()
next(g)
assert g.send(2) == 2 and g.send(4) == 3
g.close()

# === zip-result
# --- student
def f(a, b):
    return zip(a, b)

def m(a):
    return map(str, a)

def k(d):
    return d.keys()
# --- test
assert list(f([1], [2])) == [(1, 2)] and list(m([1])) == ['1'] and (k({'a': 1}) == {'a'}) and (sorted(k({'b': 1, 'a': 2})) == ['a', 'b'])

# === defaultdict
# --- student
from collections import defaultdict, Counter, deque

def f():
    d = defaultdict(list)
    d['a'].append(1)
    return d

def c(s):
    return Counter(s)

def q():
    return deque([1, 2, 3], maxlen=3)
# --- test
d = f()
assert d == {'a': [1]} and d['zz'] == []
assert c('aab').most_common(1) == [('a', 2)] and c('a')['x'] == 0
assert list(q()) == [1, 2, 3] and q()[0] == 1

# === set-ops
# --- student
def f(a):
    return set(a)
# --- test
assert f('aab') & {'a'} == {'a'}

# === np-object
# --- student
import numpy as np

def f():
    return np.array([{'a': 1}, None], dtype=object)
# --- test
r = f()
assert r[0] == {'a': 1} and len(r) == 2

# === np-datetime
# --- student
import numpy as np

def f(a):
    return a + np.timedelta64(1, 'D')
# --- test
import numpy as np
assert f(np.datetime64('2020-01-01')) == np.datetime64('2020-01-02')

# === np-poly
# --- student
import numpy as np

def f():
    return np.poly1d([1, 2])
# --- test
assert f()(3) == 5

# === sklearnlike
# --- student
import numpy as np

class Fit:

    def fit(s, X, y):
        s.w = np.linalg.lstsq(X, y, rcond=None)[0]
        return s

    def predict(s, X):
        return X @ s.w
# --- test
import numpy as np
X = np.eye(3)
y = np.arange(3.0)
m = Fit().fit(X, y)
assert np.allclose(m.predict(X), y) and m.w.shape == (3,)

# === torch-nograd
# --- student
import torch

class M(torch.nn.Module):

    def __init__(s):
        super().__init__()
        s.l = torch.nn.Linear(2, 1)

    def forward(s, x):
        return s.l(x)
model = M()
# --- test
import torch
with torch.no_grad():
    out = model(torch.zeros(3, 2))
assert out.numpy().shape == (3, 1)
model.eval()
assert not model.training
assert sum((p.numel() for p in model.parameters())) == 3 and isinstance(model.l, torch.nn.Linear)

# === torch-train
# --- student
import torch

class M(torch.nn.Module):

    def __init__(s):
        super().__init__()
        s.l = torch.nn.Linear(1, 1)

    def forward(s, x):
        return s.l(x)
# --- test
import torch
m = M()
opt = torch.optim.SGD(m.parameters(), lr=0.1)
x = torch.linspace(-1, 1, 8)[:, None]
y = 2 * x
first = None
for _ in range(60):
    opt.zero_grad()
    loss = ((m(x) - y) ** 2).mean()
    loss.backward()
    opt.step()
    first = first or loss.item()
assert loss.item() < first / 10

# === yield-from-generator
# --- student
def numbers():
    yield 1
    return 5
# --- test
def all_of():
    last = yield from numbers()
    yield last
assert list(all_of()) == [1, 5]

# === torch-model-within
# --- student
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)
    def forward(self, x):
        return self.fc(x)
# --- test
import torch
class Wrapper(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Net()
    def forward(self, x):
        return 2 * self.inner(x)
w = Wrapper()
assert [name for name, _ in w.named_parameters()] == ["inner.fc.weight", "inner.fc.bias"] and len(list(w.modules())) == 3
optimizer = torch.optim.SGD(w.parameters(), lr=.1)
before = w.inner.fc.bias.item()
w(torch.ones(1, 2)).sum().backward()
optimizer.step()
assert all(p.grad is not None for p in w.parameters()) and abs(w.inner.fc.bias.item() - before + .2) < 1e-6

# === library-dict
# --- student
from scipy import optimize
result = optimize.OptimizeResult(x=[1.0], success=True)
def local():
    class Config(dict):
        def __getattr__(self, name):
            return self[name]
    return Config(a=1)
# --- test
assert result.x == [1.0] and result["success"] and isinstance(result, dict)
assert local().a == 1 and local() == {"a": 1}

# === exceptions-made-by-the-test
# --- student
class BankError(Exception):
    "Something of the bank's."

class Short(BankError):
    def __init__(self, need):
        super().__init__(f"need {need}")
        self.need = need

def leave():
    raise SystemExit(3)

def group():
    raise ExceptionGroup("g", [ValueError("a")])
# --- test
error = Short(5)
assert error.need == 5 and str(error) == "need 5" and BankError.__doc__ == "Something of the bank's."
try:
    raise Short(7)
except BankError as caught:
    assert caught.need == 7
try:
    leave()
except SystemExit as left:
    assert left.code == 3
try:
    group()
except ExceptionGroup as several:
    assert len(several.exceptions) == 1

# === torch-attribute-written
# --- student
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)
    def forward(self, x):
        return self.fc(x)
# --- test
import torch
n = Net()
with torch.no_grad():
    n.fc.weight[:] = torch.tensor([[1., 2.]])
    n.fc.bias.fill_(5.)
assert n(torch.ones(1, 2)).item() == 8
n.fc.weight = torch.nn.Parameter(torch.zeros(1, 2))
n.fc.bias.data = torch.ones(1)
assert n(torch.ones(1, 2)).item() == 1

# === torch-gradients
# --- student
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)
    def forward(self, x):
        return self.fc(x)

def sgd(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.grad.zero_()
# --- test
import torch
w = torch.tensor([1.], requires_grad=True)
for expected in (.7, .4):
    (3 * w).sum().backward()
    sgd([w], .1)
    assert abs(w.item() - expected) < 1e-6 and w.grad.item() == 0
n = Net()
n(torch.ones(1, 2)).sum().backward()
assert n.fc.weight.grad.tolist() == [[1, 1]] and all(p.grad is not None for p in n.parameters())
n.zero_grad()
assert n.fc.weight.grad is None
weight, bias = torch.autograd.grad(n(torch.ones(1, 2)).sum(), list(n.parameters()))
assert weight.tolist() == [[1, 1]] and torch.autograd.grad(n(torch.ones(1, 2)).sum(), n.fc.weight)[0].tolist() == [[1, 1]]

# === torch-gradcheck
# --- student
import torch

def f(x):
    return (x ** 3).sum()
# --- test
import torch
assert torch.autograd.gradcheck(f, (torch.rand(3, dtype=torch.double, requires_grad=True),))

# === torch-statedict
# --- student
import torch
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())
# --- test
assert list(model.state_dict()) == ['0.weight', '0.bias'] and len(model) == 2 and (model[0].in_features == 2)

# === async
# --- student
import asyncio

async def f():
    await asyncio.sleep(0)
    return 3
# --- test
import asyncio
assert asyncio.iscoroutinefunction(f)
assert asyncio.run(f()) == 3

# === pytest-raises
# --- given
class E(Exception):
    pass
# --- student
class F(E):
    pass

def f():
    raise F('x y')
# --- test
import pytest
with pytest.raises(E, match='x y') as i:
    f()
assert isinstance(i.value, F) and str(i.value) == 'x y'

# === error-attr
# --- student
class MyE(Exception):

    def __init__(s, code):
        super().__init__(f'code {code}')
        s.code = code

def f():
    raise MyE(5)
# --- test
try:
    f()
except MyE as e:
    assert e.code == 5 and 'code 5' in str(e) and (e.args == ('code 5',))

# === returns-exc
# --- student
def f():
    return ValueError('a')
# --- test
assert isinstance(f(), ValueError)

# === returns-class
# --- student
def f():
    return int

def g():
    return list
# --- test
assert f() is int and g() == list

# === closure
# --- student
def counter():
    n = 0

    def inc():
        nonlocal n
        n += 1
        return n
    return inc
# --- test
c = counter()
assert c() == 1 and c() == 2 and (counter()() == 1)

# === lambda-list
# --- student
fs = [lambda x, i=i: x + i for i in range(3)]
# --- test
assert [f(1) for f in fs] == [1, 2, 3]

# === partial
# --- student
from functools import partial

def p(a, b):
    return a - b
q = partial(p, 10)
# --- test
assert q(3) == 7

# === lru
# --- student
from functools import lru_cache

@lru_cache(None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
# --- test
assert fib(50) == 12586269025 and fib.cache_info().hits > 0

# === regex
# --- student
import re
pat = re.compile('\\d+')

def f(s):
    return re.search('(\\w)(\\d)', s)
# --- test
assert pat.findall('a1b22') == ['1', '22'] and f('a1').group(2) == '1'

# === regex-arg
# --- student
def f(p, s):
    return p.findall(s)
# --- test
import re
assert f(re.compile('a.'), 'abac') == ['ab', 'ac']

# === file-open-arg
# --- student
def f(fh):
    return len(fh.readlines())
# --- test
import io, tempfile
with tempfile.TemporaryFile('w+') as t:
    t.write('a\nb\n')
    t.seek(0)
    assert f(t) == 2

# === copy
# --- student
class A:

    def __init__(s):
        s.l = [1]
# --- test
import copy
a = A()
b = copy.deepcopy(a)
b.l.append(2)
assert a.l == [1]

# === dict-attr
# --- student
class A:

    def __init__(s):
        s.x = 1
# --- test
assert vars(A()) == {'x': 1} and A().__dict__ == {'x': 1}

# === slots
# --- student
class A:
    __slots__ = ('x',)
# --- test
a = A()
a.x = 1
try:
    a.y = 2
    assert False
except AttributeError:
    pass
assert A.__slots__ == ('x',)

# === setattr-inst
# --- student
class A:
    pass

def f(a):
    return a.k
# --- test
a = A()
a.k = [1]
a.k.append(2)
assert f(a) == [1, 2]

# === mutate-attr
# --- student
class A:

    def __init__(s):
        s.l = []

    def add(s, x):
        s.l.append(x)
# --- test
a = A()
l = a.l
a.add(1)
assert l == [1]
l.append(2)
a.add(3)
assert a.l == [1, 2, 3]

# === linked
# --- student
class N:

    def __init__(s, v, n=None):
        s.v, s.n = (v, n)

def rev(h):
    p = None
    while h:
        h.n, p, h = (p, h, h.n)
    return p
# --- test
h = N(1, N(2, N(3)))
r = rev(h)
out = []
while r is not None:
    out.append(r.v)
    r = r.n
assert out == [3, 2, 1]

# === np-inplace-arg
# --- student
def f(a):
    a *= 2
# --- test
import numpy as np
a = np.ones(3)
f(a)
assert a.sum() == 6

# === print-patch
# --- student
def f():
    print('a', 'b')
# --- test
from unittest.mock import patch
with patch('builtins.print') as p:
    f()
p.assert_called_with('a', 'b')

# === json
# --- student
import json

def f(d):
    return json.dumps(d)
# --- test
import json
assert json.loads(f({'a': [1]})) == {'a': [1]}

# === path
# --- student
from pathlib import Path

def f(p):
    return p.parent / 'b.txt'
# --- test
from pathlib import Path
assert f(Path('a/c.txt')) == Path('a/b.txt')

# === bisect-student
# --- student
import bisect

class K:

    def __init__(s, v):
        s.v = v

    def __lt__(s, o):
        return s.v < o.v
# --- test
import bisect
l = [K(1), K(3)]
bisect.insort(l, K(2))
assert [k.v for k in l] == [1, 2, 3] and min(l).v == 1

# === total-order
# --- student
from functools import total_ordering

@total_ordering
class K:

    def __init__(s, v):
        s.v = v

    def __lt__(s, o):
        return s.v < o.v

    def __eq__(s, o):
        return s.v == o.v
# --- test
assert K(1) <= K(1) and K(2) >= K(1) and (K(1) == K(1))

# === getitem-slice
# --- student
class S:

    def __getitem__(s, i):
        return i
# --- test
assert S()[1:3] == slice(1, 3) and S()[1, 2] == (1, 2)

# === np-func-student-obj
# --- student
import numpy as np

class P:

    def __init__(s, c):
        s.c = c

    def __call__(s, x):
        return s.c * x
# --- test
import numpy as np
assert np.allclose(P(2)(np.arange(3)), [0, 2, 4])

# === complex-struct
# --- student
def f():
    return {'a': [(1, {2, 3}), None], 'b': {'c': b'x'}}
# --- test
assert f() == {'a': [(1, {2, 3}), None], 'b': {'c': b'x'}}

# === compare-student-objs-list
# --- student
class P:

    def __init__(s, x):
        s.x = x

    def __eq__(s, o):
        return isinstance(o, P) and s.x == o.x

def f():
    return [P(1), P(2)]
# --- test
assert f() == [P(1), P(2)]

# === iter-over-infinite
# --- student
def nat():
    n = 0
    while True:
        yield n
        n += 1
# --- test
import itertools
assert list(itertools.islice(nat(), 3)) == [0, 1, 2]

# === isinstance-abc
# --- student
def g():
    yield 1

class C:

    def __iter__(s):
        return iter([1])

    def __len__(s):
        return 1
# --- test
from collections.abc import Iterator, Iterable, Callable, Sized, Generator
assert isinstance(g(), Iterator) and isinstance(C(), Iterable) and isinstance(g, Callable) and isinstance(C(), Sized) and isinstance(g(), Generator)

# === scaled-vector
# --- student
class Vector:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, o): return Vector(self.x + o.x, self.y + o.y)
    def __sub__(self, o): return Vector(self.x - o.x, self.y - o.y) if isinstance(o, Vector) else Vector(self.x - o, self.y - o)
    def __mul__(self, k): return Vector(self.x * k, self.y * k)
    __rmul__ = __mul__
    def __truediv__(self, k): return Vector(self.x / k, self.y / k)
    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)
    def __repr__(self): return f'V({self.x}, {self.y})'
    def __iter__(self): return iter((self.x, self.y))
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __len__(self): return 2
    def norm(self): return (self.x ** 2 + self.y ** 2) ** 0.5
# --- test
v, w = Vector(1, 2), Vector(3, 4)
assert v + w == Vector(4, 6) and (w - v).norm() == 8 ** 0.5
assert (v * 3).x == 3 and (3 * v).y == 6 and (w / 5).norm() == 1 and (v - 1).y == 1
assert str(v * 3) == 'V(3, 6)' and tuple(v * 2) == (2, 4) and (v * 2)[1] == 4 and len(v * 2) == 2 and v * 2 - v == v

# === money
# --- student
class Money:
    def __init__(self, amount): self.amount = amount
    def __mul__(self, k): return Money(self.amount * k)
    def __add__(self, o): return Money(self.amount + (o.amount if isinstance(o, Money) else o))
    __radd__ = __iadd__ = __add__
    def __sub__(self, o): return Money(self.amount - (o.amount if isinstance(o, Money) else o))
    def __lt__(self, o): return self.amount < o.amount
    def __format__(self, spec): return format(self.amount, spec) + ' EUR'
    def cents(self): return round(self.amount * 100)
# --- test
m = Money(10)
assert (m * 2).amount == 20 and (m - 3).amount == 7 and (m - 3).cents() == 700 and (m + 5 - Money(1)).amount == 14
assert sum([Money(1), Money(2)]).amount == 3 and Money(1) + 1 < Money(3) and f'{m * 2:.2f}' == '20.00 EUR'
m += 5
assert m.amount == 15

# === own-fraction
# --- student
import math
class Frac:
    def __init__(self, n, d=1):
        g = math.gcd(n, d)
        self.numerator, self.denominator = n // g, d // g
    def __mul__(self, o):
        o = o if isinstance(o, Frac) else Frac(o)
        return Frac(self.numerator * o.numerator, self.denominator * o.denominator)
    __rmul__ = __mul__
    def __sub__(self, o):
        o = o if isinstance(o, Frac) else Frac(o)
        return Frac(self.numerator * o.denominator - o.numerator * self.denominator, self.denominator * o.denominator)
    def __eq__(self, o): return (self.numerator, self.denominator) == (o.numerator, o.denominator)
    def __str__(self): return f'{self.numerator}/{self.denominator}'
# --- test
assert (Frac(1, 2) * 3).numerator == 3 and str(2 * Frac(1, 4)) == '1/2' and (Frac(3, 2) - 1).denominator == 2 and Frac(1, 2) - Frac(1, 2) == Frac(0)

# === number-with-arithmetic
# --- student
class Celsius(float):
    def __add__(self, o): return Celsius(float(self) + float(o))
    def __sub__(self, o): return Celsius(float(self) - float(o))
    def fahrenheit(self): return self * 9 / 5 + 32
# --- test
assert Celsius(20) + 5 == 25 and abs(Celsius(20) - 5 - 15) < 1e-9 and (Celsius(20) + 80).fahrenheit() == 212 and Celsius(30) - Celsius(10) == 20
c = Celsius(1)
c += 1
assert c == 2 and c > 1.5

# === lists-with-arithmetic
# --- student
class Row(list):
    def __mul__(self, k): return Row([k * x for x in self])
    def __add__(self, o): return Row([a + b for a, b in zip(self, o)])
    def total(self): return sum(self)
class Bag(set):
    def put(self, x): self.add(x)
# --- test
r = Row([1, 2])
assert r * 3 == [3, 6] and r + [1, 1] == [2, 3] and (r * 3).total() == 9 and len(r * 2) == 2 and r + r == Row([2, 4]) and list(r * 2) == [2, 4]
s = Row([1])
s += [2]
assert s == [1, 2] and s
b = Bag([1])
b |= {2}
b.put(3)
assert b == {1, 2, 3} and b & {1, 5} == {1} and {1, 2, 3, 4} - b == {4} and len(b - {1}) == 2

# === looks-into-a-class
# --- given
import inspect, functools
class Shape:
    def name(self): return type(self).__name__
# --- student
import abc
class Square(Shape):
    "A square."
    sides = 4
    def __init__(self, s): self.s = s
    def __str__(self): return f'square {self.s}'
    def __eq__(self, o): return isinstance(o, Square) and self.s == o.s
    def __add__(self, o): return Square(self.s + o.s)
    def __len__(self): return 4
    @property
    def area(self): return self.s ** 2
    @staticmethod
    def unit(): return Square(1)
class Base(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
class Done(Base):
    def area(self): return 1
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
# --- test
assert '__str__' in Square.__dict__ and '__eq__' in vars(Square) and '__lt__' not in vars(Square) and vars(Square)['sides'] == 4
assert isinstance(Square.area, property) and isinstance(vars(Square)['area'], property) and isinstance(vars(Square)['unit'], staticmethod)
assert Square(3).area == 9 and not isinstance(Square.unit, property)
assert Shape in Square.__mro__ and Square in Square.__mro__ and object in Square.mro() and Square.__bases__ == (Shape,)
assert inspect.isabstract(Base) and not inspect.isabstract(Done) and not inspect.isabstract(Square) and Base.__abstractmethods__ == {'area'}
assert Square.__add__(Square(1), Square(2)) == Square(3) and Square.__len__(Square(1)) == 4 and Square.__str__(Square(2)) == 'square 2'
assert hasattr(Square, '__add__') and not hasattr(Square, '__mul__') and callable(Square.__init__)
fib.cache_clear()
assert fib(5) == 5 and fib.cache_info().misses == 6 and fib.__wrapped__(3) == 2 and not hasattr(Square.unit, '__wrapped__')

# === dataclass-student
# --- student
import dataclasses
from dataclasses import dataclass, field
@dataclass(frozen=True)
class P:
    x: int
    y: int = 2
@dataclass
class Box:
    items: list = field(default_factory=list)
    corner: P = P(0)
class Plain:
    pass
# --- test
import dataclasses
assert dataclasses.is_dataclass(P) and dataclasses.is_dataclass(P(1)) and not dataclasses.is_dataclass(Plain) and not dataclasses.is_dataclass(Plain())
assert [f.name for f in dataclasses.fields(P)] == ['x', 'y'] and dataclasses.fields(P)[1].default == 2 and dataclasses.fields(P(1))[0].type is int
assert dataclasses.asdict(P(1)) == {'x': 1, 'y': 2} and dataclasses.astuple(P(3)) == (3, 2) and dataclasses.asdict(Box([1])) == {'items': [1], 'corner': {'x': 0, 'y': 2}}
assert P(1) == P(1, 2) and repr(P(1)) == 'P(x=1, y=2)'
import pprint
assert pprint.pformat(Box(list(range(50)))).startswith('Box(items=[0,')
try:
    P(1).x = 3
    assert False
except dataclasses.FrozenInstanceError:
    pass

# === kept-values-of-a-given-class
# --- given
from functools import cached_property
from dataclasses import dataclass
from typing import Callable
class Stats:
    LIMIT = 10
    best = None
    def __init__(self, xs): self.xs = xs
    @cached_property
    def total(self): return sum(self.xs)
    def over(self): return self.total > self.LIMIT
class Dice:
    def roll(self): return 6
@dataclass
class Task:
    name: str
    work: Callable = print
# --- student
def make(xs):
    s = Stats(xs)
    s.best = max(xs) if s.total else 0
    return s
def twice(d): return d.roll() + d.roll()
def task(): return Task('t', lambda: 5)
# --- test
s = make([4, 7])
assert s.total == 11 and s.over() and s.best == 7
d = Dice()
d.roll = lambda: 2
assert twice(d) == 4 and twice(Dice()) == 12 and d.roll() == 2
assert task().work() == 5

# === plain-values-of-libraries
# --- student
import array, collections, datetime, time, types, urllib.parse, uuid
from zoneinfo import ZoneInfo
def recent(): return collections.deque([1, 2], maxlen=3)
def add(q, x): q.append(x)
def begin(): return time.gmtime(0)
def year(t): return t.tm_year
def parse(text): return urllib.parse.urlparse(text), urllib.parse.urlsplit(text)
def host(url): return url.hostname
def name(): return uuid.UUID(int=5)
def numbers(): return array.array('i', [1, 2])
def double(a):
    for i, x in enumerate(a): a[i] = 2 * x
def options(): return types.MappingProxyType({'a': 1})
def noon(): return datetime.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo('Europe/Berlin'))
def same(x): return x
# --- test
import array, collections, datetime, time, types, urllib.parse, uuid
from zoneinfo import ZoneInfo
q = recent()
add(q, 3), add(q, 4)
assert list(q) == [2, 3, 4] and q.maxlen == 3 and q == collections.deque([2, 3, 4]) and collections.deque([1]).maxlen is None
mine = collections.deque(maxlen=2)
add(mine, 1), add(mine, 2), add(mine, 3)
assert list(mine) == [2, 3] and mine.maxlen == 2
assert begin().tm_year == 1970 and year(time.gmtime(86400 * 400)) == 1971 and begin()[:3] == (1970, 1, 1) and time.strftime('%H', begin()) == '00'
url, split = parse('http://u@h.org:80/x?q=1')
assert url.hostname == 'h.org' and url.port == 80 and split.query == 'q=1' and url == urllib.parse.urlparse('http://u@h.org:80/x?q=1') and host(split) == 'h.org'
assert name() == uuid.UUID(int=5) and same(uuid.UUID(int=7)).int == 7
a = array.array('d', [1, 2])
double(a)
assert numbers() == array.array('i', [1, 2]) and a.tolist() == [2.0, 4.0] and numbers().typecode == 'i'
assert options() == {'a': 1} and options()['a'] == 1 and dict(options()) == {'a': 1}
t = noon()
assert t.tzname() == 'CEST' and t == datetime.datetime(2024, 7, 1, 10, tzinfo=datetime.timezone.utc) and t.tzinfo.key == 'Europe/Berlin'
assert same(datetime.datetime(2024, 1, 1, tzinfo=ZoneInfo('America/New_York'))).tzname() == 'EST'
'''
