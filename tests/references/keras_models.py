#!/usr/bin/python3
"""Writes classifiers as the versions of Keras save them, with h5py and zipfile, and the probabilities that they give, for KerasModelTests.

    /usr/bin/python3 tests/references/keras_models.py

Layouts are those of keras/engine/saving.py (2.1, 2.2), tf.keras' hdf5_format.py, keras/src/legacy/saving/legacy_h5_format.py and
keras/src/saving/saving_lib.py (3); what layers compute is written down here from their call methods, in double precision.
Sequences are noise(1000, ...) of recipes.py and are not stored.
"""
import io
import json
import re
import zipfile
from pathlib import Path

import h5py
import numpy as np

from recipes import noise

OUT = Path(__file__).resolve().parent.parent / "VideoLstm.Core.Tests/Models/Fixtures"
FEATURES = 2048
expected = {}


# What layers compute. x [time, in], mask [time] or None.

def sigmoid(v):
    return 1 / (1 + np.exp(-v))


GATES = {"sigmoid": sigmoid, "hard_sigmoid": lambda v: np.clip(0.2 * v + 0.5, 0, 1), "hard_sigmoid_3": lambda v: np.clip(v / 6 + 0.5, 0, 1)}
ACTIVATIONS = {"linear": lambda v: v, "relu": lambda v: np.maximum(v, 0), "tanh": np.tanh, "sigmoid": sigmoid,
               "softmax": lambda v: np.exp(v - v.max()) / np.exp(v - v.max()).sum()}


def lstm_step(gate, kernel, recurrent, bias):
    def step(x, state):
        h, c = state
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
        c = gate(f) * c + gate(i) * np.tanh(g)
        h = gate(o) * np.tanh(c)
        return h, (h, c)
    return step


def gru_step(gate, kernel, recurrent, bias, reset_after):
    def step(x, state):
        h, = state
        u = len(h)
        if reset_after:
            xs, hs = np.split(x @ kernel + bias[0], 3), np.split(h @ recurrent + bias[1], 3)
            z, r = gate(xs[0] + hs[0]), gate(xs[1] + hs[1])
            candidate = np.tanh(xs[2] + r * hs[2])
        else:
            xs = np.split(x @ kernel + bias, 3)
            z, r = gate(xs[0] + h @ recurrent[:, :u]), gate(xs[1] + h @ recurrent[:, u:2 * u])
            candidate = np.tanh(xs[2] + (r * h) @ recurrent[:, 2 * u:])
        h = z * h + (1 - z) * candidate
        return h, (h,)
    return step


def run(step, states, units, x, mask, sequences):
    state, output, outputs = (np.zeros(units),) * states, np.zeros(units), []
    for t in range(len(x)):
        if mask is None or mask[t]:
            output, state = step(x[t], state)
        outputs.append(output)
    return np.array(outputs) if sequences else output


