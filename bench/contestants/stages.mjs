// RegNets as PyTorch's side builds them.
import { applyRule } from "@regnet/core";

/** The network stage by stage, as torchvision is told it. */
export function stagesOf({ convention, stem = "simple", stemWidth = 32, bottleneck = 1, se, ...parameters }) {
  const { widths, depths, groupWidths } = applyRule({ ...parameters, bottleneck }, convention);
  return { widths, depths, groupWidths, bottleneck, stem, stemWidth, se };
}
