import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORD_KINDS, topicNames, topicTable } from '@tributary/contracts';
import { decodeFrame, schemaIdOf, type Schema } from './checker/avro.ts';
import { assertSearchWorks, searchFor, type Search } from './checker/canaries.ts';
import type {
  Account,
  ContentRun,
  Dead,
  Evidence,
  LedgerEntry,
  Normalized,
  PositionBack,
  Raw,
  Row,
  Run,
  StepBack,
} from './checker/evidence.ts';
import type { Organization } from './organizations.ts';
import type { Rig } from './rig.ts';

interface Stored {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly atMs: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A trigger of the judge's own writes down each update that lowers a register; rows alone would only show the last state. */
export async function watchOrderKeys({ truth }: Rig): Promise<void> {
  await truth.query(`create schema if not exists judge`);
  await truth.query(
    `create table if not exists judge.step_back (record_id uuid, organization_id uuid, register text, lower text, higher text)`,
  );
  await truth.query(`create or replace function judge.watch() returns trigger language plpgsql security definer as $$ begin
    if new.order_key < old.order_key then
      insert into judge.step_back values (new.id, new.organization_id, 'content', encode(new.order_key, 'hex'), encode(old.order_key, 'hex'));
    end if;
    if new.existence_stamp < old.existence_stamp then
      insert into judge.step_back values (new.id, new.organization_id, 'existence', new.existence_stamp::text, old.existence_stamp::text);
    end if;
    return null; end $$`);
  await truth.query(
    `create or replace trigger judge after update on tributary.record for each row execute function judge.watch()`,
  );
  await watchPositions(truth);
}

/** A topic made anew begins at 0 again; its incarnation tells. */
async function watchPositions(truth: Rig['truth']): Promise<void> {
  await truth.query(
    `create table if not exists judge.position_back
       (consumer text, topic text, partition int, higher bigint, lower bigint, at timestamptz default clock_timestamp())`,
  );
  await truth.query(`create or replace function judge.watch_position() returns trigger language plpgsql security definer as $$ begin
    if new.next_offset < old.next_offset and new.incarnation = old.incarnation then
      insert into judge.position_back values (new.consumer, new.topic, new.partition, old.next_offset, new.next_offset);
    end if;
    return null; end $$`);
  await truth.query(
    `create or replace trigger judge after update on tributary.position for each row execute function judge.watch_position()`,
  );
}

/** `sinceMs`: dead letters, tombstones and positions name no organization; those of an earlier history are older. */
export async function collect(rig: Rig, organizations: readonly Organization[], sinceMs: number): Promise<Evidence> {
  const ids = new Set(organizations.map(({ id }) => id));
  const stored = await readTopics(rig);
  const decode = await decoder(rig);
  const search = searchFor([...rig.canaries, ...organizations.flatMap(({ canaries }) => canaries)]);
  assertSearchWorks(search, organizations[0]!.canaries[0]!);
  const isOurs = ({ organizationId, account }: { organizationId: string; account: string }) =>
    ids.has(organizationId) || organizations.some((one) => one.account === account);
  const raws = on(stored, '.raw.').map((one) => ({ ...placeOf(one), event: decode(one) as Raw['event'] }));
  const [erased, kept] = apart(on(stored, '.normalized.'), ({ value }) => value === null);
  const normalized = kept.map((one) => ({
    ...placeOf(one),
    key: one.key,
    record: decode(one) as Normalized['record'],
  }));
  return {
    accounts: await Promise.all(organizations.map((organization) => accountOf(rig, organization))),
    raws: raws.filter(({ event }) => isOurs(event)),
    normalized: normalized.filter(({ record }) => isOurs(record)),
    tombstones: erased.filter(({ atMs }) => atMs >= sinceMs).map((one) => ({ ...placeOf(one), key: one.key })),
    dead: on(stored, '.failed.')
      .filter(({ atMs }) => atMs >= sinceMs)
      .map((one): Dead => ({ ...placeOf(one), reason: JSON.stringify(one.headers) })),
    ...(await rowsOf(rig, organizations)),
    positionsBack: await positionsBackSince(rig, sinceMs),
    leaks: [...leaksIn(stored, search), ...leaksInLogs(rig, search)],
  };
}

const on = (stored: readonly Stored[], part: string) => stored.filter(({ topic }) => topic.includes(part));
const apart = <T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] => [
  items.filter(isFirst),
  items.filter((item) => !isFirst(item)),
];
const placeOf = ({ topic, partition, offset }: Stored) => ({ topic, partition, offset });

