import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { ControlPlane } from './control-plane.ts';
import { DeadLetterEntity, type DeadLetter, type LetterState } from './entities.ts';

export interface LetterGroupName {
  readonly stage?: string | undefined;
  readonly cause?: string | undefined;
}

export interface LetterFilter extends LetterGroupName {
  readonly states: readonly LetterState[];
}

export type LetterChoice = { readonly ids: readonly string[] } | LetterGroupName;

export interface Page {
  readonly limit: number;
  /** As the page before gave it. */
  readonly cursor?: string | undefined;
}

export interface LetterGroup {
  readonly stage: string;
  readonly class: string;
  readonly cause: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** One of them, to look at. */
  readonly example: string;
}

/** What people decide over dead letters of the given organizations; the bytes are on Kafka and the sending is the replayer's. */
export interface DeadLetters {
  list(filter: LetterFilter, page: Page): Promise<{ items: readonly DeadLetter[]; nextCursor: string | null }>;
  find(id: string): Promise<DeadLetter | null>;
  groups(filter: LetterFilter): Promise<readonly LetterGroup[]>;
  /** Those of the open letters that are to be sent back now: from here on the replayer has them. */
  replay(choice: LetterChoice, by: string): Promise<readonly string[]>;
  /** False where there is nothing to discard: unknown, sent back or discarded already. */
  discard(id: string, reason: string, by: string): Promise<boolean>;
}

type Query = SelectQueryBuilder<DeadLetter>;

export function deadLetters(plane: ControlPlane, organizations: readonly string[]): DeadLetters {
  const within = <T>(work: (manager: EntityManager) => Promise<T>) => plane.transaction(organizations, work);
  return {
    list: (filter, page) => within((manager) => listPage(queryFor(manager, filter), page)),
    find: (id) => within((manager) => manager.findOneBy(DeadLetterEntity, { id })),
    groups: (filter) => within((manager) => groupsOf(queryFor(manager, filter))),
    replay: (choice, by) => within((manager) => markForReplay(manager, choice, by)),
    discard: (id, reason, by) => within((manager) => discard(manager, { id, reason, by })),
  };
}

function queryFor(manager: EntityManager, { states, ...group }: LetterFilter): Query {
  const query = manager
    .createQueryBuilder(DeadLetterEntity, 'letter')
    .where('letter.state in (:...states)', { states });
  return inGroup(query, group);
}

function inGroup<Q extends { andWhere(sql: string, values: object): unknown }>(query: Q, group: LetterGroupName): Q {
  if (group.stage !== undefined) query.andWhere('stage = :stage', group);
  if (group.cause !== undefined) query.andWhere('cause = :cause', group);
  return query;
}

/** Newest first, by keyset: what arrives between two pages shifts nothing. */
async function listPage(query: Query, { limit, cursor }: Page) {
  if (cursor !== undefined) {
    const [firstAt, id] = readCursor(cursor);
    query.andWhere('(letter.firstAt, letter.id) < (:firstAt, :id)', { firstAt, id });
  }
  query.orderBy('letter.firstAt', 'DESC').addOrderBy('letter.id', 'DESC');
  const items = await query.take(limit + 1).getMany();
  const last = items.length > limit ? items[limit - 1] : undefined;
  return { items: items.slice(0, limit), nextCursor: last ? cursorAfter(last) : null };
}

const cursorAfter = ({ firstAt, id }: DeadLetter): string =>
  Buffer.from(`${firstAt.toISOString()} ${id}`).toString('base64url');

function readCursor(cursor: string): readonly [Date, string] {
  const [firstAt = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (Number.isNaN(Date.parse(firstAt)) || id.length !== 36)
    throw new RangeError(`${cursor} is no cursor of this list`);
  return [new Date(firstAt), id];
}

async function groupsOf(query: Query): Promise<readonly LetterGroup[]> {
  const rows = await query
    .select('letter.stage', 'stage')
    .addSelect('letter.class', 'class')
    .addSelect('letter.cause', 'cause')
    .addSelect('count(*)::int', 'count')
    .addSelect('min(letter.firstAt)', 'firstAt')
    .addSelect('max(letter.lastAt)', 'lastAt')
    .addSelect('min(letter.id::text)', 'example')
    .groupBy('letter.stage, letter.class, letter.cause')
    .orderBy('count(*)', 'DESC')
    .getRawMany<LetterGroup>();
  return rows;
}

async function markForReplay(
  manager: EntityManager,
  choice: LetterChoice,
  decidedBy: string,
): Promise<readonly string[]> {
  const query = manager
    .createQueryBuilder()
    .update(DeadLetterEntity)
    .set({ state: 'replaying', nextTryAt: () => 'now()', decidedBy })
    .where({ state: 'open' })
    .returning('id');
  if ('ids' in choice) query.andWhere('id = any (:ids)', choice);
  else inGroup(query, choice);
  const { raw } = await query.execute();
  return (raw as { id: string }[]).map(({ id }) => id);
}

async function discard(
  manager: EntityManager,
  { id, reason, by }: { readonly id: string; readonly reason: string; readonly by: string },
): Promise<boolean> {
  const { affected } = await manager
    .createQueryBuilder()
    .update(DeadLetterEntity)
    .set({ state: 'discarded', discardReason: reason, decidedBy: by, nextTryAt: null })
    .where('id = :id', { id })
    .andWhere("state in ('open', 'replaying')")
    .execute();
  return affected === 1;
}
