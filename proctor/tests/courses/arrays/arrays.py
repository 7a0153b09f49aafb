"""A notebook on arrays, tensors and plots; lines after `# %% name role points` are a cell."""

# %% [markdown] title
# # Arrays

# %% setup locked
import matplotlib.pyplot as plt
import numpy as np
import torch

np.random.seed(7)
torch.manual_seed(7)
table = np.arange(12.0).reshape(3, 4)


# %% scaling solution
def scaled(array):
    """A new array with every column brought to mean 0 and largest size 1."""
    ### BEGIN SOLUTION
    centred = array - array.mean(axis=0)
    return centred / np.abs(centred).max(axis=0)
    ### END SOLUTION


def clip(array, limit):
    """Cut the array itself at limit and -limit."""
    ### BEGIN SOLUTION
    np.clip(array, -limit, limit, out=array)
    ### END SOLUTION


# %% scaling-values test 2
before = table.copy()
result = scaled(table)
np.testing.assert_allclose(result.mean(axis=0), 0, atol=1e-12)
np.testing.assert_allclose(np.abs(result).max(axis=0), 1)
np.testing.assert_array_equal(table, before)

# %% scaling-shape test 1
assert isinstance(scaled(table), np.ndarray)
assert scaled(table).shape == (3, 4)
assert scaled(table).dtype == np.float64
assert scaled(np.random.rand(5, 2).astype(np.float32)).dtype == np.float32

# %% clip-place test 1
row = np.array([-3.0, 0.5, 9.0])
assert clip(row, 1) is None
np.testing.assert_array_equal(row, [-1, 0.5, 1])

# %% clip-view test 1
whole = np.full((3, 4), 5.0)
clip(whole[:, ::2], 2)
np.testing.assert_array_equal(whole, [[2, 5, 2, 5]] * 3)
clip(whole.T[1], 3)
assert whole[0, 1] == 3


# %% views solution
def halves(array):
    """The left and the right half of the columns, as views."""
    ### BEGIN SOLUTION
    middle = array.shape[1] // 2
    return array[:, :middle], array[:, middle:]
    ### END SOLUTION


# %% views-shared test 2
whole = np.zeros((2, 4))
left, right = halves(whole)
left += 1
right[0] = 9
np.testing.assert_array_equal(whole, [[1, 1, 9, 9], [1, 1, 0, 0]])
assert np.shares_memory(left, whole)


# %% counts solution
def counts(labels):
    """How often each label of a text array stands there: {label: number}."""
    ### BEGIN SOLUTION
    names, numbers = np.unique(labels, return_counts=True)
    return {str(name): int(number) for name, number in zip(names, numbers)}
    ### END SOLUTION


def largest(array):
    """The place of the largest number, as a pair."""
    ### BEGIN SOLUTION
    return np.unravel_index(array.argmax(), array.shape)
    ### END SOLUTION


# %% counts-labels test 1
assert counts(np.array(["b", "a", "b"])) == {"a": 1, "b": 2}
assert all(type(number) is int for number in counts(np.array(["x"])).values())

# %% counts-largest test 1
assert tuple(largest(table)) == (2, 3)
assert table[largest(table)] == 11
assert largest(np.array([[True, False]]))[1] == 0

# %% counts-share test 3
points = np.float64(0)
points += counts(np.array(["a"])) == {"a": 1}
points += tuple(largest(np.array([[1, 2]]))) == (0, 1)
points += largest(np.eye(3)) is not None
float(points)

# %% counts-odd test 1
np.float64(0.5)


# %% chance solution
def walk(steps):
    """A random walk: the places after each of the steps of -1 or 1, from numpy's generator."""
    ### BEGIN SOLUTION
    return np.random.choice([-1, 1], size=steps).cumsum()
    ### END SOLUTION


def noise(size):
    """A tensor of so many normal numbers, from torch's generator."""
    ### BEGIN SOLUTION
    return torch.randn(size)
    ### END SOLUTION


# %% chance-walk test 1
np.random.seed(1)
places = walk(40)
np.random.seed(1)
np.testing.assert_array_equal(places, np.random.choice([-1, 1], size=40).cumsum())
assert set(np.abs(np.diff(walk(50)))) == {1}

