"""Writes files with torch.save, and what is in them, for the tests of the PyTorch reader.

    python3 tests/references/pytorch_files.py
"""
import collections
import json
import pathlib
import pickle
import struct
import zipfile

import torch

OUT = pathlib.Path(__file__).parent.parent / "VideoLstm.Core.Tests/Formats/PyTorch/Fixtures"
torch.manual_seed(1)

base = torch.randn(6, 5)
state = collections.OrderedDict(
    [
        ("conv.weight", torch.randn(4, 3, 2, 2)),
        ("bn.num_batches_tracked", torch.tensor(7)),
        ("transposed", base.t()),
        ("slice", base[1:4, ::2]),
        ("half", torch.randn(5).half()),
        ("bfloat", torch.randn(5).bfloat16()),
        ("double", torch.randn(3).double()),
        ("parameter", torch.nn.Parameter(torch.randn(2, 2))),
        ("flags", torch.tensor([True, False])),
        ("bytes", torch.arange(5, dtype=torch.uint8)),
        ("empty", torch.zeros(0, 3)),
    ]
)


class Exploit:
    def __reduce__(self):
        return (print, ("run!",))


linear = torch.nn.Linear(3, 2)
torch.save(state, OUT / "zip.pth")
torch.save({"epoch": 3, "state_dict": state, "lr": 0.5}, OUT / "nested.pth")
torch.save(state, OUT / "old.pth", _use_new_zipfile_serialization=False)
for protocol in (3, 4, 5):
    torch.save(state, OUT / f"old_protocol{protocol}.pth", pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    torch.save(state, OUT / f"zip_protocol{protocol}.pth", pickle_protocol=protocol)
torch.save(linear.state_dict(), OUT / "module.pth")
torch.save(collections.OrderedDict(evil=Exploit()), OUT / "exploit.pth")
torch.save(collections.OrderedDict(evil=Exploit()), OUT / "exploit_old.pth", _use_new_zipfile_serialization=False)
torch.save(collections.OrderedDict(repeated=torch.arange(3.0).expand(4, 3)), OUT / "refused_repeated.pth")

# A checkpoint of a training run: storages of the optimizer lie between those of the model.
optimizer = torch.optim.Adam(linear.parameters())
linear(torch.ones(1, 3)).sum().backward()
checkpoint = {"optimizer": optimizer.state_dict(), "state_dict": {k: v.clone() for k, v in linear.state_dict().items()}}
checkpoint["optimizer"]["state"] = {0: {"exp_avg": torch.ones(7)}}
torch.save(checkpoint, OUT / "checkpoint.pth")
torch.save(checkpoint, OUT / "checkpoint_old.pth", _use_new_zipfile_serialization=False)

# PyTorch from 2.1 on says the byte order.
with zipfile.ZipFile(OUT / "module.pth") as source, zipfile.ZipFile(OUT / "refused_big_endian.pth", "w") as target:
    for entry in source.namelist():
        target.writestr(zipfile.ZipInfo(entry), source.read(entry))
    target.writestr(zipfile.ZipInfo(entry.split("/")[0] + "/byteorder"), b"big")


class PartPickler(pickle.Pickler):
    """Refers to two values from the fourth on, as a storage within a storage: what PyTorch before 0.4 wrote."""

    def persistent_id(self, value):
        return ("storage", torch.FloatStorage, "0", "cpu", 6, ("1", 3, 2)) if value == ("part",) else None


class Part:
    def __reduce__(self):
        return (torch._utils._rebuild_tensor_v2, (("part",), 0, (2,), (1,), False, collections.OrderedDict()))


with open(OUT / "refused_part_old.pth", "wb") as f:
    for value in (torch.serialization.MAGIC_NUMBER, torch.serialization.PROTOCOL_VERSION, {"little_endian": True}):
        pickle.dump(value, f, 2)
    PartPickler(f, 2).dump({"part": Part()})
    pickle.dump(["0"], f, 2)
    f.write(struct.pack("<q6f", 6, *range(6)))
assert torch.load(OUT / "refused_part_old.pth")["part"].tolist() == [3, 4]

for name, tensors in (("state", state), ("module", linear.state_dict())):
    expected = {k: {"shape": list(v.shape), "values": v.detach().float().flatten().tolist()} for k, v in tensors.items()}
    (OUT / f"{name}.json").write_text(json.dumps(expected))
