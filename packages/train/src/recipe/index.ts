export { quickFor, quickRegimes, type Situation } from "./quick.js";
export { namedRecipes, readRecipe, readRecipeDocument } from "./read.js";
export { sideAt } from "./resizing.js";
export { type Progress, peakLearningRate, scheduleFactor, warmupShare } from "./schedule.js";
export { type Recipe, type RecipeInput, recipeSchema } from "./schema.js";
