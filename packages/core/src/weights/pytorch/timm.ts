import type { ConvNeXtSpec } from "../../families/convnext.js";
import type { RegNetModel } from "../../families/model.js";
import { applyRule } from "../../rule/rule.js";
import { cannotBuild, type LoaderNetwork, type PythonNetwork, pythonList } from "./loaderScript.js";

const STAGES = 4;

/** A network as timm's own classes build it: RegNets from the parameters of the rule, ConvNeXts from their stages. */
export function inTimm({ spec, options }: LoaderNetwork): PythonNetwork {
  if (spec.family === "convnext") return convnext(spec, options);
  if (spec.family === "regnet") return regnet(spec, options);
  throw cannotBuild("timm", "a network given stage by stage", "use --names torchvision");
}

function regnet(spec: RegNetModel, { channels, classes }: LoaderNetwork["options"]): PythonNetwork {
  const { w0, wa, wm, depth, groupWidth, bottleneck = 1, se = 0, stem = "simple", stemWidth = 32 } = spec;
  const stages = applyRule(spec, spec.convention).widths.length;
  if (stages !== STAGES) throw cannotBuild("timm", `a RegNet of ${stages} stages`, "use --names torchvision");
  if (stem === "patchify") throw cannotBuild("timm", "the patchify stem", "use --names torchvision");
  const fields = {
    w0,
    wa,
    wm,
    depth,
    group_size: groupWidth,
    bottle_ratio: 1 / bottleneck,
    se_ratio: se,
    stem_width: stemWidth,
    ...(spec.convention === "torchvision" ? { group_min_ratio: 0.9 } : {}),
    ...(spec.headWidth ? { num_features: spec.headWidth } : {}),
  };
  const numbers = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  const linear = spec.linear ? ["downsample=None", "linear_out=True"] : [];
  const config = [...numbers, ...linear, `act_layer="${spec.activation ?? "relu"}"`].join(", ");
  return {
    imports: ["from timm.models.regnet import RegNet, RegNetCfg"],
    build: [
      `config = RegNetCfg(${config})`,
      `net = RegNet(config, in_chans=${channels}, num_classes=${classes})`,
      ...(stem === "cifar" ? ["net.stem.conv.stride = (1, 1)"] : []),
    ],
  };
}

function convnext(spec: ConvNeXtSpec, { channels, classes }: LoaderNetwork["options"]): PythonNetwork {
  const { depths, widths, stem = "patchify" } = spec;
  const stages = `depths=${pythonList(depths)}, dims=${pythonList(widths)}`;
  return {
    imports: ["from timm.models.convnext import ConvNeXt"],
    build: [
      `net = ConvNeXt(in_chans=${channels}, num_classes=${classes}, ${stages})`,
      ...(stem === "cifar" ? [`net.stem[0] = torch.nn.Conv2d(${channels}, ${widths[0]}, 3, 1, 1)`] : []),
    ],
  };
}
