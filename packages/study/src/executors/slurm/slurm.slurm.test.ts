import { executorContract } from "../executorContract.js";
import { SlurmExecutor } from "./slurm.js";

executorContract("the Slurm executor", () => new SlurmExecutor({ poll: 0.5 }), { timeout: 120_000 });
