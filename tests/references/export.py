"""Computes with exported files what the tests compare with ours; numbers go to standard output, one a line.

    export.py torch MODULE.py X.npy [LENGTHS.npy]   runs the printed module
    export.py torch-classes MODULE.py               its class names
    export.py zip FILE.pth                          name and sum of each tensor, without torch
"""
import io
import pickle
import runpy
import sys
import types
import zipfile


def need(*names):
    for name in names:
        try:
            __import__(name)
        except ImportError:
            print(f"no {name} for Python on this machine", file=sys.stderr)
            sys.exit(77)


def show(values):
    for value in values.flatten().tolist():
        print(repr(value))


def run_torch(module, x, lengths=None):
    need("numpy", "torch", *(["torchvision"] if "torchvision" in open(module, encoding="utf-8").read() else []))
    import numpy
    import torch

    arguments = [torch.from_numpy(numpy.load(x))]
    if lengths:
        arguments.append(torch.from_numpy(numpy.load(lengths).astype("int64")))
    with torch.no_grad():
        show(runpy.run_path(module)["model"](*arguments))


def torch_classes(module):
    need("torch")
    print("\n".join(runpy.run_path(module)["classes"]))


def read_zip(path):
    need("numpy")
    import numpy

    archive = zipfile.ZipFile(path)
    assert archive.testzip() is None
    raw = open(path, "rb").read()
    for entry in archive.infolist():
        name, extra = (int.from_bytes(raw[entry.header_offset + at:entry.header_offset + at + 2], "little") for at in (26, 28))
        assert (entry.header_offset + 30 + name + extra) % 64 == 0, entry.filename

    def rebuild(storage, offset, shape, strides, requires_grad, hooks):
        return numpy.lib.stride_tricks.as_strided(storage[offset:], shape, [4 * s for s in strides])

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
                return rebuild
            if (module, name) == ("torch", "FloatStorage"):
                return types.SimpleNamespace
            return super().find_class(module, name)

        def persistent_load(self, pid):
            _, _, key, _, count = pid
            values = numpy.frombuffer(archive.read("archive/data/" + key), "<f4")
            assert len(values) == count
            return values

    for name, tensor in Unpickler(io.BytesIO(archive.read("archive/data.pkl"))).load().items():
        print(name, float(tensor.astype("float64").sum()))


{"torch": run_torch, "torch-classes": torch_classes, "zip": read_zip}[sys.argv[1]](*sys.argv[2:])
