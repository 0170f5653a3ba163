import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const example = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'examples', 'apex-consumer');
const run = promisify(execFile);

export type ApexRow = Readonly<Record<string, unknown>> & { readonly uuid: string };

/** What the example needs of the machine; pip brings the rest. */
export const hasPython = (): boolean =>
  spawnSync('python3', ['-c', 'import ensurepip, sqlite3, sys, venv; sys.exit(sys.version_info < (3, 10))']).status ===
  0;

/** The example as its README installs it, in a folder where nothing of ours is in reach but its own source. */
export class ApexProgram {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tributary-apex-'));
  readonly #source = join(this.#folder, 'apex-consumer');
  readonly #bin = join(this.#folder, 'venv', 'bin');
  /** What Apex has been told, the last of each row; a row taken back is gone. */
  readonly told = new Map<string, ApexRow>();
  #environment: Readonly<Record<string, string>> = {};
  #running: { readonly child: ChildProcess; readonly ended: Promise<Ending> } | null = null;

  async install(): Promise<void> {
    cpSync(example, this.#source, { recursive: true });
    await run('python3', ['-m', 'venv', join(this.#folder, 'venv')]);
    await run(join(this.#bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', this.#source]);
  }

  /** Its own suites; rejects with what they print where one fails. */
  async testItself(): Promise<void> {
    await run(join(this.#bin, 'python'), ['-m', 'unittest', 'discover', '-t', '.', '-s', 'tests'], {
      cwd: this.#source,
    });
  }

  pointAt(environment: Readonly<Record<string, string>>): void {
    this.#environment = environment;
  }

  /** Follows, and notes what it tells, until it is stopped. */
  start(): void {
    const child = spawn(join(this.#bin, 'apex-consumer'), this.#arguments(), {
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#listenTo(child.stdout);
    // Listened for from the start: it may have ended by itself before anybody ends it.
    const ended = new Promise<Ending>((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
    this.#running = { child, ended };
  }

  /** Resolves with the exit code, or the signal, once everything it said is heard. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending> {
    const running = this.#running;
    this.#running = null;
    running?.child.kill(signal);
    return running?.ended ?? null;
  }

  /** Everything it holds after reading to the present end, in its order. */
  async untilEnd(): Promise<ApexRow[]> {
    const { stdout } = await run(join(this.#bin, 'apex-consumer'), [...this.#arguments(), '--until-end'], {
      env: this.#env(),
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ApexRow);
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Line by line; the half line of a program that is killed while it speaks is not heard. */
  #listenTo(output: Readable): void {
    let unfinished = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${unfinished}${text}`.split('\n');
      unfinished = lines.pop()!;
      for (const line of lines) this.#hear(JSON.parse(line) as Told);
    });
  }

  #hear({ data_type, data }: Told): void {
    if (data.removed) this.told.delete(data.uuid);
    else this.told.set(data.uuid, { data_type, ...data });
  }

  #arguments(): string[] {
    return ['--data', join(this.#folder, 'data')];
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.#environment };
  }
}

type Ending = number | string | null;

interface Told {
  readonly data_type: string;
  readonly data: ApexRow & { readonly removed?: boolean };
}
