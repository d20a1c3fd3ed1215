"""Networks as torchvision builds them, and what training makes of them."""
import torch
import torch.nn.functional as F
import torchvision
from torchvision.models.regnet import BlockParams, RegNet


def build(spec, classes):
    """A torchvision model from `{"model": name}`, or a RegNet from its stages."""
    if "model" in spec:
        return getattr(torchvision.models, spec["model"])(num_classes=classes)
    stages = spec["stages"]
    params = BlockParams(
        depths=[stage["depth"] for stage in stages],
        widths=[stage["width"] for stage in stages],
        group_widths=[stage["groupWidth"] for stage in stages],
        bottleneck_multipliers=[1 / stage["bottleneck"] for stage in stages],
        strides=[2] * len(stages),
        se_ratio=spec["se"] or None,
    )
    return RegNet(params, num_classes=classes)


def disable_randomness(net):
    for module in net.modules():
        if isinstance(module, torch.nn.Dropout) or type(module).__name__ == "StochasticDepth":
            module.p = 0.0


def answer(spec, tensors):
    """Logits at inference; loss and gradients of the first step; losses and state of three SGD steps."""
    x, target = tensors.pop("image"), tensors.pop("target")
    net = build(spec, target.shape[1]).to(x.dtype)
    net.load_state_dict(tensors)
    disable_randomness(net)
    net.eval()
    with torch.no_grad():
        result = {"logits": net(x)}
    net.train()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-5)
    losses = []
    for step in range(3):
        optimiser.zero_grad()
        loss = F.cross_entropy(net(x), target)
        loss.backward()
        losses.append(loss.detach())
        if step == 0:
            result.update({f"gradient:{name}": value.grad.clone() for name, value in net.named_parameters()})
        optimiser.step()
    result["losses"] = torch.stack(losses)
    result.update({f"after:{name}": value for name, value in net.state_dict().items()})
    return result
