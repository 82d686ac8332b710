"""
The linear classifier on mean features, and the article's LSTM, in PyTorch: on the features that vlstm extracted and its split into train
and test. A fifth of the training clips of each class judges the epochs. Usage: accuracy.py linear|lstm FOLDER FRAMES SEED
[--units N] [--learning-rate R] [--patience N], FOLDER with data_file.csv and sequences/. Prints one line:
best epoch N: ...; test accuracy A (RIGHT of ALL), and with more than 5 classes (RIGHT of ALL; top 5 A).
"""
import argparse
import csv
import os
import sys

import numpy
import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("model", choices=["linear", "lstm"])
parser.add_argument("folder")
parser.add_argument("frames", type=int)
parser.add_argument("seed", type=int)
parser.add_argument("--units", type=int, default=2048)
parser.add_argument("--learning-rate", type=float)
parser.add_argument("--patience", type=int)
given = parser.parse_args()
model, folder, frames, seed, units = given.model, given.folder, given.frames, given.seed, given.units
torch.manual_seed(seed)
random = numpy.random.RandomState(seed)

with open(os.path.join(folder, "data_file.csv"), newline="") as file:
    rows = [row for row in csv.reader(file)]
names = sorted({row[1] for row in rows})
if len({row[2] for row in rows}) < len(rows):
    sys.exit("accuracy.py: two clips have the same name, and their features cannot be told apart here")


def load(chosen):
    x = [numpy.load(os.path.join(folder, "sequences", f"{row[2]}-{frames}-features.npy")) for row in chosen]
    return torch.tensor(numpy.stack(x)).float(), torch.tensor([names.index(row[1]) for row in chosen])


train, validation = [], []
for name in names:
    of_class = [row for row in rows if row[0] == "train" and row[1] == name]
    random.shuffle(of_class)
    spared = min(round(0.2 * len(of_class)), len(of_class) - 1)
    validation += of_class[:spared]
    train += of_class[spared:]
(x, y), (vx, vy), (tx, ty) = load(train), load(validation), load([row for row in rows if row[0] == "test"])


class Lstm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(x.shape[2], units, batch_first=True)
        self.hidden, self.last = torch.nn.Linear(units, 512), torch.nn.Linear(512, len(names))
        for name, p in self.named_parameters():
            if "weight_hh" in name:
                for gate in p.data.chunk(4):
                    torch.nn.init.orthogonal_(gate)
            elif "weight" in name:
                torch.nn.init.xavier_uniform_(p)
            else:
                torch.nn.init.zeros_(p)
        self.lstm.bias_ih_l0.data[units:2 * units] = 1

    def forward(self, x):
        h = self.lstm(F.dropout(x, 0.5, self.training))[1][0][0]
        return self.last(F.dropout(F.relu(self.hidden(h)), 0.5, self.training))


class Linear(torch.nn.Linear):
    def forward(self, x):
        return super().forward(x.mean(1))


net, rate, epochs, patience = (Linear(x.shape[2], len(names)), 1e-3, 200, 20) if model == "linear" else (Lstm(), 1e-5, 1000, 5)
rate, patience = given.learning_rate or rate, given.patience or patience
optimizer = torch.optim.Adam(net.parameters(), rate, eps=1e-7)
best, best_epoch, right, top, epoch = float("inf"), 0, 0, "", 0
while epoch < epochs and epoch - best_epoch < patience:
    epoch += 1
    net.train()
    for part in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        F.cross_entropy(net(x[part]), y[part]).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        loss = F.cross_entropy(net(vx), vy).item()
        if loss < best:
            answers = net(tx)
            best, best_epoch, right = loss, epoch, int((answers.argmax(1) == ty).sum())
            if len(names) > 5:
                top = f"; top 5 {(answers.topk(5).indices == ty[:, None]).any(1).float().mean():.3f}"
print(f"best epoch {best_epoch}: validation loss {best:.4f}; test accuracy {right / len(ty):.3f} ({right} of {len(ty)}{top})")
