#!/usr/bin/python3
"""Reference values for the convolutional layers, from PyTorch in double precision.

    /usr/bin/python3 tests/references/convolution.py

writes the fixtures that ConvolutionalNetworkTests reads, in the form that recurrent.py describes. Layouts are Keras':
pictures [height, width, channels], kernels [kernel height, kernel width, in, out]; paddings too.
"""
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(2)
torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
FIXTURES = Path(__file__).resolve().parent.parent / "VideoLstm.Numerics.Tests" / "Layers" / "Fixtures"


def write(name, tensors):
    arrays = {k: np.asarray(v.detach(), dtype="<f4") for k, v in tensors.items()}
    head = "".join(f"{k} {' '.join(map(str, np.atleast_1d(a).shape))}\n" for k, a in arrays.items())
    (FIXTURES / f"{name}.bin").write_bytes(head.encode() + b"\n" + b"".join(a.tobytes() for a in arrays.values()))


def rounded(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).float().double().requires_grad_()


class Network:
    """Makes parameters as it runs, and keeps them by Keras' names."""

    def __init__(self):
        self.parameters = {}

    def parameter(self, name, *shape, scale=1.0, shift=0.0):
        self.parameters[name] = ((torch.randn(*shape) * scale + shift).float().double()).requires_grad_()
        return self.parameters[name]

    @staticmethod
    def same(x, kernel, strides):
        """Keras' padding: what is lacking on both sides, the odd one behind. x is [batch, channels, ...]."""
        lacking = [max((-(-size // s) - 1) * s + k - size, 0) for size, k, s in zip(x.shape[2:], kernel, strides)]
        return F.pad(x, [n for total in reversed(lacking) for n in (total // 2, total - total // 2)])

    def conv(self, name, x, filters, kernel, stride=1, same=True, bias=True):
        k = self.parameter(f"{name}/kernel", *kernel, x.shape[1], filters, scale=(2 / (np.prod(kernel) * x.shape[1])) ** 0.5)
        b = self.parameter(f"{name}/bias", filters, scale=0.3) if bias else None
        strides = [stride] * len(kernel)
        x = self.same(x, kernel, strides) if same else x
        weight = k.permute(len(kernel) + 1, len(kernel), *range(len(kernel)))
        return (F.conv2d if len(kernel) == 2 else F.conv3d)(x, weight, b, strides)

    def depthwise(self, name, x, kernel, stride=1):
        k = self.parameter(f"{name}/depthwise_kernel", *kernel, x.shape[1], 1, scale=0.4)
        return F.conv2d(self.same(x, kernel, [stride, stride]), k.permute(2, 3, 0, 1), None, stride, groups=x.shape[1])

    def normalize(self, name, x):
        gamma, beta = self.parameter(f"{name}/gamma", x.shape[1], scale=0.3, shift=1.0), self.parameter(f"{name}/beta", x.shape[1], scale=0.5)
        return F.batch_norm(x, None, None, gamma, beta, True, 0.0, 1e-3)

    def finish(self, name, x, y):
        gradient = rounded(*y.shape)
        y.backward(gradient)
        tensors = {"x": x, "y": y, "y_gradient": gradient, "x_gradient": x.grad}
        for key, value in self.parameters.items():
            tensors[key] = value
            tensors[key + "_gradient"] = value.grad
        write(name, tensors)


def time_distributed():
    """The network of the benchmark, narrower: two convolutions, batch normalization, pooling, three times."""
    net, x = Network(), rounded(2, 3, 26, 21, 3)
    h = x.reshape(6, 26, 21, 3).permute(0, 3, 1, 2)
    for i, filters in enumerate([20, 32, 48]):
        h = torch.relu(net.conv(f"conv_{2 * i}", h, filters, (3, 3)))
        h = torch.relu(net.conv(f"conv_{2 * i + 1}", h, filters, (3, 3)))
        h = net.normalize(f"bn_{i}", h)
        h = F.max_pool2d(h, 2) if i < 2 else h.amax((2, 3))
    net.finish("time_distributed", x, h.reshape(2, 3, 48))


def separable():
    """Strides, depthwise and pointwise convolutions, ReLU6, an odd window, the mean at the end."""
    net, x = Network(), rounded(3, 33, 30, 3)
    h = net.conv("conv", x.permute(0, 3, 1, 2), 20, (3, 3), stride=2, bias=False)
    h = F.relu6(net.normalize("bn", h))
    h = F.relu6(net.normalize("bn_1", net.depthwise("depthwise", h, (3, 3))))
    h = F.relu6(net.normalize("bn_2", net.conv("pointwise", h, 40, (1, 1), bias=False)))
    h = F.relu6(net.normalize("bn_3", net.depthwise("depthwise_1", h, (3, 3), stride=2)))
    h = torch.relu(net.conv("conv_1", h, 24, (2, 3), stride=2))
    h = net.conv("conv_2", h, 17, (3, 3), same=False)
    net.finish("separable", x, h.mean((2, 3)))


def volumes():
    """Three dimensions."""
    net, x = Network(), rounded(2, 6, 13, 14, 3)
    h = torch.relu(net.conv("conv3d", x.permute(0, 4, 1, 2, 3), 20, (3, 3, 3)))
    h = F.max_pool3d(h, (1, 2, 2))
    h = net.normalize("bn", torch.relu(net.conv("conv3d_1", h, 33, (3, 3, 3))))
    h = F.max_pool3d(h, 2)
    h = torch.relu(net.conv("conv3d_2", h, 16, (2, 3, 3), stride=2))
    net.finish("volumes", x, h.permute(0, 2, 3, 4, 1))


def branches():
    """Inception's blocks: branches side by side, strided and overlapping pools, with blocks of channels that are full and that are not."""
    net, x = Network(), rounded(2, 5, 11, 12, 3)

    def pool(h, kernel, strides):
        lacking = [max((-(-size // s) - 1) * s + k - size, 0) for size, k, s in zip(h.shape[2:], kernel, strides)]
        return F.max_pool3d(F.pad(h, [n for total in reversed(lacking) for n in (total // 2, total - total // 2)], value=-float("inf")), kernel, strides)

    h = torch.relu(net.conv("conv", x.permute(0, 4, 1, 2, 3), 16, (3, 3, 3), stride=2))
    a = torch.relu(net.conv("a", h, 32, (1, 1, 1)))
    b = torch.relu(net.normalize("b_bn", net.conv("b", h, 20, (1, 1, 1), bias=False)))
    b = torch.relu(net.conv("b_1", b, 48, (3, 3, 3)))
    c = torch.relu(net.conv("c", pool(h, (3, 3, 3), (1, 1, 1)), 17, (1, 1, 1)))
    h = pool(torch.cat([a, b, c], 1), (1, 3, 3), (1, 2, 2))
    h = torch.cat([torch.relu(net.conv("d", h, 10, (1, 1, 1))), net.conv("e", h, 22, (3, 3, 3))], 1)
    h = torch.relu(net.conv("f", h, 16, (2, 2, 2), same=False))
    net.finish("branches", x, h.permute(0, 2, 3, 4, 1))


time_distributed()
separable()
volumes()
branches()
