#!/usr/bin/python3
"""Reference values for what happens to frames before a network sees them, from SciPy and OpenCV.

    apt-get install python3-scipy python3-opencv
    /usr/bin/python3 tests/references/frames.py

writes the fixtures that FrameTransformTests, FarnebackFlowTests and InputPicturesTests read: lines "name size size ...", an empty
line, then all tensors in that order as little-endian float32. The pictures are textures whose formula is also in Texture.cs.
"""
from pathlib import Path

import cv2
import numpy as np
from scipy import ndimage

FIXTURES = Path(__file__).resolve().parent.parent / "VideoLstm.Core.Tests" / "Samples" / "Fixtures"


def texture(height, width, phase=0.0, motion=np.eye(3)):
    """[height, width] bytes: waves, moved so that what was at p is at motion * p, p = (x, y, 1), measured from the centre."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    back = np.linalg.inv(motion)
    u, v = back[0, 0] * x + back[0, 1] * y + back[0, 2], back[1, 0] * x + back[1, 1] * y + back[1, 2]
    waves = (34 * np.sin(0.11 * u + 0.07 * v + phase) + 30 * np.sin(0.31 * u - 0.23 * v + 1 + phase)
             + 28 * np.sin(0.05 * u + 0.41 * v + 2 - phase) + 20 * np.sin(-0.62 * u + 0.53 * v + 3 + 2 * phase))
    return np.floor(128 + waves + 0.5).astype(np.uint8)


def frame(height, width):
    """[height, width, 3] bytes."""
    return np.stack([texture(height, width, phase) for phase in (0.0, 0.7, 1.9)], axis=2)


def motion(dx=0.0, dy=0.0, degrees=0.0, zoom=1.0):
    a = np.deg2rad(degrees)
    return np.array([[zoom * np.cos(a), -zoom * np.sin(a), dx], [zoom * np.sin(a), zoom * np.cos(a), dy], [0, 0, 1]])


def keras_transform(x, theta=0.0, tx=0.0, ty=0.0, zx=1.0, zy=1.0, flip=False, brightness=1.0, shear=0.0, flip_vertical=False,
                    channel_shift=0.0, fill_mode="nearest", cval=0.0):
    """apply_transform of keras-preprocessing, its first axis the rows; [height, width, 3] in double precision."""
    theta = np.deg2rad(theta)
    rotation = np.array([[np.cos(theta), -np.sin(theta), 0], [np.sin(theta), np.cos(theta), 0], [0, 0, 1]])
    shift = np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    shear = np.deg2rad(shear)
    lean = np.array([[1, -np.sin(shear), 0], [0, np.cos(shear), 0], [0, 0, 1]])
    zoom = np.diag([zx, zy, 1.0])
    h, w = x.shape[:2]
    o_x, o_y = h / 2 - 0.5, w / 2 - 0.5
    offset = np.array([[1, 0, o_x], [0, 1, o_y], [0, 0, 1]])
    reset = np.array([[1, 0, -o_x], [0, 1, -o_y], [0, 0, 1]])
    m = offset @ rotation @ shift @ lean @ zoom @ reset
    x = np.stack([ndimage.affine_transform(x[..., c].astype(np.float64), m[:2, :2], m[:2, 2], order=1, mode=fill_mode, cval=cval) for c in range(3)], axis=2)
    if channel_shift:
        x = np.clip(x + channel_shift, x.min(), x.max())
    if flip:
        x = x[:, ::-1]
    if flip_vertical:
        x = x[::-1]
    return np.clip(x * brightness, 0, 255)


def write(name, tensors):
    FIXTURES.mkdir(parents=True, exist_ok=True)
    arrays = {k: np.ascontiguousarray(v, dtype="<f4") for k, v in tensors.items()}
    head = "".join(f"{k} {' '.join(map(str, a.shape))}\n" for k, a in arrays.items())
    (FIXTURES / f"{name}.bin").write_bytes(head.encode() + b"\n" + b"".join(a.tobytes() for a in arrays.values()))


def write_transforms():
    write("transforms", {
        "rotation": keras_transform(frame(37, 53), theta=8),
        "shift": keras_transform(frame(37, 53), tx=5.25, ty=-9.5),
        "zoom": keras_transform(frame(37, 53), zx=1.1, zy=0.9),
        "flip": keras_transform(frame(37, 53), flip=True),
        "brightness": keras_transform(frame(37, 53), brightness=1.3),
        "all": keras_transform(frame(37, 53), theta=-31, tx=-4.5, ty=7.75, zx=0.8, zy=1.15, flip=True, brightness=0.85),
        "row": keras_transform(frame(1, 7), theta=20, ty=1.5),
    })


def write_fills():
    far = {"theta": 27, "tx": -40.25, "ty": 61.5, "zx": 2.3, "zy": 2.7}
    write("fills", {
        "shear": keras_transform(frame(37, 53), shear=20),
        "vertical": keras_transform(frame(37, 53), flip_vertical=True),
        "channel": keras_transform(frame(37, 53), channel_shift=-41.25),
        "constant": keras_transform(frame(37, 53), **far, fill_mode="constant", cval=77),
        "reflect": keras_transform(frame(37, 53), **far, fill_mode="reflect"),
        "wrap": keras_transform(frame(37, 53), **far, fill_mode="wrap"),
        "everything": keras_transform(frame(37, 53), **far, shear=-33, flip=True, flip_vertical=True, channel_shift=23.5, brightness=0.9,
                                      fill_mode="reflect"),
    })


MOTIONS = {
    # name: height, width, motion. So many halvings as the smaller side allows: 0, 1, 2, 3.
    "tiny": (12, 20, motion(dx=0.6, dy=-0.4)),
    "shift": (70, 97, motion(dx=3.3, dy=-1.6)),
    "turn": (150, 131, motion(degrees=2.5)),
    "zoom": (260, 257, motion(zoom=1.04, dx=2.0)),
    "far": (257, 290, motion(dx=11.0, dy=7.5, degrees=-1.0)),
}


def write_flows():
    tensors = {}
    for name, (height, width, m) in MOTIONS.items():
        flow = cv2.calcOpticalFlowFarneback(texture(height, width), texture(height, width, motion=m), None, 0.5, 3, 15, 3, 5, 1.1, 0)
        # Every third pixel will do.
        tensors[name] = flow[::3, ::3].transpose(2, 0, 1)
    write("flows", tensors)


def write_pictures():
    rgb = frame(40, 60)
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    y, x = np.mgrid[-20:20, -30:30].astype(np.float64)
    flow = np.stack([0.3 * x - 0.1 * y, 0.2 * y + 0.05 * x]).astype(np.float32)
    length, angle = np.hypot(*flow.astype(np.float64)), np.degrees(np.arctan2(flow[1], flow[0])) % 360
    value = (length - length.min()) / (length.max() - length.min())
    hsv = np.stack([angle, np.ones_like(angle), value], axis=2).astype(np.float32)
    write("pictures", {"gray": gray, "flow": flow, "painted": 255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)})


def write_masked():
    # keras-video-generators' diff_mask and flow_mask, of pixels of 0 to 1; any picture will do as the flow's.
    tensors = {}
    for height, width in ((40, 60), (5, 9), (1, 3)):
        first, second, painted = frame(height, width), frame(height, width)[::-1, ::-1], frame(height, width)[::-1]
        difference = cv2.absdiff(*(cv2.cvtColor(np.ascontiguousarray(f), cv2.COLOR_RGB2GRAY) for f in (first, second)))
        image = cv2.addWeighted(first / 255, 0.5, second / 255, 0.5, 0)
        for name, mask in (("diff", cv2.cvtColor(difference, cv2.COLOR_GRAY2RGB)), ("flow", painted)):
            tensors[f"{name} {height} {width}".replace(" ", "_")] = 255 * cv2.multiply(image, cv2.GaussianBlur(mask / 255, (15, 15), 0))
    write("masked", tensors)


if __name__ == "__main__":
    write_transforms()
    write_fills()
    write_flows()
    write_pictures()
    write_masked()
