"""Writes torchvision's InceptionV3 with random weights, up to its 2048 features, as ONNX. Usage: onnx.py HEIGHT WIDTH BATCH FILE"""
import sys

import torch
import torchvision

torch.manual_seed(1)
net = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
net.fc = torch.nn.Identity()
height, width, batch = (int(a) for a in sys.argv[1:4])
torch.onnx.export(net, torch.zeros(batch, 3, height, width), sys.argv[4], opset_version=13, input_names=["x"], output_names=["y"])
