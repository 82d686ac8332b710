"""Computes with exported files what the tests compare with ours; numbers go to standard output, one a line.

    export.py torch MODULE.py X.npy [LENGTHS.npy]   runs the printed module
    export.py torch-classes MODULE.py               its class names
    export.py zip FILE.pth                          name and sum of each tensor, without torch
    export.py onnx FILE.onnx                        versions, inputs, outputs and metadata, as JSON
"""
import io
import json
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


def fields(message):
    """Number and value of each field of a protobuf message: integers, or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            size = varint() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
            assert at + size <= len(message)
            yield key >> 3, message[at:at + size]
            at += size


def one(message, number):
    return next(value for field, value in fields(message) if field == number)


def read_onnx(path):
    def value(message):
        tensor = one(one(message, 2), 1)
        dims = [next(fields(dim))[1] for field, dim in fields(one(tensor, 2)) if field == 1]
        return [one(message, 1).decode(), one(tensor, 1), [d if isinstance(d, int) else d.decode() for d in dims]]

    model = memoryview(open(path, "rb").read()).tobytes()
    graph = one(model, 7)
    print(json.dumps({
        "ir": one(model, 1),
        "opset": one(one(model, 8), 2),
        "inputs": [value(v) for field, v in fields(graph) if field == 11],
        "outputs": [value(v) for field, v in fields(graph) if field == 12],
        "operators": sorted({one(v, 4).decode() for field, v in fields(graph) if field == 1}),
        "metadata": {one(v, 1).decode(): one(v, 2).decode() for field, v in fields(model) if field == 14},
    }))


{"onnx": read_onnx, "torch": run_torch, "torch-classes": torch_classes, "zip": read_zip}[sys.argv[1]](*sys.argv[2:])
