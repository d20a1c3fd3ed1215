"""Weights and images that Python and TypeScript make alike, so that none need be stored (see madeWeights.ts)."""
import numpy as np
import torch


def uniform(name, count):
    """`count` numbers in [-1, 1) as float64, from a hash of the name and the index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        h = np.uint32(seed) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        h = h ^ (h >> np.uint32(16))
    return h.astype(np.float64) / 2.0**31 - 1.0


def values(name, shape):
    """A parameter of sane scale: what every norm, bias and running statistic does shows in the logits."""
    u = uniform(name, int(np.prod(shape, dtype=np.int64)))
    if name.endswith("running_var"):
        v = 1.0 + 0.5 * u
    elif name.endswith("layer_scale"):
        v = 0.25 + 0.1 * u
    elif len(shape) >= 2:
        v = np.sqrt(6.0 / np.prod(shape[1:], dtype=np.int64)) * u
    elif name.endswith(".f.c.1.weight"):
        v = 0.25 + 0.1 * u
    elif name.endswith("weight"):
        v = 1.0 + 0.1 * u
    else:
        v = 0.1 * u
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def fill(net):
    """Gives every tensor of a network's state dict its made value."""
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(values(name, tuple(tensor.shape)))
    return net.eval()


def images(batch, side):
    return torch.from_numpy((1.7 * uniform("image", batch * 3 * side * side)).astype(np.float32).reshape(batch, 3, side, side))
