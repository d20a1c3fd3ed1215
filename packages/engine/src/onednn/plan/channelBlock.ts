import { type Graph, type GraphNode, op } from "@regnet/core";
import type { Dnn } from "../binding/dnn.js";
import type { ChannelBlock } from "../binding/instructionSets.js";
import type { ElementType } from "../binding/specs.js";

/**
 * Channels in a block for a whole graph. Blocks of 8 serve groups that do not fill blocks of 16: fewer have to be merged, and
 * those of 8 or 24 channels need no other layout than their neighbours.
 *
 * @param type of the activations
 */
export function channelBlockFor(
  { channelBlocks: [first, narrow] }: Pick<Dnn, "channelBlocks">,
  { nodes }: Graph,
  type: ElementType,
): ChannelBlock {
  if (narrow === undefined || type !== "f32") return first;
  return nodes.some((node) => leavesGaps(node, first)) ? narrow : first;
}

/** True for a convolution whose groups do not fill blocks. */
function leavesGaps({ op: name, inputs, attributes }: GraphNode, block: ChannelBlock): boolean {
  if (name !== op.conv2d.name || attributes.groups === 1) return false;
  const [outputs, inputsOfGroup] = inputs[1].shape;
  return [outputs / Number(attributes.groups), inputsOfGroup].some((width) => width % block !== 0);
}
