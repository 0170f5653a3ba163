import { Failure, type TopicSpec } from '@tributary/contracts';

export interface RegistrySettings {
  /** Up to where `/subjects` follows. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** What the services need of the registry, kept in Postgres so that they run without it. */
export interface SchemaRow {
  readonly subject: string;
  readonly id: number;
  /** Avro schema as JSON text. */
  readonly schema: string;
}

export const subjectOf = (topic: string): string => `${topic}-value`;

const TIMEOUT_MS = 10_000;

/** Registers the topics' schemas (unchanged ones keep their id). A schema that readers of a public topic could not take is refused. */
export async function registerSchemas(
  registry: RegistrySettings,
  specs: readonly TopicSpec[],
): Promise<readonly SchemaRow[]> {
  const rows: SchemaRow[] = [];
  for (const { name, schema, isPublic } of specs) {
    if (schema === null) continue;
    const subject = subjectOf(name);
    const text = JSON.stringify(schema);
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const { id } = (await call(registry, 'POST', path, { schema: text, schemaType: 'AVRO' })) as { id: number };
    if (isPublic) {
      // After the first registration: a registry may know no setting for a subject that does not exist.
      await call(registry, 'PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: 'FULL_TRANSITIVE' });
    }
    rows.push({ subject, id, schema: text });
  }
  return rows;
}

async function call(
  { url, username, password }: RegistrySettings,
  method: string,
  path: string,
  body: object,
): Promise<unknown> {
  const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      'content-type': 'application/vnd.schemaregistry.v1+json',
      ...(username === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }),
    },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new Failure('unavailable', `the schema registry at ${url} does not answer`, { cause: error });
  });
  if (response.ok) return response.json();
  const text = (await response.text()).slice(0, 500);
  throw new Failure(
    response.status >= 500 ? 'unavailable' : 'misconfigured',
    `schema registry: ${method} ${path} gave ${response.status}: ${text}`,
  );
}
