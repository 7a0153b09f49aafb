"""What students of the course on arrays hand in; the text after `# --- cell` goes into that cell."""

# === nothing (2026-01-12 10:00:00 UTC): hands in what was released, two days late


# === model (2026-01-09 10:00:00 UTC): the instructor's own answers, in time
# --- scaling
def scaled(array):
    centred = array - array.mean(axis=0)
    return centred / np.abs(centred).max(axis=0)


def clip(array, limit):
    np.clip(array, -limit, limit, out=array)


# --- views
def halves(array):
    middle = array.shape[1] // 2
    return array[:, :middle], array[:, middle:]


# --- counts
def counts(labels):
    names, numbers = np.unique(labels, return_counts=True)
    return {str(name): int(number) for name, number in zip(names, numbers)}


def largest(array):
    return np.unravel_index(array.argmax(), array.shape)


# --- chance
def walk(steps):
    return np.random.choice([-1, 1], size=steps).cumsum()


def noise(size):
    return torch.randn(size)


# --- layer
def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def normalise_(x):
    x -= x.mean()
    return x


# --- gradient
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * 3 * x**2


def slope(function, at):
    x = torch.tensor(float(at), requires_grad=True)
    function(x).backward()
    return x.grad.item()


# --- model
class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.zeros(()))
        self.b = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return self.a * x + self.b


def fit(model, x, y, steps=300):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


# --- plot
fig, ax = plt.subplots()
ax.plot(table.T)
ax.set_title("all rows")

# === by-hand (2026-01-10 12:30:00 UTC): right by loops and other functions, half an hour late
# --- scaling
from numpy import linalg


def scaled(array):
    result = np.empty_like(array)
    for j in range(array.shape[1]):
        column = array[:, j] - np.mean(array[:, j])
        result[:, j] = column / linalg.norm(column, np.inf)
    return result


def clip(array, limit):
    array[array > limit] = limit
    array[array < -limit] = -limit


# --- after scaling
scaled(table)


# --- views
def halves(array):
    return tuple(np.hsplit(array, 2))


# --- counts
from collections import Counter


def counts(labels):
    return dict(Counter(labels.tolist()))


def largest(array):
    best = (0, 0)
    for place, number in np.ndenumerate(array):
        if number > array[best]:
            best = place
    return best


# --- chance
def walk(steps):
    places, here = [], 0
    for step in np.random.choice([-1, 1], size=steps):
        here += step
        places.append(here)
    return np.array(places)


def noise(size):
    return torch.empty(size).normal_()


# --- layer
def sigmoid(x):
    return torch.exp(-torch.nn.functional.softplus(-x))


def normalise_(x):
    return x.sub_(x.mean())


# --- gradient
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return x * x * x

    @staticmethod
    def backward(ctx, gradient):
        return 3 * ctx.x * ctx.x * gradient


def slope(function, at):
    x = torch.tensor([float(at)], requires_grad=True)
    (gradient,) = torch.autograd.grad(function(x).sum(), x)
    return float(gradient[0])


# --- model
class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(1, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)

    def forward(self, x):
        return self.linear(x[:, None])[:, 0]


def fit(model, x, y, steps=300):
    losses = []
    for step in range(steps):
        loss = torch.nn.functional.mse_loss(model(x), y)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients):
                parameter -= 0.2 * gradient
        losses.append(loss.item())
    return losses


# --- plot
plt.imshow(table)
plt.colorbar()
plt.show()


# === copies (2026-01-11 12:00:00 UTC): makes copies where the array itself is meant, and the other way round; a day late
# --- scaling
def scaled(array):
    array -= array.mean(axis=0)
    array /= np.abs(array).max(axis=0)
    return array


def clip(array, limit):
    array = np.clip(array, -limit, limit)


# --- views
def halves(array):
    return array[:, :2].copy(), array[:, 2:]


# --- counts
def counts(labels):
    return dict(zip(*np.unique(labels, return_counts=True)))


def largest(array):
    return array.argmax()


# --- layer
def sigmoid(x):
    return torch.tensor([1 / (1 + np.exp(-float(number))) for number in x])


def normalise_(x):
    return x - x.mean()


# --- gradient
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return 3 * x


def slope(function, at):
    return (function(torch.tensor(at + 1e-3)) - function(torch.tensor(at))).item() / 1e-3


# --- model
class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.zeros(())
        self.b = torch.zeros(())

    def forward(self, x):
        return self.a * x + self.b


def fit(model, x, y, steps=300):
    return [((model(x) - y) ** 2).mean().item() for _ in range(steps)]


# === types (2026-01-08 10:00:00 UTC): right numbers, wrong types and shapes
# --- scaling
def scaled(array):
    centred = array - array.mean(axis=0)
    return (centred / np.abs(centred).max(axis=0)).tolist()


def clip(array, limit):
    np.clip(array, -limit, limit, out=array)
    return array


# --- counts
def counts(labels):
    names, numbers = np.unique(labels, return_counts=True)
    return dict(zip(names.tolist(), numbers))


def largest(array):
    return list(np.unravel_index(array.argmax(), array.shape))


# --- chance
rng = np.random.default_rng()


def walk(steps):
    return rng.choice([-1, 1], size=steps).cumsum()


def noise(size):
    return torch.from_numpy(rng.normal(size=size))


# --- layer
def sigmoid(x):
    return torch.sigmoid(x.float())


def normalise_(x):
    x.copy_(x - x.mean())


# --- gradient
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return (x**3).double()

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def slope(function, at):
    x = torch.tensor(float(at), requires_grad=True)
    function(x).backward()
    return x.grad


# --- model
class Line:
    def __call__(self, x):
        return x[None]

    def parameters(self):
        return []


# === errors (2026-01-08 10:00:00 UTC): shapes that do not fit, names that are not there, a plot that fails
# --- scaling
def scaled(array):
    return array - array.mean(axis=1)


def clip(array, limit):
    raise np.linalg.LinAlgError("singular")


# --- views
def halves(array):
    left, right = array
    return left, right


# --- chance
def walk(steps):
    np.random.seed(0)
    return np.random.choice([-1, 1], size=steps).cumsum()


def noise(size):
    return torch.randn(4, generator=torch.Generator().manual_seed(3))


# --- layer
def sigmoid(x):
    return 1 / (1 + np.exp(-x.numpy()))


def normalise_(x):
    x[:] = x.view(2, 1) - x.mean()
    return x


# --- model
class Line(torch.nn.Module):
    def forward(self, x):
        return x @ torch.zeros(7)


# --- plot
plt.plot(tabel)
