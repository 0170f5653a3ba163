import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  httpAnswers,
  newStackSecrets,
  postgresUrl,
  prepareParts,
  removePostgresHome,
  stackPorts,
  startStack,
  supervise,
  type Stack,
  type Supervised,
} from '@tributary/embedded';
import { createKafka, type KafkaClient } from '@tributary/kafka';
import { createPool, SERVICE_ROLES, type Pool, type ServiceRole } from '@tributary/postgres';
import type { Note } from './bugs.ts';
import { install } from './install.ts';
import { kafkaDetour, linkPorts, openProxies, type LinkName, type Proxies } from './proxies.ts';
import type { Proxy } from './proxy.ts';

export const PROJECT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
/** The writer runs twice: one takes over what the other had in hand. */
export const SERVICE_NAMES = [
  'vendor-simulator',
  'webhook-gateway',
  'transformer',
  'ingest-writer',
  'ingest-writer-2',
  'poller',
] as const;
type ServiceName = (typeof SERVICE_NAMES)[number];
const appOf = (name: ServiceName) => (name === 'ingest-writer-2' ? 'ingest-writer' : name);
type AppName = ReturnType<typeof appOf>;
const ROLES: Partial<Record<AppName, ServiceRole>> = {
  'webhook-gateway': 'tributary_gateway',
  transformer: 'tributary_transformer',
  'ingest-writer': 'tributary_writer',
  poller: 'tributary_poller',
};
const READY_WITHIN_MS = 90_000;
/** The journal of a long history is large. */
const CONTROL_WITHIN_MS = 30_000;

const keyRing = () => `k1:${randomBytes(32).toString('base64')}`;

