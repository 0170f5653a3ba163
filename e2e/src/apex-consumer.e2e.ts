import { isDeepStrictEqual } from 'node:util';
import { createPool } from '@tributary/postgres';
import { eventually } from '@tributary/testing';
import { ApexProgram, hasPython, type ApexRow } from './apex-program.ts';
import {
  actualConversations,
  actualMessages,
  differences,
  expectedConversations,
  expectedMessages,
  ledgerOf,
} from './front-truth.ts';
import { Product } from './product.ts';

const WITHIN = { withinMs: 60_000, everyMs: 100 };
/** Made in one go, while the program runs. */
const MESSAGES = 60;
const RATE = 50;
/** How much it has told when it is killed; what comes afterwards is made afterwards. */
const KILLED_AFTER = [20, 80];
const CONTACTS = 10;

const withPython = hasPython() ? it : it.skip;

/** What a reader of the database sees, with times to the microsecond as the program writes them. */
async function viewed({ readerUrl }: Product): Promise<ApexRow[]> {
  const reader = createPool(readerUrl, { max: 1, applicationName: 'e2e reader' });
  await reader.query(`set time zone 'UTC'`);
  const { rows } = await reader.query<{ type: string; data: ApexRow }>(
    `select 'chunk' as type, to_jsonb(row) - 'recorded_at' as data from apex.chunk as row
     union all select 'document', to_jsonb(row) - 'recorded_at' from apex.document as row
     union all select 'entity', to_jsonb(row) - 'recorded_at' from apex.entity as row`,
  );
  await reader.end();
  return sorted(rows.map(({ type, data }) => ({ data_type: type, ...toMicroseconds(data) })));
}

function toMicroseconds(row: ApexRow): ApexRow {
  const whole = (time: unknown) =>
    String(time).replace(/(?:\.(\d+))?\+00:00$/, (_, digits = '') => `.${digits.padEnd(6, '0')}+00:00`);
  const times = Object.entries(row).filter(([name, time]) => name.endsWith('_at') && time !== null);
  return { ...row, ...Object.fromEntries(times.map(([name, time]) => [name, whole(time)])) };
}

const placeOf = ({ data_type, uuid }: ApexRow) => `${String(data_type)} ${uuid}`;
const sorted = (rows: Iterable<ApexRow>): ApexRow[] => [...rows].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

describe('Apex’s own program', () => {
  const product = new Product();
  const apex = new ApexProgram();

  beforeAll(async () => {
    await Promise.all([product.start(), hasPython() && apex.install()]);
    const { rows } = await product.truth.query<{ id: string }>('select id from tributary.organization');
    apex.pointAt({
      KAFKA_BROKERS: product.urls['kafka']!,
      SCHEMA_REGISTRY_URL: product.urls['registry']!,
      ORGANIZATION: rows[0]!.id,
    });
  });
  afterAll(async () => {
    await apex.remove();
    await product.stop();
  });

  const simulate = (...words: readonly string[]) => product.tributary('simulate', 'front', ...words);

  const write = () => simulate('message', '--count', String(MESSAGES), '--rate', String(RATE));

  async function change(): Promise<void> {
    await write();
    await simulate('conversation', '--action', 'update', '--count', '10');
    await simulate('conversation', '--action', 'delete', '--count', '3');
    const { contact } = await ledgerOf(product);
    const ids = contact.slice(0, CONTACTS).map(({ id }) => id);
    await product.tributary('sync', 'front', '--resource', 'contacts', '--ids', ids.join(','));
  }

  async function untilWritten(): Promise<void> {
    const ledger = await ledgerOf(product);
    const wrong = async () => [
      ...differences(expectedMessages(ledger), await actualMessages(product)),
      ...differences(expectedConversations(ledger), await actualConversations(product)),
    ];
    await eventually(async () => (await wrong()).length === 0, WITHIN);
    const entities = async () => (await viewed(product)).filter(({ data_type }) => data_type === 'entity');
    await eventually(async () => (await entities()).length === CONTACTS, WITHIN);
  }

  withPython('passes its own tests', () => apex.testItself());

  withPython('killed in the middle, holds and has told what the views of Apex show', async () => {
    for (const enough of KILLED_AFTER) {
      const writing = write();
      apex.start();
      await eventually(() => apex.told.size >= enough, WITHIN);
      expect(await apex.end('SIGKILL')).toBe('SIGKILL');
      await writing;
    }
    apex.start();
    await change();
    await untilWritten();
    const truth = await viewed(product);
    // That every row is told is not enough: it may be told before its last change.
    await eventually(() => isDeepStrictEqual(sorted(apex.told.values()), truth), WITHIN).catch(() => undefined);
    expect(await apex.end('SIGTERM')).toBe(0);
    expect(await apex.untilEnd()).toEqual(truth);
    expect(sorted(apex.told.values())).toEqual(truth);
  });

  withPython('shows each message with the vendor’s own text', async () => {
    const messages = (await ledgerOf(product)).message.map(({ id, body }) => [id, body!.text] as const);
    const chunks = (await apex.untilEnd()).filter(({ data_type }) => data_type === 'chunk');
    expect(new Map(chunks.map(({ external_id, content }) => [external_id, content]))).toEqual(new Map(messages));
  });
});
