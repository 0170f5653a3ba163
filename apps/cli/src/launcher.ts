import {
  identify,
  postgresUrl,
  prepareParts,
  startStack,
  supervise,
  type Stack,
  type Supervised,
} from '@tributary/embedded';
import { ensureDemo } from './demo.ts';
import { claim, PARTS_FOLDER, RECIPE, secretsOf, VERSION, type Installation, type Secrets } from './installation.ts';
import { install } from './install.ts';
import { lock, stopLeftovers, unlock } from './leftovers.ts';
import { needFreePorts, type Ports } from './ports.ts';
import { opsUrl, serviceProcess, SERVICES, type Wiring } from './services.ts';
import { Ledger } from './state.ts';

export interface LaunchOptions {
  readonly installation: Installation;
  readonly ports: Ports;
  readonly withDemo: boolean;
  say(sentence: string): void;
}

/** Stops, in this order, whatever has been started so far. */
export interface Running {
  readonly urls: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const SERVICE_READY_WITHIN_MS = 60_000;

export const urlsOf = ({ gateway, simulator, stack }: Ports): Record<string, string> => ({
  gateway: `http://127.0.0.1:${gateway}`,
  simulator: `http://127.0.0.1:${simulator}`,
  registry: `http://127.0.0.1:${stack.registry}/apis/ccompat/v7`,
  kafka: `127.0.0.1:${stack.kafka}`,
  postgres: `127.0.0.1:${stack.postgres}`,
});

class Launch implements Running {
  readonly urls: Readonly<Record<string, string>>;
  readonly #ledger: Ledger;
  readonly #services: Supervised[] = [];
  readonly #secrets: Secrets;
  #stack: Stack | null = null;

  constructor(private readonly options: LaunchOptions) {
    const { installation, ports } = options;
    this.urls = urlsOf(ports);
    this.#secrets = secretsOf(installation);
    const isService = (name: string) => SERVICES.some((service) => service.name === name);
    this.#ledger = new Ledger(
      installation,
      {
        launcher: identify(process.pid)!,
        version: VERSION,
        portBase: ports.base,
        ready: false,
        urls: this.urls,
        databaseUrl: null,
      },
      (name) => (isService(name) ? opsUrl(ports.ops(name)) : null),
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    const { installation, ports, say } = this.options;
    const parts = prepareParts({ folder: PARTS_FOLDER, recipe: RECIPE, env: process.env, say });
    say('Starting Postgres, Kafka and the schema registry');
    this.#stack = await startStack({
      dataFolder: installation.folder,
      logFolder: installation.logs,
      ports: ports.stack,
      secrets: this.#secrets,
      parts,
      signal,
      onChange: this.#ledger.changed,
    });
    say('Bringing topics, tables and schemas up to date');
    await install(this.#stack, this.#secrets);
    say('Starting the services');
    await this.#startServices(this.#stack, signal);
    this.#ledger.set({ ready: true, databaseUrl: this.options.withDemo ? await this.#connectDemo(this.#stack) : null });
  }

  async #startServices({ brokers }: Stack, signal: AbortSignal): Promise<void> {
    const { ports, installation } = this.options;
    const wiring: Wiring = { ports, secrets: this.#secrets, brokers, dataFolder: installation.folder };
    for (const service of SERVICES) {
      this.#services.push(supervise(serviceProcess(service, wiring, this.options.installation), this.#ledger.changed));
    }
    await Promise.all(this.#services.map((service) => service.untilReady(SERVICE_READY_WITHIN_MS, signal)));
  }

  async #connectDemo({ ownerUrl }: Stack): Promise<string> {
    this.options.say('Connecting the demo organization');
    const { ports } = this.options;
    const { serviceLogins, encryptionKey, webhookKey, demoReader, simulatorToken } = this.#secrets;
    const { databaseUrl } = await ensureDemo({
      ownerUrl,
      adminUrl: postgresUrl(ports.stack.postgres, 'tributary_admin', serviceLogins.tributary_admin),
      encryptionKey,
      webhookKey,
      readerPassword: demoReader,
      simulatorUrl: this.urls.simulator!,
      simulatorToken,
      gatewayUrl: this.urls.gateway!,
    });
    return databaseUrl;
  }

  async stop(): Promise<void> {
    this.#ledger.set({ ready: false });
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.#stack?.stop();
    this.#ledger.close();
    unlock(this.options.installation);
  }
}

/** Starts everything, or stops what it has started and throws. A `signal` that fires in the middle ends it the same way. */
export async function launch(options: LaunchOptions, signal: AbortSignal): Promise<Running> {
  const { installation, ports, say } = options;
  claim(installation);
  lock(installation);
  const left = await stopLeftovers(installation);
  if (left > 0) say(`Stopped ${left} processes that an earlier start had left running`);
  let started: Launch | null = null;
  try {
    await needFreePorts(ports);
    started = new Launch(options);
    await started.start(signal);
    return started;
  } catch (error) {
    if (started) await started.stop();
    else unlock(installation);
    throw error;
  }
}
