#!/usr/bin/python3
"""Reference values for the recurrent layers, the optimizers and whole classifiers, from PyTorch in double precision.

    /usr/bin/python3 tests/references/recurrent.py

writes the fixtures that the tests of Layers, Optimizers and Models read. A fixture is lines "name size size ...",
an empty line, then all tensors in that order as little-endian float32.
Layouts are Keras': gates i, f, c, o; kernels [in, out].
"""
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(2)
torch.set_default_dtype(torch.float64)
TESTS = Path(__file__).resolve().parent.parent
MASK = (1 << 64) - 1


class RandomSource:
    """xoshiro256** seeded by splitmix64: the program's generator, so that dropout masks are the same on both sides."""

    def __init__(self, seed):
        self.s = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & MASK
            z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            self.s.append(z ^ (z >> 31))

    def bits(self):
        def rotl(x, k):
            return ((x << k) | (x >> (64 - k))) & MASK

        s = self.s
        result = (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def dropout_mask(self, rate, *shape):
        draws = np.array([(self.bits() >> 11) * 2.0**-53 for _ in range(int(np.prod(shape)))])
        return torch.tensor(np.where(draws < rate, 0.0, 1.0 / (1.0 - rate)).reshape(shape))


def write(project, folder, name, tensors):
    path = TESTS / project / folder / "Fixtures" / f"{name}.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {k: np.asarray(v.detach() if torch.is_tensor(v) else v, dtype="<f4") for k, v in tensors.items()}
    head = "".join(f"{k} {' '.join(map(str, np.atleast_1d(a).shape))}\n" for k, a in arrays.items())
    path.write_bytes(head.encode() + b"\n" + b"".join(a.tobytes() for a in arrays.values()))


def rounded(*shape, scale=1.0):
    """Random numbers that are exactly representable in single precision, with a gradient."""
    return (torch.randn(*shape) * scale).float().double().requires_grad_()


def lstm(x, kernel, recurrent, bias, hard=False):
    """x [batch, time, in] to the last output [batch, units]."""
    gate = (lambda v: torch.clamp(0.2 * v + 0.5, 0, 1)) if hard else torch.sigmoid
    h = c = x.new_zeros(x.shape[0], recurrent.shape[0])
    for t in range(x.shape[1]):
        i, f, g, o = (x[:, t] @ kernel + h @ recurrent + bias).chunk(4, dim=1)
        c = gate(f) * c + gate(i) * torch.tanh(g)
        h = gate(o) * torch.tanh(c)
    return h


def torch_lstm(x, kernel, recurrent, bias):
    """The same by torch.nn.LSTM, whose gates have the same order."""
    net = torch.nn.LSTM(kernel.shape[0], recurrent.shape[0], batch_first=True)
    with torch.no_grad():
        net.weight_ih_l0.copy_(kernel.T)
        net.weight_hh_l0.copy_(recurrent.T)
        net.bias_ih_l0.copy_(bias)
        net.bias_hh_l0.zero_()
    return net(x)[0][:, -1]


def lstm_case(name, batch, time, inputs, units, hard):
    x = rounded(batch, time, inputs)
    kernel, recurrent = rounded(inputs, 4 * units, scale=0.5), rounded(units, 4 * units, scale=0.5)
    bias, upstream = rounded(4 * units), rounded(batch, units)
    output = lstm(x, kernel, recurrent, bias, hard)
    if not hard:
        assert torch.allclose(output, torch_lstm(x, kernel, recurrent, bias), rtol=1e-12, atol=1e-14)
    output.backward(upstream)
    write("VideoLstm.Numerics.Tests", "Layers", name, {
        "x": x, "kernel": kernel, "recurrent_kernel": recurrent, "bias": bias, "upstream": upstream, "output": output,
        "x_gradient": x.grad, "kernel_gradient": kernel.grad, "recurrent_kernel_gradient": recurrent.grad, "bias_gradient": bias.grad})


def linear_case():
    x, kernel, bias = rounded(7, 19), rounded(19, 5, scale=0.3), rounded(5)
    labels = torch.tensor([0, 4, 2, 2, 1, 3, 0])
    logits = x @ kernel + bias
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    write("VideoLstm.Numerics.Tests", "Layers", "linear", {
        "x": x, "kernel": kernel, "bias": bias, "labels": labels.float(), "logits": logits, "probabilities": logits.softmax(1), "loss": loss.reshape(1),
        "x_gradient": x.grad, "kernel_gradient": kernel.grad, "bias_gradient": bias.grad})


def keras_adam(parameters, rate):
    return torch.optim.Adam(parameters, lr=rate, betas=(0.9, 0.999))


def keras_step(adam, t, rate, decay, epsilon=1e-7):
    """Keras' step t (from 1) by PyTorch's Adam: its epsilon sits inside the bias correction."""
    adam.param_groups[0]["lr"] = rate / (1 + decay * (t - 1))
    adam.param_groups[0]["eps"] = epsilon / (1 - 0.999**t) ** 0.5
    adam.step()


def adam_case():
    weight = rounded(203)
    adam = keras_adam([weight], 0.01)
    tensors = {"weight": weight.clone()}
    for t in range(1, 4):
        weight.grad = rounded(203, scale=10.0 ** (1 - 2 * t)).detach()
        tensors[f"gradient{t}"] = weight.grad.clone()
        keras_step(adam, t, 0.01, 0.1)
        tensors[f"weight{t}"] = weight.clone()
    write("VideoLstm.Numerics.Tests", "Optimizers", "adam", tensors)


def classifier_case(name, hard):
    batch, time, features, units, hidden, classes, rate, decay = 5, 4, 11, 13, 10, 3, 0.001, 0.01
    x = rounded(batch, time, features)
    labels = torch.tensor([0, 2, 1, 1, 0])
    parameters = {
        "lstm/kernel": rounded(features, 4 * units, scale=0.3), "lstm/recurrent_kernel": rounded(units, 4 * units, scale=0.3),
        "lstm/bias": rounded(4 * units, scale=0.3), "dense/kernel": rounded(units, hidden, scale=0.5), "dense/bias": rounded(hidden, scale=0.3),
        "dense_1/kernel": rounded(hidden, classes, scale=0.5), "dense_1/bias": rounded(classes, scale=0.3)}
    kernel, recurrent, bias, dense, dense_bias, dense1, dense1_bias = parameters.values()

    def logits(mask_x=1.0, mask_h=1.0):
        h = lstm(x * mask_x, kernel, recurrent, bias, hard)
        return torch.relu(h @ dense + dense_bias) * mask_h @ dense1 + dense1_bias

    tensors = {"x": x, "labels": labels.float(), **{k: v.clone() for k, v in parameters.items()}}
    tensors["probabilities"] = logits().softmax(1)
    F.cross_entropy(logits(), labels).backward()
    tensors["x/gradient"] = x.grad.clone()
    tensors.update({f"{k}/gradient": v.grad.clone() for k, v in parameters.items()})

    random, adam, losses = RandomSource(42), keras_adam(list(parameters.values()), rate), []
    for t in range(1, 4):
        adam.zero_grad()
        mask_x = random.dropout_mask(0.5, batch, features)[:, None]
        mask_h = random.dropout_mask(0.5, batch, hidden)
        loss = F.cross_entropy(logits(mask_x, mask_h), labels)
        loss.backward()
        losses.append(loss.item())
        keras_step(adam, t, rate, decay)
        if t != 2:
            tensors.update({f"{k}/step{t}": v.clone() for k, v in parameters.items()})
    tensors["losses"] = np.array(losses)
    write("VideoLstm.Core.Tests", "Models", name, tensors)


def to_torch(net, suffix, kernel, recurrent, bias, gru):
    """Keras' weights into a torch.nn.LSTM or GRU. Keras' GRU has its gates in the order update, reset; PyTorch reset, update."""
    def order(w):
        if not gru:
            return w
        z, r, h = w.chunk(3, dim=-1)
        return torch.cat([r, z, h], dim=-1)

    with torch.no_grad():
        getattr(net, "weight_ih_l0" + suffix).copy_(order(kernel).T)
        getattr(net, "weight_hh_l0" + suffix).copy_(order(recurrent).T)
        getattr(net, "bias_ih_l0" + suffix).copy_(order(bias[0] if gru else bias))
        if gru:
            getattr(net, "bias_hh_l0" + suffix).copy_(order(bias[1]))
        else:
            getattr(net, "bias_hh_l0" + suffix).zero_()


def from_torch(net, suffix, gru):
    """Gradients in Keras' layout."""
    def order(w):
        if not gru:
            return w
        r, z, h = w.chunk(3, dim=-1)
        return torch.cat([z, r, h], dim=-1)

    biases = [order(getattr(net, f"bias_{side}_l0{suffix}").grad) for side in ("ih", "hh")]
    return {
        "kernel": order(getattr(net, "weight_ih_l0" + suffix).grad.T), "recurrent_kernel": order(getattr(net, "weight_hh_l0" + suffix).grad.T),
        "bias": torch.stack(biases) if gru else biases[0]}


def sequence_case(name, kind, batch, time, inputs, units, bidirectional, lengths):
    """All outputs of torch.nn.GRU or LSTM over sequences of these lengths. What Keras gives after a sequence's end is its last
    output again; read backward, a sequence begins at its own end."""
    gru = kind == "gru"
    x = rounded(batch, time, inputs)
    net = (torch.nn.GRU if gru else torch.nn.LSTM)(inputs, units, batch_first=True, bidirectional=bidirectional)
    tensors, gates = {"x": x.clone(), "lengths": torch.tensor(lengths).float()}, 3 if gru else 4
    for suffix, prefix in [("", "forward/"), ("_reverse", "backward/")][: 2 if bidirectional else 1]:
        weights = [rounded(inputs, gates * units, scale=0.5), rounded(units, gates * units, scale=0.5), rounded(*((2, 3 * units) if gru else (4 * units,)))]
        to_torch(net, suffix, *weights, gru)
        tensors.update({prefix + k: w.clone() for k, w in zip(["kernel", "recurrent_kernel", "bias"], weights)})
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(net(packed)[0], batch_first=True, total_length=time)
    # Behind the end: forward the last output is repeated, backward the state is still zero.
    ends = torch.tensor(lengths) - 1
    last = y[torch.arange(batch), ends, :units]
    behind = torch.arange(time)[None, :, None] > ends[:, None, None]
    forward = torch.where(behind, last[:, None, :], y[:, :, :units])
    output = torch.cat([forward, y[:, :, units:]], dim=2)
    upstream = rounded(*output.shape)
    output.backward(upstream)
    tensors.update({"upstream": upstream, "output": output, "x_gradient": x.grad})
    for suffix, prefix in [("", "forward/"), ("_reverse", "backward/")][: 2 if bidirectional else 1]:
        tensors.update({prefix + k + "_gradient": g for k, g in from_torch(net, suffix, gru).items()})
    write("VideoLstm.Numerics.Tests", "Layers", name, tensors)


def optimizer_case(name, create, steps=4):
    weight = rounded(75)
    optimizer = create([weight])
    tensors = {"weight": weight.clone()}
    for t in range(1, steps + 1):
        weight.grad = rounded(75, scale=10.0 ** (1 - t)).detach()
        tensors[f"gradient{t}"] = weight.grad.clone()
        optimizer.step()
        tensors[f"weight{t}"] = weight.clone()
    write("VideoLstm.Numerics.Tests", "Optimizers", name, tensors)


def model_case(name, shape, classes, parameters, logits):
    """A whole classifier: probabilities and all gradients of its loss."""
    x, labels = rounded(*shape), torch.tensor([i % classes for i in range(shape[0])])
    tensors = {"x": x.clone(), "labels": labels.float(), **{k: v.clone() for k, v in parameters.items()}}
    tensors["probabilities"] = logits(x, *parameters.values()).softmax(1)
    F.cross_entropy(logits(x, *parameters.values()), labels).backward()
    tensors["x/gradient"] = x.grad
    tensors.update({f"{k}/gradient": v.grad for k, v in parameters.items()})
    write("VideoLstm.Core.Tests", "Models", name, tensors)


def dense(name, inputs, outputs):
    return {f"{name}/kernel": rounded(inputs, outputs, scale=inputs**-0.5), f"{name}/bias": rounded(outputs, scale=0.3)}


def attention_weights(time, features, hidden, classes):
    block, norms = "transformer_layer", {}
    for i in ("", "_1"):
        norms[i] = {f"{block}/layer_normalization{i}/gamma": rounded(features), f"{block}/layer_normalization{i}/beta": rounded(features, scale=0.3)}
    projections = {k: v for n in ("query", "key", "value", "attention_output") for k, v in dense(f"{block}/multi_head_attention/{n}", features, features).items()}
    return {"frame_position_embedding/embeddings": rounded(time, features), **projections, **norms[""],
            **dense(f"{block}/dense", features, hidden), **dense(f"{block}/dense_1", hidden, features), **norms["_1"], **dense("dense", features, classes)}


def attention_logits(x, e, q, qb, k, kb, v, vb, o, ob, g, b, d, db, d1, d1b, g1, b1, c, cb):
    """Parameters in the order of attention_weights. torch's own attention and normalization."""
    f = x.shape[2]
    x = x + e
    a = F.multi_head_attention_forward(
        *[x.transpose(0, 1)] * 3, f, 1, torch.cat([q.T, k.T, v.T]), torch.cat([qb, kb, vb]), None, None, False, 0.0, o.T, ob, training=False)[0].transpose(0, 1)
    z = F.layer_norm(x + a, [f], g, b, 1e-3)
    y = F.layer_norm(z + F.gelu(z @ d + db) @ d1 + d1b, [f], g1, b1, 1e-3)
    return y.max(dim=1).values @ c + cb


def gru(x, kernel, recurrent, bias):
    """x [batch, time, in] to all outputs [batch, time, units]: Keras' formulas with reset_after=True."""
    h, outputs = x.new_zeros(x.shape[0], recurrent.shape[0]), []
    for t in range(x.shape[1]):
        xz, xr, xh = (x[:, t] @ kernel + bias[0]).chunk(3, dim=1)
        hz, hr, hh = (h @ recurrent + bias[1]).chunk(3, dim=1)
        z, r = torch.sigmoid(xz + hz), torch.sigmoid(xr + hr)
        h = z * h + (1 - z) * torch.tanh(xh + r * hh)
        outputs.append(h)
    return torch.stack(outputs, dim=1)


def gru_weights(name, inputs, units):
    return {f"{name}/kernel": rounded(inputs, 3 * units, scale=0.4), f"{name}/recurrent_kernel": rounded(units, 3 * units, scale=0.4), f"{name}/bias": rounded(2, 3 * units, scale=0.3)}


if __name__ == "__main__":
    torch.manual_seed(1)
    lstm_case("lstm", 3, 5, 7, 9, hard=False)
    lstm_case("lstm_wide", 9, 6, 21, 37, hard=False)
    lstm_case("lstm_hard_sigmoid", 4, 6, 10, 17, hard=True)
    lstm_case("lstm_single", 1, 1, 1, 1, hard=False)
    linear_case()
    adam_case()
    classifier_case("lstm_classifier", hard=False)
    classifier_case("lstm_classifier_hard_sigmoid", hard=True)

    torch.manual_seed(2)
    for recurrent_kind in ("gru", "lstm"):
        sequence_case(f"{recurrent_kind}_sequence", recurrent_kind, 3, 6, 7, 9, False, [6, 6, 6])
        sequence_case(f"{recurrent_kind}_masked", recurrent_kind, 5, 7, 5, 18, False, [7, 3, 1, 5, 6])
        sequence_case(f"{recurrent_kind}_bidirectional", recurrent_kind, 4, 6, 8, 5, True, [2, 6, 1, 4])
    optimizer_case("sgd", lambda p: torch.optim.SGD(p, lr=0.1))
    optimizer_case("sgd_momentum", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9))
    optimizer_case("sgd_nesterov", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True))
    optimizer_case("rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=0))
    optimizer_case("rmsprop_momentum", lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=0, momentum=0.8))
    model_case("gru_model", (5, 6, 11), 3, {**gru_weights("gru", 11, 8), **gru_weights("gru_1", 8, 4), **dense("dense", 4, 4), **dense("dense_1", 4, 3)},
               lambda x, k, r, b, k1, r1, b1, d, db, d1, d1b: torch.relu(gru(gru(x, k, r, b), k1, r1, b1)[:, -1] @ d + db) @ d1 + d1b)
    model_case("mlp_model", (4, 3, 5), 4, {**dense("dense", 15, 12), **dense("dense_1", 12, 12), **dense("dense_2", 12, 4)},
               lambda x, d, db, d1, d1b, d2, d2b: ((x.flatten(1) @ d + db) @ d1 + d1b) @ d2 + d2b)
    model_case("attention_model", (5, 6, 8), 3, attention_weights(6, 8, 4, 3), attention_logits)
    model_case("linear_model", (5, 6, 8), 3, dense("dense", 8, 3), lambda x, d, db: x.mean(1) @ d + db)

    torch.manual_seed(3)
    optimizer_case("adadelta", lambda p: torch.optim.Adadelta(p, lr=0.5, rho=0.95, eps=1e-7))
    optimizer_case("adagrad", lambda p: torch.optim.Adagrad(p, lr=0.1, initial_accumulator_value=0.1, eps=0))
