"""Answers that were never finished, never end, or break down while they run."""

# %% the_stub_itself [all] stub-still-there
# Leaves the cell as it was handed out.
def conv2d(image, kernel):
    raise NotImplementedError()


# %% only_pass [all] returns-nothing
# Replaces the stub by pass.
def conv2d(image, kernel):
    pass


# %% only_dots [all] returns-nothing
# Replaces the stub by three dots.
def conv2d(image, kernel):
    ...


# %% only_a_docstring [all] returns-nothing
# Describes the work and does not do it.
def conv2d(image, kernel):
    """Slide the kernel over the image and sum the products."""


# %% stub_line_left_at_the_end [all] stub-still-there
# Does the work but leaves the error of the stub before the return.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    raise NotImplementedError
    return out


# %% stub_line_left_at_the_start [all] stub-still-there
# Writes the answer below the error of the stub.
def conv2d(image, kernel):
    raise NotImplementedError("write your answer here")
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% empty_loops [all] nothing-added-up
# Has the loops and the output but no sum yet.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            pass
    return out


# %% returns_the_image [all] kernel-ignored
# Returns the image for the time being.
def conv2d(image, kernel):
    return image


# %% returns_a_cropped_image [all] kernel-ignored
# Gets the shape right by cropping the image.
def conv2d(image, kernel):
    return image[1:-1, 1:-1].clone()


# %% not_implemented_value [all] not-a-tensor
# Returns the word for something missing.
def conv2d(image, kernel):
    return NotImplemented


# %% loop_without_end [all] too-slow
# Forgets to move the row counter on.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    i = 0
    while i < H - 2:
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% waits_for_ever [all] too-slow
# Repeats until the picture stops changing, which never happens.
def conv2d(image, kernel):
    out = image.clone()
    steps = 0
    while out.shape[0] >= image.shape[0] - 2:
        steps += 1
    return out


# %% pauses_at_every_pixel [all] too-slow
# Sleeps at every pixel so that one can watch.
import time

def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            time.sleep(0.5)
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% division_by_zero [all] raises-error
# Divides by a stride of zero while finding the size.
def conv2d(image, kernel):
    stride = 0
    h = (image.shape[0] - 3) // stride + 1
    w = (image.shape[1] - 3) // stride + 1
    return torch.zeros(h, w)


# %% index_past_the_border [all] runs-past-edge
# Runs over every pixel and reads past the border.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H):
        for j in range(W):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image[i + m, j + n] * kernel[m, n]
    return out


# %% patches_cut_at_the_border [all] runs-past-edge
# Slides past the border, where the patch is too small for the kernel.
def conv2d(image, kernel):
    H, W = image.shape
    fmap = torch.zeros(H, W)
    for i in range(H):
        for j in range(W):
            fmap[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return fmap[:-2, :-2]


# %% shapes_do_not_fit [all] sizes-do-not-fit
# Multiplies the whole image by the kernel.
def conv2d(image, kernel):
    return (image * kernel).sum()


# %% wrong_keyword_for_torch [all] raises-error
# Passes torch.zeros a keyword that it does not have.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2, type="float32")
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out
