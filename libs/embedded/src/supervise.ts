import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Failure } from '@tributary/contracts';
import { lastWords } from './last-words.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Output goes straight to this file: it outlives us and costs us nothing. */
  readonly logFile: string;
  readonly stopSignal?: NodeJS.Signals;
  readonly graceMs?: number;
  isReady(): Promise<boolean>;
}

export type ProcessState = 'starting' | 'ready' | 'waiting' | 'stopped';

export interface Supervised {
  readonly name: string;
  readonly identity: ProcessIdentity | null;
  readonly state: ProcessState;
  readonly restarts: number;
  /** Resolves with the first time the process is ready; rejects when it died too often before, or took too long. */
  untilReady(withinMs: number, signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  /** Ends the process as a crash would; it comes back. For suites that kill. */
  kill(signal?: NodeJS.Signals): void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A process that ran this long is taken for healthy: its next death starts with the shortest pause. */
const STEADY_MS = 30_000;
const CHECK_EVERY_MS = 50;

export const pauseMs = (deaths: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, deaths - 1));

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Passed on to every part, so that whoever started us can find what we might leave behind. */
const MARK = 'TEST_RUN_MARK';
const mark = (): Record<string, string> => (process.env[MARK] === undefined ? {} : { [MARK]: process.env[MARK] });

function start(spec: ProcessSpec): ChildProcess {
  const log = openSync(spec.logFile, 'a', 0o600);
  try {
    return spawn(spec.file, [...spec.args], {
      stdio: ['ignore', log, log],
      env: { ...mark(), ...spec.env },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
      // A group of its own: the terminal's Ctrl-C reaches the launcher only, which then stops the parts in order.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

class Supervision implements Supervised {
  identity: ProcessIdentity | null = null;
  state: ProcessState = 'starting';
  restarts = 0;
  #child: ChildProcess | null = null;
  #stopping = false;
  #wake: () => void = () => undefined;
  readonly #finished: Promise<void>;

  constructor(
    private readonly spec: ProcessSpec,
    private readonly onChange: (changed: Supervised) => void,
  ) {
    this.#finished = this.#loop();
  }

  get name(): string {
    return this.spec.name;
  }

  untilReady(withinMs: number, signal?: AbortSignal): Promise<void> {
    return untilReady(this.spec, withinMs, this, signal);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    const ending = this.#child;
    ending?.kill(this.spec.stopSignal ?? 'SIGTERM');
    const hard = setTimeout(() => ending?.kill('SIGKILL'), this.spec.graceMs ?? 10_000);
    await this.#finished;
    clearTimeout(hard);
  }

  async #loop(): Promise<void> {
    for (let deaths = 0; ; this.restarts += 1) {
      const began = Date.now();
      await this.#runOnce();
      if (this.#stopping) break;
      deaths = Date.now() - began > STEADY_MS ? 1 : deaths + 1;
      this.#become('waiting');
      await this.#pause(pauseMs(deaths));
      if (this.#stopping) break;
    }
    this.#become('stopped');
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #runOnce(): Promise<void> {
    return new Promise((resolve) => {
      const started = start(this.spec);
      this.#child = started;
      this.identity = started.pid === undefined ? null : identify(started.pid);
      this.state = 'starting';
      const over = () => {
        if (this.#child !== started) return;
        this.#child = null;
        this.identity = null;
        resolve();
      };
      started.once('exit', over);
      started.once('error', over);
      this.onChange(this);
      void this.#watchReadiness(started);
    });
  }

  async #watchReadiness(of: ChildProcess): Promise<void> {
    while (this.#child === of && !this.#stopping) {
      const isReady = await this.spec.isReady().catch(() => false);
      if (isReady && this.#child === of && !this.#stopping) return this.#become('ready');
      await wait(CHECK_EVERY_MS);
    }
  }

  #become(next: ProcessState): void {
    if (this.state === next) return;
    this.state = next;
    this.onChange(this);
  }
}

/** Keeps one process running until it is told to stop. `onChange` hears of every new pid and state, before anything else happens. */
export const supervise = (spec: ProcessSpec, onChange: (changed: Supervised) => void = () => undefined): Supervised =>
  new Supervision(spec, onChange);

const TOO_MANY_DEATHS = 5;

async function untilReady(
  spec: ProcessSpec,
  withinMs: number,
  now: { readonly state: ProcessState; readonly restarts: number },
  signal?: AbortSignal,
): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    const { state, restarts } = now;
    if (state === 'ready') return;
    if (state === 'stopped') throw new Failure('unavailable', `${spec.name} was stopped before it was ready.`);
    if (restarts >= TOO_MANY_DEATHS) {
      throw new Failure(
        'unavailable',
        `${spec.name} does not start: it died ${restarts} times. Its last words in ${spec.logFile}: ${lastWords(spec.logFile)}`,
      );
    }
    if (Date.now() > end) {
      throw new Failure(
        'unavailable',
        `${spec.name} was not ready within ${withinMs / 1000} s. Its last words in ${spec.logFile}: ${lastWords(spec.logFile)}`,
      );
    }
    await wait(20);
  }
}
