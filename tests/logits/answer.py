"""Used by pytorch.torch.test.ts: prints a network's answers to the made images as JSON.

    answer.py exported SCRIPT SIDE      through the script that an export wrote
    answer.py saved MODEL CLASSES SIDE FOLDER
                                        of torchvision's network with made weights, after torch.save in both forms
"""
import importlib.util
import json
import os
import sys

import torch
import torchvision

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from made_weights import fill, images


def exported(script, side):
    spec = importlib.util.spec_from_file_location("exported", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load(), int(side)


def saved(model, classes, side, folder):
    net = fill(getattr(torchvision.models, model)(num_classes=int(classes)))
    torch.save(net.state_dict(), os.path.join(folder, "zip.pth"))
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    whole = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    torch.save(whole, os.path.join(folder, "legacy.pth"), _use_new_zipfile_serialization=False)
    return net, int(side)


net, side = {"exported": exported, "saved": saved}[sys.argv[1]](*sys.argv[2:])
with torch.no_grad():
    print(json.dumps(net(images(2, side)).flatten().tolist()))
