"""A training step of a time-distributed convolutional network in PyTorch, 8 x 5 frames of 112 x 112.
Usage: convnet.py LAYOUT THREADS, where LAYOUT is contiguous or channels_last; each line on standard input a number of seconds, is answered with steps/s."""
import sys
import time

import torch

layout = getattr(torch, sys.argv[1] + "_format" if sys.argv[1] == "contiguous" else sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)


def block(inputs, outputs):
    return [
        torch.nn.Conv2d(inputs, outputs, 3, padding=1), torch.nn.ReLU(inplace=True),
        torch.nn.Conv2d(outputs, outputs, 3, padding=1), torch.nn.ReLU(inplace=True),
        torch.nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.1),
    ]


pool = torch.nn.MaxPool2d(2)
frames = torch.nn.Sequential(
    *block(3, 64), pool, *block(64, 128), pool, *block(128, 256), pool, *block(256, 512), torch.nn.AdaptiveMaxPool2d(1), torch.nn.Flatten())
frames.to(memory_format=layout)
optimizer = torch.optim.Adam(frames.parameters(), lr=1e-4)
x, gradient = torch.rand(40, 3, 112, 112).contiguous(memory_format=layout), torch.randn(40, 512)


def step():
    optimizer.zero_grad()
    frames(x).backward(gradient)
    optimizer.step()


step()
print("ready", flush=True)
for line in sys.stdin:
    start, steps = time.perf_counter(), 0
    while steps == 0 or time.perf_counter() - start < float(line):
        step()
        steps += 1
    print(steps / (time.perf_counter() - start), flush=True)
