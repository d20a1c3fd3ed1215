export { type FamilyMember, type FamilyOptions, familyFor } from "./family.js";
export type { Reason } from "./reasons.js";
export { smallRule } from "./small.js";
export { publishedTrends, type Trend, type TrendQuantity, trendAt, trendQuantities } from "./trends.js";
