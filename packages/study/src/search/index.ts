export { bracketTrials } from "./halving.js";
export { type Replay, type ReplayOptions, replay, searchOf } from "./replay.js";
export { rungEpochs } from "./rungs.js";
export { type SearchDocument, type SearchInput, type SearchKind, searchKinds, searchSchema } from "./schema.js";
export type { Proposal, Search, SearchGround, SeenTraining } from "./search.js";
export { type ContractRunner, samplerContract } from "./samplerContract.js";
