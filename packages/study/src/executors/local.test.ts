import { executorContract } from "./executorContract.js";
import { LocalExecutor } from "./local.js";

executorContract("the local executor", () => new LocalExecutor({ workers: 2 }));
