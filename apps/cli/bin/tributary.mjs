#!/usr/bin/env node
// Runs on whatever Node is there: installs and builds what is missing or stale, then hands over to the Node that the project pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const nodeModules = join(root, 'node_modules');
const pinned = join(nodeModules, '.bin', 'node');
const main = join(root, 'apps', 'cli', 'dist', 'main.js');
const projects = ['libs', 'apps'].flatMap((group) =>
  readdirSync(join(root, group))
    .sort()
    .map((name) => join(root, group, name))
    .filter((folder) => existsSync(join(folder, 'src'))),
);
const stamp = join(nodeModules, '.cache', 'tributary', 'built');
const env = { ...process.env, PATH: `${join(nodeModules, '.bin')}:${process.env.PATH ?? ''}` };

const changedAt = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** One sentence while all goes well; everything that was said when it does not. Never on standard output: that may be read by a program. */
function step(sentence, file, args) {
  console.error(sentence);
  const { status, error, stdout, stderr } = spawnSync(file, args, {
    cwd: root,
    env: { ...env, NX_TUI: 'false', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 ** 2,
  });
  if (status === 0) return;
  console.error(`${stdout ?? ''}${stderr ?? ''}`.trim());
  console.error(`tributary: ${file} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}.`);
  process.exit(1);
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Names, sizes and times of every source: cheaper than asking the build tool, which costs seconds to say "nothing to do". */
function sources() {
  const hash = createHash('sha256');
  for (const folder of projects) {
    for (const file of [...filesBelow(join(folder, 'src'))].sort()) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

if (changedAt(join(nodeModules, '.package-lock.json')) < changedAt(join(root, 'package-lock.json'))) {
  step('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}
// Only a start needs the newest build: what runs must be stopped and looked at even when the sources do not build.
const isStart = process.argv[2] === 'up';
const isBuilt = projects.every((folder) => existsSync(join(folder, 'dist')));
const wanted = isStart || !isBuilt ? sources() : null;
if (wanted !== null && (!isBuilt || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted)) {
  step('Building', 'npm', ['run', '--silent', 'build']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

const child = spawn(pinned, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  env,
  stdio: 'inherit',
});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// The terminal sends Ctrl-C to both of us; the child decides when it is over.
process.on('SIGINT', () => undefined);
// npm's shell does not pass a signal on: when it is gone, npm was told to stop, and so are we.
const parent = process.ppid;
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref();
}
child.on('error', (error) => {
  console.error(`tributary: ${pinned} does not start: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
});
