import { join } from 'node:path';
import { allConnectors } from '@tributary/connectors';
import { httpAnswers, postgresUrl, type ProcessSpec } from '@tributary/embedded';
import type { ServiceRole } from '@tributary/postgres';
import { PROJECT, type Installation, type Secrets } from './installation.ts';
import type { Ports } from './ports.ts';

/** What a service's environment is made from. */
export interface Wiring {
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly brokers: readonly string[];
  readonly dataFolder: string;
}

export interface Service {
  readonly name: string;
  /** Its login; null: it knows no database. */
  readonly role: ServiceRole | null;
  environment(wiring: Wiring): Readonly<Record<string, string>>;
}

const simulatorUrl = ({ simulator }: Ports, vendor: string) => `http://127.0.0.1:${simulator}/${vendor}`;

/** A vendor's name stands in its description only; here every connector is pointed at the simulator alike. */
const vendorAddresses = (ports: Ports) =>
  Object.fromEntries(allConnectors.map(({ vendor, api }) => [api.baseUrlEnv, simulatorUrl(ports, vendor)]));

/** In the order of start; the place in the list is also the place of the ops port. */
export const SERVICES: readonly Service[] = [
  {
    name: 'vendor-simulator',
    role: null,
    environment: ({ ports, secrets, dataFolder }) => ({
      PORT: String(ports.simulator),
      SIMULATOR_TOKEN: secrets.simulatorToken,
      SIMULATOR_DATA_DIR: join(dataFolder, 'simulator'),
    }),
  },
  {
    name: 'webhook-gateway',
    role: 'tributary_gateway',
    environment: ({ ports, secrets }) => ({ PORT: String(ports.gateway), WEBHOOK_KEY: secrets.webhookKey }),
  },
  { name: 'transformer', role: 'tributary_transformer', environment: () => ({}) },
  { name: 'ingest-writer', role: 'tributary_writer', environment: () => ({}) },
  {
    name: 'poller',
    role: 'tributary_poller',
    environment: ({ ports, secrets }) => ({
      VENDORS: allConnectors.map(({ vendor }) => vendor).join(','),
      ENCRYPTION_KEY: secrets.encryptionKey,
      ...vendorAddresses(ports),
    }),
  },
  { name: 'dead-letter-replayer', role: 'tributary_replayer', environment: () => ({}) },
];

/** Ours, and what the system needs; whatever else the caller's environment holds is none of a service's business. */
const fromCaller = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] =>
      /^(PATH|HOME|TZ|LANG|LOG_LEVEL|OTEL_.*)$/.test(entry[0]),
    ),
  );

/**
 * Several services share a developer's machine, and most of their memory would be young garbage: after a few thousand events a service
 * held 150 to 380 MB with the runtime's own bounds, 120 to 165 MB with these, at the same pace.
 */
const LEAN = ['--max-semi-space-size=2'];
const LEAN_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

export function serviceProcess(service: Service, wiring: Wiring, { logs }: Installation): ProcessSpec {
  const { ports, secrets, brokers } = wiring;
  const opsPort = ports.ops(service.name);
  return {
    name: service.name,
    file: process.execPath,
    args: [...LEAN, '--import', '@tributary/telemetry/preload', join('apps', service.name, 'dist', 'main.js')],
    cwd: PROJECT,
    env: {
      ...fromCaller(),
      ...LEAN_ENVIRONMENT,
      ENVIRONMENT: 'development',
      SERVICE_NAME: service.name,
      OPS_PORT: String(opsPort),
      KAFKA_BROKERS: brokers.join(','),
      ...(service.role === null
        ? {}
        : { DATABASE_URL: postgresUrl(ports.stack.postgres, service.role, secrets.serviceLogins[service.role]) }),
      ...service.environment(wiring),
    },
    logFile: join(logs, `${service.name}.log`),
    graceMs: 15_000,
    isReady: () => httpAnswers(`${opsUrl(opsPort)}/readyz`),
  };
}

export const opsUrl = (port: number): string => `http://127.0.0.1:${port}`;
