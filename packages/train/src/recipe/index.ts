export { namedRecipes, readRecipe } from "./read.js";
export { type Progress, peakLearningRate, scheduleFactor, warmupShare } from "./schedule.js";
export { type Recipe, type RecipeInput, recipeSchema } from "./schema.js";
