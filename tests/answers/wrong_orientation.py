"""Wrong answers that look at the right numbers in the wrong place or the wrong direction."""

# %% flipped_both_axes [all] kernel-flipped
# Flips the kernel on both axes, as a true convolution does.
def conv2d(image, kernel):
    k = torch.flip(kernel, [0, 1])
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * k).sum()
    return out


# %% flipped_up_down [all] kernel-flipped-up-down
# Flips the rows of the kernel.
def conv2d(image, kernel):
    k = kernel.flip(0)
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * k).sum((2, 3))


# %% flipped_left_right [all] kernel-flipped-left-right
# Reads the kernel columns from the right.
def conv2d(image, kernel):
    M, N = kernel.shape
    out = torch.zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for m in range(M):
                for n in range(N):
                    out[i, j] += image[i + m, j + n] * kernel[m, N - 1 - n]
    return out


# %% kernel_transposed [all] kernel-transposed
# Uses the kernel with rows and columns exchanged.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return torch.einsum("ijmn,nm->ij", wins, kernel)


# %% kernel_rotated [all] kernel-rotated
# Turns the kernel by a quarter before using it.
def conv2d(image, kernel):
    turned = torch.rot90(kernel)
    h, w = image.shape[0] - 2, image.shape[1] - 2
    res = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            res += turned[m, n] * image[m:m + h, n:n + w]
    return res


# %% patch_transposed [all] kernel-transposed
# Transposes every patch before multiplying.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    fm = torch.zeros(h, w)
    for a in range(h):
        for b in range(w):
            fm[a, b] = (image[a:a + 3, b:b + 3].T * kernel).sum()
    return fm


# %% image_indices_swapped [all] axes-swapped | axes-swapped+sides-mixed-up
# Reads the image as column first and row second.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image[j + n, i + m] * kernel[m, n]
    return out


# %% offsets_crossed [all] kernel-transposed
# Adds the kernel column to the row and the kernel row to the column.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            s = 0.0
            for m in range(3):
                for n in range(3):
                    s += image[i + n, j + m].item() * kernel[m, n].item()
            out[i, j] = s
    return out


# %% positions_and_offsets_mixed_up [all] position-ignored
# Forgets the position and always reads the top left corner.
def conv2d(image, kernel):
    rows, cols = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(rows, cols)
    for i in range(rows):
        for j in range(cols):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image[m, n] * kernel[m, n]
    return out


# %% rows_are_one_list [all] rows-are-one-list
# Makes the table by multiplying one row, so that all of its rows are the same list.
def conv2d(image, kernel):
    M, N = kernel.shape
    h, w = image.shape[0] - M + 1, image.shape[1] - N + 1
    out = [[0.0] * w] * h
    for i in range(h):
        for j in range(w):
            out[i][j] = float((image[i:i + M, j:j + N] * kernel).sum())
    return torch.tensor(out)


# %% rows_are_one_list_added_to [all] rows-are-one-list
# Makes the table by multiplying one row, and adds every product to a number of it.
def conv2d(image, kernel):
    M, N = kernel.shape
    h, w = image.shape[0] - M + 1, image.shape[1] - N + 1
    out = [[0.0] * w] * h
    for i in range(h):
        for j in range(w):
            for m in range(M):
                for n in range(N):
                    out[i][j] += float(image[i + m, j + n] * kernel[m, n])
    return torch.tensor(out)


# %% row_offset_forgotten [all] offset-ignored
# Leaves out the row offset, so one image row is used three times.
def conv2d(image, kernel):
    rows, cols = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(rows, cols)
    for i in range(rows):
        for j in range(cols):
            for m in range(3):
                out[i, j] += (image[i, j:j + 3] * kernel[m]).sum()
    return out


# %% minus_instead_of_plus [all] offset-subtracted | offset-subtracted+wraps-around
# Subtracts the offset, so negative indices wrap around.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image[i - m, j - n] * kernel[m, n]
    return out


# %% centred_without_shift [all] patches-shifted | patches-shifted+wraps-around
# Centres the kernel on the corner pixel, so the first row wraps around.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    out[i, j] += image[i + dy, j + dx] * kernel[dy + 1, dx + 1]
    return out


# %% rolled_the_wrong_way [all] offset-subtracted | offset-subtracted+wraps-around
# Rolls the image down and right instead of up and left.
def conv2d(image, kernel):
    total = torch.zeros_like(image)
    for m in range(3):
        for n in range(3):
            total += torch.roll(image, (m, n), (0, 1)) * kernel[m, n]
    return total[:-2, :-2]


# %% cropped_at_the_wrong_end [all] patches-shifted | patches-shifted+wraps-around
# Rolls correctly but keeps the bottom right part with the wrapped rows.
def conv2d(image, kernel):
    acc = torch.zeros(image.shape)
    for m in range(3):
        for n in range(3):
            acc = acc + image.roll((-m, -n), (0, 1)) * kernel[m][n]
    return acc[2:, 2:]


# %% offset_one_too_far [all] patches-shifted
# Starts one pixel too far right and stops the last window at the border.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            left = min(j + 1, W - 3)
            out[i, j] = (image[i:i + 3, left:left + 3] * kernel).sum()
    return out


