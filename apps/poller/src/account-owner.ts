import { inTransaction, type Pool } from '@tributary/postgres';
import { Failure } from '@tributary/contracts';

export interface AccountKey {
  readonly organizationId: string;
  readonly vendor: string;
  readonly account: string;
}

/** What the owner of a vendor account holds: its epoch, and stamps that no owner before it has given. */
export interface AccountOwner {
  readonly epoch: number;
  /** Taken when the request to the vendor is sent: the larger of the clock and the last stamp + 1. */
  nextStamp(): Promise<number>;
}

/** Stamps are reserved ahead, so that a crash skips some and repeats none. */
const RESERVED_MICROS = 5_000_000;

/** Raises the epoch: whoever owned the account before can no longer record anything. */
export async function ownAccount(pool: Pool, key: AccountKey, nowMicros: () => number): Promise<AccountOwner> {
  const shard = await raiseEpoch(pool, key);
  let last = shard.bound;
  let bound = shard.bound;
  let reserving: Promise<void> | null = null;

  const reserve = async (): Promise<void> => {
    bound = await reserveStamps(pool, key, shard.epoch, Math.max(nowMicros(), last) + RESERVED_MICROS);
  };

  return {
    epoch: shard.epoch,
    async nextStamp() {
      while (Math.max(nowMicros(), last + 1) >= bound) {
        await (reserving ??= reserve().finally(() => (reserving = null)));
      }
      return (last = Math.max(nowMicros(), last + 1));
    },
  };
}

async function raiseEpoch(pool: Pool, { organizationId, vendor, account }: AccountKey) {
  return inTransaction(pool, [organizationId], async (sql) => {
    const { rows } = await sql.query<{ epoch: string; stamp_bound: string }>({
      name: 'raise-epoch',
      text: `insert into tributary.shard (organization_id, vendor, account, epoch) values ($1, $2, $3, 1)
             on conflict (organization_id, vendor, account) do update set epoch = shard.epoch + 1
             returning epoch, stamp_bound`,
      values: [organizationId, vendor, account],
    });
    return { epoch: Number(rows[0]!.epoch), bound: Number(rows[0]!.stamp_bound) };
  });
}

async function reserveStamps(pool: Pool, key: AccountKey, epoch: number, bound: number): Promise<number> {
  return inTransaction(pool, [key.organizationId], async (sql) => {
    const { rowCount } = await sql.query({
      name: 'reserve-stamps',
      text: `update tributary.shard set stamp_bound = $5
             where organization_id = $1 and vendor = $2 and account = $3 and epoch = $4`,
      values: [key.organizationId, key.vendor, key.account, epoch, bound],
    });
    if (!rowCount) throw new Failure('fenced', `Vendor account ${key.vendor}/${key.account} has another owner now`);
    return bound;
  });
}
