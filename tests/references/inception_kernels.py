#!/usr/bin/python3
"""Expected outputs of convolutions and pools, computed by PyTorch, for the kernel tests. The inputs come from a formula
that the tests know too. Each file holds floats [channels, height, width] and is named after its case."""
import os
import numpy as np, torch, torch.nn.functional as F

OUT = os.path.join(os.path.dirname(__file__), "..", "VideoLstm.Numerics.Tests", "Kernels", "Fixtures")


def values(salt, *shape):
    """Multiples of 1/128 in -1..1."""
    i = np.arange(np.prod(shape), dtype=np.uint32)
    with np.errstate(over="ignore"):
        z = (i + np.uint32(salt)) * np.uint32(2654435761)
        z = (z ^ (z >> np.uint32(15))) * np.uint32(2246822519)
    return torch.from_numpy((((z >> np.uint32(16)) & np.uint32(255)).astype(np.float32) / 128 - 1).reshape(shape))


def write(name, tensor):
    np.save(os.path.join(OUT, name + ".npy"), tensor.numpy())


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    for i, o, kh, kw, s, py, px, h, w in [
        (3, 32, 3, 3, 2, 0, 0, 11, 14),
        (16, 48, 3, 3, 1, 1, 1, 5, 8),
        (32, 80, 1, 1, 1, 0, 0, 3, 7),
        (48, 64, 5, 5, 1, 2, 2, 6, 3),
        (32, 32, 1, 7, 1, 0, 3, 3, 5),
        (32, 16, 7, 1, 1, 3, 0, 4, 6),
        (64, 32, 3, 3, 2, 0, 0, 9, 7),
        (16, 32, 1, 3, 1, 0, 1, 1, 1),
        (16, 32, 3, 1, 1, 1, 0, 1, 2),
    ]:
        x, weight, bias = values(1, 1, i, h, w), values(2, o, i, kh, kw), values(3, o)
        y = F.relu(F.conv2d(x.double(), weight.double(), bias.double(), stride=s, padding=(py, px))).float()[0]
        write(f"convolution-{i}-{o}-{kh}x{kw}-{s}-{py}x{px}-{h}x{w}", y)
    for c, size, s, p, h, w in [(32, 3, 2, 0, 9, 8), (16, 2, 2, 0, 5, 4), (16, 3, 1, 1, 4, 1)]:
        write(f"max-{c}-{size}-{s}-{p}-{h}x{w}", F.max_pool2d(values(1, 1, c, h, w), size, s, p)[0])
    for c, size, s, p, h, w in [(32, 3, 1, 1, 5, 7), (16, 3, 1, 1, 1, 1), (16, 5, 3, 2, 8, 9)]:
        for count in (True, False):
            y = F.avg_pool2d(values(1, 1, c, h, w), size, s, p, count_include_pad=count)[0]
            write(f"average-{c}-{size}-{s}-{p}-{h}x{w}-{'all' if count else 'inside'}", y)
