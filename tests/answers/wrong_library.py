"""Answers with the right numbers in which a library convolution does the work."""

# %% functional_conv2d [from_scratch] library-convolution
# Calls the conv2d of torch.nn.functional.
import torch.nn.functional as F

def conv2d(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


# %% torch_conv2d [from_scratch] library-convolution
# Calls torch.conv2d.
def conv2d(image, kernel):
    x = image.unsqueeze(0).unsqueeze(0)
    w = kernel.unsqueeze(0).unsqueeze(0)
    return torch.conv2d(x, w).squeeze()


# %% imported_under_another_name [from_scratch] library-convolution
# Imports the library function under another name.
from torch.nn.functional import conv2d as library

def conv2d(image, kernel):
    H, W = image.shape
    return library(image.view(1, 1, H, W), kernel.view(1, 1, 3, 3)).view(H - 2, W - 2)


# %% hidden_in_a_helper [from_scratch] library-convolution
# Calls the library in a helper for blocks of rows.
def strip(rows, kernel):
    return torch.nn.functional.conv2d(rows[None, None], kernel[None, None])[0, 0, 0]

def conv2d(image, kernel):
    M = kernel.shape[0]
    return torch.stack([strip(image[i:i + M], kernel) for i in range(image.shape[0] - M + 1)])


# %% double_and_valid [from_scratch] library-convolution
# Calls the library in double precision with padding valid.
def conv2d(image, kernel):
    res = torch.nn.functional.conv2d(image.double()[None, None], kernel.double()[None, None], padding="valid")
    return res[0, 0].float()


# %% convolution_layer [from_scratch] library-convolution
# Makes a layer and puts the kernel into its weight.
def conv2d(image, kernel):
    layer = torch.nn.Conv2d(1, 1, kernel_size=3, bias=False)
    with torch.no_grad():
        layer.weight[0, 0] = kernel
        return layer(image[None, None])[0, 0]


# %% layer_in_a_module [from_scratch] library-convolution
# Wraps a library layer in a module of its own.
class Net(torch.nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 1, tuple(kernel.shape), bias=False)
        self.conv.weight.data = kernel.clone()[None, None]

    def forward(self, x):
        return self.conv(x)

def conv2d(image, kernel):
    return Net(kernel)(image[None, None]).detach()[0, 0]


# %% convolution_operator [from_scratch] library-convolution
# Calls the convolution operator below the usual functions.
def conv2d(image, kernel):
    y = torch.ops.aten.convolution(image[None, None], kernel[None, None], None,
                                   [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
    return y[0][0]


# %% conv2d_operator [from_scratch] library-convolution
# Calls the conv2d operator of the operator list.
def conv2d(image, kernel):
    op = torch.ops.aten.conv2d
    return op(image[None, None], kernel[None, None]).reshape(image.shape[0] - 2, image.shape[1] - 2)


# %% general_convolution [from_scratch] library-convolution
# Calls torch.convolution with all its settings.
def conv2d(image, kernel):
    x, k = image[None, None], kernel[None, None]
    return torch.convolution(x, k, None, (1, 1), (0, 0), (1, 1), False, (0, 0), 1)[0, 0]


# %% one_axis_at_a_time [from_scratch] library-convolution
# Adds library convolutions along the rows, one for each kernel row.
import torch.nn.functional as F

def conv2d(image, kernel):
    h = image.shape[0] - 2
    total = 0
    for m in range(3):
        total = total + F.conv1d(image[m:m + h].unsqueeze(1), kernel[m].view(1, 1, 3)).squeeze(1)
    return total


# %% rows_as_channels [from_scratch] library-convolution
# Treats three image rows as channels of a one dimensional convolution.
def conv2d(image, kernel):
    out = []
    for i in range(image.shape[0] - 2):
        out.append(torch.conv1d(image[i:i + 3][None], kernel[None])[0, 0])
    return torch.stack(out)


# %% three_dimensional [from_scratch] library-convolution
# Adds an axis and calls the three dimensional convolution.
def conv2d(image, kernel):
    y = torch.nn.functional.conv3d(image[None, None, None], kernel[None, None, None])
    return y[0, 0, 0]


# %% transposed_convolution [from_scratch] library-convolution
# Calls the transposed convolution with a flipped kernel.
def conv2d(image, kernel):
    k = kernel.flip(0, 1)
    return torch.nn.functional.conv_transpose2d(image[None, None], k[None, None], padding=2)[0, 0]


# %% one_patch_at_a_time [from_scratch] library-convolution
# Cuts the patches by hand but lets the library weigh each of them.
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            patch = image[i:i + 3, j:j + 3]
            out[i, j] = torch.conv2d(patch[None, None], kernel[None, None]).item()
    return out


# %% gradient_of_the_weights [from_scratch] library-convolution
# Asks for a weight gradient that happens to be the map.
def conv2d(image, kernel):
    size = (1, 1, image.shape[0] - 2, image.shape[1] - 2)
    return torch.nn.grad.conv2d_weight(image[None, None], size, kernel[None, None])[0, 0]


# %% library_for_rectangles [from_scratch] library-convolution
# Uses loops for square images and the library for the others.
def conv2d(image, kernel):
    H, W = image.shape
    if H != W:
        return torch.conv2d(image[None, None], kernel[None, None])[0, 0]
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
    return out


# %% library_first_loops_second [from_scratch] library-convolution
# Tries the library and keeps loops for the case that it fails.
def conv2d(image, kernel):
    try:
        return torch.nn.functional.conv2d(image[None, None], kernel[None, None])[0, 0]
    except RuntimeError:
        wins = image.unfold(0, 3, 1).unfold(1, 3, 1)
        return (wins * kernel).sum((2, 3))


# %% scipy_correlate2d [from_scratch] library-convolution
# Calls correlate2d of scipy.
def conv2d(image, kernel):
    from scipy.signal import correlate2d
    return torch.from_numpy(correlate2d(image.numpy(), kernel.numpy(), mode="valid"))


# %% scipy_convolve2d [from_scratch] library-convolution
# Calls convolve2d of scipy with a flipped kernel.
def conv2d(image, kernel):
    import scipy.signal
    k = kernel.numpy()[::-1, ::-1]
    res = scipy.signal.convolve2d(image.numpy(), k, "valid")
    return torch.tensor(res, dtype=torch.float32)


# %% scipy_correlate [from_scratch] library-convolution
# Calls the general correlate of scipy.
def conv2d(image, kernel):
    from scipy import signal
    a = signal.correlate(image.double().numpy(), kernel.double().numpy(), mode="valid", method="direct")
    return torch.from_numpy(a).float()


# %% scipy_fftconvolve [from_scratch] library-convolution
# Calls fftconvolve of scipy with a flipped kernel.
def conv2d(image, kernel):
    from scipy.signal import fftconvolve
    flipped = kernel.flip(0).flip(1).double()
    return torch.from_numpy(fftconvolve(image.double().numpy(), flipped.numpy(), mode="valid")).float()


# %% scipy_oaconvolve [from_scratch] library-convolution
# Calls the overlap-add convolution of scipy with a flipped kernel.
def conv2d(image, kernel):
    from scipy.signal import oaconvolve
    k = kernel.double().numpy()[::-1, ::-1]
    return torch.tensor(oaconvolve(image.double().numpy(), k, mode="valid"), dtype=torch.float)


# %% scipy_ndimage_correlate [from_scratch] library-convolution
# Calls correlate of scipy.ndimage and crops the border.
def conv2d(image, kernel):
    from scipy import ndimage
    full = ndimage.correlate(image.numpy(), kernel.numpy(), mode="constant")
    return torch.from_numpy(full[1:-1, 1:-1].copy())


# %% scipy_ndimage_convolve [from_scratch] library-convolution
# Calls convolve of scipy.ndimage with a flipped kernel and crops.
def conv2d(image, kernel):
    import scipy.ndimage as nd
    whole = nd.convolve(image.numpy(), torch.flip(kernel, (0, 1)).numpy())
    return torch.tensor(whole)[1:-1, 1:-1]


# %% scipy_one_axis [from_scratch] library-convolution
# Adds one dimensional correlations of scipy.ndimage.
def conv2d(image, kernel):
    from scipy.ndimage import correlate1d
    pic = image.numpy()
    h = pic.shape[0] - 2
    total = sum(correlate1d(pic[m:m + h], kernel[m].numpy(), axis=1) for m in range(3))
    return torch.from_numpy(total[:, 1:-1].copy())


# %% numpy_correlate_rows [from_scratch] library-convolution
# Correlates row with row by numpy and adds three of them.
import numpy as np

def conv2d(image, kernel):
    a, k = image.numpy(), kernel.numpy()
    rows = []
    for i in range(a.shape[0] - 2):
        rows.append(sum(np.correlate(a[i + m], k[m], mode="valid") for m in range(3)))
    return torch.tensor(np.array(rows))


# %% numpy_convolve_rows [from_scratch] library-convolution
# Convolves row with reversed row by numpy.
import numpy as np

def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in range(H - 2):
        for m in range(3):
            line = np.convolve(image[i + m].numpy(), kernel[m].flip(0).numpy(), "valid")
            out[i] += torch.from_numpy(line)
    return out


# %% numpy_flat_correlate [from_scratch] library-convolution
# Correlates the whole flat image with a kernel stretched to the row length.
import numpy as np

def conv2d(image, kernel):
    H, W = image.shape
    long_kernel = np.zeros((3, W), dtype=np.float32)
    long_kernel[:, :3] = kernel.numpy()
    flat = np.correlate(image.numpy().ravel(), long_kernel.ravel()[:2 * W + 3], "valid")
    rows = [flat[i * W:i * W + W - 2] for i in range(H - 2)]
    return torch.from_numpy(np.stack(rows))


# %% upfirdn_rows [from_scratch] library-convolution
# Filters rows with scipy's upfirdn, a convolution by another name.
from scipy.signal import upfirdn


def conv2d(image, kernel):
    a, k = image.numpy(), kernel.numpy()
    h = a.shape[0] - 2
    total = sum(upfirdn(k[m, ::-1], a[m:m + h], axis=1)[:, 2:-2] for m in range(3))
    return torch.from_numpy(total.copy())


# %% feature_map_of_the_lesson [from_scratch] library-convolution
# Lets the lesson's own feature_map do the work.
from convlab import feature_map


def conv2d(image, kernel):
    return feature_map(image, kernel).float()
