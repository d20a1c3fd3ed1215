import type { OpCase } from "../opCase.js";
import { activationCases } from "./activations.js";
import { convolutionCases } from "./convolutions.js";
import { elementwiseCases } from "./elementwise.js";
import { linearCases } from "./linears.js";
import { normalisationCases } from "./normalisations.js";
import { poolingCases } from "./poolings.js";
import { trainingCases } from "./training.js";

/** Every op of the core alone, on shapes that kernels get wrong: odd sizes, strides, groups, batch 1. */
export function opCases(): OpCase[] {
  return [
    ...convolutionCases(),
    ...activationCases(),
    ...elementwiseCases(),
    ...linearCases(),
    ...normalisationCases(),
    ...poolingCases(),
    ...trainingCases(),
  ];
}
