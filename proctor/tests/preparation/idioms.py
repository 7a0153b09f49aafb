"""Kinds of tests that nbgrader courses use, each with a solution, wrong answers, and how it is graded."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from proctor.preparation.decision import Way


@dataclass(frozen=True)
class Idiom:
    """A notebook of a given cell, a solution and a test of one point.

    `way` is how the test is graded; each of `wrong` is an answer that loses the point. A given cell
    without text is left out.
    """

    name: str
    way: Way
    given: str
    solution: str
    test: str
    wrong: tuple[str, ...]


def idiom(name: str, way: Way, given: str, solution: str, test: str, *wrong: str) -> Idiom:
    """An Idiom whose texts are indented as the code around them."""
    texts = [dedent(text).strip() for text in (given, solution, test, *wrong)]
    return Idiom(name, way, *texts[:3], tuple(texts[3:]))


IDIOMS = [
    # Data that the answer changes or makes.
    idiom(
        "list-changed",
        "isolated",
        "queue = ['Ana', 'Ben', 'Cem']",
        "served = queue.pop(0)\nqueue += ['Dot']",
        "assert served == 'Ana' and queue == ['Ben', 'Cem', 'Dot'] and len(set(queue)) == 3",
        "served = 'Ana'",
        "served = queue.pop(0)\nqueue = ['Ben', 'Cem']",
    ),
    idiom(
        "dict-changed",
        "isolated",
        "ages = {'Ana': 31, 'Ben': 28}",
        "ages['Cem'] = 40\ndel ages['Ben']",
        """
        import hashlib, json
        assert sorted(ages) == ['Ana', 'Cem']
        code = hashlib.md5(json.dumps(ages, sort_keys=True).encode()).hexdigest()
        assert code == '0866352963525a56411343ad380a610b'
        """,
        "ages['Cem'] = 41\ndel ages['Ben']",
        "",
    ),
    idiom(
        "array-changed",
        "isolated",
        "import numpy as np\ngrid = np.zeros((3, 4))",
        "grid[:, 1] = 5\ngrid[2] += 1",
        "assert grid.sum() == 19 and grid[2, 1] == 6 and np.array_equal(grid[0], [0, 5, 0, 0])",
        "grid[:, 1] = 5",
        "grid = np.full((3, 4), 19 / 12)",
    ),
    idiom(
        "list-filled-by-function",
        "isolated",
        "",
        "def clean(words):\n    words[:] = [word.strip().lower() for word in words if word.strip()]",
        "words = [' Oak', '', 'ELM ']\nassert clean(words) is None\nassert words == ['oak', 'elm']",
        "def clean(words):\n    return [word.strip().lower() for word in words if word.strip()]",
        "def clean(words):\n    words.clear()",
    ),
    idiom(
        "partial-credit",
        "isolated",
        "",
        "def absolute(x):\n    return -x if x < 0 else x",
        "right = [absolute(x) == abs(x) for x in (3, -3, 0, -0.5)]\nsum(right) / len(right)",
        "def absolute(x):\n    return 7",
    ),
    idiom(
        "numpy-testing",
        "isolated",
        "import numpy as np",
        "def centred(values):\n    return values - values.mean(axis=0)",
        """
        made = centred(np.array([[1.0, 6.0], [3.0, 2.0]]))
        np.testing.assert_allclose(made, [[-1, 2], [1, -2]], rtol=1e-12)
        assert made.dtype == float and made.shape == (2, 2)
        """,
        "def centred(values):\n    return values - values.mean()",
        "def centred(values):\n    return values.tolist()",
    ),
    idiom(
        "mask-of-numpy",
        "isolated",
        "import numpy as np",
        "def inside(points, radius):\n    return np.hypot(*points.T) <= radius",
        """
        mask = inside(np.array([[0, 1], [3, 4], [2, 2]]), 3)
        assert mask.dtype == bool and mask.tolist() == [True, False, True] and not mask.all()
        """,
        "def inside(points, radius):\n    return np.hypot(*points.T) < 1",
        "def inside(points, radius):\n    return True",
    ),
    idiom(
        "large-array",
        "in process",
        "import numpy as np\nsamples = np.ones(25_000_000)\nsamples[::5] = 6",
        "def mean(values):\n    return float(values.sum() / len(values))",
        "assert mean(samples) == 2.0 and mean(samples[:5]) == 2.0",
        "def mean(values):\n    return float(values[:1000].max())",
    ),
    idiom(
        "names-looked-up",
        "isolated",
        "",
        "planets = 8",
        "assert 'planets' in globals() and isinstance(globals()['planets'], int)\nassert planets == 8",
        "planet = 8",
        "planets = 9",
    ),
    idiom(
        "warm-up-seed",
        "in process",
        "import random\nimport numpy as np",
        "def shuffled(n):\n    return random.sample(range(n), n) + np.random.rand(3).tolist()",
        """
        drawn = []
        for _ in range(2):
            random.seed(11), np.random.seed(11)
            drawn.append(shuffled(20))
        assert drawn[0] == drawn[1] and sorted(drawn[0][:20]) == list(range(20))
        """,
        "def shuffled(n):\n    return list(range(n))[::-1] + [random.SystemRandom().random()] * 3",
    ),
    # Tables and files.
    idiom(
        "frame-changed",
        "isolated",
        "import pandas as pd\nbirds = pd.DataFrame({'kind': ['owl', 'jay'], 'seen': [1, 4]})",
        "birds.loc[len(birds)] = ['wren', 9]\nbirds['many'] = birds['seen'] > 3",
        """
        assert birds.shape == (3, 3) and birds.iloc[-1]['kind'] == 'wren'
        assert birds['many'].tolist() == [False, True, True]
        """,
        "birds.loc[len(birds)] = ['wren', 9]\nbirds['many'] = True",
        "",
    ),
    idiom(
        "frames-compared",
        "isolated",
        "import pandas as pd\nsales = pd.DataFrame({'shop': list('aba'), 'sum': [2.0, 5.0, 4.0]})",
        "def best(table):\n    return table.groupby('shop')['sum'].max()\nbig = sales[sales['sum'] > 3]",
        """
        wanted = pd.Series([4.0, 5.0], index=pd.Index(['a', 'b'], name='shop'), name='sum')
        pd.testing.assert_series_equal(best(sales), wanted)
        assert len(big.query("shop == 'a'")) == 1 and (big['sum'] >= 4).all()
        """,
        "def best(table):\n    return table.groupby('shop')['sum'].min()\nbig = sales[sales['sum'] > 3]",
        "def best(table):\n    return table.groupby('shop')['sum'].max()\nbig = sales",
    ),
    idiom(
        "frame-from-file",
        "isolated",
        """
        import pandas as pd
        with open('rain.csv', 'w') as file:
            file.write('day,mm\\n1,0.5\\n2,\\n3,2.5\\n')
        rain = pd.read_csv('rain.csv')
        """,
        "dry = rain.fillna({'mm': 0.0})",
        "assert dry['mm'].sum() == 3.0 and not dry.isna().any().any() and len(dry) == len(rain)",
        "dry = rain.dropna()",
    ),
    idiom(
        "file-written",
        "in process",
        "from pathlib import Path",
        "Path('poem.txt').write_text('\\n'.join(['roses', 'violets', '']))",
        "assert [line.strip() for line in open('poem.txt')] == ['roses', 'violets']",
        "Path('poem.txt').write_text('roses')",
        "",
    ),
    # Figures and pictures.
    idiom(
        "axes-picked",
        "in process",
        "import matplotlib.pyplot as plt\nfigure, panels = plt.subplots(1, 3)",
        "middle = panels[1]",
        "assert middle is figure.axes[1] and middle == panels.flat[1]",
        "middle = panels[2]",
    ),
    idiom(
        "figure-drawn",
        "in process",
        "import matplotlib.pyplot as plt",
        "plt.bar(['x', 'y'], [3, 8], color='green')\nplt.title('Two')\naxes = plt.gca()",
        """
        heights = [bar.get_height() for bar in axes.patches]
        assert heights == [3, 8] and axes.get_title() == 'Two'
        """,
        "plt.bar(['x', 'y'], [3, 7])\nplt.title('Two')\naxes = plt.gca()",
    ),
    idiom(
        "picture-shown",
        "in process",
        """
        import io
        from IPython.display import Image as Shown
        from PIL import Image
        bytes_ = io.BytesIO()
        Image.new('L', (6, 2), 90).save(bytes_, 'JPEG')
        Shown(data=bytes_.getvalue())
        """,
        "def turned(picture):\n    return picture.rotate(90, expand=True)\nShown(bytes_.getvalue())",
        "assert turned(Image.open(bytes_)).size == (2, 6)",
        "def turned(picture):\n    return picture",
    ),
    idiom(
        "picture-returned",
        "isolated",
        "from PIL import Image",
        "def chess(n):\n    board = Image.new('1', (n, n))\n    board.putpixel((0, 0), 1)\n    return board",
        "board = chess(8)\nassert board.size == (8, 8) and board.getpixel((0, 0)) and board.mode == '1'",
        "def chess(n):\n    return Image.new('1', (n, n))",
    ),
    # Classes and their objects.
    idiom(
        "given-object-changed",
        "in process",
        """
        class Account:
            def __init__(self, owner, balance):
                self.owner, self.balance = owner, balance

        account = Account('Lee', 10)
        """,
        "account.balance += 5\naccount.locked = True",
        """
        if account.balance != 15:
            raise ValueError(f'{account.owner} has {account.balance}')
        assert 'locked' in vars(account) and account.locked
        """,
        "account.balance += 6\naccount.locked = True",
        "account.balance += 5",
    ),
    idiom(
        "object-asked-for-data",
        "isolated",
        "",
        """
        class Counter:
            def __init__(self, start=0):
                self.value = start
            def add(self, n=1):
                self.value += n
                return self
        """,
        "counter = Counter(3)\ncounter.add().add(5)\nassert counter.value == 9 and Counter().value == 0",
        """
        class Counter:
            value = 9
            def __init__(self, start=0): pass
            def add(self, n=1): return self
        """,
        """
        class Counter:
            def __init__(self, start=0):
                self.value = start
            def add(self, n=1):
                self.value += n
        """,
    ),
    idiom(
        "class-handed-to-helper",
        "in process",
        """
        class Song:
            def __init__(self, seconds):
                self.seconds = seconds

        def filled(kind, lengths):
            made = kind()
            for length in lengths:
                made.append(Song(length))
            return made
        """,
        """
        class Playlist:
            def __init__(self):
                self.songs = []
            def append(self, song):
                self.songs.append(song)
            def longest(self):
                return max(song.seconds for song in self.songs)
        """,
        """
        playlist = filled(Playlist, [90, 200, 30])
        assert playlist.longest() == 200 and isinstance(playlist.songs[0], Song)
        """,
        """
        class Playlist:
            def __init__(self):
                self.songs = []
            def append(self, song):
                self.songs = [song]
            def longest(self):
                return self.songs[0].seconds
        """,
    ),
    idiom(
        "objects-of-the-test",
        "in process",
        "",
        "def heaviest(bags):\n    return max(bags, key=lambda bag: bag.kilos).name",
        """
        from collections import namedtuple
        Bag = namedtuple('Bag', 'name kilos')
        assert heaviest([Bag('red', 3), Bag('blue', 8), Bag('grey', 5)]) == 'blue'
        """,
        "def heaviest(bags):\n    return bags[0].name",
    ),
    idiom(
        "derived-by-the-test",
        "in process",
        "",
        """
        class Animal:
            def sound(self):
                raise NotImplementedError
            def speak(self, times=1):
                return ' '.join([self.sound()] * times)
        """,
        """
        class Cow(Animal):
            def sound(self):
                return 'moo'
        assert Cow().speak(2) == 'moo moo' and issubclass(Cow, Animal)
        """,
        """
        class Animal:
            def speak(self, times=1):
                return 'moo'
        """,
    ),
    idiom(
        "derived-by-the-answer",
        "in process",
        "class Shape:\n    def __init__(self, side):\n        self.side = side",
        """
        class Cube(Shape):
            def __init__(self, side):
                super().__init__(side)
                self.faces = 6
        """,
        """
        import inspect
        cube = Cube(2)
        assert isinstance(cube, Shape) and (cube.side, cube.faces) == (2, 6)
        assert 'super(' in inspect.getsource(Cube.__init__)
        """,
        """
        class Cube(Shape):
            def __init__(self, side):
                self.side, self.faces = side, 6
        """,
    ),
    idiom(
        "source-inspected",
        "in process",
        "",
        "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result",
        """
        import inspect
        lines, _ = inspect.getsourcelines(total)
        assert any(line.strip().startswith('for ') for line in lines)
        assert not any('sum(' in line for line in lines) and total([4, 5]) == 9
        """,
        "def total(numbers):\n    return sum(numbers)",
    ),
    idiom(
        "operators",
        "in process",
        "",
        """
        class Money:
            def __init__(self, cents):
                self.cents = cents
            def __add__(self, other):
                return Money(self.cents + other.cents)
            def __eq__(self, other):
                return self.cents == other.cents
            def __lt__(self, other):
                return self.cents < other.cents
            def __str__(self):
                return f'{self.cents / 100:.2f}'
        """,
        """
        assert Money(150) + Money(50) == Money(200) and Money(1) < Money(2)
        assert str(Money(205)) == '2.05' and max(Money(3), Money(9)).cents == 9
        """,
        """
        class Money:
            def __init__(self, cents):
                self.cents = cents
            def __add__(self, other):
                return self
            def __eq__(self, other):
                return self.cents == other.cents
        """,
    ),
    idiom(
        "type-compared",
        "in process",
        "",
        "class Kelvin:\n    def __init__(self, t):\n        self.t = t\n    def up(self, d):\n        return Kelvin(self.t + d)",
        "warm = Kelvin(280).up(5)\nassert type(warm) is Kelvin and type(warm) == type(Kelvin(0)) and warm.t == 285",
        "class Kelvin:\n    def __init__(self, t):\n        self.t = t\n    def up(self, d):\n        return self.t + d",
    ),
    idiom(
        "argument-copied",
        "isolated",
        "",
        """
        class Journal:
            def __init__(self):
                self.rows = []
            def write(self, row):
                self.rows.append(row)
        """,
        """
        from copy import deepcopy
        journal, row = Journal(), {'n': [1]}
        journal.write(deepcopy(row))
        row['n'].append(2)
        assert journal.rows == [{'n': [1]}] and row == {'n': [1, 2]}
        """,
        """
        class Journal:
            def __init__(self):
                self.rows = []
            def write(self, row):
                row['n'].append(9)
                self.rows.append(row)
        """,
    ),
    idiom(
        "method-patched",
        "in process",
        "",
        """
        class Lamp:
            def has_power(self):
                return False
            def shine(self):
                return 'light' if self.has_power() else 'dark'
        """,
        """
        from unittest import mock
        with mock.patch.object(Lamp, 'has_power', return_value=True) as asked:
            assert Lamp().shine() == 'light'
        assert asked.call_count == 1 and Lamp().shine() == 'dark'
        """,
        "class Lamp:\n    def has_power(self):\n        return False\n    def shine(self):\n        return 'light'",
    ),
    idiom(
        "own-exception",
        "in process",
        "",
        """
        class Overdrawn(ValueError):
            pass

        def pay(balance, price):
            if price > balance:
                raise Overdrawn(f'{price - balance} missing')
            return balance - price
        """,
        """
        assert pay(9, 4) == 5
        try:
            pay(1, 4)
        except Overdrawn as error:
            assert '3 missing' in str(error)
        else:
            raise AssertionError('nothing was raised')
        """,
        "class Overdrawn(ValueError):\n    pass\n\ndef pay(balance, price):\n    return balance - price",
    ),
    idiom(
        "known-exception",
        "isolated",
        "",
        "def root(x):\n    if x < 0:\n        raise ValueError('x must not be negative')\n    return x ** 0.5",
        """
        import unittest
        case = unittest.TestCase()
        with case.assertRaisesRegex(ValueError, 'negative'):
            root(-1)
        case.assertEqual(root(9), 3)
        """,
        "def root(x):\n    return abs(x) ** 0.5",
        "def root(x):\n    if x < 0:\n        raise TypeError('negative')\n    return x ** 0.5",
    ),
    # What is printed, and what was run.
    idiom(
        "stdout-captured",
        "isolated",
        "",
        "def table(n):\n    for i in range(1, n + 1):\n        print(i, i * i)",
        """
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            table(3)
        assert printed.getvalue().splitlines() == ['1 1', '2 4', '3 9']
        """,
        "def table(n):\n    print(n)",
    ),
    idiom(
        "stdout-mocked",
        "isolated",
        "",
        "def shout(word):\n    print(word.upper() + '!')",
        """
        from io import StringIO
        from unittest import mock
        with mock.patch('sys.stdout', new_callable=StringIO) as printed:
            shout('hey')
        assert printed.getvalue().strip() == 'HEY!'
        """,
        "def shout(word):\n    return word.upper() + '!'",
    ),
    idiom(
        "printed-by-the-cell-before",
        "in process",
        "",
        "for word in ('ready', 'go'):\n    print(word)",
        """
        import io, sys
        kept, sys.stdout = sys.stdout, io.StringIO()
        try:
            exec(In[-2])
        finally:
            printed, sys.stdout = sys.stdout.getvalue(), kept
        assert printed == 'ready\\ngo\\n'
        """,
        "print('go')",
    ),
    # State between the given code, the answer and the test.
    idiom(
        "given-helper-with-a-log",
        "isolated",
        "log = []\ndef visit(place):\n    log.append(place)\n    return len(log)",
        "def tour(places):\n    return [visit(place) for place in reversed(places)]",
        "log.clear()\nassert tour('abc') == [1, 2, 3] and log == ['c', 'b', 'a']",
        "def tour(places):\n    return [visit(place) for place in places]",
    ),
    idiom(
        "state-of-given-functions",
        "isolated",
        "stock = {}\ndef in_stock(name):\n    return stock.get(name, 0) > 0",
        "def deliver(name, count):\n    stock[name] = stock.get(name, 0) + count",
        "deliver('tea', 2)\ndeliver('tea', 1)\nassert in_stock('tea') and not in_stock('rum') and stock['tea'] == 3",
        "def deliver(name, count):\n    stock[name] = count",
    ),
    idiom(
        "state-changed-at-the-top",
        "isolated",
        "seats = [None] * 3\ndef is_free(i):\n    return seats[i] is None",
        "seats[1] = 'Kim'",
        "assert [is_free(i) for i in range(3)] == [True, False, True]",
        "seats[2] = 'Kim'",
        "seats = [None, 'Kim', 'Kim']",
    ),
    idiom(
        "counter-reset-by-the-test",
        "in process",
        "count = 0",
        "def ticket():\n    global count\n    count += 1\n    return f'T{count}'",
        "count = 41\nassert ticket() == 'T42' and count == 42",
        "def ticket():\n    return 'T1'",
    ),
    idiom(
        "constant-set-by-the-test",
        "in process",
        "",
        "def gross(net):\n    return net * (100 + rate) / 100",
        "rate = 20\nassert gross(50) == 60\nrate = 0\nassert gross(50) == 50",
        "def gross(net):\n    return net * 1.2",
    ),
    idiom(
        "helper-deleted",
        "in process",
        "def neighbours(n):\n    return [n - 1, n + 1]",
        "def around(n):\n    return sorted(neighbours(n) + [n])",
        """
        assert around(4) == [3, 4, 5]
        saved = neighbours
        del neighbours
        try:
            around(4)
            called = False
        except NameError:
            called = True
        neighbours = saved
        assert called, 'neighbours() must be used'
        """,
        "def around(n):\n    return [n - 1, n, n + 1]",
    ),
    idiom(
        "given-function-called-with-the-answers",
        "isolated",
        "def apply_twice(f, x):\n    return f(f(x))",
        "def squared(x):\n    return x * x",
        "assert apply_twice(squared, 3) == 81 and list(map(squared, [1, 2])) == [1, 4]",
        "def squared(x):\n    return x * 2",
    ),
    # Functions of other kinds.
    idiom(
        "generator",
        "in process",
        "",
        "def countdown(n):\n    while n:\n        yield n\n        n -= 1",
        """
        import types
        made = countdown(4)
        assert isinstance(made, types.GeneratorType) and next(made) == 4
        assert list(made) == [3, 2, 1]
        """,
        "def countdown(n):\n    return list(range(n, 0, -1))",
    ),
    idiom(
        "decorator",
        "in process",
        "",
        """
        import functools

        def traced(function):
            @functools.wraps(function)
            def inner(*arguments):
                inner.calls += 1
                return function(*arguments)
            inner.calls = 0
            return inner
        """,
        """
        @traced
        def add(a, b):
            return a + b
        assert add(1, 2) + add(3, 4) == 10 and add.calls == 2 and add.__name__ == 'add'
        """,
        "def traced(function):\n    function.calls = 2\n    return function\ntraced = lambda f: (lambda *a: f(*a))",
    ),
    idiom(
        "cached",
        "isolated",
        "",
        """
        from functools import lru_cache

        @lru_cache(maxsize=None)
        def ways(n):
            return 1 if n < 2 else ways(n - 1) + ways(n - 2)
        """,
        "assert ways(70) == 308061521170129 and ways.cache_info().misses == 71",
        "def ways(n):\n    a = b = 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
    ),
    # Libraries with objects of their own.
    idiom(
        "graph",
        "in process",
        "import networkx as nx",
        "roads = nx.Graph()\nroads.add_weighted_edges_from([('a', 'b', 3), ('b', 'c', 4), ('a', 'c', 9)])",
        """
        assert isinstance(roads, nx.Graph) and set(roads['a']) == {'b', 'c'}
        assert nx.shortest_path(roads, 'a', 'c', weight='weight') == ['a', 'b', 'c']
        """,
        "roads = nx.Graph([('a', 'c')])",
    ),
    idiom(
        "symbolic",
        "in process",
        "import sympy\nt = sympy.Symbol('t')",
        "speed = sympy.diff(5 * t ** 2 + t, t)",
        "assert speed == 10 * t + 1 and sympy.simplify(speed - (1 + 10 * t)) == 0",
        "speed = 10 * t",
    ),
    idiom(
        "fitted-model",
        "in process",
        "import numpy as np\nfrom sklearn.tree import DecisionTreeClassifier",
        "model = DecisionTreeClassifier(max_depth=2).fit([[0], [1], [5], [6]], [0, 0, 1, 1])",
        """
        assert isinstance(model, DecisionTreeClassifier) and model.get_depth() == 1
        assert model.predict(np.array([[0.5], [7]])).tolist() == [0, 1]
        """,
        "model = DecisionTreeClassifier().fit([[0], [1]], [1, 0])",
    ),
]