# %% chance-noise test 1
torch.manual_seed(3)
torch.rand(2)
first = noise(4)
torch.manual_seed(3)
torch.rand(2)
torch.testing.assert_close(first, torch.randn(4))
assert not torch.equal(noise(4), noise(4))


# %% layer solution
def sigmoid(x):
    """1 / (1 + exp(-x)) of a tensor."""
    ### BEGIN SOLUTION
    return 1 / (1 + torch.exp(-x))
    ### END SOLUTION


def normalise_(x):
    """Bring the tensor itself to mean 0."""
    ### BEGIN SOLUTION
    x -= x.mean()
    return x
    ### END SOLUTION


# %% layer-values test 1
x = torch.linspace(-3, 3, 7)
torch.testing.assert_close(sigmoid(x), torch.sigmoid(x))
assert sigmoid(x.double()).dtype == torch.float64
assert sigmoid(torch.zeros(2, 0)).shape == torch.Size([2, 0])

# %% layer-place test 1
x = torch.tensor([[1.0, 2], [3, 4]])
y = normalise_(x[0])
torch.testing.assert_close(x, torch.tensor([[-0.5, 0.5], [3, 4]]))
assert y.data_ptr() == x.data_ptr()


# %% gradient solution
class Cube(torch.autograd.Function):
    """x³ with its own derivative."""

    @staticmethod
    def forward(ctx, x):
        ### BEGIN SOLUTION
        ctx.save_for_backward(x)
        return x**3
        ### END SOLUTION

    @staticmethod
    def backward(ctx, gradient):
        ### BEGIN SOLUTION
        (x,) = ctx.saved_tensors
        return gradient * 3 * x**2
        ### END SOLUTION


def slope(function, at):
    """The derivative of a function of one tensor at a number, as a float."""
    ### BEGIN SOLUTION
    x = torch.tensor(float(at), requires_grad=True)
    function(x).backward()
    return x.grad.item()
    ### END SOLUTION


# %% gradient-forward test 1
assert Cube.apply(torch.tensor(2.0)).item() == 8

# %% gradient-backward test 2
x = torch.tensor([1.0, 2.0], requires_grad=True)
Cube.apply(x).sum().backward()
torch.testing.assert_close(x.grad, torch.tensor([3.0, 12.0]))

# %% gradient-slope test 1
assert slope(lambda x: x * x, 3) == 6
assert abs(slope(torch.sin, 0) - 1) < 1e-6

# %% gradient-own test 1
x = torch.tensor(0.0, requires_grad=True)
sigmoid(x).backward()
assert abs(x.grad.item() - 0.25) < 1e-6


# %% model solution
class Line(torch.nn.Module):
    """a·x + b with two parameters that begin with 0."""

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.a = torch.nn.Parameter(torch.zeros(()))
        self.b = torch.nn.Parameter(torch.zeros(()))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.a * x + self.b
        ### END SOLUTION


def fit(model, x, y, steps=300):
    """Fit the model by gradient descent; the loss after each step."""
    ### BEGIN SOLUTION
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% model-shape test 1
model = Line()
assert model(torch.ones(3)).shape == (3,)
assert len(list(model.parameters())) == 2
assert isinstance(model, torch.nn.Module)

# %% model-fit test 2
model = Line()
x = torch.linspace(-1, 1, 9)
losses = fit(model, x, 2 * x + 1)
assert len(losses) == 300
assert losses[-1] < 1e-6 < losses[0]
torch.testing.assert_close(
    model(torch.tensor([0.0, 1.0])), torch.tensor([1.0, 3.0]), atol=1e-2, rtol=0
)

# %% model-given test 1
given = torch.nn.Linear(1, 1)
losses = fit(given, torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]]), steps=50)
assert losses[-1] < losses[0]

# %% plot manual 4
### BEGIN SOLUTION
plt.plot(table[0])
plt.title("the first row")
plt.show()
### END SOLUTION

# %% [markdown] report task 2
# Describe your model in two sentences.
