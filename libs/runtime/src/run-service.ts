import 'reflect-metadata';
import type { DynamicModule, INestApplication, INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { createMetrics, observeProcess } from '@tributary/telemetry';
import { commonSettings } from './common-config.ts';
import { ConfigError, parseConfig, printConfig, type Environment } from './config.ts';
import { KafkaStrategy } from './kafka-strategy.ts';
import { createLog, nestLogger, type Log } from './log.ts';
import { OpsModule } from './ops.ts';
import type { Check, Service } from './service.ts';
import type { ConfigOf, ConfigSpec } from './settings.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { VERSION } from './version.ts';

type FullConfig<Spec extends ConfigSpec> = ConfigOf<Spec & typeof commonSettings>;

export interface HttpOptions<Config> {
  port(config: Config): number;
  /**
   * Hot routes on Fastify's own instance, in a scope that Nest's hooks and parsers do not reach. Called before the app is wired:
   * `app()` is there from the first request on.
   */
  routes?(scope: FastifyInstance, app: () => INestApplicationContext): void;
}

export interface ServiceOptions<Spec extends ConfigSpec> {
  readonly name: string;
  readonly config: Spec;
  /** All wiring. A KafkaStrategy among the providers is connected and listens. */
  module(config: FullConfig<Spec>, service: Service): DynamicModule | Type;
  readonly http?: HttpOptions<FullConfig<Spec>>;
}

export interface RunningService {
  readonly opsUrl: string;
  /** Null for a service that serves no HTTP. */
  readonly httpUrl: string | null;
  /** In the order of a signal. */
  stop(): Promise<void>;
}

const BAD_CONFIGURATION = 78;

/** Boots a service from its environment; returns when it takes work. Ends the process by itself on a signal. */
export async function runService<Spec extends ConfigSpec>(options: ServiceOptions<Spec>): Promise<void> {
  const spec = { ...commonSettings, ...options.config };
  try {
    const config = parseConfig(spec, process.env) as FullConfig<Spec>;
    if (process.argv.includes('--print-config')) {
      process.stdout.write(`${printConfig(spec, config)}\n`);
      return;
    }
    const log = openLog(options, config);
    const shutdown = createShutdown(log);
    shutdown.onSignals();
    await boot(options, config, log, shutdown).catch(shutdown.fail);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = BAD_CONFIGURATION;
  }
}

/** The same without the process: for suites, which stop it themselves. */
export async function startService<Spec extends ConfigSpec>(
  options: ServiceOptions<Spec>,
  env: Environment,
): Promise<RunningService> {
  const config = parseConfig({ ...commonSettings, ...options.config }, env) as FullConfig<Spec>;
  const log = openLog(options, config);
  const shutdown = createShutdown(log, { exit: () => undefined, forcedAfterMs: 20_000 });
  try {
    return { ...(await boot(options, config, log, shutdown)), stop: shutdown.end };
  } catch (error) {
    await shutdown.end();
    throw error;
  }
}

function openLog<Spec extends ConfigSpec>(options: ServiceOptions<Spec>, config: FullConfig<Spec>): Log {
  const { serviceName, logLevel } = config as ConfigOf<typeof commonSettings>;
  return createLog({ service: serviceName || options.name, level: logLevel });
}

async function boot<Spec extends ConfigSpec>(
  options: ServiceOptions<Spec>,
  config: FullConfig<Spec>,
  log: Log,
  shutdown: Shutdown,
): Promise<Omit<RunningService, 'stop'>> {
  const common = config as ConfigOf<typeof commonSettings>;
  const metrics = createMetrics();
  observeProcess(metrics);
  const checks = new Map<string, Check>();
  const service: Service = {
    name: common.serviceName || options.name,
    version: VERSION,
    environment: common.environment,
    log,
    metrics,
    readyWhen: (what, check) => void checks.set(what, check),
    onShutdown: shutdown.add,
    fail: shutdown.fail,
  };
  const host = common.host || (common.environment === 'development' ? '127.0.0.1' : '0.0.0.0');
  const ops = await NestFactory.create(OpsModule.for({ metrics, checks }), new FastifyAdapter(), {
    logger: nestLogger(log),
    abortOnError: false,
  });
  shutdown.add('ops port', () => ops.close());
  let isUp = false;
  checks.set('service', () => isUp && !shutdown.isUnderWay);
  await ops.listen(common.opsPort, host);
  const app = await startApp(options, config, service, host, shutdown);
  isUp = true;
  const urls = { opsUrl: await ops.getUrl(), httpUrl: options.http ? await app.getUrl() : null };
  log('info', 'service is up', { version: VERSION, ...urls });
  return urls;
}

async function startApp<Spec extends ConfigSpec>(
  { http, module }: ServiceOptions<Spec>,
  config: FullConfig<Spec>,
  service: Service,
  host: string,
  shutdown: Shutdown,
): Promise<INestApplication> {
  const adapter = new FastifyAdapter();
  const wired: { app?: NestFastifyApplication } = {};
  const resolve = () => {
    if (!wired.app) throw new Error('the app is not wired yet');
    return wired.app;
  };
  if (http?.routes) {
    const { routes } = http;
    // First of all plugins: its scope copies the hooks there are, and Nest's come later.
    adapter.getInstance<FastifyInstance>().register((scope, _options, done) => {
      routes(scope, resolve);
      done();
    });
  }
  const app = await NestFactory.create<NestFastifyApplication>(module(config, service), adapter, {
    logger: nestLogger(service.log),
    abortOnError: false,
  });
  wired.app = app;
  const strategy = findStrategy(app);
  if (strategy) {
    app.connectMicroservice({ strategy });
    strategy.assertComplete();
    service.readyWhen('kafka', () => strategy.healthy);
  }
  await app.init();
  // Takes no more requests and batches, and waits for those under way.
  shutdown.add('requests and consumers', () => app.close());
  if (http) await app.listen(http.port(config), host);
  await app.startAllMicroservices();
  return app;
}

/** `app.get` would report a service without a consumer as a fault. */
function findStrategy(app: INestApplicationContext): KafkaStrategy | null {
  for (const { providers } of app.get(ModulesContainer).values()) {
    const instance: unknown = providers.get(KafkaStrategy)?.instance;
    if (instance instanceof KafkaStrategy) return instance;
  }
  return null;
}
