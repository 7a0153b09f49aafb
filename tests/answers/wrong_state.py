"""Wrong answers that change their arguments or depend on something besides their arguments."""

# %% writes_results_into_the_image [8x8, 12x10, 10x10, 12x8] argument-changed
# Saves memory by writing each value over the pixel it no longer needs.
def conv2d(image, kernel):
    H, W = image.shape
    for i in range(H - 2):
        for j in range(W - 2):
            image[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return image[:H - 2, :W - 2]


# %% clears_used_pixels [8x8, 12x10, 10x10, 12x8] argument-changed
# Sets every pixel to zero once it is not needed any more.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
            image[i, j] = 0
    return out


# %% clears_the_image_at_the_end [8x8, 12x10, 10x10, 12x8] argument-changed
# Empties the image when done.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    image.zero_()
    return out


# %% halves_the_image [8x8, 12x10, 10x10, 12x8] argument-changed
# Takes a second name for a copy and scales the caller's image.
def conv2d(image, kernel):
    work = image
    work *= 0.5
    h, w = work.shape[0] - 2, work.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += 2 * work[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% flips_the_kernel_for_good [8x8, 12x10, 10x10, 12x8] argument-changed
# Flips the kernel in place, reads it backwards and leaves it flipped.
def conv2d(image, kernel):
    kernel[:] = kernel.flip(0, 1)
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image[i + m, j + n] * kernel[2 - m, 2 - n]
    return out


# %% changes_the_sign_of_the_kernel [8x8, 12x10, 10x10, 12x8] argument-changed
# Turns the sign of the kernel around in place and subtracts.
def conv2d(image, kernel):
    kernel.neg_()
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] -= (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% transposes_the_kernel_in_place [8x8, 12x10, 10x10, 12x8] argument-changed
# Transposes the kernel in place and reads it column by column.
def conv2d(image, kernel):
    kernel.t_()
    return torch.einsum("ijmn,nm->ij", image.unfold(0, 3, 1).unfold(1, 3, 1), kernel)


# %% adds_an_axis_in_place [8x8, 12x10, 10x10, 12x8] argument-changed
# Gives the caller's image an extra axis and leaves it there.
def conv2d(image, kernel):
    image.unsqueeze_(0)
    C, H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[0, i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% uses_up_the_kernel [8x8, 12x10, 10x10, 12x8] argument-changed
# Sets each weight to zero after it has been used.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += image[m:m + h, n:n + w] * kernel[m, n]
            kernel[m, n] = 0
    return out


# %% multiplies_the_patch_in_place [all] argument-changed | argument-changed+reads-own-results
# Multiplies the patch in place, so later windows see changed pixels.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            patch = image[i:i + 3, j:j + 3]
            patch *= kernel
            out[i, j] = patch.sum()
    return out


# %% scales_the_image_in_place [all] argument-changed+image-changed-first | image-changed-first+argument-changed
# Brings the caller's image to the range zero to one.
def conv2d(image, kernel):
    image -= image.min()
    image /= image.max()
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% buffer_for_each_size [8x8, 12x10, 10x10, 12x8] output-shared
# Keeps one output for each size and hands the same one out again.
buffers = {}

def conv2d(image, kernel):
    size = (image.shape[0] - 2, image.shape[1] - 2)
    if size not in buffers:
        buffers[size] = torch.zeros(size)
    out = buffers[size]
    for i in range(size[0]):
        for j in range(size[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% one_large_buffer [8x8, 12x10, 10x10, 12x8] output-shared
# Returns a corner of one large output shared by all calls.
space = torch.zeros(64, 64)

def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    space.zero_()
    for m in range(3):
        for n in range(3):
            space[:h, :w] += image[m:m + h, n:n + w] * kernel[m, n]
    return space[:h, :w]


# %% buffer_never_emptied [all] carried-over
# Adds every call to the output of the call before.
sums = torch.zeros(64, 64)

def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    for m in range(3):
        for n in range(3):
            sums[:h, :w] += image[m:m + h, n:n + w] * kernel[m, n]
    return sums[:h, :w].clone()


# %% output_made_in_the_cell [all] notebook-variable
# Makes the output once outside the function from the lesson's image.
out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)

def conv2d(image, kernel):
    for i in range(image.shape[0] - 2):
        for j in range(image.shape[1] - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% remembered_by_shape [all] remembers-earlier-call
# Remembers results by the shape of the image.
results = {}

def conv2d(image, kernel):
    if image.shape not in results:
        results[image.shape] = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return results[image.shape].clone()


# %% remembered_by_identity [8x8, 12x10, 10x10, 12x8] remembers-earlier-call
# Remembers results by the objects and misses that their numbers changed.
seen = {}

def conv2d(image, kernel):
    key = (id(image), id(kernel))
    if key not in seen:
        res = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
        seen[key] = (image, kernel, res)
    return seen[key][2].clone()


# %% lru_cache_on_tensors [8x8, 12x10, 10x10, 12x8] remembers-earlier-call | remembers-earlier-call+output-shared
# Puts an lru_cache on the function.
from functools import lru_cache

@lru_cache(maxsize=None)
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% first_result_for_ever [all] remembers-earlier-call | remembers-earlier-call+output-shared
# Computes the map at the first call and returns it ever after.
feature_map = None

def conv2d(image, kernel):
    global feature_map
    if feature_map is None:
        feature_map = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return feature_map


# %% first_kernel_for_ever [all] remembers-earlier-call
# Keeps the kernel of the first call for all the later ones.
weights = None

def conv2d(image, kernel):
    global weights
    if weights is None:
        weights = kernel.clone()
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * weights).sum((2, 3))


# %% list_as_default [all] carried-over
# Collects rows in a default list that keeps growing.
def conv2d(image, kernel, rows=[]):
    H, W = image.shape
    for i in range(H - 2):
        rows.append([float((image[i:i + 3, j:j + 3] * kernel).sum()) for j in range(W - 2)])
    return torch.tensor(rows)


# %% dictionary_as_default [all] carried-over
# Adds the products in a default dictionary that is never emptied.
def conv2d(image, kernel, acc={}):
    H, W = image.shape
    for i in range(H - 2):
        for j in range(W - 2):
            acc[i, j] = acc.get((i, j), 0.0) + (image[i:i + 3, j:j + 3] * kernel).sum().item()
    return torch.tensor([[acc[i, j] for j in range(W - 2)] for i in range(H - 2)])


# %% total_outside_the_function [all] total-not-reset | total-not-reset+carried-over
# Keeps the running total in the notebook and never resets it.
total = 0.0

def conv2d(image, kernel):
    global total
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            total += (image[i:i + 3, j:j + 3] * kernel).sum().item()
            out[i, j] = total
    return out


# %% offsets_used_up [all] first-call-only
# Makes an iterator outside the function that is empty after one round.
offsets = iter([(m, n) for m in range(3) for n in range(3)])

def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m, n in offsets:
        out += image[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% image_of_the_notebook [all] notebook-variable | notebook-variable+image-ignored
# Names its parameter img but reads the image of the notebook.
def conv2d(img, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% kernel_of_the_notebook [all] notebook-variable | notebook-variable+kernel-ignored
# Names its parameter k but reads the kernel of the notebook.
def conv2d(image, k):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += image[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% both_from_the_notebook [all] notebook-variable | notebook-variable+arguments-ignored
# Ignores both parameters and uses the variables of the notebook.
def conv2d(a, b):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% weights_taken_from_the_lesson [all] notebook-variable | notebook-variable+kernel-ignored
# Flattens the lesson's kernel outside the function.
w9 = kernel.flatten()

def conv2d(image, kernel):
    return image.unfold(0, 3, 1).unfold(1, 3, 1).flatten(2) @ w9


# %% windows_taken_from_the_lesson [all] notebook-variable | notebook-variable+image-ignored
# Cuts the windows out of the lesson's image once and for all.
patches = image.unfold(0, 3, 1).unfold(1, 3, 1)

def conv2d(image, kernel):
    return (patches * kernel).sum(dim=(2, 3))


# %% sizes_taken_from_the_lesson [all] notebook-variable
# Takes height and width from the lesson's image outside the function.
H, W = image.shape
M, N = kernel.shape

def conv2d(image, kernel):
    out = torch.zeros(H - M + 1, W - N + 1)
    for i in range(H - M + 1):
        for j in range(W - N + 1):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% positions_taken_from_the_lesson [all] notebook-variable | size-fixed | notebook-variable+size-fixed
# Lists the positions of the lesson's image outside the function.
positions = [(i, j) for i in range(image.shape[0] - 2) for j in range(image.shape[1] - 2)]

def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i, j in positions:
        out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% size_of_the_first_call [12x10, 10x10, 12x8] remembers-earlier-call
# Remembers the output size of the first call.
shape = []

def conv2d(image, kernel):
    if not shape:
        shape.extend([image.shape[0] - 2, image.shape[1] - 2])
    fmap = torch.zeros(shape)
    for i in range(shape[0]):
        for j in range(shape[1]):
            fmap[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return fmap


# %% one_image_behind [all] remembers-earlier-call | remembers-earlier-call+notebook-variable
# Works on the image of the call before because it is updated too late.
current = image

def conv2d(image, kernel):
    global current
    result = (current.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    current = image.clone()
    return result


# %% answer_copied_from_the_lesson [all] arguments-ignored
# Returns the numbers seen in an example.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    out[:, 2:4] = 3.0
    return out


# %% random_map [all] random | random+arguments-ignored
# Returns random numbers of the right shape.
def conv2d(image, kernel):
    return torch.rand(image.shape[0] - 2, image.shape[1] - 2)


# %% seeded_noise [all] arguments-ignored
# Sets a seed and returns noise.
def conv2d(image, kernel):
    g = torch.Generator().manual_seed(0)
    H, W = image.shape
    return torch.randn((H - 2, W - 2), generator=g)


# %% kernel_filled_with_noise [all] random | random+kernel-ignored
# Makes a new random kernel like an untrained layer.
def conv2d(image, kernel):
    fresh = torch.randn(kernel.shape)
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * fresh).sum((2, 3))


# %% a_little_noise_added [all] random
# Adds a little noise to the right map.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out + 0.01 * torch.randn(out.shape)


# %% dropout_on_the_map [all] random
# Sends the map through dropout as if it were being trained.
def conv2d(image, kernel):
    out = torch.einsum("ijmn,mn->ij", image.unfold(0, 3, 1).unfold(1, 3, 1), kernel)
    return torch.nn.functional.dropout(out, p=0.5)


# %% remembered_by_content_of_the_image [8x8, 12x10, 10x10, 12x8] remembers-earlier-call
# Keeps results by the numbers in the image and forgets that the kernel may be another one.
known_maps = {}


def conv2d(image, kernel):
    key = tuple(image.flatten().tolist())
    if key not in known_maps:
        windows = image.unfold(0, 3, 1).unfold(1, 3, 1)
        known_maps[key] = (windows * kernel).sum(dim=(2, 3))
    return known_maps[key].clone()


# %% two_buffers_in_turn [8x8, 12x10, 10x10, 12x8] output-shared
# Keeps two outputs for each size and uses them in turn.
spare, turn = {}, [0]


def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    if (h, w) not in spare:
        spare[h, w] = [torch.zeros(h, w), torch.zeros(h, w)]
    turn[0] = 1 - turn[0]
    out = spare[h, w][turn[0]]
    for i in range(h):
        for j in range(w):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% buffer_for_each_image [8x8, 12x10, 10x10, 12x8] output-shared
# Keeps one output for each image object and fills it again.
outs = {}


def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = outs.setdefault((id(image), h, w), torch.zeros(h, w))
    for i in range(h):
        for j in range(w):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% buffer_kept_on_the_kernel [8x8, 12x10, 10x10, 12x8] output-shared
# Hangs the output on the kernel tensor as an attribute.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    if not hasattr(kernel, "out") or kernel.out.shape != (h, w):
        kernel.out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            kernel.out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return kernel.out


# %% cache_by_content_no_clone [8x8, 12x10, 10x10, 12x8] output-shared
# Remembers results by all the numbers and hands every caller the same tensor.
from functools import lru_cache
@lru_cache(maxsize=None)
def work(image, kernel):
    h, w = len(image) - 2, len(image[0]) - 2
    return torch.tensor([[sum(image[i + m][j + n] * kernel[m][n] for m in range(3) for n in range(3))
                          for j in range(w)] for i in range(h)])


def conv2d(image, kernel):
    return work(tuple(map(tuple, image.tolist())), tuple(map(tuple, kernel.tolist())))


# %% asks_for_a_gradient [8x8, 12x10, 10x10, 12x8] argument-changed
# Marks the caller's kernel as a weight to be learned and leaves it so.
def conv2d(image, kernel):
    kernel.requires_grad_(True)
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% turns_the_image_into_doubles [8x8, 12x10, 10x10, 12x8] argument-changed
# Changes the type of the caller's tensors.
def conv2d(image, kernel):
    image.data = image.data.double()
    kernel.data = kernel.data.double()
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3)).float()
