#!/usr/bin/python3
"""Writes golden/logits.json: what torchvision's networks answer with made weights. Needs python3-torchvision."""
import json
import os
import sys

import torch
import torchvision

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from made_weights import fill, images

CLASSES, BATCH = 64, 2
torch.set_num_threads(2)
golden = {"classes": CLASSES, "batch": BATCH, "logits": {}}
for name in ["regnet_x_400mf", "regnet_y_400mf", "convnext_tiny"]:
    net = fill(getattr(torchvision.models, name)(num_classes=CLASSES)).double()
    for side in [64, 224]:
        with torch.no_grad():
            logits = net(images(BATCH, side).double()).flatten().tolist()
        golden["logits"][f"{name}@{side}"] = [float(f"{v:.8g}") for v in logits]
        print(name, side, "largest", max(map(abs, logits)), file=sys.stderr)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "logits.json")
with open(path, "w") as out:
    json.dump(golden, out)
    out.write("\n")
