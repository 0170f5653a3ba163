import type { LoggerService } from '@nestjs/common';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Fields = Readonly<Record<string, unknown>>;

/** One JSON object a line. What stands in `fields` must never be a payload or a secret. */
export interface Log {
  (level: LogLevel, msg: string, fields?: Fields): void;
}

export interface LogOptions {
  readonly service: string;
  readonly level: LogLevel;
  write?(line: string): void;
  now?(): Date;
}

export function createLog({ service, level: lowest, write = writeOut, now = () => new Date() }: LogOptions): Log {
  const from = LOG_LEVELS.indexOf(lowest);
  return (level, msg, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < from) return;
    write(JSON.stringify({ time: now().toISOString(), level, service, msg, ...fields }, plain));
  };
}

const writeOut = (line: string) => void process.stdout.write(`${line}\n`);

/** Errors say what and why; their stacks are for unexpected ones, which say so in `msg`. */
function plain(_name: string, value: unknown): unknown {
  if (value instanceof Error) {
    return {
      name: value.name,
      message: value.message,
      ...(value.cause instanceof Error ? { cause: value.cause } : {}),
    };
  }
  return typeof value === 'bigint' ? String(value) : value;
}

/** Nest tells how it wires the app; of that only faults and warnings are of interest. */
export function nestLogger(log: Log): LoggerService {
  const say =
    (level: LogLevel) =>
    (msg: unknown, ...rest: unknown[]) =>
      log(level, msg instanceof Error ? msg.message : String(msg), { context: rest.at(-1) });
  return {
    log: say('debug'),
    debug: say('debug'),
    verbose: say('debug'),
    warn: say('warn'),
    error: say('error'),
    fatal: say('error'),
  };
}
