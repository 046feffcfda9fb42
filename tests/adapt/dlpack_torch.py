# SPDX-License-Identifier: MIT
"""python3 dlpack_torch.py LIBRARY: compares fovea's focal loss and gradient, computed on PyTorch's own memory through DLPack,
with torch.autograd on the definition, and checks that tensors that are not contiguous or have another dtype are rejected."""
import ctypes
import sys

try:
    import torch
    from torch.utils.dlpack import to_dlpack
except ImportError:
    print("skipped: python3 has no torch")
    sys.exit()

library = ctypes.CDLL(sys.argv[1])
pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
functions = {torch.float32: library.focal_loss_float, torch.float64: library.focal_loss_double}
for function in functions.values():
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_double] * 2 + [ctypes.c_char_p, ctypes.c_size_t]


def by_fovea(function, logits, targets, gradient, gamma=2.0, alpha=0.25):
    # A capsule that is not consumed releases its tensor when it is garbage-collected.
    capsules = [to_dlpack(t) for t in (logits, targets, gradient)]
    message = ctypes.create_string_buffer(256)
    value = function(*(pointer_of(c, b"dltensor") for c in capsules), gamma, alpha, message, len(message))
    return value, message.value.decode()


def by_torch(logits, targets, gamma, alpha):
    """Returns the reference in double, by torchvision's definition of sigmoid_focal_loss."""
    z, y = logits.double().clone().requires_grad_(), targets.double()
    p = torch.sigmoid(z)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    p_t, alpha_t = p * y + (1 - p) * (1 - y), alpha * y + (1 - alpha) * (1 - y)
    value = (alpha_t * (1 - p_t) ** gamma * cross_entropy).mean()
    value.backward()
    return value.item(), z.grad


wrong = 0


def check(claim, what):
    global wrong
    if not claim:
        wrong += 1
        print("FAILED:", what)


checked = 0
for dtype, tolerance in ((torch.float32, 1e-5), (torch.float64, 1e-12)):
    for shape in ((1,), (17,), (1, 1), (7, 5), (33, 29), (3, 5, 7)):
        for gamma, alpha in ((2.0, 0.25), (0.0, 0.5), (1.5, 0.75)):
            generator = torch.Generator().manual_seed(checked)
            logits = 8 * torch.randn(shape, generator=generator, dtype=dtype).clamp(-2, 2)
            targets = torch.randint(0, 2, shape, generator=generator).to(dtype)
            gradient = torch.full(shape, float("nan"), dtype=dtype)
            address = gradient.data_ptr()
            value, message = by_fovea(functions[dtype], logits, targets, gradient, gamma, alpha)
            expected, slope = by_torch(logits, targets, gamma, alpha)
            what = f"{dtype} {shape} gamma {gamma} alpha {alpha}: {message}"
            # PyTorch's cross-entropy and 1 - p have the absolute rounding error of numbers near 1.
            near_one = 4 * torch.finfo(torch.float64).eps
            check(abs(value - expected) <= tolerance * expected + near_one, f"{what} value {value}, torch {expected}")
            error = (gradient.double() - slope).abs().max().item()
            check(error <= tolerance * slope.abs().max().item() + near_one, f"{what} gradient is off by {error}")
            check(gradient.data_ptr() == address, f"{what} the gradient has moved")
            checked += 1

x = torch.zeros(7, 5)
whole = torch.zeros(9, 5)
value, message = by_fovea(functions[torch.float32], whole[1:8], torch.ones(7, 5), x)
check(message == "" and x[6, 4] != 0, f"rows 1 to 7 of a tensor: {message}")


def refused(expected, *tensors):
    value, message = by_fovea(functions[torch.float32], *tensors)
    check(value != value and message == expected, f"expected '{expected}', got '{message}'")


refused("dlpack_view: shape (7, 5) with strides (1, 7) is column-major; expected row-major: pass the transpose if its "
        "columns are samples, else a copy", torch.zeros(5, 7).t(), x, x)
refused("dlpack_view: shape (7, 5) with strides (10, 2) is not contiguous; expected row-major rows without gaps: pass a "
        "copy", torch.zeros(7, 10)[:, ::2], x, x)
refused("dlpack_view: the elements are float64, expected float32", x.double(), x, x)
refused("dlpack_view: the elements are int64, expected float32", x, x.long(), x)
refused("dlpack_view: the elements are bfloat16, expected float32", x, x, x.bfloat16())
refused("loss: predictions have shape (7, 5), targets (5, 7)", x, torch.zeros(5, 7), x)

print(f"PyTorch {torch.__version__}: {checked} losses and gradients agree" if not wrong else f"{wrong} checks failed")
sys.exit(wrong != 0)