/** The built services on a real broker, registry and database, started here and not by the launcher: so a service can be another one. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'tributary-histories-'));
  readonly encryptionKey = keyRing();
  readonly webhookKey = keyRing();
  readonly #logins = Object.fromEntries(
    SERVICE_ROLES.map((role) => [role, randomBytes(18).toString('base64url')]),
  ) as Record<ServiceRole, string>;
  readonly #token = randomBytes(18).toString('base64url');
  readonly #secrets = newStackSecrets();
  readonly #services = new Map<string, Supervised>();
  readonly #base: number;
  readonly #ending = new AbortController();
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #stack: Stack | null = null;
  #proxies: Proxies | null = null;
  #truth: Pool | null = null;
  #kafka: KafkaClient | null = null;

  constructor(portBase: number) {
    this.#base = portBase;
  }

  start(): Promise<void> {
    return (this.#starting ??= this.#start());
  }

  /** At any time, also while it starts. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #start(): Promise<void> {
    const parts = prepareParts({
      folder: join(PROJECT, 'node_modules', '.cache', 'tributary'),
      recipe: join(PROJECT, 'deploy', 'embedded'),
      env: process.env,
    });
    const ports = stackPorts(this.#base);
    mkdirSync(this.logs, { recursive: true });
    this.#stack = await startStack({
      dataFolder: this.folder,
      logFolder: this.logs,
      ports,
      secrets: this.#secrets,
      parts,
      kafkaDetour: kafkaDetour(this.#base),
      signal: this.#ending.signal,
    });
    this.#proxies = await openProxies(this.#base);
    await install(this.#stack, this.#logins);
    this.#truth = createPool(this.#stack.superuserUrl, { max: 4, applicationName: 'histories' });
    this.#kafka = createKafka({ brokers: this.#stack.brokers, clientId: 'histories' });
    await this.startServices();
  }

  async #stop(): Promise<void> {
    this.#ending.abort();
    await this.#starting?.catch(() => undefined);
    await this.#stopServices();
    await this.#truth?.end();
    await this.#stack?.stop();
    await Promise.all(Object.values(this.#proxies ?? {}).map((proxy) => proxy.close()));
    removePostgresHome(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** With `planted`, one service is its faulty variant; the others are as built. */
  async restartServices(planted: string | null = null): Promise<void> {
    await this.#stopServices();
    this.clearPlantedNotes();
    await this.startServices(planted);
  }

  async startServices(planted: string | null = null): Promise<void> {
    const { signal } = this.#ending;
    signal.throwIfAborted();
    for (const name of SERVICE_NAMES) this.#services.set(name, supervise(this.#spec(name, planted)));
    await Promise.all(SERVICE_NAMES.map((name) => this.process(name).untilReady(READY_WITHIN_MS, signal)));
  }

  async #stopServices(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
    this.#services.clear();
  }

  get logs(): string {
    return join(this.folder, 'logs');
  }

  /** A service by its name, or kafka, postgres, registry. */
  process(name: string): Supervised {
    const { kafka, postgres, registry } = this.#stack!;
    const found = this.#services.get(name) ?? { kafka, postgres, registry }[name];
    if (!found) throw new Error(`nothing here is called ${name}`);
    return found;
  }

  link(name: LinkName): Proxy {
    return this.#proxies![name];
  }

  plantedNotes(): readonly Note[] {
    if (!existsSync(this.#notesFile)) return [];
    const lines = readFileSync(this.#notesFile, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Note);
  }

  clearPlantedNotes(): void {
    rmSync(this.#notesFile, { force: true });
  }

  get #notesFile(): string {
    return join(this.folder, 'planted-notes.jsonl');
  }

  /** The cluster's superuser: sees past every policy, as only a judge may. */
  get truth(): Pool {
    return this.#truth!;
  }

  get kafka(): KafkaClient['kafka'] {
    return this.#kafka!.kafka;
  }

  get adminUrl(): string {
    return postgresUrl(stackPorts(this.#base).postgres, 'tributary_admin', this.#logins.tributary_admin);
  }

  /** What must never be seen outside the database's own sealed columns. */
  get canaries(): readonly string[] {
    return [this.encryptionKey, this.webhookKey, this.#token, ...Object.values(this.#logins)];
  }

  /** As the vendor knows it. */
  get gatewayUrl(): string {
    return `http://127.0.0.1:${linkPorts(this.#base)['vendor-gateway']}`;
  }

  async control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${this.#base + 10}/_control/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CONTROL_WITHIN_MS),
    }).catch((cause: unknown) => {
      throw new Error(`${method} ${path} got no answer: ${String(cause)}`, { cause });
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  #databaseUrl(role: ServiceRole): string {
    return postgresUrl(linkPorts(this.#base)['services-postgres'], role, this.#logins[role]);
  }

  #spec(name: ServiceName, planted: string | null) {
    const opsPort = this.#base + 50 + SERVICE_NAMES.indexOf(name);
    const app = appOf(name);
    const role = ROLES[app];
    const plant = join(PROJECT, 'e2e', 'planted', 'plant.mjs');
    return {
      name,
      file: process.execPath,
      args: [
        '--import',
        '@tributary/telemetry/preload',
        ...(planted ? ['--import', plant] : []),
        join('apps', app, 'dist', 'main.js'),
      ],
      cwd: PROJECT,
      env: {
        PATH: process.env['PATH'] ?? '',
        ENVIRONMENT: 'development',
        SERVICE_NAME: app,
        OPS_PORT: String(opsPort),
        KAFKA_BROKERS: `127.0.0.1:${linkPorts(this.#base)['services-kafka']}`,
        ...(role && { DATABASE_URL: this.#databaseUrl(role), DATABASE_TIMEOUT_MS: '3000' }),
        ...(planted && { PLANTED_BUG: planted, PLANTED_NOTES: this.#notesFile }),
        ...this.#settings(app),
      },
      logFile: join(this.logs, `${name}.log`),
      graceMs: 15_000,
      isReady: () => httpAnswers(`http://127.0.0.1:${opsPort}/readyz`),
    };
  }

  /** Histories shorten waits; the order of what happens stays the same. */
  #settings(app: AppName): Record<string, string> {
    switch (app) {
      case 'vendor-simulator':
        return {
          PORT: String(this.#base + 10),
          SIMULATOR_TOKEN: this.#token,
          SIMULATOR_DATA_DIR: join(this.folder, 'simulator'),
        };
      case 'webhook-gateway':
        return { PORT: String(this.#base + 1), WEBHOOK_KEY: this.webhookKey };
      case 'poller':
        return {
          VENDORS: 'front',
          ENCRYPTION_KEY: this.encryptionKey,
          FRONT_BASE_URL: `http://127.0.0.1:${linkPorts(this.#base)['poller-vendor']}/front`,
          REPEAT_READ_AFTER_MS: '300,700,1500',
          CONFIRM_READ_AFTER_MS: '800',
          CALL_TIMEOUT_MS: '3000',
          CALLS_AT_ONCE: '32',
        };
      case 'transformer':
      case 'ingest-writer':
        return {};
    }
  }
}
