#!/usr/bin/python3
"""PyTorch's side of torch_training.mjs: trains RegNets by the same recipe on the same images.

Reads a job (one line of JSON) and its images, says {"ready": true}, and waits for another line. Then it trains the job's
networks, one after another, and writes a line for each. Images are kept in memory and augmented in whole batches, so that
PyTorch does not wait for data. Needs Debian's python3-torch and python3-torchvision.
"""
import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from torch_images import pipeline, read
from torch_networks import build


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


def precise_statistics(net, x, pipe, batch, steps):
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    with torch.no_grad():
        for _ in range(steps):
            net(pipe.train(x[torch.randint(0, len(x), (batch,))]))
    for norm in norms:
        norm.momentum = 0.1


def accuracy(net, x, y, pipe):
    net.eval()
    right = 0
    with torch.inference_mode():
        for at in range(0, len(x), 128):
            right += (net(pipe.evaluate(x[at : at + 128])).argmax(1) == y[at : at + 128]).sum().item()
    net.train()
    return right / len(x)


def train(network, job, pipe, images):
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
    precise_steps = min(math.ceil(recipe["preciseStatistics"] / batch), steps_per_epoch)
    step, top1 = 0, []
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for at in range(steps_per_epoch):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(recipe, step / steps, epochs)
            chosen = order[at * batch : (at + 1) * batch]
            optimiser.zero_grad(set_to_none=True)
            loss = F.cross_entropy(net(pipe.train(x[chosen])), y[chosen], label_smoothing=recipe["labelSmoothing"])
            loss.backward()
            if "clipNorm" in recipe:
                nn.utils.clip_grad_norm_(net.parameters(), recipe["clipNorm"])
            optimiser.step()
            step += 1
        if precise_steps:
            precise_statistics(net, x, pipe, batch, precise_steps)
        top1.append(accuracy(net, *images["val"], pipe))
    params = sum(p.numel() for p in net.parameters())
    return {"top1": top1, "seconds": time.perf_counter() - started, "params": params}


def main():
    job = json.loads(sys.stdin.readline())
    torch.set_num_threads(job["threads"])
    pipe = pipeline(job["recipe"], job["normalisation"], job["resolution"])
    images = {}
    for name, split in job["splits"].items():
        pixels, labels = read(split)
        images[name] = pipe.prepare(pixels), labels
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    for network in job["networks"]:
        print(json.dumps(train(network, job, pipe, images)), flush=True)


main()