# %% counts_from_one [all] runs-past-edge
# Counts the positions from one and runs out of the image.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(1, H - 1):
        for j in range(1, W - 1):
            for m in range(3):
                for n in range(3):
                    out[i - 1, j - 1] += image[i + m, j + n] * kernel[m, n]
    return out


# %% result_transposed [all] map-transposed
# Computes the right map and returns it transposed.
def conv2d(image, kernel):
    fmap = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum(-1).sum(-1)
    return fmap.T


# %% columns_listed_first [all] map-transposed
# Runs over columns in the outer loop and reshapes as if they were rows.
def conv2d(image, kernel):
    H, W = image.shape
    values = []
    for j in range(W - 2):
        for i in range(H - 2):
            values.append((image[i:i + 3, j:j + 3] * kernel).sum())
    return torch.stack(values).reshape(H - 2, W - 2)


# %% tall_images_turned [12x10, 12x8] kernel-transposed
# Turns tall images on their side first and does not turn the kernel.
def conv2d(image, kernel):
    tall = image.shape[0] > image.shape[1]
    pic = image.T if tall else image
    out = (pic.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out.T if tall else out


# %% tall_results_turned [12x10, 12x8] map-transposed
# Returns tall maps lying on their side.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += image[m:m + h, n:n + w] * kernel[m, n]
    if h > w:
        out = out.transpose(0, 1)
    return out


# %% stride_of_eight [12x10, 10x10] row-length-wrong | row-length-wrong+size-fixed
# Writes the row length eight into the strides of the view.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    v = torch.as_strided(image, (h, w, 3, 3), (8, 1, 8, 1))
    return (v * kernel).sum((-1, -2))


# %% stride_is_the_height [12x10, 12x8] row-length-wrong | sides-mixed-up | runs-past-edge | row-length-wrong+size-refused
# Takes the height for the length of a row in the strides.
def conv2d(image, kernel):
    H, W = image.shape
    patches = image.as_strided((H - 2, W - 2, 3, 3), (H, 1, H, 1))
    return torch.einsum("abmn,mn->ab", patches, kernel)


# %% strides_swapped [all] kernel-transposed
# Exchanges the two strides inside the windows.
def conv2d(image, kernel):
    H, W = image.shape
    a, b = image.stride()
    patches = image.as_strided((H - 2, W - 2, 3, 3), (a, b, b, a))
    return (patches * kernel).sum(dim=(2, 3))


# %% flat_index_with_height [12x10, 12x8] row-length-wrong | sides-mixed-up | runs-past-edge | row-length-wrong+size-refused
# Finds the pixels of the flat image with the height as row length.
def conv2d(image, kernel):
    H, W = image.shape
    flat = image.flatten().tolist()
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = sum(flat[(i + m) * H + j + n] * kernel[m, n].item()
                            for m in range(3) for n in range(3))
    return out


# %% fourier_without_conjugate [all] kernel-flipped
# Multiplies the spectra without the conjugate, which flips the kernel.
def conv2d(image, kernel):
    H, W = image.shape
    A = torch.fft.fft2(image.double())
    B = torch.fft.fft2(kernel.double(), s=(H, W))
    return torch.fft.ifft2(A * B).real[2:, 2:].float()


# %% grid_in_xy_order [all] map-transposed
# Builds the index grid in x, y order, so the map comes out transposed.
def conv2d(image, kernel):
    H, W = image.shape
    r, c = torch.meshgrid(torch.arange(H - 2), torch.arange(W - 2), indexing="xy")
    out = 0
    for m in range(3):
        for n in range(3):
            out = out + image[r + m, c + n] * kernel[m, n]
    return out


# %% rows_put_in_front [all] map-flipped
# Inserts every new row at the beginning of the list.
def conv2d(image, kernel):
    H, W = image.shape
    rows = []
    for i in range(H - 2):
        rows.insert(0, [(image[i:i + 3, j:j + 3] * kernel).sum().item() for j in range(W - 2)])
    return torch.tensor(rows)


# %% row_sums_of_the_kernel [all] other-products
# Lets einsum add the kernel's rows before they meet the patch.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return torch.einsum("ijmn,ml->ij", wins, kernel)


# %% neighbouring_results_averaged [all] other-products
# Averages the map over two by two cells at the end.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return torch.nn.functional.avg_pool2d(out[None, None], 2, stride=1)[0, 0]


# %% pixels_of_the_diagonal_left_out [all] products-missing
# Compares the wrong pair of indices and so leaves out the pixels of the image's diagonal.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for m in range(3):
                for n in range(3):
                    if i + m != j + n:
                        out[i, j] += image[i + m, j + n] * kernel[m, n]
    return out


# %% one_row_list_for_all [all] rows-are-one-list
# Makes the list of a row once, before the loops, so that every row takes in all results.
def conv2d(image, kernel):
    rows, row = [], []
    for i in range(image.shape[0] - 2):
        for j in range(image.shape[1] - 2):
            row.append((image[i:i + 3, j:j + 3] * kernel).sum().item())
        rows.append(row)
    return torch.tensor(rows)
