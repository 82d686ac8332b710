"""Writes HDF5 fixtures with h5py, and what h5py reads back from them, for the tests of the HDF5 reader.

    python3 tests/references/hdf5.py
"""
import json
import pathlib

import h5py
import numpy as np

OUT = pathlib.Path(__file__).parent.parent / "VideoLstm.Core.Tests/Formats/Hdf5/Fixtures"
rng = np.random.default_rng(1)


def values(*shape):
    return rng.standard_normal(shape).astype("f4")


def keras(group, layers, split=False, vlen=False, **storage):
    """Layers as Keras saves them: names in attributes, weights in groups."""
    text = (lambda names: np.array(names, dtype=object)) if vlen else (lambda names: np.array([n.encode() for n in names]))
    kind = h5py.string_dtype() if vlen else None
    names = list(layers)
    if split:
        for part in range(0, len(names), 3):
            group.attrs.create(f"layer_names{part // 3}", text(names[part:part + 3]), dtype=kind)
    else:
        group.attrs.create("layer_names", text(names), dtype=kind)
    for layer, weights in layers.items():
        g = group.create_group(layer)
        g.attrs.create("weight_names", text(list(weights)) if weights else np.array([], dtype="S1"), dtype=kind if weights else None)
        for name, data in weights.items():
            g.create_dataset(name, data=data, **(storage if data.ndim else {}))


def layers(count=3):
    result = {"input_1": {}}
    for i in range(1, count + 1):
        result[f"conv2d_{i}"] = {f"conv2d_{i}/kernel:0": values(3, 2, 4, 5), f"conv2d_{i}/bias:0": values(5)}
    return result


def write(name, make, **options):
    with h5py.File(OUT / f"{name}.h5", "w", **options) as f:
        make(f)
    expected = {}

    def visit(path, item):
        if isinstance(item, h5py.Dataset):
            data = item[()].astype("f8")
            expected[path] = {"shape": list(item.shape), "values": [float(np.float32(v)) for v in np.ravel(data)]}

    with h5py.File(OUT / f"{name}.h5") as f:
        f.visititems(visit)
    (OUT / f"{name}.json").write_text(json.dumps(expected))


def full(f):
    f.attrs["keras_version"] = "2.1.6"
    f.attrs["backend"] = np.bytes_("tensorflow")
    f.attrs["model_config"] = json.dumps({"class_name": "Model", "config": {"name": "ü" * 50}})
    keras(f.create_group("model_weights"), layers(), vlen=True, chunks=True, compression="gzip", shuffle=True, fletcher32=True)
    f.create_group("optimizer_weights")


def types(f):
    for name in ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "<i4", ">i2", "u1", "i8"):
        f.create_dataset("of_" + name.replace("<", "little_").replace(">", "big_"), data=np.arange(-3 if name[-2] != "u" else 0, 9).astype(name))
    f.create_dataset("scalar", data=np.float32(2.5))
    f.create_dataset("chunks", data=values(7, 11, 5), chunks=(3, 4, 5))
    f.create_dataset("compressed", data=values(50, 33), chunks=(16, 16), compression="gzip", shuffle=True)
    deep = f
    for i in range(12):
        deep = deep.create_group(f"level{i}")
    deep.create_dataset("bottom", data=values(2))
    for i in range(40):
        f.create_dataset(f"many/number{i:02}", data=np.float32([i]))


def dense(f):
    """More links and attributes than fit an object's header, and larger ones: they go to heaps, of which indices of two levels tell."""
    f.attrs["model_config"] = np.bytes_(json.dumps({"class_name": "Model", "config": {"name": "x" * 70000}}))
    f.attrs["keras_version"] = "3.9.9"
    for i in range(12):
        f.attrs[f"note{i}"] = f"text {i} " * 20
    keras(f.create_group("model_weights"), {f"dense_{i:03}": {f"dense_{i:03}/{'long_' * 20}kernel:0": values(1)} for i in range(260)})


write("keras", lambda f: keras(f, layers()))
write("keras_full", full)
write("keras_split", lambda f: keras(f, layers(7), split=True))
write("keras_latest", lambda f: keras(f, layers(2)), libver="latest")
write("types", types)
write("keras_dense", dense, libver=("v108", "v108"))
