export { BASELINE, type ScaledBaseline, scaledBaseline } from "./baseline.js";
export { type DesignOptions, type DesignResult, design } from "./design.js";
export { type DesignHooks, type DesignProgress, type DesignStep, designSteps } from "./hooks.js";
export type { BudgetName, DesignRequest, DesignRequestInput, Range } from "./options.js";
export { type Plan, type PlanInput, planDesign } from "./plan.js";
export { defaultSpaces } from "./space.js";
