"""PyTorch's InceptionV3 on random weights. Usage: network.py HEIGHT WIDTH BATCH LAYOUT; each line on standard input, a number of seconds, is answered with frames/s."""
import sys
import time

import torch
import torchvision

height, width, batch, layout = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(int(sys.argv[5]))
torch.manual_seed(1)
net = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
net.fc = torch.nn.Identity()
x = torch.rand(batch, 3, height, width) * 2 - 1
if layout == "channels_last":
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)

with torch.inference_mode():
    net(x)
    print("ready", flush=True)
    for line in sys.stdin:
        frames, start = 0, time.perf_counter()
        while frames == 0 or time.perf_counter() - start < float(line):
            net(x)
            frames += batch
        print(frames / (time.perf_counter() - start), flush=True)
