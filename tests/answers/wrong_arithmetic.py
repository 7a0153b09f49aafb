"""Wrong answers that look at the right patch but calculate the wrong number from it."""

# %% matrix_product [all] matrix-product
# Uses the matrix product of patch and kernel in place of cell by cell products.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] @ kernel).sum()
    return out


# %% mean_of_products [all] mean-not-sum
# Takes the mean where the sum is asked for.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return (wins * kernel).mean(dim=(2, 3))


# %% largest_product [all] max-not-sum
# Keeps the largest product, as in pooling.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return (wins * kernel).amax((2, 3))


# %% absolute_value [all] sign-dropped
# Drops the sign of the result.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += image[m:m + h, n:n + w] * kernel[m, n]
    return out.abs()


# %% absolute_products [all] products-without-sign
# Adds the products without their signs.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).abs().sum()
    return out


# %% negative_values_removed [all] negatives-set-to-zero
# Applies a relu at the end.
def conv2d(image, kernel):
    patches = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return torch.relu(torch.einsum("ijkl,kl->ij", patches, kernel))


# %% sigmoid_at_the_end [all] squashed
# Squeezes the map between zero and one.
def conv2d(image, kernel):
    cols = torch.nn.functional.unfold(image[None, None], 3)[0]
    z = (kernel.flatten() @ cols).reshape(image.shape[0] - 2, -1)
    return torch.sigmoid(z)


# %% rounded_to_whole_numbers [all] rounded
# Rounds every value to a whole number.
def conv2d(image, kernel):
    H, W = image.shape
    return torch.tensor([[float(round((image[i:i + 3, j:j + 3] * kernel).sum().item()))
                          for j in range(W - 2)] for i in range(H - 2)])


# %% rounded_to_one_decimal [all] rounded
# Rounds to one decimal to make the printout nicer.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return torch.round(out, decimals=1)


# %% rounded_to_two_decimals [all] rounded
# Rounds each value to two decimals before storing it.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            value = float((image[i:i + 3, j:j + 3] * kernel).sum())
            out[i, j] = round(value, 2)
    return out


# %% rounded_to_three_decimals [all] rounded
# Rounds the finished map to three decimals.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    total = sum(kernel[m, n] * image[m:m + h, n:n + w] for m in range(3) for n in range(3))
    return (total * 1000).round() / 1000


# %% assigned_not_added [all] only-last-product
# Writes = where += is needed, so only the last product is left.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[i, j] = image[i + m, j + n] * kernel[m, n]
    return out


# %% added_outside_the_inner_loop [all] weights-unused
# The adding line is indented too little and counts one product for each kernel row.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            s = 0
            for m in range(3):
                for n in range(3):
                    p = image[i + m, j + n] * kernel[m, n]
                s += p
            out[i, j] = s
    return out


# %% total_never_reset [all] total-not-reset
# Sets the total to zero only once at the very start.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    total = 0.0
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    total += float(image[i + m, j + n] * kernel[m, n])
            out[i, j] = total
    return out


# %% total_reset_once_per_row [all] total-not-reset
# Sets the total to zero only at the start of every row.
def conv2d(image, kernel):
    rows, cols = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(rows, cols)
    for i in range(rows):
        acc = 0
        for j in range(cols):
            acc = acc + (image[i:i + 3, j:j + 3] * kernel).sum()
            out[i, j] = acc
    return out


# %% total_reset_in_kernel_rows [all] weights-unused
# Sets the total to zero for every kernel row, so only the last row counts.
def conv2d(image, kernel):
    rows, cols = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(rows, cols)
    for i in range(rows):
        for j in range(cols):
            for m in range(3):
                acc = 0.0
                for n in range(3):
                    acc += image[i + m, j + n] * kernel[m, n]
            out[i, j] = acc
    return out


# %% only_the_diagonal [all] weights-unused
# Walks along the diagonal of the kernel only.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for d in range(3):
                out[i, j] += image[i + d, j + d] * kernel[d, d]
    return out


# %% only_two_kernel_rows [all] weights-unused
# The loop over the kernel rows stops one row early.
def conv2d(image, kernel):
    M, N = kernel.shape
    h, w = image.shape[0] - M + 1, image.shape[1] - N + 1
    out = torch.zeros(h, w)
    for m in range(M - 1):
        for n in range(N):
            out += kernel[m, n] * image[m:m + h, n:n + w]
    return out


