/**
 * Runs one stack in a temporary folder until its standard input ends, which it also does when its parent is killed:
 * so no run leaves a broker behind. Prints the name of the address file when everything is ready.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  freePortBlock,
  newStackSecrets,
  prepareParts,
  removePostgresHome,
  startStack,
  type Supervised,
} from '@tributary/embedded';
import type { StackAddress } from './address.ts';

const project = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  const file = join(folder, 'address.json');
  const told = new AbortController();
  const end = () => told.abort(new Error('told to stop'));
  process.stdin.on('end', end).resume();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);

  const parts = prepareParts({
    folder: join(project, 'node_modules', '.cache', 'tributary'),
    recipe: join(project, 'deploy', 'embedded'),
    env: process.env,
  });
  const first = await freePortBlock(5);
  const processes = new Map<string, Supervised>();
  let address: Omit<StackAddress, 'pids'> | null = null;
  const write = () => {
    if (address === null) return;
    const pids = Object.fromEntries([...processes].map(([name, { identity }]) => [name, identity?.pid ?? null]));
    writeFileSync(`${file}.new`, JSON.stringify({ ...address, pids } satisfies StackAddress), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  try {
    const stack = await startStack({
      dataFolder: join(folder, 'data'),
      logFolder: join(folder, 'logs'),
      ports: {
        kafka: first,
        kafkaController: first + 1,
        registry: first + 2,
        registryManagement: first + 3,
        postgres: first + 4,
      },
      secrets: newStackSecrets(),
      parts,
      signal: told.signal,
      onChange: (changed) => {
        processes.set(changed.name, changed);
        write();
      },
    });
    const { brokers, registryUrl, superuserUrl, ownerUrl } = stack;
    address = { brokers, registryUrl, superuserUrl, ownerUrl, servicePassword: randomBytes(12).toString('base64url') };
    write();
    console.log(file);
    await new Promise((resolve) => {
      if (told.signal.aborted) resolve(null);
      else told.signal.addEventListener('abort', resolve, { once: true });
    });
    await stack.stop();
  } finally {
    removePostgresHome(join(folder, 'data'));
    rmSync(folder, { recursive: true, force: true });
    process.stdin.destroy();
  }
}

await main();