async function accountOf(rig: Rig, { id, account, name, settings }: Organization): Promise<Account> {
  const ledger = await rig.control<LedgerEntry[]>('GET', `front/accounts/${name}/journal`);
  return { organizationId: id, account, readLagMs: settings.readLagMs, ledger };
}

/** Every message of every topic, from its beginning to the end that it had when this was called. */
async function readTopics({ kafka }: Rig): Promise<Stored[]> {
  const topics = topicTable(topicNames(), ['front'], RECORD_KINDS).map(({ name }) => name);
  const admin = kafka.admin();
  await admin.connect();
  const missing = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > 0) missing.set(`${topic}:${partition}`, Number(high));
    }
  }
  const groupId = `judge-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const found: Stored[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      if (missing.size === 0) return resolve();
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { topic, partition, messages } }) => {
          for (const { offset, key, value, headers, timestamp } of messages) {
            found.push({
              topic,
              partition,
              offset: Number(offset),
              atMs: Number(timestamp),
              key: key?.toString() ?? null,
              value,
              headers: textsOf(headers),
            });
          }
          const place = `${topic}:${partition}`;
          if (Number(messages.at(-1)?.offset ?? -1) + 1 >= (missing.get(place) ?? 0)) missing.delete(place);
          if (missing.size === 0) resolve();
        },
      });
    });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
  return found;
}

const textsOf = (headers: object | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

async function decoder({ truth }: Rig): Promise<(one: Stored) => unknown> {
  const { rows } = await truth.query<{ id: number; schema: string }>('select id, schema from tributary.schema_id');
  const schemas = new Map(rows.map(({ id, schema }) => [id, JSON.parse(schema) as Schema]));
  return ({ topic, offset, value }) => {
    const schema = schemas.get(schemaIdOf(value!) ?? -1);
    if (schema === undefined) throw new Error(`${topic}@${offset} has an unknown schema`);
    return decodeFrame(value!, schema);
  };
}

type Columns = Record<string, unknown>;

async function rowsOf({ truth }: Rig, organizations: readonly Organization[]) {
  const ids = organizations.map(({ id }) => id);
  const select = async <T>(statement: string, values: unknown[]) =>
    (await truth.query<T & Columns>(statement, values)).rows;
  const rows = await select<Row>(
    `select id, organization_id as "organizationId", account, kind, external_id as "externalId", operation,
       existence_stamp::float8 as "existenceStamp", order_key as "orderKey", checksum, content, custom_fields as "customFields",
       visibility, relations
     from tributary.record where organization_id = any ($1) or account = any ($2)`,
    [ids, organizations.map(({ account }) => account)],
  );
  const recordIds = rows.map(({ id }) => id);
  const run = `record_id as "recordId", organization_id as "organizationId", stamps::float8[] as stamps`;
  const where = 'where organization_id = any ($1) or record_id = any ($2) order by first_stamp';
  return {
    rows,
    contents: await select<ContentRun>(
      `select ${run}, mapping_version as "mappingVersion", source_version::float8 as "sourceVersion", checksum as label,
         content, custom_fields as "customFields"
       from tributary.record_version ${where}`,
      [ids, recordIds],
    ),
    existences: await select<Run>(
      `select ${run}, 0 as "mappingVersion", 0 as "sourceVersion", operation as label from tributary.record_existence ${where}`,
      [ids, recordIds],
    ),
    stepsBack: await select<StepBack>(
      `select record_id as "recordId", register, higher as from, lower as to from judge.step_back where organization_id = any ($1)`,
      [ids],
    ),
  };
}

async function positionsBackSince({ truth }: Rig, sinceMs: number): Promise<PositionBack[]> {
  const { rows } = await truth.query<PositionBack & Columns>(
    `select consumer, topic, partition, higher::float8 as from, lower::float8 as to from judge.position_back
     where at >= to_timestamp($1 / 1e3) order by at`,
    [sinceMs],
  );
  return rows;
}

function leaksIn(stored: readonly Stored[], search: Search): string[] {
  return stored
    .filter(
      ({ key, value, headers }) =>
        search.has(key ?? '') || search.has(value ?? '') || search.has(JSON.stringify(headers)),
    )
    .map(({ topic, partition, offset }) => `${topic}:${partition}:${offset}`);
}

const leaksInLogs = ({ logs }: Rig, search: Search): string[] =>
  readdirSync(logs).filter((name) => search.has(readFileSync(join(logs, name))));
