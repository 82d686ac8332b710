#!/usr/bin/python3
"""Expected features of InceptionV3, computed by torchvision.

    inception.py [--keras FILE.h5] [--safetensors FILE]

Writes <weights>-<dialect>-<height>x<width>.npy (2048 floats) into the fixtures of the feature tests, for
the weights random:7, which it generates itself, and for the Keras file, if given. With --safetensors it checks that the
file holds random:7, tensor by tensor.
"""
import argparse, hashlib, json, os
import h5py, numpy as np, torch, torch.nn.functional as F
from torchvision.models.inception import Inception3

torch.set_num_threads(2)
OUT = os.path.join(os.path.dirname(__file__), "..", "VideoLstm.Core.Tests", "Features", "Fixtures")
PARTS = ["conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]


def network():
    return Inception3(transform_input=False, init_weights=False, aux_logits=False).eval()


def layers(net):
    """Names and kernel shapes in torchvision's order."""
    return [(k[: -len(".conv.weight")], tuple(v.shape)) for k, v in net.state_dict().items() if k.endswith("conv.weight")]


def pixels(height, width):
    """The test picture, in integers."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    v = x * (3 + c) + y * (5 - c) + ((x * x + y * y) >> 7) * 11 + (((x >> 4) ^ (y >> 4)) & 1) * 60
    return (v & 255).astype(np.uint8)


def splitmix(seed, start, count):
    """The start-th to (start + count)-th numbers of splitmix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(start + 1, start + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def bell(bits):
    quarters = sum(((bits >> np.uint64(16 * i)) & np.uint64(0xFFFF)).astype(np.int64) for i in range(4))
    return quarters - 2 * 65535


def random_weights(net, seed):
    """The weights random:<seed>: see InceptionRandom.cs."""
    state, position = {}, 0
    last = ["Mixed_7c." + b for b in ("branch1x1", "branch3x3_2a", "branch3x3_2b", "branch3x3dbl_3a", "branch3x3dbl_3b", "branch_pool")]
    for name, shape in layers(net):
        filters, n = shape[0], int(np.prod(shape[1:]))
        bells = bell(splitmix(seed, position, filters * n)).reshape(filters, n)
        kept, gain, lean = (1.0, 2.0, 0.0) if position == 0 else (0.0, 2.8, 2.0) if name in last else (0.32, 2.8, 0.0)
        position += filters * n
        total, squares = bells.sum(1, keepdims=True), (bells * bells).sum(1, keepdims=True)
        mean = total / np.float64(n)
        scale = np.sqrt(gain / (squares - (1 - kept * kept) * mean * total))
        kernel = (bells - (1 - kept) * mean) * scale - lean / n
        values = [kernel.reshape(shape)] + [np.full(filters, v) for v in (3 if name in last else 1, 0, 0, 1)]
        state.update({f"{name}.{part}": v.astype(np.float32) for part, v in zip(PARTS, values)})
    return state


def keras_weights(net, path):
    """The layers of Keras' file, by the numbers in their names, under torchvision's names."""
    tensors = {}
    with h5py.File(path) as file:
        file.visititems(lambda key, item: tensors.update({key.split("/", 1)[1]: item[()]}) if isinstance(item, h5py.Dataset) else None)
    number = lambda key: int((key.split("/")[0].rsplit("_", 1) + ["0"])[1]) if key.split("/")[0][-1].isdigit() else 0
    kernels = sorted((k for k in tensors if k.startswith("conv2d")), key=number)
    betas = sorted((k for k in tensors if k.endswith("beta:0")), key=number)
    state = {}
    for (name, shape), kernel, beta in zip(layers(net), kernels, betas, strict=True):
        weight = tensors[kernel].transpose(3, 2, 0, 1)
        assert weight.shape == shape, (name, weight.shape, shape)
        gamma = tensors.get(beta.replace("beta", "gamma"), np.ones(shape[0], np.float32))
        values = [weight, gamma, tensors[beta], tensors[beta.replace("beta", "moving_mean")], tensors[beta.replace("beta", "moving_variance")]]
        state.update({f"{name}.{part}": np.ascontiguousarray(v) for part, v in zip(PARTS, values)})
    return state


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    tensors = {k: np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]) for k, v in header.items() if k != "__metadata__"}
    return tensors, header["__metadata__"]


def digest(net, state, dialect):
    """The digest of the weights as InceptionWeights.cs defines it."""
    sha = hashlib.sha256(f"vlstm-inception-v3 {dialect}\n".encode())
    for name, _ in layers(net):
        for part in PARTS:
            sha.update(f"{name}.{part}\n".encode() + state[f"{name}.{part}"].astype("<f4").tobytes())
    return "sha256:" + sha.hexdigest()


def features(net, state, dialect, height, width):
    net.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    net.fc = torch.nn.Identity()
    pool = F.avg_pool2d
    if dialect == "keras":
        F.avg_pool2d = lambda *a, **k: pool(*a, **k, count_include_pad=False)
    try:
        with torch.no_grad():
            picture = torch.from_numpy(pixels(height, width) / np.float32(127.5) - np.float32(1))
            return net(picture.permute(2, 0, 1)[None]).numpy()[0]
    finally:
        F.avg_pool2d = pool


def write(net, name, state, sizes):
    for dialect in ("keras", "torchvision"):
        print(name, dialect, digest(net, state, dialect))
        for height, width in sizes:
            values = features(net, state, dialect, height, width)
            np.save(os.path.join(OUT, f"{name}-{dialect}-{height}x{width}.npy"), values)
            print(f"  {height}x{width}: mean {values.mean():.4f} largest {values.max():.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--keras")
    parser.add_argument("--safetensors")
    args = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    net = network()
    state = random_weights(net, 7)
    if args.safetensors:
        tensors, metadata = read_safetensors(args.safetensors)
        assert tensors.keys() == state.keys() and all(np.array_equal(tensors[k], state[k]) for k in state)
        print(args.safetensors, "holds random:7", metadata)
    write(net, "random-7", state, [(75, 75), (150, 211), (299, 299), (720, 1280)])
    if args.keras:
        write(net, "keras-file", keras_weights(net, args.keras), [(299, 299), (720, 1280)])
