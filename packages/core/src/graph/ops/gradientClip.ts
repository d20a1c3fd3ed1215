import type { OpDefinition } from "../op.js";

export type GradientClipAttributes = { readonly maximumNorm: number };

/** (gradients…) → scale [1] = min(1, maximumNorm / ‖all gradients‖₂), the factor that keeps the joint norm in bounds */
export const gradientClip: OpDefinition<GradientClipAttributes> = {
  name: "gradientClip",
  shapes() {
    return [[1]];
  },
};
