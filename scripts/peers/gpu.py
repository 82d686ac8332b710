"""
PyTorch on a card, or on the processor, for scripts/bench.sh gpu: torchvision's InceptionV3 on random weights, and training steps of the
recipes lstm and convnet-gru, eager. Usage: gpu.py cuda|cpu network HEIGHT WIDTH BATCH LAYOUT TYPE, or gpu.py cuda|cpu step RECIPE LAYOUT,
where LAYOUT is contiguous or channels_last and TYPE float32 or float16. Each line on standard input, a number of seconds, is answered with
frames/s or steps/s. Nothing is made faster by fewer bits: TF32 is off, as ours is.
"""
import sys
import time

import torch

device, what, *rest = sys.argv[1:]
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


def network(height, width, batch, layout, kind):
    import torchvision

    kind = getattr(torch, kind)
    net = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
    net.fc = torch.nn.Identity()
    net = net.to(device, kind)
    x = (torch.rand(int(batch), 3, int(height), int(width), device=device) * 2 - 1).to(kind)
    if layout == "channels_last":
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)

    def run():
        with torch.inference_mode():
            net(x).cpu()
        return int(batch)

    return run


class Lstm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(2048, 2048, batch_first=True)
        self.dense, self.dense_1 = torch.nn.Linear(2048, 512), torch.nn.Linear(512, 2)

    def forward(self, x):
        hidden, _ = self.lstm(torch.nn.functional.dropout(x, 0.5))
        return self.dense_1(torch.nn.functional.dropout(torch.relu(self.dense(hidden[:, -1])), 0.5))


class ConvnetGru(torch.nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [], 3
        for filters in (64, 128, 256, 512):
            for inputs in (channels, filters):
                layers += [torch.nn.Conv2d(inputs, filters, 3, padding=1), torch.nn.ReLU(inplace=True)]
            layers += [torch.nn.BatchNorm2d(filters, eps=1e-3, momentum=0.1)]
            layers += [torch.nn.MaxPool2d(2) if filters < 512 else torch.nn.AdaptiveMaxPool2d(1)]
            channels = filters
        self.frames = torch.nn.Sequential(*layers, torch.nn.Flatten())
        self.gru = torch.nn.GRU(512, 64, batch_first=True)
        head = []
        for inputs, outputs in ((64, 1024), (1024, 512), (512, 128)):
            head += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU(), torch.nn.Dropout(0.5)]
        self.head = torch.nn.Sequential(*head, torch.nn.Linear(128, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))

    def forward(self, x):
        _, hidden = self.gru(self.frames(x).view(8, 5, 512))
        return self.head(hidden[0])


def step(recipe, layout):
    if recipe == "lstm":
        net, x, labels = Lstm(), torch.rand(32, 75, 2048), torch.arange(32) % 2
    else:
        net, x, labels = ConvnetGru(), torch.rand(40, 3, 112, 112), torch.arange(8) % 2
        if layout == "channels_last":
            net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    net, x, labels = net.to(device), x.to(device), labels.to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-5)

    def run():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        return 1

    return run


run = network(*rest) if what == "network" else step(*rest)
run()
run()
print("ready", flush=True)
for line in sys.stdin:
    done, start = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - start < float(line):
        done += run()
    print(done / (time.perf_counter() - start), flush=True)