class Model:
    """Layers one behind the other: their configuration, their weights in the order of get_weights, what they compute."""

    def __init__(self, version, time, name="sequential", kind="Sequential", input_time=...):
        self.version, self.time, self.name, self.kind = version, time, name, kind
        self.input_time = time if input_time is ... else input_time
        self.major = int(version.split(".")[0])
        self.layers, self.width, self.seed, self.mask_input = [], FEATURES, 0, None

    def weight(self, *shape, scale=None):
        self.seed += 1
        scale = scale if scale is not None else (3 / shape[0]) ** 0.5
        return (noise(self.seed, int(np.prod(shape))) * np.float32(scale)).reshape(shape)

    def add(self, cls, name, config, weights=(), compute=None):
        first = {}
        if not self.layers:
            first = {"batch_input_shape": [None, self.input_time, FEATURES]}
        self.layers.append({"class": cls, "name": name, "config": {"name": name, "trainable": True, **(first if self.major < 3 else {}), "dtype": "float32", **config},
                            "weights": list(weights), "compute": compute})
        return self

    def recurrent(self, cls, name, units, sequences=False, gate="sigmoid", reset_after=True, bias=True, activation="tanh"):
        config, weights, step, states = self.recurrent_parts(cls, name, units, sequences, gate, reset_after, bias)
        self.width = units
        return self.add(cls, name, config, weights, lambda x, mask: run(step, states, units, x, mask, sequences))

    def recurrent_parts(self, cls, name, units, sequences, gate, reset_after, bias):
        gates = 4 if "LSTM" in cls else 3
        kernel, recurrent = self.weight(self.width, gates * units, scale=2 * (3 / self.width) ** 0.5), self.weight(units, gates * units, scale=1.5)
        config = {"name": name, "trainable": True, "units": units, "activation": "tanh", "recurrent_activation": gate, "use_bias": bias,
                  "kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}},
                  "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
                  "kernel_regularizer": None, "dropout": 0.5, "recurrent_dropout": 0.0, "implementation": 2, "return_sequences": sequences, "return_state": False,
                  "go_backwards": False, "stateful": False, "unroll": False}
        if cls.startswith("CuDNN"):
            for key in ("activation", "recurrent_activation", "use_bias", "dropout", "recurrent_dropout", "implementation", "unroll"):
                del config[key]
            b = self.weight(2 * gates * units, scale=0.3)
            # tf.keras' _convert_rnn_weights: the layout of cuDNN to that of LSTM and GRU(reset_after=True).
            k = np.hstack([w.T.reshape(w.shape, order="F") for w in np.hsplit(kernel, gates)]).astype("f8")
            r = np.hstack([w.T for w in np.hsplit(recurrent, gates)]).astype("f8")
            step = lstm_step(sigmoid, k, r, b.astype("f8").reshape(2, -1).sum(0)) if gates == 4 else gru_step(sigmoid, k, r, b.astype("f8").reshape(2, -1), True)
            return config, [kernel, recurrent, b], step, 2 if gates == 4 else 1
        if cls == "GRU" and not (self.version.startswith("2.1.")):
            config["reset_after"] = reset_after
        shape = (2, gates * units) if cls == "GRU" and reset_after else (gates * units,)
        b = self.weight(*shape, scale=0.3) if bias else None
        b8 = b.astype("f8") if bias else np.zeros(shape)
        act = GATES[gate + "_3" if gate == "hard_sigmoid" and self.major >= 3 else gate]
        k, r = kernel.astype("f8"), recurrent.astype("f8")
        step = lstm_step(act, k, r, b8) if cls == "LSTM" else gru_step(act, k, r, b8, reset_after)
        return config, [kernel, recurrent] + ([b] if bias else []), step, 2 if cls == "LSTM" else 1

    def bidirectional(self, cls, name, inner, units, sequences=False, **options):
        parts = [self.recurrent_parts(cls, inner, units, sequences, options.get("gate", "sigmoid"), options.get("reset_after", True), True) for _ in range(2)]
        config, _, forward, states = parts[0]
        backward = parts[1][2]

        def compute(x, mask):
            a = run(forward, states, units, x, mask, sequences)
            b = run(backward, states, units, x[::-1], None if mask is None else mask[::-1], sequences)
            return np.concatenate([a, b[::-1] if sequences else b], axis=-1)

        self.width = 2 * units
        extra = {} if self.major < 3 else {"backward_layer": {"module": "keras.layers", "class_name": cls, "config": {**config, "name": "backward_" + inner, "go_backwards": True}}}
        return self.add("Bidirectional", name, {"layer": {"class_name": cls, "config": config}, "merge_mode": "concat", **extra}, parts[0][1] + parts[1][1], compute)

    def dense(self, name, units, activation="linear", bias=True):
        kernel, b = self.weight(self.width, units), self.weight(units, scale=0.3) if bias else None
        self.width = units
        return self.add("Dense", name, {"units": units, "activation": activation, "use_bias": bias}, [kernel] + ([b] if bias else []),
                        lambda x, mask: ACTIVATIONS[activation](x @ kernel.astype("f8") + (b.astype("f8") if bias else 0)))

    def dropout(self, name):
        return self.add("Dropout", name, {"rate": 0.5, "noise_shape": None, "seed": None}, [], lambda x, mask: x)

    def activation(self, name, activation):
        return self.add("Activation", name, {"activation": activation}, [], lambda x, mask: ACTIVATIONS[activation](x))

    def flatten(self, name):
        self.width *= self.time
        return self.add("Flatten", name, {"data_format": "channels_last"}, [], lambda x, mask: x.ravel())

    def max_pooling(self, name):
        return self.add("GlobalMaxPooling1D", name, {"data_format": "channels_last", "keepdims": False}, [], lambda x, mask: x.max(axis=0))

    def masking(self, name):
        return self.add("Masking", name, {"mask_value": 0.0}, [], lambda x, mask: x)

    def normalization(self, name, axis, scale=True):
        w = self.width
        gamma = np.abs(self.weight(w, scale=1)) + np.float32(0.5) if scale else None
        beta, mean, variance = self.weight(w, scale=0.5), self.weight(w, scale=0.5), np.abs(self.weight(w, scale=1)) + np.float32(0.2)
        return self.add("BatchNormalization", name, {"axis": axis, "momentum": 0.99, "epsilon": 0.01, "center": True, "scale": scale}, ([gamma] if scale else []) + [beta, mean, variance],
                        lambda x, mask: (x - mean.astype("f8")) / np.sqrt(variance.astype("f8") + 0.01) * (gamma.astype("f8") if scale else 1) + beta.astype("f8"))

    # Configurations.

    def config(self):
        layers = []
        modern = self.major >= 3 or self.version.startswith(("2.13", "2.15"))
        for layer in self.layers:
            layers.append({**({"module": "keras.layers"} if modern else {}), "class_name": layer["class"], "config": layer["config"], **({"registered_name": None} if modern else {})})
        shape = [None, self.input_time, FEATURES]
        if self.kind == "Sequential":
            if self.version.startswith("2.1."):
                return {"class_name": "Sequential", "config": layers}
            if self.major >= 3:
                layers.insert(0, {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": shape, "dtype": "float32", "sparse": False, "name": "input_layer"}, "registered_name": None})
            elif self.version.startswith("2.15"):
                layers.insert(0, {"class_name": "InputLayer", "config": {"batch_input_shape": shape, "dtype": "float32", "sparse": False, "ragged": False, "name": self.layers[0]["name"] + "_input"}})
            return {"class_name": "Sequential", "config": {"name": self.name, "layers": layers}}
        key = "batch_shape" if self.major >= 3 else "batch_input_shape"
        inputs = [("input_1", shape, "float32")] + ([("input_2", shape[:2], "bool")] if self.mask_input is not None else [])
        graph = [{"name": n, "class_name": "InputLayer", "config": {key: s, "dtype": d, "sparse": False, "name": n}, "inbound_nodes": []} for n, s, d in inputs]
        previous = "input_1"
        for index, (layer, item) in enumerate(zip(self.layers, layers)):
            masked = self.mask_input == index

            def tensor(name):
                return {"class_name": "__keras_tensor__", "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]}}

            if self.major >= 3:
                node = {"args": [tensor(previous)], "kwargs": {"training": False, **({"mask": tensor("input_2")} if masked else {})}}
            else:
                node = [[previous, 0, 0, {"mask": ["input_2", 0, 0]} if masked else {}]]
            graph.append({"name": layer["name"], **item, "inbound_nodes": [node]})
            previous = layer["name"]
        # The order of layers is one of depth: the mask stands behind the input.
        ends = [[n, 0, 0] for n, _, _ in inputs]
        return {"class_name": "Functional" if self.major >= 3 or self.version.startswith("2.15") else "Model",
                "config": {"name": self.name, "trainable": True, "layers": graph, "input_layers": ends if len(ends) > 1 or self.major < 3 else ends[0],
                           "output_layers": [[previous, 0, 0]] if self.major < 3 else [previous, 0, 0]}}

    # Files.

    def weight_names(self, layer):
        names = {"LSTM": ["kernel", "recurrent_kernel", "bias"], "GRU": ["kernel", "recurrent_kernel", "bias"]}
        cls, name = layer["class"], layer["name"]
        if cls == "BatchNormalization":
            plain = (["gamma"] if len(layer["weights"]) == 4 else []) + ["beta", "moving_mean", "moving_variance"]
        else:
            plain = ["kernel", "recurrent_kernel", "bias"] if cls != "Dense" else ["kernel", "bias"]
        cell = {"2": "", "t": f"{layer['config'].get('layer', {}).get('class_name', cls).lower()}_cell_7/"}["t" if self.version.startswith("2.15") or self.major >= 3 else "2"]
        top = f"{self.name}/" if self.major >= 3 else ""
        colon = "" if self.major >= 3 else ":0"
        if cls == "Bidirectional":
            inner = layer["config"]["layer"]["config"]["name"]
            return [f"{top}{name}/{way}_{inner}/{cell}{p}{colon}" for way in ("forward", "backward") for p in plain[:len(layer["weights"]) // 2]]
        return [f"{top}{name}/{cell if cls in names else ''}{p}{colon}" for p in plain[:len(layer["weights"])]]

    def save_hdf5(self, file, **storage):
        with h5py.File(OUT / file, "w", **{k: v for k, v in storage.items() if k == "libver"}) as f:
            for key, value in {"keras_version": self.version, "backend": "tensorflow", "model_config": json.dumps(self.config()),
                               "training_config": json.dumps({"loss": "categorical_crossentropy", "metrics": ["accuracy"]})}.items():
                f.attrs[key] = value if self.major > 2 or "15" in self.version else value.encode("utf8")
            g = f.create_group("model_weights")
            inputs = [] if self.kind == "Sequential" else ["input_1"] + (["input_2"] if self.mask_input is not None else [])
            g.attrs["layer_names"] = np.array([n.encode("utf8") for n in inputs + [layer["name"] for layer in self.layers]])
            g.attrs["backend"], g.attrs["keras_version"] = b"tensorflow", self.version.encode()
            for name in inputs:
                g.create_group(name).attrs["weight_names"] = []
            for layer in self.layers:
                names = self.weight_names(layer)
                group = g.create_group(layer["name"])
                group.attrs["weight_names"] = np.array([n.encode("utf8") for n in names]) if names else []
                for n, w in zip(names, layer["weights"]):
                    group.create_dataset(n, data=w)
            if self.major == 3:
                g.create_group("top_level_model_weights").attrs["weight_names"] = []
            f.create_group("optimizer_weights").create_dataset("iterations", data=np.int64(7))
        self.expect(file)

    def save_keras(self, file, root="layers", separator="/", packed=zipfile.ZIP_STORED, **storage):
        memory, counts = io.BytesIO(), {}
        with h5py.File(memory, "w", **{k: v for k, v in storage.items() if k == "libver"}) as f:
            for layer in self.layers:
                snake = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", layer["class"])).lower()
                number = counts[snake] = counts.get(snake, -1) + 1
                base = [root, snake + (f"_{number}" if number else "")]
                if layer["class"] == "Bidirectional":
                    half = len(layer["weights"]) // 2
                    parts = [(["forward_layer", "cell"], layer["weights"][:half]), (["backward_layer", "cell"], layer["weights"][half:])]
                else:
                    parts = [(["cell"] if layer["class"] in ("LSTM", "GRU") else [], layer["weights"])]
                for path, weights in parts:
                    group = f.create_group(separator.join(base + path) + "/vars")
                    for i, w in enumerate(weights):
                        group.create_dataset(str(i), data=w, **{k: v for k, v in storage.items() if k != "libver"})
                if layer["class"] == "Dropout":
                    f.create_dataset(separator.join(base + ["seed_generator"]) + "/vars/0", data=np.array([1, 2], "u4"))
            f.create_dataset("optimizer/vars/0", data=np.int32(7))
        config = {"module": "keras", **self.config(), "registered_name": None, "build_config": {"input_shape": [None, self.input_time, FEATURES]}}
        with zipfile.ZipFile(OUT / file, "w", packed) as z:
            z.writestr("metadata.json", json.dumps({"keras_version": self.version, "date_saved": "2026-01-02@03:04:05"}))
            z.writestr("config.json", json.dumps(config))
            z.writestr("model.weights.h5", memory.getvalue())
        self.expect(file)

    def expect(self, file, batch=3):
        x = noise(1000, batch * self.time * FEATURES).astype("f8").reshape(batch, self.time, FEATURES)
        masks = None
        if self.mask_input is not None or self.layers[0]["class"] == "Masking":
            lengths = [self.time, 1, self.time - 1]
            masks = np.arange(self.time)[None] < np.array(lengths)[:, None]
            x = x * masks[:, :, None]
        rows = []
        for b in range(batch):
            value, mask = x[b], None if masks is None else masks[b]
            for layer in self.layers:
                value = layer["compute"](value, mask)
                if value.ndim == 1:
                    mask = None
            if len(value) == 1:
                value = np.array([1 - value[0], value[0]])
            elif self.layers[-1]["config"].get("activation") == "linear":
                value = ACTIVATIONS["softmax"](value)
            rows.append([float(v) for v in value])
        expected[file] = {"time": self.time, "probabilities": rows, **({"lengths": lengths} if masks is not None else {})}


if __name__ == "__main__":
    # The article's: Keras 2.1 lists the layers right in the configuration and has hard sigmoids.
    (Model("2.1.6", 4).recurrent("LSTM", "lstm_1", 2, gate="hard_sigmoid").dense("dense_1", 512, "relu").dropout("dropout_1").dense("dense_2", 3, "softmax")
     .save_hdf5("keras2_lstm.hdf5"))
    (Model("2.15.0", 4).bidirectional("LSTM", "bidirectional", "lstm", 2, sequences=True).bidirectional("LSTM", "bidirectional_1", "lstm_1", 2)
     .dense("dense", 512, "relu").dropout("dropout").dense("dense_1", 2, "softmax").save_hdf5("tfkeras_bidirectional.h5"))
    (Model("2.2.4", 5, "sequential_1").flatten("flatten_1").dense("dense_1", 2).dropout("dropout_1").dense("dense_2", 2).dropout("dropout_2").dense("dense_3", 3, "softmax")
     .save_hdf5("keras2_mlp.hdf5"))

    # Keras' CNN-RNN example, whose second input is a mask.
    def cnn_rnn(version):
        model = Model(version, 6, "model", "Functional")
        model.mask_input = 0
        return model.recurrent("GRU", "gru", 4, sequences=True).recurrent("GRU", "gru_1", 2).dropout("dropout").dense("dense", 2, "relu").dense("dense_1", 3, "softmax")

    cnn_rnn("2.4.0").save_hdf5("tfkeras_cnn_rnn.h5")
    cnn_rnn("3.3.3").save_keras("keras3_cnn_rnn.keras")

    # None of the recipes.
    Model("3.5.0", 4).recurrent("LSTM", "lstm", 3, gate="hard_sigmoid").dense("dense", 3, "softmax").save_keras("keras3_hard_sigmoid.keras", packed=zipfile.ZIP_DEFLATED)
    (Model("2.1.3", 4, kind="Functional").recurrent("GRU", "gru_1", 3, sequences=True, gate="hard_sigmoid", reset_after=False)
     .recurrent("GRU", "gru_2", 2, reset_after=False, bias=False).dense("dense_1", 3).activation("activation_1", "softmax").save_hdf5("keras2_gru.h5"))
    (Model("2.2.4-tf", 4).recurrent("CuDNNLSTM", "cu_dnnlstm", 2, sequences=True).recurrent("CuDNNGRU", "cu_dnngru", 3).dense("dense", 3, "softmax")
     .save_hdf5("tfkeras_cudnn.h5"))
    (Model("3.4.1", 4, input_time=None).recurrent("LSTM", "lstm", 2, bias=False).dense("dense", 3).save_hdf5("keras3_any_length.h5"))
    (Model("3.8.0", 5).masking("masking").bidirectional("GRU", "bidirectional", "gru", 2, sequences=True).normalization("batch_normalization", -1)
     .recurrent("LSTM", "lstm", 3).normalization("batch_normalization_1", 1, scale=False).dense("dense", 4, "tanh", bias=False).activation("activation", "sigmoid")
     .dense("dense_1", 1, "sigmoid").save_keras("keras3_mixture.keras", chunks=True, compression="gzip", shuffle=True))
    (Model("2.13.1", 4).recurrent("GRU", "gru", 3, sequences=True, reset_after=True).dense("dense", 5, "relu").max_pooling("pool").dropout("dropout").dense("dense_1", 2, "softmax")
     .save_keras("tfkeras_windows.keras", root="_layer_checkpoint_dependencies", separator="\\"))
    (OUT / "keras_models.json").write_text(json.dumps(expected, indent=1))