# %% kernel_loops_from_one [all] weights-unused
# The kernel loops start at one and miss the first row and column.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(1, 3):
        for n in range(1, 3):
            out = out + kernel[m, n] * image[m:m + h, n:n + w]
    return out


# %% centre_left_out [all] weights-unused
# Leaves out the centre cell of the kernel.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            if (m, n) != (1, 1):
                out += image[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% corner_counted_twice [all] product-counted-twice
# Starts from the first product and then adds it again.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = image[:h, :w] * kernel[0, 0]
    for m in range(3):
        for n in range(3):
            out = out + image[m:m + h, n:n + w] * kernel[m, n]
    return out


# %% negative_pixels_removed [all] image-changed-first
# Sets the negative pixels of a copy to zero before starting.
def conv2d(image, kernel):
    pixels = image.clamp(min=0)
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += kernel[m, n] * pixels[m:m + h, n:n + w]
    return out


# %% product_of_sums [all] product-of-sums
# Multiplies the sum of the patch by the sum of the kernel.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = image[i:i + 3, j:j + 3].sum() * kernel.sum()
    return out


# %% added_not_multiplied [all] added-not-multiplied
# Adds patch and kernel where they should be multiplied.
def conv2d(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) + kernel).sum((2, 3))


# %% subtracted_not_added [all] sign-reversed
# Takes the products away, so the sign is wrong.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] -= (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% divided_by_total_weight [all] divided-by-kernel
# Divides by the total size of the weights.
def conv2d(image, kernel):
    weights = kernel / kernel.abs().sum()
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * weights).sum((-2, -1))


# %% divided_by_sum_of_weights [all] divided-by-kernel
# Divides every dot product by the sum of the kernel, as image filters do.
def conv2d(image, kernel):
    M, N = kernel.shape
    out = torch.zeros(image.shape[0] - M + 1, image.shape[1] - N + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + M, j:j + N] * kernel).sum() / kernel.sum()
    return out


# %% divided_by_norm_of_weights [all] divided-by-kernel
# Divides the finished map by the length of the kernel as a vector.
def conv2d(image, kernel):
    out = torch.einsum("abmn,mn->ab", image.unfold(0, 3, 1).unfold(1, 3, 1), kernel)
    return out / torch.linalg.norm(kernel)


# %% weights_through_softmax [all] kernel-changed-first
# Makes the weights positive and sum to one with a softmax.
def conv2d(image, kernel):
    weights = torch.softmax(kernel.flatten(), 0)
    return image.unfold(0, 3, 1).unfold(1, 3, 1).flatten(2) @ weights


# %% image_scaled_first [all] image-changed-first
# Scales the image to run from zero to one before starting.
def conv2d(image, kernel):
    lo, hi = image.min(), image.max()
    pic = (image - lo) / (hi - lo)
    return (pic.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% weights_in_half_precision [all] low-precision | kernel-changed-first
# Stores a ninth of each weight in half precision and multiplies by nine at the end.
def conv2d(image, kernel):
    ninth = (kernel / 9).half().float()
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * ninth).sum() * 9
    return out


# %% squared_result [all] squared
# Squares the value at the end.
def conv2d(image, kernel):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out ** 2


# %% squared_distance [all] distance-not-product
# Measures how far the patch is from the kernel.
def conv2d(image, kernel):
    return ((image.unfold(0, 3, 1).unfold(1, 3, 1) - kernel) ** 2).sum((2, 3))


# %% cut_to_integers [all] cut-to-whole-numbers
# Collects the sums in an integer tensor and loses the fractions.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros((H - 2, W - 2), dtype=torch.int32)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = int((image[i:i + 3, j:j + 3] * kernel).sum())
    return out.float()


# %% bytes_multiplied [all] whole-numbers-inside
# Turns image and kernel into bytes, as pictures are stored, and multiplies these.
def conv2d(image, kernel):
    a, k = image.to(torch.uint8), kernel.to(torch.uint8)
    M, N = k.shape
    rows = [[(a[i:i + M, j:j + N] * k).sum() for j in range(a.shape[1] - N + 1)]
            for i in range(a.shape[0] - M + 1)]
    return torch.tensor(rows).float()


# %% signed_bytes_multiplied [all] whole-numbers-inside
# Turns image and kernel into bytes with a sign.
def conv2d(image, kernel):
    a, k = image.to(torch.int8), kernel.to(torch.int8)
    h, w = a.shape[0] - 2, a.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            out += a[m:m + h, n:n + w] * k[m, n]
    return out


