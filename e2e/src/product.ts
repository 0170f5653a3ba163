import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePortBlock, postgresUrl } from '@tributary/embedded';
import { createKafka, type KafkaClient } from '@tributary/kafka';
import { createPool, type Pool } from '@tributary/postgres';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const run = promisify(execFile);
/** From the first to the last of the ports that `--port-base` moves. */
export const PORTS_OF_AN_INSTALLATION = 70;

export interface ServiceStatus {
  readonly name: string;
  readonly pid: number | null;
  readonly state: string;
  readonly restarts: number;
}

export interface Status {
  readonly ready: boolean;
  readonly urls: Readonly<Record<string, string>>;
  readonly services: readonly ServiceStatus[];
  readonly databaseUrl: string;
}

/** The product as a user starts it: one command, a data folder and ports of its own. */
export class Product {
  readonly folder = mkdtempSync(join(tmpdir(), 'tributary-e2e-'));
  #portBase = 0;
  #status: Status | null = null;
  #truth: Pool | null = null;
  #kafka: KafkaClient | null = null;

  async start(): Promise<void> {
    this.#portBase = await freePortBlock(PORTS_OF_AN_INSTALLATION);
    await this.tributary('up', '--detach', '--port-base', String(this.#portBase));
    this.#status = await this.status();
    const { superuser } = this.#secrets();
    const url = postgresUrl(this.#portBase + 22, 'postgres', superuser, 'tributary');
    this.#truth = createPool(url, { max: 4, applicationName: 'e2e' });
    this.#kafka = createKafka({ brokers: [this.urls['kafka']!], clientId: 'e2e' });
  }

  async stop(): Promise<void> {
    await this.#truth?.end();
    await this.tributary('down').finally(() => this.tributary('reset', '--yes'));
  }

  /** What the command line prints on its standard output. */
  async tributary(...args: readonly string[]): Promise<string> {
    const command = [join(root, 'apps/cli/bin/tributary.mjs'), ...args, '--data', this.folder];
    const { stdout } = await run(process.execPath, command, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.tributary('status', '--json')) as Status;
  }

  async service(name: string): Promise<ServiceStatus> {
    return (await this.status()).services.find((service) => service.name === name)!;
  }

  get urls(): Readonly<Record<string, string>> {
    return this.#status!.urls;
  }

  /** The login that the launcher prints for people and programs. */
  get readerUrl(): string {
    return this.#status!.databaseUrl;
  }

  /** The cluster's superuser: sees past every policy, as only a judge may. */
  get truth(): Pool {
    return this.#truth!;
  }

  get kafkaClient(): KafkaClient {
    return this.#kafka!;
  }

  get kafka(): KafkaClient['kafka'] {
    return this.kafkaClient.kafka;
  }

  async control<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.urls['simulator']}/_control/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#secrets().simulatorToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  #secrets(): { readonly superuser: string; readonly simulatorToken: string } {
    return JSON.parse(readFileSync(join(this.folder, 'secrets.json'), 'utf8'));
  }
}
