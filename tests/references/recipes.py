#!/usr/bin/python3
"""Reference values for the recipes that see frames, from PyTorch in double precision.

    /usr/bin/python3 tests/references/recipes.py

writes the fixtures that FrameRecipeTests reads. Weights and pictures are not stored: both sides make them of the same hash.
Of each gradient its sum, its sum of squares, and its products with two such hashes are stored.
Pictures are chosen such that the values of a pool are not so near to each other that single precision takes the other one.
"""
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from recurrent import write

torch.set_default_dtype(torch.float64)


def noise(seed, count):
    """Uniform in [-1, 1): the float32 numbers of FrameRecipeTests.Noise."""
    i = np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B9)
    h = (i * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(13)
    return ((h >> np.uint64(8)).astype(np.float32) / np.float32(1 << 23)) - np.float32(1)


class Weights:
    """Parameters under their names, made when they are asked for."""

    def __init__(self):
        self.parameters = {}

    def __call__(self, name, *shape, kind="kernel"):
        count = int(np.prod(shape))
        values = noise(len(self.parameters) + 1, count)
        if kind == "depthwise":
            values = values * np.float32((6.0 / (shape[0] * shape[1])) ** 0.5)
        elif kind == "kernel":
            values = values * np.float32((6.0 / (count // shape[-1])) ** 0.5)
        elif kind == "positive":
            values = np.abs(values) + np.float32(0.5)
        elif kind == "small":
            values = values * np.float32(0.1)
        tensor = torch.tensor(values.astype(np.float64).reshape(shape), requires_grad=True)
        self.parameters[name] = tensor
        return tensor


class Stack:
    """Keras' layers over x, which is [frames, h, w, c] or, for volumes, [batch, t, h, w, c]."""

    def __init__(self, x):
        self.x, self.w, self.names, self.penalty = x, Weights(), {}, 0.0

    def name(self, kind):
        n = self.names.get(kind, 0)
        self.names[kind] = n + 1
        return kind if n == 0 else f"{kind}_{n}"

    def same(self, size, kernel, stride):
        out = -(-size // stride)
        total = max(0, (out - 1) * stride + kernel - size)
        return total // 2, total - total // 2

    def conv2d(self, filters, kernel, stride=1, padding="same", relu=True):
        name, c = self.name("conv2d"), self.x.shape[-1]
        k, b = self.w(f"{name}/kernel", kernel, kernel, c, filters), self.w(f"{name}/bias", filters, kind="small")
        x = self.x.permute(0, 3, 1, 2)
        if padding == "same":
            (top, bottom), (left, right) = self.same(x.shape[2], kernel, stride), self.same(x.shape[3], kernel, stride)
            x = F.pad(x, (left, right, top, bottom))
        y = F.conv2d(x, k.permute(3, 2, 0, 1), b, stride).permute(0, 2, 3, 1)
        self.x = torch.relu(y) if relu else y
        return k

    def conv3d_bn(self, name, filters, kernel, stride=1):
        """A convolution of I3D: no bias, batch norm without gamma, which stays 1."""
        c = self.x.shape[-1]
        k = self.w(f"{name}_conv/kernel", kernel, kernel, kernel, c, filters)
        x = self.border(self.x.permute(0, 4, 1, 2, 3), (kernel,) * 3, (stride,) * 3, 0)
        self.x = F.conv3d(x, k.permute(4, 3, 0, 1, 2), None, stride).permute(0, 2, 3, 4, 1)
        self.batch_norm(f"{name}_bn")
        self.x = torch.relu(self.x)

    def pool3d_same(self, kernel, strides):
        x = self.border(self.x.permute(0, 4, 1, 2, 3), kernel, strides, -float("inf"))
        self.x = F.max_pool3d(x, kernel, strides).permute(0, 2, 3, 4, 1)

    def border(self, x, kernel, strides, value):
        sides = [self.same(size, k, s) for size, k, s in zip(x.shape[2:], kernel, strides)]
        return F.pad(x, [n for side in reversed(sides) for n in side], value=value)

    def conv3d(self, filters, kernel, padding, normed=False):
        name, c = self.name("conv3d"), self.x.shape[-1]
        k = self.w(f"{name}/kernel", kernel, kernel, kernel, c, filters)
        b = None if normed else self.w(f"{name}/bias", filters, kind="small")
        self.x = F.conv3d(self.x.permute(0, 4, 1, 2, 3), k.permute(4, 3, 0, 1, 2), b, padding=padding).permute(0, 2, 3, 4, 1)
        if normed:
            self.batch_norm()
        self.x = torch.relu(self.x)

    def mobilenet(self, alpha):
        """keras.applications.mobilenet without top."""
        def normalize(name):
            self.batch_norm(name)
            self.x = torch.clamp(self.x, 0, 6)

        def convolve(name, filters, kernel, stride, depthwise):
            c = self.x.shape[-1]
            k = self.w(f"{name}/depthwise_kernel", 3, 3, c, 1, kind="depthwise") if depthwise else self.w(f"{name}/kernel", kernel, kernel, c, filters)
            x = self.x.permute(0, 3, 1, 2)
            # ZeroPadding2D(((0, 1), (0, 1))) and 'valid' where the stride is 2.
            pad = (0, 1) if stride == 2 else (kernel // 2, kernel // 2)
            x = F.pad(x, (*pad, *pad))
            self.x = F.conv2d(x, k.permute(2, 3, 0, 1) if depthwise else k.permute(3, 2, 0, 1), None, stride, groups=c if depthwise else 1).permute(0, 2, 3, 1)
            normalize(f"{name}_bn")

        convolve("conv1", int(32 * alpha), 3, 2, False)
        for i, (filters, stride) in enumerate(
                [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + 5 * [(512, 1)] + [(1024, 2), (1024, 1)], 1):
            convolve(f"conv_dw_{i}", None, 3, stride, True)
            convolve(f"conv_pw_{i}", int(filters * alpha), 1, 1, False)

    def pool2d(self):
        self.x = F.max_pool2d(self.x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)

    def pool3d(self, time):
        self.x = F.max_pool3d(self.x.permute(0, 4, 1, 2, 3), (time, 2, 2)).permute(0, 2, 3, 4, 1)

    def batch_norm(self, name=None):
        name, c = name or self.name("batch_normalization"), self.x.shape[-1]
        g, b = self.w(f"{name}/gamma", c, kind="positive"), self.w(f"{name}/beta", c, kind="small")
        m, v = self.w(f"{name}/moving_mean", c, kind="small"), self.w(f"{name}/moving_variance", c, kind="positive")
        self.x = (self.x - m) / torch.sqrt(v + 1e-3) * g + b

    def dense(self, units, relu=False):
        name = self.name("dense")
        y = self.x @ self.w(f"{name}/kernel", self.x.shape[-1], units) + self.w(f"{name}/bias", units, kind="small")
        self.x = torch.relu(y) if relu else y

    def gru(self, units):
        k, r, b = self.w("gru/kernel", self.x.shape[-1], 3 * units), self.w("gru/recurrent_kernel", units, 3 * units), self.w("gru/bias", 2, 3 * units, kind="small")
        h = self.x.new_zeros(self.x.shape[0], units)
        for t in range(self.x.shape[1]):
            xz, xr, xh = (self.x[:, t] @ k + b[0]).chunk(3, dim=1)
            hz, hr, hh = (h @ r + b[1]).chunk(3, dim=1)
            z = torch.sigmoid(xz + hz)
            h = z * h + (1 - z) * torch.tanh(xh + torch.sigmoid(xr + hr) * hh)
        self.x = h

    def lstm(self, units):
        k, r, b = self.w("lstm/kernel", self.x.shape[-1], 4 * units), self.w("lstm/recurrent_kernel", units, 4 * units), self.w("lstm/bias", 4 * units, kind="small")
        h = c = self.x.new_zeros(self.x.shape[0], units)
        for t in range(self.x.shape[1]):
            i, f, g, o = (self.x[:, t] @ k + h @ r + b).chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        self.x = h

    def head(self, over_time=None):
        (over_time or self.gru)(64)
        for units in (1024, 512, 128, 64):
            self.dense(units, relu=True)


def convnet(s, batch, time):
    for filters in (64, 128, 256, 512):
        s.conv2d(filters, 3)
        s.conv2d(filters, 3)
        s.batch_norm()
        if filters < 512:
            s.pool2d()
    s.x = s.x.amax(dim=(1, 2)).reshape(batch, time, -1)


def convnet_gru(s, batch, time):
    convnet(s, batch, time)
    s.head()


def convnet_lstm(s, batch, time):
    convnet(s, batch, time)
    s.head(s.lstm)


def convnet_flatten(s, batch, time):
    convnet(s, batch, time)
    s.x = s.x.flatten(1)
    s.head(lambda units: None)


def mobilenet(s, batch, time):
    s.mobilenet(0.5)
    s.x = s.x.mean(dim=(1, 2)).reshape(batch, time, -1)
    s.dense(1024, relu=True)


def mobilenet_gru(s, batch, time):
    s.mobilenet(0.5)
    s.x = s.x.amax(dim=(1, 2)).reshape(batch, time, -1)
    s.head()


def mobilenet_flatten(s, batch, time):
    s.mobilenet(0.5)
    s.x = s.x.amax(dim=(1, 2)).reshape(batch, -1)
    s.batch_norm()
    s.head(lambda units: None)


def lrcn(s, batch, time):
    def block(*sizes, **options):
        kernel = s.conv2d(*sizes, relu=False, **options)
        s.penalty += 0.001 * (kernel**2).sum()
        s.batch_norm()
        s.x = torch.relu(s.x)

    block(32, 7, stride=2)
    block(32, 3, padding="valid")
    s.pool2d()
    for filters in (64, 128, 256, 512):
        block(filters, 3)
        block(filters, 3)
        s.pool2d()
    s.x = s.x.reshape(batch, time, -1)
    s.lstm(256)


def lrcn_2017(s, batch, time):
    s.conv2d(32, 7, stride=2)
    s.conv2d(32, 3, padding="valid")
    s.pool2d()
    for filters in (64, 128, 256, 512):
        s.conv2d(filters, 3)
        s.conv2d(filters, 3)
        s.pool2d()
    s.x = s.x.reshape(batch, time, -1)
    s.lstm(256)


def conv3d(s, batch, time):
    for filters, kernel, count in ((32, 3, 1), (64, 3, 1), (128, 3, 2), (256, 2, 2)):
        for _ in range(count):
            s.conv3d(filters, kernel, "valid")
        s.pool3d(1)
    s.x = s.x.flatten(1)
    s.dense(1024)
    s.dense(1024)


def c3d(s, batch, time, normed=True):
    for filters, count, pool in ((64, 1, 1), (128, 1, 2), (256, 2, 2), (512, 2, 2), (512, 2, 0)):
        for _ in range(count):
            s.conv3d(filters, 3, "same", normed)
        if pool:
            s.pool3d(pool)
    s.x = F.pad(s.x, (0, 0, 1, 1, 1, 1))
    s.pool3d(2)
    s.x = s.x.flatten(1)
    s.dense(4096, relu=True)
    s.dense(4096, relu=True)


def c3d_2017(s, batch, time):
    c3d(s, batch, time, normed=False)


def i3d(s, batch, time):
    s.conv3d_bn("Conv3d_1a_7x7", 64, 7, 2)
    s.pool3d_same((1, 3, 3), (1, 2, 2))
    s.conv3d_bn("Conv3d_2b_1x1", 64, 1)
    s.conv3d_bn("Conv3d_2c_3x3", 192, 3)
    s.pool3d_same((1, 3, 3), (1, 2, 2))
    blocks = {
        "3b": (64, 96, 128, 16, 32, 32), "3c": (128, 128, 192, 32, 96, 64), "3": (3, 3),
        "4b": (192, 96, 208, 16, 48, 64), "4c": (160, 112, 224, 24, 64, 64), "4d": (128, 128, 256, 24, 64, 64),
        "4e": (112, 144, 288, 32, 64, 64), "4f": (256, 160, 320, 32, 128, 128), "4": (2, 2),
        "5b": (256, 160, 320, 32, 128, 128), "5c": (384, 192, 384, 48, 128, 128),
    }
    for block, widths in blocks.items():
        if len(widths) == 2:
            s.pool3d_same((widths[0],) * 3, (2, 2, 2))
            continue
        x, outputs = s.x, []
        for layers in ([("0a_1x1", widths[0])], [("1a_1x1", widths[1]), ("1b_3x3", widths[2])], [("2a_1x1", widths[3]), ("2b_3x3", widths[4])],
                       [("3b_1x1", widths[5])]):
            s.x = x
            if layers[0][0] == "3b_1x1":
                s.pool3d_same((3, 3, 3), (1, 1, 1))
            for layer, width in layers:
                s.conv3d_bn(f"Conv3d_{block}_{layer}", width, int(layer[-1]))
            outputs.append(s.x)
        s.x = torch.cat(outputs, -1)
    s.x = s.x.mean((1, 2, 3))


def case(name, build, time, height, width, volumes, batch=2, classes=3, pixels=lambda p: p / 255, pictures=1000):
    picture = np.floor((noise(pictures, batch * time * height * width * 3).astype(np.float64) + 1) * 128)
    x = torch.tensor(pixels(picture).astype(np.float32).astype(np.float64)).reshape(batch, time, height, width, 3)
    s = Stack(x if volumes else x.flatten(0, 1))
    build(s, batch, time)
    s.dense(classes)
    if s.x.dim() == 3:
        # Answers to each frame, averaged.
        s.x = s.x.softmax(2).mean(1).log()
    labels = torch.tensor([i % classes for i in range(batch)])
    (F.cross_entropy(s.x, labels) + s.penalty).backward()
    tensors = {"pictures": np.array([pictures]), "shape": np.array([batch, time, height, width, classes]), "probabilities": s.x.softmax(1)}
    for i, (parameter, value) in enumerate(s.w.parameters.items()):
        gradient = value.grad.numpy().ravel() if value.grad is not None else np.zeros(value.numel())
        tensors[parameter] = np.array(value.shape)
        tensors[parameter + "/gradient"] = np.array(
            [gradient.sum(), (gradient**2).sum(), gradient @ noise(5000 + i, gradient.size).astype(np.float64), gradient @ noise(9000 + i, gradient.size).astype(np.float64)])
    write("VideoLstm.Core.Tests", "Models", name, tensors)
    print(name, sum(v.numel() for v in s.w.parameters.values()), s.x.softmax(1).detach().numpy().round(3).tolist())


if __name__ == "__main__":
    case("convnet_gru", convnet_gru, 3, 40, 36, volumes=False)
    case("convnet_lstm", convnet_lstm, 3, 40, 36, volumes=False)
    case("convnet_flatten", convnet_flatten, 3, 40, 36, volumes=False)
    case("mobilenet_gru", mobilenet_gru, 2, 64, 96, volumes=False, pixels=lambda p: p / 127.5 - 1)
    case("mobilenet_flatten", mobilenet_flatten, 2, 64, 96, volumes=False, pixels=lambda p: p / 127.5 - 1)
    case("mobilenet", mobilenet, 2, 64, 96, volumes=False, pixels=lambda p: p / 127.5 - 1)
    case("lrcn", lrcn, 3, 80, 80, volumes=False)
    case("lrcn_2017", lrcn_2017, 3, 80, 80, volumes=False)
    case("conv3d", conv3d, 12, 80, 80, volumes=True, pictures=1007)
    case("c3d", c3d, 16, 32, 16, volumes=True, pictures=1001)
    case("c3d_2017", c3d_2017, 16, 32, 16, volumes=True, pictures=1024)
    case("i3d", i3d, 8, 48, 40, volumes=True, pixels=lambda p: p / 127.5 - 1)
