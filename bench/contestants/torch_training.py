#!/usr/bin/python3
"""PyTorch's side of torch_training.mjs: trains RegNets by the same recipe on the same images.

Reads a job (one line of JSON), decodes its images, says {"ready": true}, and waits for another line. Then it trains the
job's networks, one after another, and writes a line for each. Images are kept in memory and augmented in whole batches,
so that PyTorch does not wait for data. Needs Debian's python3-torch and python3-torchvision.
"""
import json
import math
import pathlib
import sys
import time

import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torchvision.models.regnet import BlockParams, RegNet
from torchvision.transforms.functional import pil_to_tensor


def build(model, classes):
    stages = len(model["widths"])
    params = BlockParams(
        depths=model["depths"],
        widths=model["widths"],
        group_widths=model["groupWidths"],
        bottleneck_multipliers=[1 / model["bottleneck"]] * stages,
        strides=[2] * stages,
        se_ratio=model.get("se"),
    )
    net = RegNet(params, num_classes=classes, stem_width=model["stemWidth"])
    if model["stem"] == "cifar":
        net.stem[0].stride = (1, 1)
    return net


def read(folder, files, labels, mean, std):
    images = [pil_to_tensor(Image.open(pathlib.Path(folder, name)).convert("RGB")) for name in files]
    x = torch.stack(images).float().div_(255)
    x.sub_(torch.tensor(mean).view(1, 3, 1, 1)).div_(torch.tensor(std).view(1, 3, 1, 1))
    return x.contiguous(memory_format=torch.channels_last), torch.tensor(labels)


def augment(x, padding, flip):
    """A random crop of each padded image, mirrored with probability `flip`: one gather for the batch."""
    n, _, h, w = x.shape
    padded = F.pad(x, [padding] * 4)
    dy = torch.randint(0, 2 * padding + 1, (n, 1))
    dx = torch.randint(0, 2 * padding + 1, (n, 1))
    rows = torch.arange(h)[None] + dy
    columns = torch.arange(w)[None] + dx
    mirrored = torch.rand(n, 1) < flip
    columns = torch.where(mirrored, columns.flip(1), columns)
    batch = padded.permute(0, 2, 3, 1)[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return batch.permute(0, 3, 1, 2)


def learning_rate(recipe, share, epochs):
    peak = recipe["learningRate"]
    factor = 0.5 * (1 + math.cos(math.pi * share))
    warmup = recipe.get("warmup")
    if warmup:
        length = min(warmup["epochs"] / epochs, warmup["share"])
        if share < length:
            climbed = share / length
            factor *= warmup["from"] * (1 - climbed) + climbed
    return peak * factor


def precise_statistics(net, x, recipe):
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    crop = recipe["augmentation"]["crop"]["padding"]
    with torch.no_grad():
        for _ in range(math.ceil(recipe["preciseStatistics"] / recipe["batch"])):
            chosen = torch.randint(0, len(x), (recipe["batch"],))
            net(augment(x[chosen], crop, recipe["augmentation"]["flip"]))
    for norm in norms:
        norm.momentum = 0.1


def accuracy(net, x, y):
    net.eval()
    right = 0
    with torch.inference_mode():
        for at in range(0, len(x), 128):
            right += (net(x[at : at + 128]).argmax(1) == y[at : at + 128]).sum().item()
    net.train()
    return right / len(x)


def train(network, job, images):
    started = time.perf_counter()
    recipe = job["recipe"]
    x, y = images["train"]
    torch.manual_seed(network["seed"])
    net = build(network["model"], job["classes"]).to(memory_format=torch.channels_last).train()
    decays = [p for p in net.parameters() if recipe["decay"] == "all" or p.dim() > 1]
    others = [p for p in net.parameters() if not (recipe["decay"] == "all" or p.dim() > 1)]
    sgd = recipe["optimiser"]
    optimiser = torch.optim.SGD(
        [{"params": decays, "weight_decay": sgd["weightDecay"]}, {"params": others, "weight_decay": 0}],
        lr=0.1,
        momentum=sgd["momentum"],
        nesterov=sgd["nesterov"],
    )
    batch, epochs = recipe["batch"], recipe["epochs"]
    steps_per_epoch = len(x) // batch
    steps = epochs * steps_per_epoch
    crop = recipe["augmentation"]["crop"]["padding"]
    step, top1 = 0, []
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for at in range(steps_per_epoch):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(recipe, step / steps, epochs)
            chosen = order[at * batch : (at + 1) * batch]
            inputs = augment(x[chosen], crop, recipe["augmentation"]["flip"])
            optimiser.zero_grad(set_to_none=True)
            loss = F.cross_entropy(net(inputs), y[chosen], label_smoothing=recipe["labelSmoothing"])
            loss.backward()
            optimiser.step()
            step += 1
        if recipe["preciseStatistics"]:
            precise_statistics(net, x, recipe)
        top1.append(accuracy(net, *images["val"]))
    params = sum(p.numel() for p in net.parameters())
    return {"top1": top1, "seconds": time.perf_counter() - started, "params": params}


def main():
    job = json.loads(sys.stdin.readline())
    torch.set_num_threads(job["threads"])
    norm = job["normalisation"]
    images = {
        name: read(job["folder"], split["files"], split["labels"], norm["mean"], norm["std"])
        for name, split in job["splits"].items()
    }
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    for network in job["networks"]:
        print(json.dumps(train(network, job, images)), flush=True)


main()
