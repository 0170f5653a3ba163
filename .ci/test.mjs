// Everything that must hold before a change goes in, in one run: builds, type check, lint, and all suites on a stack of their own.
// The last line counts every test; a step or suite that crashed, ran nothing or left a process counts as failed.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStackProcess } from '../libs/testing/src/start-stack-process.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const STEP_LIMIT_MS = 12 * 60_000;
const END_TO_END_LIMIT_MS = 20 * 60_000;
/** Children inherit it, so that whatever a suite has left running can be found. */
const MARK = `TEST_RUN_MARK=${randomBytes(8).toString('hex')}`;
const env = {
  ...process.env,
  [MARK.split('=')[0]]: MARK.split('=')[1],
  FORCE_COLOR: '0',
  NX_TUI: 'false',
  NX_DAEMON: 'false',
};
const work = mkdtempSync(join(tmpdir(), 'tributary-run-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
const faults = [];

const fail = (sentence) => {
  total.failed += 1;
  faults.push(sentence);
};

function run(file, args, { extra = {}, limitMs = STEP_LIMIT_MS } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env: { ...env, ...extra }, stdio: ['ignore', 'inherit', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.once('error', () => resolve(-1));
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? -1);
    });
  });
}

/** Processes that carry the run's mark; `known` ones belong to the run itself. */
function left(known = new Set()) {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid || known.has(pid)) return false;
    try {
      return (
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(MARK) &&
        !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      );
    } catch {
      return false;
    }
  });
}

const nameOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 120);
  } catch {
    return 'ended meanwhile';
  }
};

/** A suite's own processes may take a moment to go after it ended. */
async function refuseLeftovers(what, known) {
  const end = Date.now() + 5_000;
  while (left(known).length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
  for (const pid of left(known)) {
    fail(`${what} left process ${pid} running: ${nameOf(pid)}`);
    endProcess(pid);
  }
}

function endProcess(pid) {
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function step(name, file, args) {
  console.log(`\n== ${name}`);
  if ((await run(file, args)) === 0) total.passed += 1;
  else fail(`${name} failed`);
  await refuseLeftovers(name);
}

function count(suite) {
  const file = relative(root, suite.name);
  if (suite.assertionResults.length === 0)
    return fail(`${file} ran no test${suite.message ? ` (${suite.message.split('\n')[0]})` : ''}`);
  for (const { status, fullName } of suite.assertionResults) {
    if (status === 'passed') total.passed += 1;
    else if (status === 'failed') fail(`${file}: ${fullName}`);
    else {
      total.skipped += 1;
      skips.push(fullName);
    }
  }
}

async function suites(project, { known = new Set(), ...how } = {}) {
  console.log(`\n== ${project}`);
  try {
    await judgeSuites(project, how);
  } finally {
    await refuseLeftovers(project, known);
  }
}

async function judgeSuites(project, { extra, limitMs, options = ['--maxWorkers=2'] }) {
  const output = join(work, `${project}.json`);
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join('node_modules', '.bin', 'jest'),
  ];
  const code = await run(
    process.execPath,
    [...args, '--selectProjects', project, '--json', '--outputFile', output, ...options],
    { extra, limitMs },
  );
  if (!existsSync(output)) return fail(`${project}: the runner crashed`);
  const before = total.failed;
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
  if (testResults.length === 0) fail(`${project}: no suite was found`);
  testResults.forEach(count);
  if (code !== 0 && total.failed === before) fail(`${project}: the runner ended with ${code}`);
}

function judgeSkips() {
  const allowed = new Map(
    readFileSync(join(root, '.ci', 'skips.txt'), 'utf8')
      .split('\n')
      .filter((line) => line.trim() && !line.startsWith('#'))
      .map((line) => line.split(' -- ').map((part) => part.trim())),
  );
  for (const name of skips) {
    console.log(`skipped: ${name} (${allowed.get(name) ?? 'no reason given'})`);
    if (!allowed.get(name)) fail(`skipped without a reason in .ci/skips.txt: ${name}`);
  }
}

/** A clone gives every file the time of the cloning, so the report's commit tells. */
const timeOf = (commit) =>
  spawnSync('git', ['show', '-s', '--format=%cI', String(commit)], { cwd: root, encoding: 'utf8' }).stdout.trim();

function reportAges() {
  const folder = join(root, 'docs', 'reports');
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!file.endsWith('.json')) continue;
    const { takenAt, commit } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const since = Date.parse(takenAt ?? timeOf(commit));
    console.log(
      `report ${basename(file, '.json')}: ${Number.isNaN(since) ? 'of unknown age' : `${Math.floor((Date.now() - since) / 86_400_000)} days old`}`,
    );
  }
}

async function onStack() {
  const stack = await startStackProcess({ env });
  try {
    const known = new Set(left());
    await suites('integration', { extra: { TRIBUTARY_TEST_STACK: stack.addressFile }, known });
  } finally {
    await stack.stop();
  }
  await refuseLeftovers('the test stack');
}

const hasEndToEnd = () =>
  existsSync(join(root, 'e2e')) &&
  readdirSync(join(root, 'e2e'), { recursive: true }).some((file) => /^(?!.*node_modules).*\.e2e\.ts$/.test(file));

const since = Date.now();
try {
  await step('build', 'npm', ['run', '--silent', 'build']);
  await step('types', 'npm', ['run', '--silent', 'typecheck']);
  await step('lint', 'npm', ['run', '--silent', 'lint']);
  await suites('unit');
  await onStack().catch((error) => fail(`integration: ${error.message}`));
  // One after the other: each suite has an installation of its own, and their times mean something.
  if (hasEndToEnd()) {
    const options = ['--runInBand', '--testTimeout=180000'];
    await suites('e2e', { limitMs: END_TO_END_LIMIT_MS, options });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`\n== result after ${Math.round((Date.now() - since) / 1000)} s`);
reportAges();
judgeSkips();
for (const fault of faults) console.log(`FAILED: ${fault}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
