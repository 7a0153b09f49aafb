"""Right answers to the conv2d exercise, each written in a different style."""

# %% scalar_loops
# Four plain loops over single numbers.
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    out = torch.zeros(H - M + 1, W - N + 1)
    for i in range(H - M + 1):
        for j in range(W - N + 1):
            for m in range(M):
                for n in range(N):
                    out[i, j] += image[i + m, j + n] * kernel[m, n]
    return out


# %% patch_sums
# Two loops that cut out a patch and sum the products.
def conv2d(image, kernel):
    m, n = kernel.shape
    rows = image.shape[0] - m + 1
    cols = image.shape[1] - n + 1
    result = torch.empty(rows, cols)
    for r in range(rows):
        for c in range(cols):
            patch = image[r:r + m, c:c + n]
            result[r, c] = (patch * kernel).sum()
    return result


# %% unfold_both_axes
# Unfolds both axes into windows and sums over the last two.
def conv2d(image, kernel):
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel).sum(dim=(-2, -1))


# %% einsum_windows
# Unfolds windows and lets einsum do the weighted sum.
def conv2d(image, kernel):
    M, N = kernel.size()
    w = image.unfold(0, M, 1).unfold(1, N, 1)
    return torch.einsum("ijmn,mn->ij", w, kernel)


# %% strided_view
# A four-axis strided view of the image that reuses its own strides.
def conv2d(image, kernel):
    (H, W), (M, N) = image.shape, kernel.shape
    s0, s1 = image.stride()
    view = image.as_strided((H - M + 1, W - N + 1, M, N), (s0, s1, s0, s1))
    return (view * kernel).sum(3).sum(2)


# %% nine_shifted_products
# Writes the nine shifted products out by hand.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    k = kernel
    return (k[0, 0] * image[0:h, 0:w] + k[0, 1] * image[0:h, 1:w + 1] + k[0, 2] * image[0:h, 2:w + 2]
            + k[1, 0] * image[1:h + 1, 0:w] + k[1, 1] * image[1:h + 1, 1:w + 1] + k[1, 2] * image[1:h + 1, 2:w + 2]
            + k[2, 0] * image[2:h + 2, 0:w] + k[2, 1] * image[2:h + 2, 1:w + 1] + k[2, 2] * image[2:h + 2, 2:w + 2])