# %% both_whole_numbers [all] whole-numbers-inside
# Turns image and kernel into whole numbers.
def conv2d(image, kernel):
    a, k = image.long(), kernel.int()
    return (a.unfold(0, 3, 1).unfold(1, 3, 1) * k).sum((2, 3)).float()


# %% whole_number_kernel [all] kernel-changed-first
# Casts the kernel to whole numbers first.
def conv2d(image, kernel):
    k = kernel.int()
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * k).sum((2, 3))


# %% floor_of_the_result [all] rounded
# Uses floor division by one.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for i in range(h):
        for j in range(w):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum() // 1
    return out


# %% held_between_zero_and_one [all] clamped
# Clamps the map so that it can be shown as a picture.
def conv2d(image, kernel):
    fmap = torch.tensordot(image.unfold(0, 3, 1).unfold(1, 3, 1), kernel, 2)
    return fmap.clamp(0, 1)


# %% bias_of_one [all] starts-not-at-zero
# Adds a bias that nobody asked for.
def conv2d(image, kernel, bias=1.0):
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out + bias


# %% starts_from_ones [all] starts-not-at-zero
# Adds to an output made of ones.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.ones(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m in range(3):
                for n in range(3):
                    out[i, j] += image[i + m, j + n] * kernel[m, n]
    return out


# %% starts_from_the_image [all] starts-not-at-zero
# Adds to a piece of the image in place of zeros.
def conv2d(image, kernel):
    out = image[:-2, :-2].clone()
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] += (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% zero_divided_by_zero [all] nan-or-infinite
# Divides by a counter that stays zero, so everything is nan or infinite.
def conv2d(image, kernel):
    count = torch.tensor(0.0)
    out = (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))
    return out / count


# %% power_not_product [all] power-not-product | power-not-product+nan-or-infinite
# Writes two stars where one is needed.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] ** kernel).sum()
    return out


# %% one_weight_for_all [all] one-weight-for-all
# Multiplies the whole patch by the first weight.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel[0, 0]).sum()
    return out


# %% reads_its_own_output [all] reads-own-results
# Writes the results back into the picture it is still reading.
def conv2d(image, kernel):
    pic = image.clone()
    H, W = pic.shape
    for y in range(1, H - 1):
        for x in range(1, W - 1):
            pic[y, x] = (pic[y - 1:y + 2, x - 1:x + 2] * kernel).sum()
    return pic[1:-1, 1:-1]


# %% half_precision_inside [all] low-precision
# Calculates in half precision to save memory and converts the result back.
def conv2d(image, kernel):
    small_image, small_kernel = image.half(), kernel.half()
    windows = small_image.unfold(0, 3, 1).unfold(1, 3, 1)
    return (windows * small_kernel).sum(dim=(2, 3)).float()


# %% rounded_to_four_decimals [all] rounded
# Tidies the result up to four decimals.
def conv2d(image, kernel):
    windows = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return torch.round((windows * kernel).sum(dim=(2, 3)), decimals=4)


# %% index_of_the_weight [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Finds the column of a weight by its value, so that equal weights share a place.
def conv2d(image, kernel):
    H, W = image.shape
    rows = kernel.tolist()
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            for m, row in enumerate(rows):
                for weight in row:
                    n = row.index(weight)
                    out[i, j] += image[i + m, j + n] * weight
    return out


# %% index_of_the_kernel_row [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Finds the number of a kernel row by its content, so that equal rows share a place.
def conv2d(image, kernel):
    H, W = image.shape
    rows = kernel.tolist()
    out = torch.zeros(H - 2, W - 2)
    for row in rows:
        m = rows.index(row)
        for n in range(3):
            out += row[n] * image[m:m + H - 2, n:n + W - 2]
    return out


# %% index_of_the_image_row [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Finds the number of an image row by its content, so that equal rows share a place.
def conv2d(image, kernel):
    rows = image.tolist()
    fmap = []
    for row in rows[:-2]:
        i = rows.index(row)
        fmap.append([(image[i:i + 3, j:j + 3] * kernel).sum().item() for j in range(len(row) - 2)])
    return torch.tensor(fmap)


# %% place_of_the_weight [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Looks up where each weight stands by comparing values.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for weight in kernel.flatten():
        m, n = (kernel == weight).nonzero()[0].tolist()
        out += weight * image[m:m + h, n:n + w]
    return out


