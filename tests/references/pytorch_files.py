"""Writes files with torch.save, and what is in them, for the tests of the PyTorch reader.

    python3 tests/references/pytorch_files.py
"""
import collections
import json
import pathlib

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
torch.save(linear.state_dict(), OUT / "module.pth")
torch.save(collections.OrderedDict(evil=Exploit()), OUT / "exploit.pth")
torch.save(collections.OrderedDict(evil=Exploit()), OUT / "exploit_old.pth", _use_new_zipfile_serialization=False)
for name, tensors in (("state", state), ("module", linear.state_dict())):
    expected = {k: {"shape": list(v.shape), "values": v.detach().float().flatten().tolist()} for k, v in tensors.items()}
    (OUT / f"{name}.json").write_text(json.dumps(expected))
