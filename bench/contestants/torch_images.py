"""Images for torch_training.py: kept as bytes in memory, cropped and scaled in whole batches as packages/train does it.

A pipeline keeps a split's images in the form it likes (`prepare`), and makes normalised batches of them in channels_last,
augmented (`train`) or not (`evaluate`).
"""
import math

import numpy
import torch
import torch.nn.functional as F


def read(split):
    """The images of a split as bytes [n,c,h,w], and their labels."""
    pixels = numpy.fromfile(split["file"], dtype=numpy.uint8).reshape(split["shape"])
    return torch.from_numpy(pixels), torch.tensor(split["labels"])


def pipeline(recipe, normalisation, resolution):
    augmentation = recipe["augmentation"]
    kinds = {"padAndCrop": PadAndCrop, "randomResizedCrop": RandomResizedCrop}
    return kinds[augmentation["crop"]["kind"]](augmentation, normalisation, resolution)


class Pipeline:
    def __init__(self, augmentation, normalisation, resolution):
        self.crop, self.flip, self.resolution = augmentation["crop"], augmentation["flip"], resolution
        self.mean = torch.tensor(normalisation["mean"]).view(1, -1, 1, 1)
        self.std = torch.tensor(normalisation["std"]).view(1, -1, 1, 1)

    def normalised(self, x):
        x = x.float().div_(255).sub_(self.mean).div_(self.std)
        return x.contiguous(memory_format=torch.channels_last)

    def mirrored(self, n):
        return torch.rand(n, 1) < self.flip


class PadAndCrop(Pipeline):
    """Images of the network's size, normalised once; a crop of each padded image, mirrored: one gather for the batch."""

    def prepare(self, images):
        return self.normalised(images)

    def train(self, x):
        n, _, h, w = x.shape
        padding = self.crop["padding"]
        padded = F.pad(x, [padding] * 4)
        rows = torch.arange(h)[None] + torch.randint(0, 2 * padding + 1, (n, 1))
        columns = torch.arange(w)[None] + torch.randint(0, 2 * padding + 1, (n, 1))
        columns = torch.where(self.mirrored(n), columns.flip(1), columns)
        batch = padded.permute(0, 2, 3, 1)[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
        return batch.permute(0, 3, 1, 2)

    def evaluate(self, x):
        return x


class RandomResizedCrop(Pipeline):
    """Images of one size, kept as bytes; a rectangle of each, scaled by two matrix products for the batch."""

    ATTEMPTS = 10
    SHARE = 0.875

    def prepare(self, images):
        return images

    def train(self, x):
        n, _, h, w = x.shape
        top, left, height, width = self.rectangles(n, h, w)
        across = axis(left, width, w, self.resolution)
        across = torch.where(self.mirrored(n)[:, :, None], across.flip(1), across)
        return self.scaled(x, axis(top, height, h, self.resolution), across)

    def evaluate(self, x):
        n, _, h, w = x.shape
        side = torch.full((n,), max(1, round(self.SHARE * min(h, w))))
        down = axis((h - side) // 2, side, h, self.resolution)
        return self.scaled(x, down, axis((w - side) // 2, side, w, self.resolution))

    def rectangles(self, n, h, w):
        """Area uniform, logarithm of the ratio uniform; after ten draws that do not fit, the whole image."""
        draws = (n, self.ATTEMPTS)
        area = h * w * torch.empty(draws).uniform_(*self.crop["area"])
        ratio = torch.empty(draws).uniform_(*map(math.log, self.crop["ratio"])).exp()
        widths, heights = (area * ratio).sqrt().round(), (area / ratio).sqrt().round()
        fits = (widths >= 1) & (heights >= 1) & (widths <= w) & (heights <= h)
        first = fits.int().argmax(1, keepdim=True)
        any_fits = fits.any(1)
        width = torch.where(any_fits, widths.gather(1, first)[:, 0], torch.tensor(float(w))).long()
        height = torch.where(any_fits, heights.gather(1, first)[:, 0], torch.tensor(float(h))).long()
        top = (torch.rand(n) * (h - height + 1)).long()
        left = (torch.rand(n) * (w - width + 1)).long()
        return top, left, height, width

    def scaled(self, x, down, across):
        """[n,c,h,w] through [n,s,h] and [n,s,w] to [n,c,s,s], rounded to bytes as an image is."""
        x = x.float() @ across.transpose(1, 2)[:, None]
        return self.normalised((down[:, None] @ x).round_())


def axis(first, length, size, side):
    """Triangle filters, widened where they reduce, from `length` pixels from `first` on to `side`: [n,side,size]."""
    scale = (length / side)[:, None, None]
    centre = (torch.arange(side) + 0.5)[None, :, None] * scale
    position = (torch.arange(size)[None] - first[:, None])[:, None, :]
    weights = (1 - (position + 0.5 - centre).abs() / scale.clamp(min=1)).clamp_(min=0)
    weights *= (position >= 0) & (position < length[:, None, None])
    return weights / weights.sum(2, keepdim=True)
