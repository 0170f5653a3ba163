import { startStackProcess } from './start-stack-process.mjs';

/** A stack that the caller started is used as it is; else this run has its own. */
export default async function setup() {
  if (process.env.TRIBUTARY_TEST_STACK) return;
  const stack = await startStackProcess();
  process.env.TRIBUTARY_TEST_STACK = stack.addressFile;
  globalThis.__tributaryStopStack = stack.stop;
}
