import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@tributary/contracts';
import type { Parts } from './parts.ts';
import { kafkaAnswers } from './probes.ts';
import type { ProcessSpec } from './supervise.ts';

/** A second listener, for clients that are to come by way of a proxy: the proxy connects to `port`, they hear of `advertisedPort`. */
export interface Detour {
  readonly port: number;
  readonly advertisedPort: number;
}

export interface KafkaOptions {
  readonly parts: Parts;
  readonly folder: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly detour?: Detour | undefined;
  readonly logFile: string;
}

const via = (detour: Detour | undefined, port: 'port' | 'advertisedPort') =>
  detour ? `,DETOUR://127.0.0.1:${detour[port]}` : '';

const serverProperties = ({
  folder,
  port,
  controllerPort,
  detour,
}: KafkaOptions): string => `# Written by the launcher at each start.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${via(detour, 'port')}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}${via(detour, 'advertisedPort')}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,DETOUR:PLAINTEXT
log.dirs=${join(folder, 'logs').replaceAll('\\', '\\\\')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=1
# With the defaults a broker that was killed is unusable for eleven seconds; all three are needed.
controlled.shutdown.enable=true
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
`;

const LOG_CONFIG = `status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
logger.raft.name=kafka.server.KafkaRaftServer
logger.raft.level=info
`;

const configFile = (folder: string) => join(folder, 'server.properties');
const logConfigFile = (folder: string) => join(folder, 'log4j2.properties');
const classPath = (parts: Parts) => join(parts.kafkaJars, '*');

/** A cluster id as Kafka writes one: sixteen bytes, and never with a leading dash, which its tool takes for an option. */
const newClusterId = (): string => {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
};

function format(options: KafkaOptions): void {
  const { parts, folder } = options;
  const answer = spawnSync(
    parts.java.file,
    [
      '-Xmx128m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Dlog4j2.configurationFile=${logConfigFile(folder)}`,
      '-cp',
      classPath(parts),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      newClusterId(),
      '-c',
      configFile(folder),
    ],
    { encoding: 'utf8', env: {} },
  );
  if (answer.status !== 0)
    throw new Failure(
      'unavailable',
      `Kafka's folder ${folder} could not be formatted: ${`${answer.stdout}${answer.stderr}`.trim().slice(-400)}`,
    );
}

/** Writes the configuration and, once, formats the folder. */
export function prepareKafka(options: KafkaOptions): void {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  writeFileSync(configFile(options.folder), serverProperties(options));
  writeFileSync(logConfigFile(options.folder), LOG_CONFIG);
  if (!existsSync(join(options.folder, 'logs', 'meta.properties'))) format(options);
}

export function kafkaProcess(options: KafkaOptions): ProcessSpec {
  const { parts, folder, port, logFile } = options;
  return {
    name: 'kafka',
    file: parts.java.file,
    args: [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Dlog4j2.configurationFile=${logConfigFile(folder)}`,
      '-Dlog4j2.disableJmx=true',
      '-cp',
      classPath(parts),
      'kafka.Kafka',
      configFile(folder),
    ],
    env: {},
    cwd: folder,
    logFile,
    graceMs: 8_000,
    isReady: () => kafkaAnswers(port),
  };
}
