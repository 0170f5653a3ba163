import { join } from 'node:path';
import type { Parts } from './parts.ts';
import { httpAnswers } from './probes.ts';
import type { ProcessSpec } from './supervise.ts';

export interface RegistryOptions {
  readonly parts: Parts;
  readonly port: number;
  readonly managementPort: number;
  /** Its tables live in a database of their own on the same Postgres: its file store lost schemas when killed. */
  readonly database: { readonly port: number; readonly name: string; readonly user: string; readonly password: string };
  readonly logFile: string;
}

export function registryProcess({ parts, port, managementPort, database, logFile }: RegistryOptions): ProcessSpec {
  return {
    name: 'registry',
    file: parts.java.file,
    args: [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-Dquarkus.management.host=127.0.0.1',
      `-Dquarkus.management.port=${managementPort}`,
      '-Dquarkus.log.level=WARN',
      '-Dquarkus.banner.enabled=false',
      '-Dquarkus.http.access-log.enabled=false',
      '-jar',
      join(parts.registryFolder, 'quarkus-run.jar'),
    ],
    env: {
      APICURIO_LOG_LEVEL: 'WARN',
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${database.port}/${database.name}`,
      APICURIO_DATASOURCE_USERNAME: database.user,
      APICURIO_DATASOURCE_PASSWORD: database.password,
    },
    cwd: parts.registryFolder,
    logFile,
    graceMs: 5_000,
    isReady: () => httpAnswers(`${registryUrl(port)}/subjects`),
  };
}

/** Speaks the Confluent API, so any client of that takes it as its base address. */
export const registryUrl = (port: number): string => `http://127.0.0.1:${port}/apis/ccompat/v7`;
