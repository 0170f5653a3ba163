import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaProcess, prepareKafka, type Detour } from './kafka.ts';
import type { Parts } from './parts.ts';
import { DATABASE, OWNER, REGISTRY, postgresProcess, postgresUrl, preparePostgres } from './postgres.ts';
import { postgresHome } from './postgres-home.ts';
import { registryProcess, registryUrl } from './registry.ts';
import { supervise, type ProcessSpec, type Supervised } from './supervise.ts';

export interface StackPorts {
  readonly kafka: number;
  readonly kafkaController: number;
  readonly registry: number;
  readonly registryManagement: number;
  readonly postgres: number;
}

/** As `surface.md` numbers them. */
export const stackPorts = (base: number): StackPorts => ({
  kafka: base + 20,
  registry: base + 21,
  postgres: base + 22,
  kafkaController: base + 23,
  registryManagement: base + 24,
});

export interface StackSecrets {
  readonly installationId: string;
  readonly superuser: string;
  readonly owner: string;
  readonly registry: string;
}

const password = () => randomBytes(24).toString('base64url');

export const newStackSecrets = (): StackSecrets => ({
  installationId: password(),
  superuser: password(),
  owner: password(),
  registry: password(),
});

export interface StackOptions {
  readonly dataFolder: string;
  readonly logFolder: string;
  readonly ports: StackPorts;
  readonly secrets: StackSecrets;
  readonly parts: Parts;
  readonly kafkaDetour?: Detour;
  /** Ends the start in the middle; what runs by then is stopped. */
  readonly signal?: AbortSignal;
  /** Hears of every new pid and state, before anything else happens. */
  readonly onChange?: (changed: Supervised) => void;
}

export interface Stack {
  readonly postgres: Supervised;
  readonly kafka: Supervised;
  readonly registry: Supervised;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 90_000;

const postgresOptions = ({ dataFolder, logFolder, ports, secrets }: StackOptions) => ({
  home: postgresHome({ dataFolder, installationId: secrets.installationId }),
  port: ports.postgres,
  passwords: secrets,
  logFile: join(logFolder, 'postgres.log'),
});

const kafkaOptions = ({ dataFolder, logFolder, ports, parts, kafkaDetour }: StackOptions) => ({
  parts,
  folder: join(dataFolder, 'kafka'),
  port: ports.kafka,
  controllerPort: ports.kafkaController,
  detour: kafkaDetour,
  logFile: join(logFolder, 'kafka.log'),
});

const registryOptions = ({ logFolder, ports, parts, secrets }: StackOptions) => ({
  parts,
  port: ports.registry,
  managementPort: ports.registryManagement,
  database: { port: ports.postgres, name: REGISTRY, user: REGISTRY, password: secrets.registry },
  logFile: join(logFolder, 'registry.log'),
});

/** The registry leaves before the database it writes to. */
async function stopAll([kafka, postgres, registry]: readonly Supervised[]): Promise<void> {
  await Promise.all([registry?.stop(), kafka?.stop()]);
  await postgres?.stop();
}

async function startAll(options: StackOptions, started: Supervised[]): Promise<[Supervised, Supervised, Supervised]> {
  const run = (spec: ProcessSpec) => {
    const supervised = supervise(spec, options.onChange);
    started.push(supervised);
    return supervised;
  };
  const forKafka = kafkaOptions(options);
  prepareKafka(forKafka);
  const kafka = run(kafkaProcess(forKafka));
  const forPostgres = postgresOptions(options);
  preparePostgres(forPostgres);
  const postgres = run(postgresProcess(forPostgres));
  await postgres.untilReady(READY_WITHIN_MS, options.signal);
  const registry = run(registryProcess(registryOptions(options)));
  await Promise.all([
    kafka.untilReady(READY_WITHIN_MS, options.signal),
    registry.untilReady(READY_WITHIN_MS, options.signal),
  ]);
  return [kafka, postgres, registry];
}

/** Real Postgres, Kafka and registry as child processes, ready when this resolves; what was started is stopped again when it does not. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataFolder, logFolder, ports, secrets } = options;
  for (const folder of [dataFolder, logFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const started: Supervised[] = [];
  try {
    const [kafka, postgres, registry] = await startAll(options, started);
    return {
      postgres,
      kafka,
      registry,
      brokers: [`127.0.0.1:${ports.kafka}`],
      registryUrl: registryUrl(ports.registry),
      ownerUrl: postgresUrl(ports.postgres, OWNER, secrets.owner),
      superuserUrl: postgresUrl(ports.postgres, 'postgres', secrets.superuser, DATABASE),
      stop: () => stopAll(started),
    };
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}
