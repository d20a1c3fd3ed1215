#!/usr/bin/python3
"""PyTorch's side of bench/speed.mjs: builds one workload and times it on request.

Speaks JSON lines. On standard input: {"do": "setup", ...workload}, then any number of {"do": "run", "steps": n},
then {"do": "memory"}. Every line is answered by one line. Needs Debian's python3-torch and python3-torchvision.
"""
import contextlib
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F

from torch_networks import build


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


class Workload:
    def __init__(self, task, model, batch, res, classes, precision, layout, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.before = resident()
        self.net = build(model, classes)
        self.x = torch.randn(batch, 3, res, res)
        self.y = torch.randint(0, classes, (batch,))
        if layout == "channels_last":
            self.net = self.net.to(memory_format=torch.channels_last)
            self.x = self.x.to(memory_format=torch.channels_last)
        bf16 = precision == "bf16"
        self.cast = (lambda: torch.autocast("cpu", dtype=torch.bfloat16)) if bf16 else contextlib.nullcontext
        if task == "train":
            self.net.train()
            self.optimiser = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-5)
            self.step = self.train
        else:
            self.net.eval()
            self.step = self.infer

    def train(self):
        self.optimiser.zero_grad(set_to_none=True)
        with self.cast():
            loss = F.cross_entropy(self.net(self.x), self.y)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def infer(self):
        with torch.inference_mode(), self.cast():
            return self.net(self.x)[0, 0].item()

    def run(self, steps):
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            self.step()
            times.append((time.perf_counter() - start) * 1e3)
        return times

    def memory(self):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return peak - self.before


def main():
    workload = None
    for line in sys.stdin:
        request = json.loads(line)
        do = request.pop("do")
        if do == "setup":
            request.pop("engine", None)
            workload = Workload(**request)
            answer = {"ready": f"PyTorch {torch.__version__} {request['layout']}"}
        elif do == "run":
            answer = {"ms": workload.run(request["steps"])}
        else:
            answer = {"bytes": workload.memory()}
        print(json.dumps(answer), flush=True)


main()
