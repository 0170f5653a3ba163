import { setTimeout as wait } from 'node:timers/promises';
import { isFailure } from '@tributary/contracts';
import type { Pool } from '@tributary/postgres';
import { ownAccount, type AccountOwner } from './account-owner.ts';
import type { Connections } from './connections.ts';
import { fetchOnce, type FetchPorts } from './fetch.ts';
import { VendorUnavailable } from './vendor-read.ts';
import { drop, finish, giveBack, leftOver, nextWork, start, type DueWork, type Work } from './work.repository.ts';

export interface ExecutorPorts extends FetchPorts {
  readonly pool: Pool;
  readonly connections: Connections;
  readonly callsAtOnce: number;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Nothing but our own process makes work in our partitions, so between two looks we wait for that, or for the next read that is due. */
const LOOK_AGAIN_MS = 5_000;
const AFTER_FAULT_MS = 250;
const PAUSED_LOOK_AGAIN_MS = 30_000;
const LONGEST_BACK_OFF_MS = 5_000;

/** Runs the work of the vendor accounts that this process owns, most urgent first. */
export class Executor {
  readonly #ports: ExecutorPorts;
  readonly #stopping = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #quietUntil = new Map<string, number>();
  #owners = new Map<string, Promise<AccountOwner>>();
  #partitions: readonly number[] = [];
  #hasLeftOvers = false;
  #isWoken = false;
  #wakeUp = () => {};
  #loop: Promise<void> | null = null;

  constructor(ports: ExecutorPorts) {
    this.#ports = ports;
  }

  /** A new assignment: every account is owned anew, under a higher epoch. */
  own(partitions: readonly number[]): void {
    this.#partitions = partitions;
    this.#owners = new Map();
    this.#hasLeftOvers = partitions.length > 0;
    this.#loop ??= this.#run();
    this.wake();
  }

  wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
    await Promise.allSettled(this.#underWay.values());
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#isWoken = false;
      await this.#pause(await this.#look());
    }
  }

  /** Says after how long the next look is needed, if nobody wakes us before. */
  async #look(): Promise<number> {
    try {
      await this.#takeBackLeftOvers();
      return await this.#startDue();
    } catch (error) {
      this.#ports.warn('work cannot be read now', { reason: (error as Error).message });
      return AFTER_FAULT_MS;
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#isWoken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Whatever is started and not ours was started by an owner that is gone. */
  async #takeBackLeftOvers(): Promise<void> {
    if (!this.#hasLeftOvers) return;
    const { pool, connector } = this.#ports;
    const partitions = this.#partitions;
    for (const due of await leftOver(pool, connector.vendor, partitions)) {
      if (!this.#underWay.has(due.id)) await giveBack(pool, due, 0, 0);
    }
    // Others may have become ours meanwhile.
    this.#hasLeftOvers = partitions !== this.#partitions;
  }

  /** Says in how many milliseconds the next read is due; with all hands full the next look comes when one is free. */
  async #startDue(): Promise<number> {
    const { pool, connector, callsAtOnce } = this.#ports;
    const free = callsAtOnce - this.#underWay.size;
    if (free <= 0 || this.#partitions.length === 0) return LOOK_AGAIN_MS;
    const next = await nextWork(pool, connector.vendor, this.#partitions, [...this.#underWay.keys()], free);
    for (const work of next.filter(({ dueInMs }) => dueInMs === 0)) this.#begin(work);
    return Math.min(LOOK_AGAIN_MS, next.find(({ dueInMs }) => dueInMs > 0)?.dueInMs ?? LOOK_AGAIN_MS);
  }

  #begin(work: DueWork): void {
    const run = this.#execute(work).finally(() => {
      this.#underWay.delete(work.id);
      this.wake();
    });
    this.#underWay.set(work.id, run);
  }

  async #execute(due: DueWork): Promise<void> {
    try {
      const owner = await this.#ownerOf(due);
      const work = await start(this.#ports.pool, due, owner.epoch);
      if (work) await this.#read(work, owner);
    } catch (error) {
      await this.#afterFailure(due, error);
    }
  }

  async #read(work: Work, owner: AccountOwner): Promise<void> {
    const { pool, connections } = this.#ports;
    const quietMs = (this.#quietUntil.get(work.account) ?? 0) - Date.now();
    if (quietMs > 0) return giveBack(pool, work, quietMs, 0);
    const access = await connections.accessOf(work.organizationId, work.connectionId);
    if (!access || access.status === 'disabled') return drop(pool, work, owner.epoch);
    if (access.status !== 'active') return giveBack(pool, work, PAUSED_LOOK_AGAIN_MS, 0);
    const fetched = await fetchOnce(work, { owner, access, signal: this.#stopping.signal }, this.#ports);
    await finish(pool, { work, epoch: owner.epoch, ...fetched });
  }

  #ownerOf({ organizationId, account }: DueWork): Promise<AccountOwner> {
    const place = `${organizationId}/${account}`;
    const known = this.#owners.get(place);
    if (known) return known;
    const { pool, connector, nowMicros } = this.#ports;
    const owner = ownAccount(pool, { organizationId, vendor: connector.vendor, account }, nowMicros);
    const owners = this.#owners;
    owners.set(place, owner);
    owner.catch(() => owners.delete(place));
    return owner;
  }

  /** Started work must not stay started: whatever failed, it goes back, as soon as Postgres takes it. */
  async #afterFailure(due: DueWork, error: unknown): Promise<void> {
    if (isFailure(error, 'fenced')) this.#owners.delete(`${due.organizationId}/${due.account}`);
    const isVendor = error instanceof VendorUnavailable;
    const afterMs = isVendor ? (error.afterMs ?? 0) : AFTER_FAULT_MS;
    if (isVendor && afterMs > 0) this.#quietUntil.set(due.account, Date.now() + afterMs);
    this.#ports.warn('a read failed and will be repeated', { account: due.account, reason: (error as Error).message });
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt += 1) {
      try {
        return await giveBack(this.#ports.pool, due, afterMs, isVendor ? 1 : 0);
      } catch {
        await wait(backOffMs(attempt));
      }
    }
  }
}

function backOffMs(attempt: number): number {
  return Math.min(LONGEST_BACK_OFF_MS, 250 * 2 ** attempt) * (0.5 + Math.random() / 2);
}
