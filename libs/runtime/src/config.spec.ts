import { commonSettings, kafkaSettings, toKafkaSettings } from './common-config.ts';
import { parseConfig, printConfig } from './config.ts';
import { defineConfig, integer, list, oneOf, optional, port, secret, secretUrl, url } from './settings.ts';

const spec = defineConfig({
  databaseUrl: secretUrl('DATABASE_URL'),
  brokers: list('KAFKA_BROKERS'),
  port: port('PORT', { default: 7101 }),
  webhookKey: secret('WEBHOOK_KEY'),
});
const good = { DATABASE_URL: 'postgres://u:p@db/x', KAFKA_BROKERS: 'a:1, b:2', WEBHOOK_KEY: 'k1:abc' };
const faultsOf = (env: Record<string, string>) => {
  try {
    parseConfig(spec, env);
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('  - ', ''));
  }
};

describe('the configuration', () => {
  it('is read once into typed values', () => {
    expect(parseConfig(spec, good)).toEqual({
      databaseUrl: good.DATABASE_URL,
      brokers: ['a:1', 'b:2'],
      port: 7101,
      webhookKey: 'k1:abc',
    });
  });

  it('names every fault in one message', () => {
    expect(faultsOf({ DATABASE_URL: 'nonsense', PORT: '99999', WEBHOOK_KEYS: 'x' })).toEqual([
      'WEBHOOK_KEYS is not known: did you mean WEBHOOK_KEY?',
      'DATABASE_URL must be a URL',
      'KAFKA_BROKERS is missing',
      'PORT must be a whole number from 0 to 65535',
      'WEBHOOK_KEY is missing',
    ]);
  });

  it('never shows a value in a fault: it may be a secret', () => {
    expect(faultsOf({ ...good, DATABASE_URL: 'hunter2 hunter2' }).join()).not.toContain('hunter2');
  });

  it('refuses unknown names with our prefixes and near misses, and leaves the rest alone', () => {
    expect(faultsOf({ ...good, KAFKA_BROKER: 'x', TRIBUTARY_SPEED: '9', DATABASE_URI: 'x' })).toEqual([
      'KAFKA_BROKER is not known: did you mean KAFKA_BROKERS?',
      'TRIBUTARY_SPEED is not known',
      'DATABASE_URI is not known: did you mean DATABASE_URL?',
    ]);
    expect(
      faultsOf({ ...good, HOME: '/root', PATH: '/bin', POSTGRES_PASSWORD: 'x', NODE_ENV: 'x', HOSTNAME: 'x' }),
    ).toEqual([]);
  });

  it('takes a setting of another service in the same environment as known', () => {
    expect(faultsOf({ ...good, ENCRYPTION_KEY: 'x', VENDORS: 'acme' })).toEqual([]);
  });

  it('reads NAME_FILE, and refuses both forms at once', () => {
    const rest = { DATABASE_URL: good.DATABASE_URL, KAFKA_BROKERS: good.KAFKA_BROKERS };
    const config = parseConfig(spec, { ...rest, WEBHOOK_KEY_FILE: '/run/key' }, () => 'from file\n');
    expect(config.webhookKey).toBe('from file');
    expect(faultsOf({ ...good, WEBHOOK_KEY_FILE: '/run/key' })).toEqual([
      'WEBHOOK_KEY and WEBHOOK_KEY_FILE are both set: keep one',
    ]);
    expect(faultsOf({ ...rest, WEBHOOK_KEY_FILE: '/nowhere/key' })).toEqual([
      'WEBHOOK_KEY cannot be read from /nowhere/key (ENOENT)',
    ]);
  });

  it('takes an empty value as not set', () => {
    expect(parseConfig(spec, { ...good, PORT: '' }).port).toBe(7101);
  });

  it('is printed with its secrets masked', () => {
    expect(printConfig(spec, parseConfig(spec, good))).toBe(
      ['DATABASE_URL=***', 'KAFKA_BROKERS=a:1,b:2', 'PORT=7101', 'WEBHOOK_KEY=***'].join('\n'),
    );
  });

  it('reads words, numbers and what may be absent', () => {
    const words = defineConfig({
      level: oneOf('LOG_LEVEL', ['low', 'high']),
      count: integer('COUNT', 1, 5),
      address: optional(url('PUBLIC_URL')),
    });
    expect(parseConfig(words, { LOG_LEVEL: 'high', COUNT: '3' })).toEqual({ level: 'high', count: 3, address: null });
    expect(() => parseConfig(words, { LOG_LEVEL: 'middle', COUNT: '2.5' })).toThrow(
      /one of low, high[\s\S]*whole number from 1 to 5/,
    );
  });

  it('gives Kafka its TLS and SASL only where they are set', () => {
    const plain = parseConfig({ ...commonSettings, ...kafkaSettings }, { KAFKA_BROKERS: 'a:1' });
    expect(toKafkaSettings(plain, 'me')).toEqual({ brokers: ['a:1'], clientId: 'me' });
    const safe = parseConfig(kafkaSettings, {
      KAFKA_BROKERS: 'a:1',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    });
    expect(toKafkaSettings(safe, 'me')).toMatchObject({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    });
  });
});
