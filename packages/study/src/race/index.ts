export { exploringShare, type PlannedRace, planRace, type RacePlanInput } from "./plan.js";
export {
  type Entrant,
  type Fall,
  type Observation,
  type Origin,
  type RaceAction,
  type RacePlan,
  type RaceState,
  type Rung,
  type Standing,
  standingOf,
} from "./race.js";
export { noiseOf, TRAINING_NOISE, verdictOf } from "./verdict.js";