# %% dictionary_of_weights [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Keeps weights in a dictionary, where equal weights are one.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    where = {kernel[m, n].item(): (m, n) for m in range(3) for n in range(3)}
    return sum(weight * image[m:m + h, n:n + w] for weight, (m, n) in where.items())


# %% unique_weights [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Goes through the different weights only, each in its first place.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for weight in kernel.unique():
        m, n = torch.where(kernel == weight)
        out += weight * image[m[0]:m[0] + h, n[0]:n[0] + w]
    return out


# %% break_at_a_zero_weight [8x8, 12x10, 10x10, 12x8] zero-weight-stops
# Means to skip zero weights, but ends the row at the first.
def conv2d(image, kernel):
    h, w = image.shape[0] - 2, image.shape[1] - 2
    out = torch.zeros(h, w)
    for m in range(3):
        for n in range(3):
            if kernel[m, n] == 0:
                break
            out += kernel[m, n] * image[m:m + h, n:n + w]
    return out


# %% divided_by_the_sum_and_back [8x8, 12x10, 10x10, 12x8] kernel-sum-divided | kernel-sum-divided+nan-or-infinite
# Normalises the kernel by its sum, which is 0 for an edge kernel, and multiplies back.
def conv2d(image, kernel):
    total = kernel.double().sum()
    k = kernel.double() / total
    out = (image.double().unfold(0, 3, 1).unfold(1, 3, 1) * k).sum((2, 3)) * total
    return out.float()


# %% divided_by_the_sum_if_not_zero [8x8, 12x10, 10x10, 12x8] kernel-sum-divided
# Takes a kernel whose weights add up to 0 for an empty one.
def conv2d(image, kernel):
    if kernel.sum() == 0:
        return torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% clamped_to_bytes [8x8, 12x10, 10x10, 12x8] clamped
# Keeps the feature map within the range of a byte and its sign.
def conv2d(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3)).clamp(-255, 255)


# %% set_of_products [8x8, 12x10, 10x10, 12x8] equal-values-confused
# Adds up a set of products, in which equal products are one.
def conv2d(image, kernel):
    a, k = image.tolist(), kernel.tolist()
    return torch.tensor([[sum({a[i + m][j + n] * k[m][n] for m in range(3) for n in range(3)})
                          for j in range(len(a[0]) - 2)] for i in range(len(a) - 2)])


# %% weights_rounded_to_four_decimals [all] kernel-changed-first
# Rounds the weights to the decimals that torch prints.
def conv2d(image, kernel):
    rows = [[round(w, 4) for w in row] for row in kernel.tolist()]
    h, w = image.shape[0] - 2, image.shape[1] - 2
    return sum(rows[m][n] * image[m:m + h, n:n + w] for m in range(3) for n in range(3))


# %% inputs_stored_in_half [all] low-precision
# Stores image and kernel in half precision and calculates in float32.
def conv2d(image, kernel):
    image, kernel = image.half().float(), kernel.half().float()
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% brightness_from_zero_to_one [all] scaled | image-changed-first
# Divides the image by 255, as for pictures.
def conv2d(image, kernel):
    pic = image / 255
    return (pic.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))


# %% map_between_zero_and_one [all] map-rescaled
# Scales the finished map from its smallest to its largest value.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return (out - out.min()) / (out.max() - out.min())


# %% kernel_times_itself [all] image-ignored
# Multiplies the kernel by itself where the patch should be.
def conv2d(image, kernel):
    out = torch.zeros(image.shape[0] - 2, image.shape[1] - 2)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            patch = kernel
            out[i, j] = (patch * kernel).sum()
    return out


# %% cosine_similarity [all] other-arithmetic
# Divides by the lengths of patch and kernel.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1).flatten(2)
    return torch.nn.functional.cosine_similarity(wins, kernel.flatten()[None, None], dim=2)


# %% median_product [all] other-arithmetic
# Takes the median of the products.
def conv2d(image, kernel):
    return (image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).flatten(2).median(dim=2).values


# %% mean_of_the_patch_subtracted [all] mean-subtracted
# Takes the mean of each patch away from its pixels.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return ((wins - wins.mean((2, 3), keepdim=True)) * kernel).sum((2, 3))


# %% mean_subtracted_and_sign_dropped [all] sign-dropped+mean-subtracted
# Takes the mean of each patch away from its pixels, and the sign from the results.
def conv2d(image, kernel):
    wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
    return ((wins - wins.mean((2, 3), keepdim=True)) * kernel).sum((2, 3)).abs()