# %% add_one_kernel_cell_at_a_time
# Loops over the kernel only and adds a shifted image for each cell.
def conv2d(image, kernel):
    M, N = kernel.shape
    h = image.shape[0] - M + 1
    w = image.shape[1] - N + 1
    out = torch.zeros((h, w), dtype=torch.float32)
    for m in range(M):
        for n in range(N):
            out += image[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% recursion_over_positions
# Fills one position and calls itself for the next.
def conv2d(image, kernel):
    rows, cols = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(rows, cols)

    def fill(p):
        if p == rows * cols:
            return
        i, j = divmod(p, cols)
        out[i, j] = torch.sum(image[i:i + 3, j:j + 3] * kernel)
        fill(p + 1)

    fill(0)
    return out


# %% halves_by_recursion
# Splits the output rows in two halves until a single row is left.
def conv2d(image, kernel):
    M, N = kernel.shape
    height = image.shape[0] - M + 1
    if height == 1:
        width = image.shape[1] - N + 1
        return torch.stack([(image[:, j:j + N] * kernel).sum() for j in range(width)])[None, :]
    cut = height // 2
    top = conv2d(image[:cut + M - 1], kernel)
    bottom = conv2d(image[cut:], kernel)
    return torch.cat([top, bottom])


# %% numpy_inside
# Works in numpy and turns the array into a tensor at the end.
import numpy as np

def conv2d(image, kernel):
    a = image.numpy()
    k = kernel.numpy()
    b = np.zeros((a.shape[0] - k.shape[0] + 1, a.shape[1] - k.shape[1] + 1), dtype=np.float32)
    for y in range(b.shape[0]):
        for x in range(b.shape[1]):
            b[y, x] = np.sum(a[y:y + k.shape[0], x:x + k.shape[1]] * k)
    return torch.from_numpy(b)


# %% numpy_windows
# Uses the sliding windows of numpy and converts back.
from numpy.lib.stride_tricks import sliding_window_view

def conv2d(image, kernel):
    win = sliding_window_view(image.numpy(), tuple(kernel.shape))
    res = (win * kernel.numpy()).sum(axis=(2, 3))
    return torch.tensor(res, dtype=torch.float32)


# %% numpy_fourier
# Multiplies spectra with numpy in double precision and keeps the valid part.
import numpy as np

def conv2d(image, kernel):
    pic = image.numpy().astype(np.float64)
    ker = kernel.numpy().astype(np.float64)
    spec = np.fft.fft2(pic) * np.conj(np.fft.fft2(ker, s=pic.shape))
    full = np.fft.ifft2(spec).real
    return torch.tensor(full[:pic.shape[0] - 2, :pic.shape[1] - 2].astype(np.float32))


# %% nested_comprehension
# A list comprehension of numbers handed to torch.tensor.
def conv2d(image, kernel):
    H, W = image.shape
    return torch.tensor([[float((image[i:i + 3, j:j + 3] * kernel).sum())
                          for j in range(W - 2)] for i in range(H - 2)])


# %% stacked_comprehension
# A comprehension of small tensors stacked and reshaped.
def conv2d(image, kernel):
    kh, kw = kernel.shape
    oh, ow = image.size(0) - kh + 1, image.size(1) - kw + 1
    cells = [image[y:y + kh, x:x + kw].mul(kernel).sum() for y in range(oh) for x in range(ow)]
    return torch.stack(cells).reshape(oh, ow)


# %% im2col_matrix
# Collects the patches as columns and multiplies by the kernel as a row.
import torch.nn.functional as F

def conv2d(image, kernel):
    M, N = kernel.shape
    cols = F.unfold(image[None, None], (M, N))[0]
    flat = kernel.reshape(1, -1) @ cols
    return flat.view(image.shape[0] - M + 1, image.shape[1] - N + 1)


# %% one_big_matrix
# Builds one big matrix that maps the flat image to the flat output.
def conv2d(image, kernel):
    H, W = image.shape
    h, w = H - 2, W - 2
    T = torch.zeros(h * w, H * W)
    for i in range(h):
        for j in range(w):
            for m in range(3):
                for n in range(3):
                    T[i * w + j, (i + m) * W + j + n] = kernel[m, n]
    return (T @ image.reshape(-1)).reshape(h, w)


# %% sparse_matrix
# Builds the same kind of map as a sparse matrix of coordinates.
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    h, w = H - M + 1, W - N + 1
    where, what = [], []
    for p in range(h * w):
        for m in range(M):
            for n in range(N):
                where.append([p, (p // w + m) * W + p % w + n])
                what.append(kernel[m, n].item())
    S = torch.sparse_coo_tensor(torch.tensor(where).T, torch.tensor(what), (h * w, H * W), check_invariants=False)
    return torch.sparse.mm(S, image.reshape(-1, 1)).reshape(h, w)


# %% sparse_rows
# Stores the big matrix in compressed rows before multiplying.
def conv2d(image, kernel):
    H, W = image.shape
    h, w = H - 2, W - 2
    big = torch.zeros(h, w, H, W)
    for i in range(h):
        for j in range(w):
            big[i, j, i:i + 3, j:j + 3] = kernel
    small = big.reshape(h * w, H * W).to_sparse_csr()
    return (small @ image.reshape(H * W, 1)).reshape(h, w)


# %% row_by_row
# Builds each output row from the rows below it and stacks the rows.
def conv2d(image, kernel):
    H, W = image.shape
    rows = []
    for i in range(H - 2):
        line = torch.zeros(W - 2)
        for m in range(3):
            for n in range(3):
                line = line + kernel[m, n] * image[i + m, n:n + W - 2]
        rows.append(line)
    return torch.stack(rows)


# %% banded_matrices
# Multiplies the rows by three banded matrices, one for each kernel row.
def conv2d(image, kernel):
    H, W = image.shape
    answer = 0
    for m in range(3):
        band = torch.zeros(W, W - 2)
        for col in range(W - 2):
            band[col:col + 3, col] = kernel[m]
        answer = answer + image[m:m + H - 2] @ band
    return answer


# %% while_loops
# While loops with counters moved by hand.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    i = 0
    while i < H - 2:
        j = 0
        while j < W - 2:
            total = 0.0
            m = 0
            while m < 3:
                n = 0
                while n < 3:
                    total += float(image[i + m][j + n]) * float(kernel[m][n])
                    n += 1
                m += 1
            out[i][j] = total
            j += 1
        i += 1
    return out


# %% generator_inside
# An inner generator yields the sums and a list collects them.
def conv2d(image, kernel):
    h = image.shape[0] - kernel.shape[0] + 1
    w = image.shape[1] - kernel.shape[1] + 1

    def sums():
        for i in range(h):
            for j in range(w):
                window = image[i:i + kernel.shape[0], j:j + kernel.shape[1]]
                yield (window * kernel).sum().item()

    return torch.tensor(list(sums()), dtype=torch.float32).view(h, w)


# %% double_precision_sum
# Adds in double precision and rounds once at the end.
def conv2d(image, kernel):
    img = image.double()
    ker = kernel.double()
    h, w = image.shape[0] - 2, image.shape[1] - 2
    acc = torch.zeros(h, w, dtype=torch.float64)
    for m in range(3):
        for n in range(3):
            acc += ker[m, n] * img[m:m + h, n:n + w]
    return acc.float()


# %% fourier_transform
# The convolution theorem with a conjugate spectrum, in double precision.
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    A = torch.fft.rfft2(image.double())
    B = torch.fft.rfft2(kernel.double(), s=(H, W))
    both = torch.fft.irfft2(A * B.conj(), s=(H, W))
    return both[:H - M + 1, :W - N + 1].to(torch.float32)


# %% careful_sum
# Python lists with math.fsum for every position.
import math

def conv2d(image, kernel):
    a, k = image.tolist(), kernel.tolist()
    M, N = len(k), len(k[0])
    grid = []
    for i in range(len(a) - M + 1):
        grid.append([math.fsum(a[i + m][j + n] * k[m][n] for m in range(M) for n in range(N))
                     for j in range(len(a[0]) - N + 1)])
    return torch.tensor(grid)


# %% product_of_ranges
# One flat loop over all four indices with itertools.product.
from itertools import product

def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    out = torch.zeros(H - M + 1, W - N + 1)
    for i, j, m, n in product(range(H - M + 1), range(W - N + 1), range(M), range(N)):
        out[i, j] = out[i, j] + image[i + m, j + n] * kernel[m, n]
    return out


# %% helper_named_correlate
# A helper of the student's own, named correlate, does one position.
def correlate(patch, weights):
    total = 0.0
    for a, b in zip(patch.flatten().tolist(), weights.flatten().tolist()):
        total += a * b
    return total

def conv2d(image, kernel):
    M, N = kernel.shape
    out = image.new_zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = correlate(image[i:i + M, j:j + N], kernel)
    return out


# %% object_that_can_be_called
# A small class with a call method, and conv2d is one object of it.
class SlidingWindow:
    def __call__(self, image, kernel):
        H, W = image.shape
        M, N = kernel.shape
        out = torch.zeros(H - M + 1, W - N + 1)
        for i in range(out.size(0)):
            for j in range(out.size(1)):
                out[i, j] = self.weigh(image[i:i + M, j:j + N], kernel)
        return out

    def weigh(self, patch, kernel):
        return torch.sum(torch.mul(patch, kernel))

conv2d = SlidingWindow()


# %% own_module_named_conv
# A module class of the student's own whose forward step is loops.
class MyConv2d(torch.nn.Module):
    def forward(self, picture, weights):
        h, w = picture.shape[0] - 2, picture.shape[1] - 2
        total = torch.zeros(h, w)
        for dy in range(3):
            for dx in range(3):
                total = total + weights[dy, dx] * picture[dy:dy + h, dx:dx + w]
        return total

def conv2d(image, kernel):
    return MyConv2d()(image, kernel)


# %% index_arrays
# Builds row and column index arrays and gathers all windows at once.
def conv2d(image, kernel):
    M, N = kernel.shape
    h, w = image.shape[0] - M + 1, image.shape[1] - N + 1
    r = torch.arange(h)[:, None, None, None] + torch.arange(M)[None, None, :, None]
    c = torch.arange(w)[None, :, None, None] + torch.arange(N)[None, None, None, :]
    return (image[r, c] * kernel).sum((2, 3))


# %% flat_gather
# Looks the pixels up by their place in the flat image.
def conv2d(image, kernel):
    H, W = image.shape
    start = (torch.arange(H - 2)[:, None] * W + torch.arange(W - 2)).reshape(-1, 1)
    offset = (torch.arange(3)[:, None] * W + torch.arange(3)).reshape(1, -1)
    pixels = image.reshape(-1)[start + offset]
    return (pixels @ kernel.reshape(-1)).reshape(H - 2, W - 2)


# %% talks_a_lot
# Prints its progress and gives a warning on the way.
import warnings

def conv2d(image, kernel):
    warnings.warn("this is slow for large images")
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        print("row", i + 1, "of", H - 2)
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    print(out)
    return out


# %% tensordot_windows
# Contracts the window axes with the kernel axes.
def conv2d(image, kernel):
    boxes = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return torch.tensordot(boxes, kernel, dims=([2, 3], [0, 1]))


# %% rolled_copies
# Rolls copies of the image up and left and crops at the end.
def conv2d(image, kernel):
    total = torch.zeros_like(image)
    for m in range(kernel.shape[0]):
        for n in range(kernel.shape[1]):
            total += torch.roll(image, shifts=(-m, -n), dims=(0, 1)) * kernel[m, n]
    return total[:image.shape[0] - 2, :image.shape[1] - 2].clone()


# %% reduce_over_shifts
# Folds the nine shifted pictures together with functools.reduce.
from functools import reduce

def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    shifts = [(m, n) for m in range(3) for n in range(3)]
    return reduce(lambda acc, s: acc + kernel[s] * image[s[0]:s[0] + h, s[1]:s[1] + w],
                  shifts, torch.zeros(h, w))


# %% dot_of_flat_patches
# Takes the dot product of the flat patch with the flat kernel.
def conv2d(image, kernel):
    weights = kernel.flatten()
    M, N = kernel.shape
    fmap = torch.zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i, row in enumerate(fmap):
        for j in range(len(row)):
            row[j] = torch.dot(image[i:i + M, j:j + N].flatten(), weights)
    return fmap


# %% scatter_from_pixels
# Lets every pixel hand its share to all outputs that see it.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for y in range(H):
        for x in range(W):
            for m in range(3):
                for n in range(3):
                    if 0 <= y - m < H - 2 and 0 <= x - n < W - 2:
                        out[y - m, x - n] += image[y, x] * kernel[m, n]
    return out


# %% extra_optional_arguments
# Has an optional stride and padding whose defaults do nothing.
def conv2d(image, kernel, stride=1, padding=0):
    x = torch.zeros(image.shape[0] + 2 * padding, image.shape[1] + 2 * padding)
    x[padding:padding + image.shape[0], padding:padding + image.shape[1]] = image
    h = (x.shape[0] - kernel.shape[0]) // stride + 1
    w = (x.shape[1] - kernel.shape[1]) // stride + 1
    out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            top, left = i * stride, j * stride
            out[i, j] = (x[top:top + kernel.shape[0], left:left + kernel.shape[1]] * kernel).sum()
    return out


# %% lambda_in_one_line
# A single lambda with unfold and a matrix product.
conv2d = lambda image, kernel: image.unfold(0, 3, 1).unfold(1, 3, 1).flatten(2) @ kernel.flatten()


# %% works_on_a_copy
# Changes a copy of the image freely and leaves the original alone.
def conv2d(image, kernel):
    work = image.clone()
    H, W = work.shape
    for i in range(H - 2):
        for j in range(W - 2):
            work[i, j] = (work[i:i + 3, j:j + 3] * kernel).sum()
    return work[:H - 2, :W - 2]


# %% two_flips_cancel
# Flips the kernel and reads it backwards, so the two flips cancel.
def conv2d(image, kernel):
    backwards = torch.flip(kernel, dims=(0, 1))
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            s = 0
            for m in range(3):
                for n in range(3):
                    s += image[i + m, j + n] * backwards[2 - m, 2 - n]
            out[i, j] = s
    return out


# %% centre_coordinates
# Counts from the centre of each patch with offsets minus one to one.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for y in range(1, H - 1):
        for x in range(1, W - 1):
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    out[y - 1, x - 1] += image[y + dy, x + dx] * kernel[dy + 1, dx + 1]
    return out


# %% fourier_in_single_precision
# The convolution theorem, without leaving float32.
def conv2d(image, kernel):
    h, w = image.shape
    spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel.flip(0, 1), s=(h, w))
    everything = torch.fft.irfft2(spectrum, s=(h, w))
    return everything[kernel.shape[0] - 1:, kernel.shape[1] - 1:].contiguous()


# %% logs_every_row
# Patch sums that log every row, as programs do.
import logging

logging.basicConfig(level=logging.INFO)


def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        logging.info("row %d", i)
        for j in range(W - 2):
            out[i, j] = torch.sum(image[i:i + 3, j:j + 3] * kernel)
    return out


# %% logger_of_its_own
# Patch sums with a named logger that took hold of the error stream when the cell was run.
import logging

log = logging.getLogger("convolution.homework")
log.handlers = [logging.StreamHandler()]


def conv2d(image, kernel):
    M, N = kernel.shape
    log.warning("image of %d rows", len(image))
    rows = [[(image[i:i + M, j:j + N] * kernel).sum() for j in range(image.shape[1] - N + 1)]
            for i in range(image.shape[0] - M + 1)]
    return torch.tensor(rows)
