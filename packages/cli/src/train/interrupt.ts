import { RegnetError } from "@regnet/core";

/** The first Ctrl-C aborts the signal, whose reason is fit for people; the second ends the process at once. */
export function stopOnInterrupt(message: string): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(1);
    process.stderr.write(`\n${message}\n`);
    stop.abort(new RegnetError("interrupted before there was anything to keep"));
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: stop.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
