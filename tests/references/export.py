"""Computes with exported files what the tests compare with ours; numbers go to standard output, one a line.

    export.py torch MODULE.py X.npy [LENGTHS.npy]   runs the printed module
    export.py torch-classes MODULE.py               its class names
    export.py zip FILE.pth                          name and sum of each tensor, without torch
    export.py keras FILE.h5 X.npy                   computes as Keras 2 documents its layers, with h5py and NumPy
    export.py h5 FILE.h5                            attributes, and name, shape and sum of each dataset, as JSON
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
    import functools
    import numpy
    import torch

    # The safe way of loading, the default of newer versions, must do.
    torch.load = functools.partial(torch.load, weights_only=True)
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


def run_keras(path, x):
    need("numpy", "h5py")
    import h5py
    import numpy as np

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    def softmax(v):
        e = np.exp(v - v.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    activations = {
        "linear": lambda v: v, "relu": lambda v: np.maximum(v, 0), "tanh": np.tanh, "softmax": softmax,
        "sigmoid": sigmoid, "hard_sigmoid": lambda v: np.clip(0.2 * v + 0.5, 0, 1),
    }

    def recurrent(kind, config, weights, x, mask):
        kernel, recurrent_kernel, bias = weights
        units, act, gate = config["units"], activations[config["activation"]], activations[config["recurrent_activation"]]
        h = c = np.zeros((len(x), units))
        outputs = []
        for t in range(x.shape[1]):
            if kind == "LSTM":
                i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent_kernel + bias, 4, 1)
                new_c = gate(f) * c + gate(i) * act(g)
                new_h = gate(o) * act(new_c)
            elif config["reset_after"]:
                (xz, xr, xh), (hz, hr, hh) = np.split(x[:, t] @ kernel + bias[0], 3, 1), np.split(h @ recurrent_kernel + bias[1], 3, 1)
                z = gate(xz + hz)
                new_h, new_c = z * h + (1 - z) * act(xh + gate(xr + hr) * hh), c
            else:
                (xz, xr, xh), (uz, ur, uh) = np.split(x[:, t] @ kernel + bias, 3, 1), np.split(recurrent_kernel, 3, 1)
                z = gate(xz + h @ uz)
                new_h, new_c = z * h + (1 - z) * act(xh + (gate(xr + h @ ur) * h) @ uh), c
            keep = mask[:, t, None]
            h, c = np.where(keep, new_h, h), np.where(keep, new_c, c)
            outputs.append(h)
        return np.stack(outputs, 1) if config["return_sequences"] else h

    x = np.load(x).astype("float64")
    mask = np.ones(x.shape[:2], bool)
    with h5py.File(path) as file:
        config = json.loads(file.attrs["model_config"].decode())
        saved = file["model_weights"]
        assert config["class_name"] == "Sequential" and file.attrs["keras_version"].startswith(b"2.") and saved.attrs["keras_version"].startswith(b"2.")
        listed = [name.decode() for name in saved.attrs["layer_names"]]
        assert listed == [layer["config"]["name"] for layer in config["config"]["layers"]] and len(set(listed)) == len(listed)
        for layer in config["config"]["layers"]:
            kind, settings = layer["class_name"], layer["config"]
            group = saved[settings["name"]]
            weights = [group[name.decode()][()].astype("float64") for name in group.attrs["weight_names"]]
            if kind == "InputLayer":
                assert settings["batch_input_shape"] == [None, *x.shape[1:]]
            elif kind == "Masking":
                mask = (x != settings["mask_value"]).any(-1)
            elif kind in ("LSTM", "GRU"):
                x = recurrent(kind, settings, weights, x, mask)
            elif kind == "Bidirectional":
                inner, half = settings["layer"], len(weights) // 2
                ahead = recurrent(inner["class_name"], inner["config"], weights[:half], x, mask)
                back = recurrent(inner["class_name"], inner["config"], weights[half:], x[:, ::-1], mask[:, ::-1])
                assert settings["merge_mode"] == "concat"
                x = np.concatenate([ahead, back[:, ::-1] if inner["config"]["return_sequences"] else back], -1)
            elif kind == "Dense":
                assert weights[0].shape == (x.shape[-1], settings["units"])
                x = activations[settings["activation"]](x @ weights[0] + weights[1])
            elif kind == "Activation":
                x = activations[settings["activation"]](x)
            elif kind == "BatchNormalization":
                gamma, beta, mean, variance = weights
                x = gamma * (x - mean) / np.sqrt(variance + settings["epsilon"]) + beta
            elif kind == "GlobalAveragePooling1D":
                x = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            elif kind == "GlobalMaxPooling1D":
                x = x.max(1)
            elif kind == "Flatten":
                x = x.reshape(len(x), -1)
            else:
                assert kind == "Dropout" and 0 < settings["rate"] < 1, kind
    show(x)


def read_h5(path):
    need("numpy", "h5py")
    import h5py

    def attributes(item):
        return {name: value.decode() if isinstance(value, bytes) else [v.decode() for v in value] for name, value in item.attrs.items()}

    with h5py.File(path) as file:
        found = {"": attributes(file)}

        def visit(name, item):
            found[name] = attributes(item) if isinstance(item, h5py.Group) else [str(item.dtype), *item.shape, float(item[()].astype("float64").sum())]

        file.visititems(visit)
    print(json.dumps(found))


{"onnx": read_onnx, "keras": run_keras, "h5": read_h5, "torch": run_torch, "torch-classes": torch_classes, "zip": read_zip}[sys.argv[1]](*sys.argv[2:])
