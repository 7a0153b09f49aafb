"""Wrong answers that return something other than a float32 tensor."""

# %% double_precision_result [all] double-precision
# Calculates in double precision and forgets to convert back.
def conv2d(image, kernel):
    img, k = image.double(), kernel.double()
    return (img.unfold(0, 3, 1).unfold(1, 3, 1) * k).sum((2, 3))


# %% double_from_numpy [all] double-precision
# Fills a numpy array, which is double by default, and wraps it.
import numpy as np

def conv2d(image, kernel):
    H, W = image.shape
    out = np.zeros((H - 2, W - 2))
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum().item()
    return torch.from_numpy(out)


# %% whole_number_tensor [all] integer-output | integer-output+cut-to-whole-numbers
# Makes the output with an integer type, so the fractions are lost.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2, dtype=torch.long)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% half_precision_result [all] half-precision
# Converts the map to half precision to save memory.
def conv2d(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3)).half()


# %% bfloat_result [all] half-precision
# Converts the map to the sixteen bit brain float.
def conv2d(image, kernel):
    fmap = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for m in range(3):
        for n in range(3):
            fmap += image[m:m + fmap.shape[0], n:n + fmap.shape[1]] * kernel[m, n]
    return fmap.to(torch.bfloat16)


# %% numpy_array [all] returns-numpy
# Returns a numpy array and not a tensor.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out.numpy()


# %% nested_lists [all] returns-list
# Returns a list of lists of numbers.
def conv2d(image, kernel):
    H, W = image.shape
    rows = []
    for i in range(H - 2):
        row = []
        for j in range(W - 2):
            row.append((image[i:i + 3, j:j + 3] * kernel).sum().item())
        rows.append(row)
    return rows


# %% list_of_row_tensors [all] returns-list
# Returns a list with one tensor for each row and never stacks them.
def conv2d(image, kernel):
    H, W = image.shape
    rows = []
    for i in range(H - 2):
        rows.append(torch.stack([(image[i:i + 3, j:j + 3] * kernel).sum() for j in range(W - 2)]))
    return rows


# %% tuple_of_row_tensors [all] returns-list
# Returns the rows as a tuple.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return tuple(out)


# %% map_and_shape [all] returns-several
# Returns the map together with its shape.
def conv2d(image, kernel):
    fmap = torch.einsum("ijmn,mn->ij", image.unfold(0, 3, 1).unfold(1, 3, 1), kernel)
    return fmap, fmap.shape


# %% map_and_message [all] returns-several
# Returns the map and the word done.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += image[m:m + h, n:n + w] * kernel[m, n]
    return (out, "done")


# %% map_in_a_list [all] returns-list
# Puts brackets around the returned map.
def conv2d(image, kernel):
    result = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return [result]


# %% dictionary_by_position [all] not-a-tensor
# Returns a dictionary from position to value.
def conv2d(image, kernel):
    H, W = image.shape
    return {(i, j): (image[i:i + 3, j:j + 3] * kernel).sum() for i in range(H - 2) for j in range(W - 2)}


# %% one_number_tensor [all] single-number
# Adds everything up to one number.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out.sum()


# %% plain_python_number [all] single-number
# Keeps one total for the whole image and returns that number.
def conv2d(image, kernel):
    total = 0.0
    for i in range(image.shape[0] - 2):
        for j in range(image.shape[1] - 2):
            total += (image[i:i + 3, j:j + 3] * kernel).sum().item()
    return total


# %% generator_of_rows [all] returns-generator
# Returns a generator expression that nobody has run yet.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return ((row * kernel).sum((1, 2)) for row in wins)


# %% map_object [all] returns-generator
# Returns the lazy object that map gives back.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return map(lambda row: (row * kernel).sum((1, 2)), wins)


# %% forgot_to_return [all] returns-nothing
# Computes the map and ends without a return.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()


# %% prints_the_map [all] returns-nothing
# Prints the map and returns nothing.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    print(out)


# %% returns_the_print [all] returns-nothing
# Returns what print gives back, which is nothing.
def conv2d(image, kernel):
    fmap = torch.tensordot(image.unfold(0, 3, 1).unfold(1, 3, 1), kernel, 2)
    return print(fmap)


# %% text_of_the_map [all] not-a-tensor
# Returns the map as text.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return str(out)


# %% true_or_false_map [all] boolean-output
# Returns where the map is positive.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out > 0


# %% complex_map [all] complex-output
# Uses the Fourier transform and leaves the result complex.
def conv2d(image, kernel):
    A = torch.fft.fft2(image)
    B = torch.fft.fft2(kernel, s=image.shape)
    return torch.fft.ifft2(A * B.conj())[:-2, :-2]


# %% only_the_shape [all] not-a-tensor
# Returns the shape of the map.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out.shape
