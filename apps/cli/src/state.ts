import { isRunning, usageOf, type ProcessIdentity, type ProcessState, type Supervised } from '@tributary/embedded';
import { readFile, writeFile, type Installation } from './installation.ts';

interface CpuSample {
  readonly at: number;
  readonly cpuMs: number;
}

export interface ServiceRow {
  readonly name: string;
  readonly process: ProcessIdentity | null;
  readonly state: ProcessState;
  readonly restarts: number;
  readonly opsUrl: string | null;
  /** Taken a while ago, so that whoever asks can tell the use of the processor since then. */
  readonly sample: CpuSample | null;
}

export interface State {
  readonly launcher: ProcessIdentity;
  readonly version: string;
  readonly portBase: number;
  readonly ready: boolean;
  readonly urls: Readonly<Record<string, string>>;
  readonly databaseUrl: string | null;
  readonly services: readonly ServiceRow[];
}

export const readState = ({ stateFile }: Installation): State | null => readFile<State>(stateFile);

export const isUp = (state: State | null): state is State => state !== null && isRunning(state.launcher);

/** Every process that was ever recorded and still runs, the launcher apart. */
export const remains = (state: State): ProcessIdentity[] =>
  state.services.flatMap(({ process }) => (process !== null && isRunning(process) ? [process] : []));

const SAMPLE_EVERY_MS = 10_000;

/** The launcher's own account, written to the disk at each change: what is not in it cannot be found after a crash. */
export class Ledger {
  readonly #rows = new Map<string, { supervised: Supervised; opsUrl: string | null }>();
  readonly #samples = new Map<string, { pid: number; older: CpuSample; newer: CpuSample }>();
  readonly #timer: NodeJS.Timeout;
  #state: Omit<State, 'services'>;
  #isUnwritable = false;

  constructor(
    private readonly installation: Installation,
    state: Omit<State, 'services'>,
    private readonly opsUrlOf: (name: string) => string | null,
    private readonly complain: (sentence: string) => void = console.error,
  ) {
    this.#state = state;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
    this.#timer.unref();
    this.#store();
  }

  readonly changed = (supervised: Supervised): void => {
    this.#rows.set(supervised.name, { supervised, opsUrl: this.opsUrlOf(supervised.name) });
    this.write();
  };

  set(change: Partial<Omit<State, 'services'>>): void {
    this.#state = { ...this.#state, ...change };
    this.write();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A disk that is full must not end the launcher: the services would run on, and nobody would bring back what dies. */
  write(): void {
    try {
      this.#store();
      this.#isUnwritable = false;
    } catch (error) {
      const { stateFile } = this.installation;
      if (!this.#isUnwritable)
        this.complain(`${stateFile} cannot be written (${(error as Error).message}): make room for it.`);
      this.#isUnwritable = true;
    }
  }

  #store(): void {
    const services = [...this.#rows.values()].map(({ supervised, opsUrl }): ServiceRow => {
      const { name, identity, state, restarts } = supervised;
      const sample = this.#samples.get(name);
      return {
        name,
        process: identity,
        state,
        restarts,
        opsUrl,
        sample: sample?.pid === identity?.pid ? (sample?.older ?? null) : null,
      };
    });
    writeFile(this.installation.stateFile, { ...this.#state, services } satisfies State);
  }

  #sample(): void {
    for (const [name, { supervised }] of this.#rows) {
      const pid = supervised.identity?.pid;
      const usage = pid === undefined ? null : usageOf(pid);
      if (pid === undefined || usage === null) continue;
      const newer = { at: Date.now(), cpuMs: usage.cpuMs };
      const before = this.#samples.get(name);
      this.#samples.set(name, { pid, older: before?.pid === pid ? before.newer : newer, newer });
    }
    this.write();
  }
}
