"""
The article's way from clips to features, with PyTorch's InceptionV3 on random weights in Keras' place: ffmpeg writes each
clip's frames as JPEG files, then each file is read, scaled and put through the network by itself, and each clip's features
are saved with numpy. Usage: article.py FOLDER FRAMES CLIP...
"""
import os
import subprocess
import sys

import numpy
import torch
import torchvision
from PIL import Image

folder, frames, clips = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
torch.set_num_threads(os.cpu_count())
net = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
net.fc = torch.nn.Identity()

for clip in clips:
    name = os.path.join(folder, os.path.splitext(os.path.basename(clip))[0])
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, name + "-%04d.jpg"], check=True)
for clip in clips:
    name = os.path.splitext(os.path.basename(clip))[0]
    files = sorted(f for f in os.listdir(folder) if f.startswith(name + "-") and f.endswith(".jpg"))
    files = files[:: len(files) // frames][:frames]
    sequence = []
    with torch.inference_mode():
        for file in files:
            picture = Image.open(os.path.join(folder, file)).convert("RGB").resize((299, 299))
            x = torch.from_numpy(numpy.asarray(picture).astype(numpy.float32) / 127.5 - 1).permute(2, 0, 1)[None].contiguous()
            sequence.append(net(x)[0].numpy())
    numpy.save(os.path.join(folder, name + "-features.npy"), sequence)
