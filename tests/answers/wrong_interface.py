"""Wrong answers that cannot be called as asked or leave the function in the wrong way."""

# %% arguments_swapped [all] arguments-swapped
# Expects the kernel first and the image second.
def conv2d(kernel, image):
    H, W = image.shape
    M, N = kernel.shape
    out = torch.zeros(H - M + 1, W - N + 1)
    for i in range(H - M + 1):
        for j in range(W - N + 1):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% one_argument_only [all] other-arguments
# Takes the image alone and writes a kernel into the code.
def conv2d(image):
    kernel = torch.tensor([[1., 0., -1.], [2., 0., -2.], [1., 0., -1.]])
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% third_argument_required [all] other-arguments
# Also wants the output to be passed in.
def conv2d(image, kernel, out):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% stride_and_padding_required [all] other-arguments
# Has a stride and a padding without default values.
def conv2d(image, kernel, stride, padding):
    H, W = image.shape
    x = torch.zeros(H + 2 * padding, W + 2 * padding)
    x[padding:padding + H, padding:padding + W] = image
    return (x.unfold(0, 3, stride).unfold(1, 3, stride) * kernel).sum((2, 3))


# %% keyword_arguments_only [all] other-arguments
# Allows the arguments by name only.
def conv2d(*, image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% pair_expected [all] other-arguments
# Wants image and kernel together in one pair.
def conv2d(inputs):
    image, kernel = inputs
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% leftover_self [all] other-arguments
# Copied from a class and still has self in front.
def conv2d(self, image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += image[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% another_function_name [all] no-conv2d
# Calls the function by another name.
def convolve(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% capital_letters_in_the_name [all] no-conv2d
# Spells the name with capital letters.
def Conv2D(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% result_not_function [all] not-a-function
# Computes one map in the cell and gives it the name of the function.
conv2d = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
for i in range(conv2d.shape[0]):
    for j in range(conv2d.shape[1]):
        conv2d[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()


# %% inner_function_never_called [all] returns-nothing
# Defines the work in an inner function and never calls it.
def conv2d(image, kernel):
    def work():
        return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% inner_function_returned [all] returns-function
# Returns the inner function without calling it.
def conv2d(image, kernel):
    def feature(i, j):
        return (image[i:i + 3, j:j + 3] * kernel).sum()
    return feature


# %% method_without_brackets [all] returns-function
# Forgets the brackets after the last method.
def conv2d(image, kernel):
    products = image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel
    return products.sum((2, 3)).contiguous


# %% yields_the_rows [all] returns-generator
# Uses yield where return is needed.
def conv2d(image, kernel):
    H, W = image.shape
    for i in range(H - 2):
        yield torch.stack([(image[i:i + 3, j:j + 3] * kernel).sum() for j in range(W - 2)])


# %% yields_the_map [all] returns-generator
# Ends with yield and so hands back a generator.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    yield out


# %% class_with_a_result [all] not-a-tensor
# Makes a class that keeps the map in an attribute.
class conv2d:
    def __init__(self, image, kernel):
        self.result = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% class_made_before_use [all] other-arguments
# Wants the kernel when the object is made and the image later.
class conv2d:
    def __init__(self, kernel):
        self.kernel = kernel

    def __call__(self, image):
        return (image.unfold(0, 3, 1).unfold(1, 3, 1) * self.kernel).sum((2, 3))


# %% kernel_comes_later [all] returns-function
# Takes the image and gives back a function that waits for the kernel.
def conv2d(image, *rest):
    def with_kernel(kernel):
        return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return with_kernel


# %% asynchronous_function [all] returns-generator
# Writes async in front, so that calling it runs nothing.
async def conv2d(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% returns_after_the_first_row [all] stops-too-early
# The return is indented too far and ends the row loop early.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
        return out


# %% returns_after_the_first_pixel [all] stops-too-early
# The return stands in the innermost loop.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
            return out


# %% breaks_out_of_the_columns [all] stops-too-early
# A stray break leaves all the columns but the first empty.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
            break
    return out


# %% square_images_demanded [12x10, 12x8] size-refused
# Insists on square images.
def conv2d(image, kernel):
    assert image.shape[0] == image.shape[1], "image must be square"
    n = image.shape[0] - 2
    out = torch.zeros(n, n)
    for i in range(n):
        for j in range(n):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% rectangles_refused [12x10, 12x8] size-refused
# Raises an error when the sides differ.
def conv2d(image, kernel):
    H, W = image.shape
    if H != W:
        raise ValueError("only square images work")
    return torch.einsum("ijmn,mn->ij", image.unfold(0, 3, 1).unfold(1, 3, 1), kernel)


# %% nothing_for_rectangles [12x10, 12x8] size-refused
# Handles the square case and returns nothing otherwise.
def conv2d(image, kernel):
    if image.shape[0] == image.shape[1]:
        wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
        return torch.tensordot(wins, kernel, dims=2)


# %% small_images_only [12x10, 10x10, 12x8] size-refused
# Refuses images larger than the one in the example.
def conv2d(image, kernel):
    if image.numel() > 64:
        raise ValueError("image too large")
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% recursion_without_end [all] endless-recursion
# Calls itself on the same image again and again.
def conv2d(image, kernel):
    out = conv2d(image, kernel)
    for i in range(image.shape[0] - 2):
        for j in range(image.shape[1] - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% four_axes_expected [all] axes-miscounted
# Expects a batch of images with channels.
def conv2d(image, kernel):
    B, C, H, W = image.shape
    out = torch.zeros(B, C, H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[:, :, i, j] = (image[:, :, i:i + 3, j:j + 3] * kernel).sum((2, 3))
    return out


# %% misspelled_kernel [all] name-undefined
# Misspells the name of the kernel.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernal).sum()
    return out


# %% numpy_not_imported [all] name-undefined
# Uses np without importing it.
def conv2d(image, kernel):
    out = np.zeros((image.shape[0] - 2, image.shape[1] - 2), dtype=np.float32)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum().item()
    return torch.from_numpy(out)


# %% total_without_a_start [all] name-undefined
# Adds to a total that was never set.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    total += image[i + m, j + n] * kernel[m, n]
            out[i, j] = total
    return out


# %% size_used_without_brackets [all] raises-error
# Indexes the size method of the image without calling it.
def conv2d(image, kernel):
    rows = image.size[0] - 2
    cols = image.size[1] - 2
    out = torch.zeros(rows, cols)
    for i in range(rows):
        for j in range(cols):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% loop_over_a_shape [all] raises-error
# Writes range around the whole shape.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape):
        for j in range(out.shape):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% output_of_one_axis [all] too-many-indices
# Makes the output with one axis, as long as there are positions, and indexes it with two numbers.
def conv2d(image, kernel):
    M, N = kernel.shape
    h, w = image.shape[0] - M + 1, image.shape[1] - N + 1
    out = torch.zeros(h * w)
    for i in range(h):
        for j in range(w):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% list_of_lists_as_a_table [all] too-many-indices
# Indexes a list of lists with two numbers in one pair of brackets.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = [[0.0] * w for i in range(h)]
    for i in range(h):
        for j in range(w):
            out[i, j] = float((image[i:i + 3, j:j + 3] * kernel).sum())
    return torch.tensor(out)


# %% shape_called [all] value-called
# Takes .shape for a function.
def conv2d(image, kernel):
    H, W = image.shape()
    M, N = kernel.shape()
    out = torch.zeros(H - M + 1, W - N + 1)
    for i in range(H - M + 1):
        for j in range(W - N + 1):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% pixels_in_round_brackets [all] value-called
# Reads pixels and weights with round brackets, as in a formula.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image(i + m, j + n) * kernel(m, n)
    return out


# %% dot_of_matrices [all] dot-of-matrices
# Gives patch and kernel to torch.dot, which takes vectors.
def conv2d(image, kernel):
    M, N = kernel.shape
    out = torch.zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = torch.dot(image[i:i + M, j:j + N], kernel)
    return out


# %% builtin_sum [all] builtin-sum
# Adds up the products of a patch with Python's own sum, which leaves a row.
def conv2d(image, kernel):
    M, N = kernel.shape
    out = torch.zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = sum(image[i:i + M, j:j + N] * kernel)
    return out


# %% patch_ends_where_the_first_one_does [all] patch-end-fixed
# Lets every patch end at M and N, where only the first one ends.
def conv2d(image, kernel):
    M, N = kernel.shape
    out = torch.zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:M, j:N] * kernel).sum()
    return out


# %% everything_imported_from_torch [all] builtin-hidden
# Imports all of torch's names, range among them.
from torch import *
def conv2d(image, kernel):
    H, W = image.shape
    out = zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% sum_is_a_variable [all] builtin-hidden
# Keeps a running total under the name of Python's own function, and then calls that.
def conv2d(image, kernel):
    rows = []
    for i in range(image.shape[0] - 2):
        sum = 0.0
        rows.append([sum([float(p) for p in (image[i:i + 3, j:j + 3] * kernel).flatten()])
                     for j in range(image.shape[1] - 2)])
    return torch.tensor(rows)


# %% helper_without_return [all] none-used
# Works out the dot product in a helper that returns nothing.
def dot(patch, kernel):
    total = (patch * kernel).sum()


def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = dot(image[i:i + 3, j:j + 3], kernel)
    return out


# %% loop_without_range [all] loop-over-number
# Loops over the number of positions itself.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in image.shape[0] - 2:
        for j in image.shape[1] - 2:
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% half_of_the_kernel_by_division [all] fractional-count
# Takes half of the kernel with / instead of //.
def conv2d(image, kernel):
    r = (kernel.shape[0] - 1) / 2
    out = torch.zeros(image.shape[0] - 2 * r, image.shape[1] - 2 * r)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out
