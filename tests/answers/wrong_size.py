"""Wrong answers whose feature map has the wrong size or shape, or is right for some sizes only."""

# %% full_padding [all] padded
# Pads by two on every side and returns a map larger than the image.
def conv2d(image, kernel):
    H, W = image.shape
    big = torch.zeros(H + 4, W + 4)
    big[2:H + 2, 2:W + 2] = image
    return (big.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% same_padding [all] padded
# Pads with zeros so the map is as large as the image.
def conv2d(image, kernel):
    H, W = image.shape
    padded = torch.zeros(H + 2, W + 2)
    padded[1:-1, 1:-1] = image
    out = torch.zeros(H, W)
    for i in range(H):
        for j in range(W):
            out[i, j] = (padded[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% reflected_border [all] padded
# Repeats the border by reflection and keeps the size of the image.
import torch.nn.functional as F

def conv2d(image, kernel):
    p = F.pad(image[None, None], (1, 1, 1, 1), mode="reflect")[0, 0]
    return torch.einsum("ijmn,mn->ij", p.unfold(0, 3, 1).unfold(1, 3, 1), kernel)


# %% frame_of_zeros [all] output-too-large | output-too-large+patches-shifted
# Puts the right map into a picture as large as the image.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros_like(image)
    for y in range(1, H - 1):
        for x in range(1, W - 1):
            out[y, x] = (image[y - 1:y + 2, x - 1:x + 2] * kernel).sum()
    return out


# %% rolled_and_not_cropped [all] wraps-around
# Lets the image wrap around and never crops.
def conv2d(image, kernel):
    s = torch.zeros_like(image)
    for m in range(3):
        for n in range(3):
            s = s + kernel[m, n] * torch.roll(image, (-m, -n), (0, 1))
    return s


# %% height_used_twice [12x10, 12x8] sides-mixed-up | runs-past-edge | sides-mixed-up+runs-past-edge
# Takes the height for the width as well.
def conv2d(image, kernel):
    H = image.shape[0]
    out = torch.zeros(H - 2, H - 2)
    for i in range(H - 2):
        for j in range(H - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% width_used_twice [12x10, 12x8] sides-mixed-up
# Takes the width for the height as well, so the lower rows are missing.
def conv2d(image, kernel):
    n = image.shape[1] - 2
    out = torch.zeros(n, n)
    for i in range(n):
        for j in range(n):
            out[i, j] = torch.sum(image[i:i + 3, j:j + 3] * kernel)
    return out


# %% width_before_height [12x10, 12x8] sides-mixed-up | runs-past-edge | sides-mixed-up+runs-past-edge
# Unpacks the shape as width and height.
def conv2d(image, kernel):
    W, H = image.shape
    out = torch.zeros(H - 2, W - 2)
    for y in range(H - 2):
        for x in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[y, x] += image[y + m, x + n] * kernel[m, n]
    return out


# %% output_sides_swapped [12x10, 12x8] sides-mixed-up
# Allocates the output with its two sides exchanged.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(W - 2, H - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% reshaped_to_swapped_sides [12x10, 12x8] sides-mixed-up
# Has all the values in order but reshapes them to width by height.
def conv2d(image, kernel):
    H, W = image.shape
    vals = [(image[i:i + 3, j:j + 3] * kernel).sum() for i in range(H - 2) for j in range(W - 2)]
    return torch.stack(vals).reshape(W - 2, H - 2)


# %% square_root_of_count [12x10, 12x8] size-refused
# Thinks every map is square and takes the root of the number of values.
def conv2d(image, kernel):
    vals = torch.nn.functional.unfold(image[None, None], 3)[0].T @ kernel.flatten()
    side = int(len(vals) ** 0.5)
    return vals.reshape(side, side)


# %% larger_side_everywhere [12x10, 12x8] sides-mixed-up | output-too-large | sides-mixed-up+output-too-large
# Makes the output square with the larger side and leaves the rest zero.
def conv2d(image, kernel):
    side = max(image.shape) - 2
    out = torch.zeros(side, side)
    fmap = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    out[:fmap.shape[0], :fmap.shape[1]] = fmap
    return out


# %% stops_before_last_position [all] last-row-and-column-missing
# Forgets the plus one, so the last row and column are missing.
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    out = torch.zeros(H - M, W - N)
    for i in range(H - M):
        for j in range(W - N):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% last_row_and_column_left_zero [all] last-row-and-column-missing
# The output has the right size but the loops end one step early.
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    out = torch.zeros(H - M + 1, W - N + 1)
    for i in range(H - M):
        for j in range(W - N):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% last_column_left_zero [all] last-column-missing
# Only the last column of the map is never computed.
def conv2d(image, kernel):
    rows, cols = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(rows, cols)
    for r in range(rows):
        for c in range(cols - 1):
            out[r, c] = (image[r:r + 3, c:c + 3] * kernel).sum()
    return out


# %% first_row_left_zero [all] first-row-missing
# Starts the row loop at one.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(1, out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (kernel * image[i:i + 3, j:j + 3]).sum()
    return out


# %% one_row_too_many [all] output-too-large
# Adds two instead of one to the size and leaves the extra cells zero.
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    out = torch.zeros(H - M + 2, W - N + 2)
    for i in range(H - M + 1):
        for j in range(W - N + 1):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()
    return out


# %% stride_two [all] stride-not-one
# Moves two pixels at a time.
def conv2d(image, kernel):
    w = image.unfold(0, 3, 2).unfold(1, 3, 2)
    return (w * kernel).sum((2, 3))


# %% windows_do_not_overlap [all] stride-not-one
# Moves a whole kernel width at a time.
def conv2d(image, kernel):
    M, N = kernel.shape
    rows = []
    for i in range(0, image.shape[0] - M + 1, M):
        rows.append(torch.stack([(image[i:i + M, j:j + N] * kernel).sum()
                                 for j in range(0, image.shape[1] - N + 1, N)]))
    return torch.stack(rows)


# %% every_second_row_skipped [all] rows-skipped
# Uses a full size output but fills only every second row.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(0, H - 2, 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% kernel_spread_out [all] kernel-spread-out
# Leaves a gap of one pixel between the kernel cells.
def conv2d(image, kernel):
    h, w = image.shape[0] - 4, image.shape[1] - 4
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += kernel[m, n] * image[2 * m:2 * m + h, 2 * n:2 * n + w]
    return out


# %% output_always_six [12x10, 10x10, 12x8] size-fixed
# Writes the six by six output of the example into the code.
def conv2d(image, kernel):
    out = torch.zeros(6, 6)
    for i in range(6):
        for j in range(6):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% loops_always_six [12x10, 10x10, 12x8] size-fixed
# The output is sized correctly but the loops always run to six.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(6):
        for j in range(6):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% reshaped_to_six [12x10, 10x10, 12x8] size-fixed | size-refused
# Reshapes whatever comes out to six by six.
def conv2d(image, kernel):
    cols = torch.nn.functional.unfold(image.view(1, 1, *image.shape), (3, 3)).squeeze(0)
    return (kernel.reshape(1, 9) @ cols).reshape(6, 6)


# %% six_columns_only [12x10, 10x10] size-fixed
# The number of columns is fixed to that of an image eight wide.
def conv2d(image, kernel):
    h = image.shape[0] - 2
    out = torch.zeros(h, 6)
    for i in range(h):
        for j in range(6):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% ten_rows_only [8x8, 10x10] size-fixed | runs-past-edge | size-fixed+runs-past-edge
# The number of rows is fixed to that of an image twelve high.
def conv2d(image, kernel):
    w = image.shape[1] - 2
    out = torch.zeros(10, w)
    for i in range(10):
        for j in range(w):
            s = 0.0
            for m in range(3):
                for n in range(3):
                    s += image[i + m, j + n] * kernel[m, n]
            out[i, j] = s
    return out


# %% eight_by_eight_output [8x8, 12x10, 12x8] size-fixed | runs-past-edge | size-fixed+runs-past-edge
# Expects a ten by ten image and always loops to eight.
def conv2d(image, kernel):
    fm = torch.zeros(8, 8)
    for r in range(8):
        for c in range(8):
            for m in range(3):
                for n in range(3):
                    fm[r, c] += image[r + m, c + n] * kernel[m, n]
    return fm


# %% cut_to_eight_rows [12x10, 12x8] size-fixed | last-row-missing
# Cuts every map to at most eight rows and columns.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum(dim=(2, 3))
    return out[:8, :8].contiguous()


# %% blocks_of_four_columns [8x8, 12x8] last-column-missing
# Works in blocks of four columns and forgets the columns left over.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for b in range(w // 4):
        for i in range(h):
            for j in range(4 * b, 4 * b + 4):
                out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% batch_and_channel_kept [all] extra-axis
# Leaves a batch and a channel axis in front.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out[None, None]


# %% trailing_axis_kept [all] extra-axis
# Keeps an axis of length one at the end.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1).flatten(2)
    return wins @ kernel.reshape(9, 1)


# %% flat_list_of_values [all] flattened
# Returns the values in one long row.
def conv2d(image, kernel):
    H, W = image.shape
    vals = []
    for i in range(H - 2):
        for j in range(W - 2):
            vals.append((image[i:i + 3, j:j + 3] * kernel).sum())
    return torch.stack(vals)


# %% summed_over_one_axis_only [all] not-summed
# Sums over the window rows but not over the window columns.
def conv2d(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum(2)


# %% products_not_summed [all] not-summed
# Returns all the products without adding them up.
def conv2d(image, kernel):
    pieces = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return pieces * kernel


# %% size_from_kernel [all] size-from-kernel
# Makes the output as large as the kernel.
def conv2d(image, kernel):
    out = torch.zeros_like(kernel)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% while_condition_one_too_small [all] last-row-missing
# The row loop is a while that ends one row early.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    i = 0
    while i < H - 3:
        j = 0
        while j < W - 2:
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
            j += 1
        i += 1
    return out


# %% zero_put_in_front_of_each_row [all] first-column-missing
# Begins each row's list with a zero and the comprehension at one.
def conv2d(image, kernel):
    H, W = image.shape
    return torch.tensor([[0.0] + [float((image[i:i + 3, j:j + 3] * kernel).sum()) for j in range(1, W - 2)]
                         for i in range(H - 2)])


# %% both_loops_from_one [all] first-row-and-column-missing
# Counts rows and columns from one.
def conv2d(image, kernel):
    m, n = kernel.shape
    oh, ow = image.shape[0] - m + 1, image.shape[1] - n + 1
    out = torch.zeros(oh, ow)
    for r in range(1, oh):
        for c in range(1, ow):
            for a in range(m):
                for b in range(n):
                    out[r, c] += image[r + a, c + b] * kernel[a, b]
    return out


# %% value_stored_after_the_columns [all] stored-too-late
# The storing line is indented too little, so only the last column is filled.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            value = (image[i:i + 3, j:j + 3] * kernel).sum()
        out[i, j] = value
    return out


# %% value_stored_after_all_loops [all] stored-too-late
# The storing line stands outside of all loops, so only the last cell is filled.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            s = 0.0
            for m in range(3):
                for n in range(3):
                    s += image[i + m, j + n] * kernel[m, n]
    out[i, j] = s
    return out
