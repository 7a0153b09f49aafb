"""Answers that keep all their points, since graded kernels are 3×3, and fail the ladder's last rung."""

# %% height_for_both_sides [none] kernel-sides-mixed-up
# Takes half the kernel's height as its reach in both directions.
def conv2d(image, kernel):
    r = kernel.shape[0] // 2
    out = torch.zeros(image.shape[0] - 2 * r, image.shape[1] - 2 * r)
    for y in range(r, image.shape[0] - r):
        for x in range(r, image.shape[1] - r):
            out[y - r, x - r] = (image[y - r:y + r + 1, x - r:x + r + 1] * kernel).sum()
    return out


# %% rows_and_columns_of_the_map_exchanged [none] kernel-sides-mixed-up
# Takes the kernel's width off the image's height, and the other way round.
def conv2d(image, kernel):
    M, N = kernel.shape
    out = torch.zeros(image.shape[0] - N + 1, image.shape[1] - M + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% three_is_typed_in [none] kernel-size-fixed
# Cuts out patches of three rows and three columns, whatever the kernel.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% counts_from_the_middle [none] even-kernels-wrong
# Counts both sides of the patch from a middle, which an even side has not.
def conv2d(image, kernel):
    a, b = kernel.shape[0] // 2, kernel.shape[1] // 2
    out = torch.zeros(image.shape[0] - 2 * a, image.shape[1] - 2 * b)
    for y in range(a, image.shape[0] - a):
        for x in range(b, image.shape[1] - b):
            out[y - a, x - b] = (image[y - a:y + a + 1, x - b:x + b + 1] * kernel).sum()
    return out
