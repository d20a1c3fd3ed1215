#!/usr/bin/python3
"""PyTorch's answer to a question that lies in a folder, in double precision.

    reference.py FOLDER

FOLDER holds question.json and question.safetensors; answer.safetensors is written beside them. The question is either
a list of graphs of single ops, whose tensors are named `<case>/<name>`, or a network (see torch_networks.py), whose
tensors are its state dict with `image` and `target`. Needs Debian's python3-torch and python3-torchvision.
"""
import json
import os
import sys

import torch

import tensor_files
from torch_networks import answer
from torch_ops import OPS


def run_case(case, tensors):
    """Outputs and updated parameters of one graph."""
    values = {entry["id"]: tensors[f"{case['name']}/{entry['name']}"] for entry in case["inputs"]}
    for node in case["nodes"]:
        inputs = [values[id] for id in node["inputs"]]
        for id, value in zip(node["outputs"], OPS[node["op"]](node["attributes"], *inputs)):
            values[id] = value
    return {f"{case['name']}/{entry['name']}": values[entry["id"]] for entry in case["results"]}


def main(folder):
    torch.set_num_threads(2)
    with open(os.path.join(folder, "question.json")) as file:
        question = json.load(file)
    stored = tensor_files.load(os.path.join(folder, "question.safetensors"))
    tensors = {
        name: torch.from_numpy(values).double() if values.dtype.kind == "f" else torch.from_numpy(values)
        for name, values in stored.items()
    }
    if "cases" in question:
        results = {}
        for case in question["cases"]:
            results.update(run_case(case, tensors))
    else:
        results = answer(question, tensors)
    arrays = {name: value.detach().contiguous().numpy() for name, value in results.items()}
    tensor_files.save(os.path.join(folder, "answer.safetensors"), arrays)


main(sys.argv[1])
