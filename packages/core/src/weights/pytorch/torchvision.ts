import { type AnyNetSpec, STEMS, stageStride } from "../../families/anynet.js";
import type { ConvNeXtSpec } from "../../families/convnext.js";
import { regnetSpec } from "../../families/regnet.js";
import { cannotBuild, type LoaderNetwork, type PythonNetwork, pythonList } from "./loaderScript.js";

/** A network as torchvision's own classes build it. */
export function inTorchvision({ spec, options }: LoaderNetwork): PythonNetwork {
  if (spec.family === "convnext") return convnext(spec, options);
  return regnet(spec.family === "regnet" ? regnetSpec(spec, spec) : spec, options);
}

function regnet(spec: AnyNetSpec, { channels, classes }: LoaderNetwork["options"]): PythonNetwork {
  const { stages, se = 0, stem = "simple", stemWidth = 32, activation = "relu" } = spec;
  if (spec.linear) throw cannotBuild("torchvision", "RegNetZ blocks", "use --names timm");
  if (spec.headWidth) throw cannotBuild("torchvision", "a convolution before the pooling", "use --names timm");
  const standard = stem === "simple" && channels === 3;
  const { kernel, stride, padding } = STEMS[stem];
  const convolution = `torch.nn.Conv2d(${channels}, ${stemWidth}, ${kernel}, ${stride}, ${padding}, bias=False)`;
  return {
    imports: ["from torchvision.models.regnet import BlockParams, RegNet"],
    build: [
      "stages = BlockParams(",
      `    depths=${pythonList(stages.map(({ depth }) => depth))},`,
      `    widths=${pythonList(stages.map(({ width }) => width))},`,
      `    group_widths=${pythonList(stages.map(({ groupWidth }) => groupWidth))},`,
      `    bottleneck_multipliers=${pythonList(stages.map(({ bottleneck = 1 }) => 1 / bottleneck))},`,
      `    strides=${pythonList(stages.map((_, i) => stageStride(spec, i)))},`,
      `    se_ratio=${se || "None"},`,
      ")",
      `activation = torch.nn.${activation === "silu" ? "SiLU" : "ReLU"}`,
      `net = RegNet(stages, num_classes=${classes}, stem_width=${stemWidth}, activation=activation)`,
      ...(standard ? [] : [`net.stem[0] = ${convolution}`]),
    ],
  };
}

function convnext(spec: ConvNeXtSpec, { channels, classes }: LoaderNetwork["options"]): PythonNetwork {
  const { depths, widths, stem = "patchify" } = spec;
  const stages = depths.map((depth, i) => `(${widths[i]}, ${widths[i + 1] ?? "None"}, ${depth})`);
  const window = stem === "patchify" ? "4, 4" : "3, 1, 1";
  const standard = stem === "patchify" && channels === 3;
  return {
    imports: ["from torchvision.models.convnext import CNBlockConfig, ConvNeXt"],
    build: [
      `stages = [CNBlockConfig(*stage) for stage in [${stages.join(", ")}]]`,
      `net = ConvNeXt(stages, num_classes=${classes})`,
      ...(standard ? [] : [`net.features[0][0] = torch.nn.Conv2d(${channels}, ${widths[0]}, ${window})`]),
    ],
  };
}
