export { type DesignOptions, type DesignResult, design } from "./design.js";
export { type DesignHooks, type DesignProgress, type DesignStep, designSteps } from "./hooks.js";
export type { BudgetName, DesignRequest, DesignRequestInput, Range } from "./options.js";
export { type Plan, type PlanInput, planDesign, type Speed, type TrialPlan } from "./plan.js";
