// Plain JavaScript, because the test runner loads it before anything is compiled.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./stack-process.ts', import.meta.url));

/** Starts a stack of its own and resolves with its address file; `stop` ends it and resolves when nothing is left. */
export async function startStackProcess({ env = process.env } = {}) {
  const child = spawn(
    process.execPath,
    [
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      '--conditions=tributary-source',
      program,
    ],
    { env, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const addressFile = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8');
    child.stdout.once('data', (line) => resolve(line.trim()));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the test stack did not start')));
  });
  return {
    addressFile,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
