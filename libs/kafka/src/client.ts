import { Failure } from '@tributary/contracts';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaLog } from './message.ts';
import { repairChecksum } from './repair-checksum.ts';
import { repairTimers } from './repair-timers.ts';
import { addZstd } from './zstd.ts';

export interface SaslSettings {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | { readonly ca: string };
  readonly sasl?: SaslSettings;
}

/** Opaque outside this library: kafkajs stays replaceable. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly log: KafkaLog;
}

const silent: KafkaLog = () => undefined;

export function createKafka(settings: KafkaSettings, log: KafkaLog = silent): KafkaClient {
  repairTimers();
  repairChecksum();
  addZstd();
  const kafka = new Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ...(settings.ssl === undefined
      ? {}
      : { ssl: typeof settings.ssl === 'boolean' ? settings.ssl : { ca: settings.ssl.ca } }),
    ...(settings.sasl === undefined ? {} : { sasl: { ...settings.sasl } as SASLOptions }),
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // The default waits 300 ms and doubles: a coordinator that is there after 400 ms is found after 900.
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      // kafkajs calls every lost connection an error; whether it matters is for its caller to say.
      const { message, broker, clientId, groupId, error } = entry.log as Readonly<Record<string, unknown>>;
      const level = entry.level === logLevel.ERROR ? 'warn' : 'info';
      log(level, `kafkajs: ${String(message)}`, { broker, clientId, groupId, error });
    },
  });
  return { kafka, log };
}

/**
 * kafkajs marks what may pass by itself; all else is a fault of what was asked. It wraps the mark when it gives up
 * ("retries exceeded", "non-retriable"), so the causes are asked too.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('retriable' in error && error.retriable === true) || isPassing(error.cause);
}

/** The broker took the request and never answered: it hangs, or the link to it died without a word. */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'KafkaJSRequestTimeoutError' || isSilence(error.cause);
}

export function translateKafkaError(error: unknown, doing: string): unknown {
  if (error instanceof Failure || !isPassing(error)) return error;
  return new Failure('unavailable', `Kafka is away while ${doing}: ${(error as Error).message}`, { cause: error });
}
