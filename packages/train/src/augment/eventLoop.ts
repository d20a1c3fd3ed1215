/** Resolves once the event loop has turned: signals, timers and messages that were waiting have been served by then. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
