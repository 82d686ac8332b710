"""A training step of a time-distributed convolutional network in PyTorch, 8 x 5 frames of 112 x 112.
Usage: convnet.py LAYOUT THREADS, where LAYOUT is contiguous or channels_last; each line on standard input is answered with steps/s of one step."""
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
head = torch.nn.Linear(5 * 512, 2)
net = torch.nn.ModuleList([frames, head]).to(memory_format=layout)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
x, labels = torch.rand(40, 3, 112, 112).contiguous(memory_format=layout), torch.arange(8) % 2


def step():
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(head(frames(x).reshape(8, -1)), labels).backward()
    optimizer.step()


step()
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    step()
    print(1 / (time.perf_counter() - start), flush=True)
