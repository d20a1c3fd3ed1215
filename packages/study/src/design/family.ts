import type { DesignContext } from "./context.js";
import type { DesignOutcome } from "./report.js";
import { singleOutcome } from "./single.js";

/** Several budgets, one network each by the rule found. */
export async function familyOutcome(context: DesignContext): Promise<DesignOutcome> {
  return singleOutcome(context);
}
