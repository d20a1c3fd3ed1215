"""Networks of PyTorch's side: RegNets stage by stage, and others by their names in torchvision."""
import torchvision
from torchvision.models.regnet import BlockParams, RegNet


def build(model, classes):
    if "name" in model:
        return getattr(torchvision.models, model["name"])(num_classes=classes)
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
