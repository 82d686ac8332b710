"""A training step of the article's network in PyTorch. Usage: lstm.py THREADS; each line on standard input is answered with steps/s of one step."""
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(2048, 2048, batch_first=True)
        self.dense, self.dense_1 = torch.nn.Linear(2048, 512), torch.nn.Linear(512, 2)

    def forward(self, x):
        hidden, _ = self.lstm(torch.nn.functional.dropout(x, 0.5))
        return self.dense_1(torch.nn.functional.dropout(torch.relu(self.dense(hidden[:, -1])), 0.5))


net = Classifier()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-5)
x, labels = torch.rand(32, 75, 2048), torch.arange(32) % 2


def step():
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(x), labels).backward()
    optimizer.step()


step()
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    step()
    print(1 / (time.perf_counter() - start), flush=True)
