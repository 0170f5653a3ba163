import type { Journal } from '../journal.ts';
import type { FrontEvent } from './events.ts';

export type FrontKind = 'conversation' | 'message' | 'contact' | 'teammate' | 'tag';
export type Body = Readonly<Record<string, unknown>>;

export interface Account {
  readonly id: string;
  readonly token: string;
  readonly signingKey: string;
  readonly webhookUrl: string | null;
  readonly settings: AccountSettings;
}

export interface AccountSettings {
  /** Requests a minute; Front's plans allow 50, 100 or 200. */
  readonly perMinute: number;
  /** How long a read still shows the state before a change. */
  readonly readLagMs: number;
  /** Front tries three times; a test that asks for "nothing lost" wants each delivery taken in the end. */
  readonly repeatUntilTaken: boolean;
  /** Deliveries in a hundred that are sent once more after they were taken. */
  readonly duplicatePercent?: number;
  /** Each delivery waits up to so long before it is sent, so that they overtake each other. */
  readonly reorderMs?: number;
  /** How long the slowest answers of the API are on their way, so that a later read can overtake an earlier one. */
  readonly answerMs?: number;
}

/** A state of an object; null once it is gone. */
interface Version {
  readonly atMs: number;
  readonly body: Body | null;
}

export type Entry =
  | { readonly type: 'account'; readonly account: Account }
  | {
      readonly type: 'change';
      readonly account: string;
      readonly kind: FrontKind;
      readonly id: string;
      readonly version: Version;
    }
  | { readonly type: 'event'; readonly account: string; readonly event: FrontEvent }
  /** A delivery that the receiver answered with 2xx; a duplicate is one more. */
  | { readonly type: 'taken'; readonly account: string; readonly event: string; readonly atMs: number }
  /** Taken by the receiver, or given up. */
  | { readonly type: 'closed'; readonly event: string };

/** One fake Front: companies with their objects, every change remembered in order. */
export class World {
  readonly accounts = new Map<string, Account>();
  /** Events not yet taken by their receiver, nor given up. */
  readonly waiting = new Map<string, { readonly account: string; readonly event: FrontEvent }>();
  /** By account and kind, then by id in the order of creation. */
  readonly #objects = new Map<string, Map<string, Version[]>>();
  readonly #journal: Journal<Entry>;
  #together: Entry[] | null = null;
  #lastSerial = 0;

  constructor(journal: Journal<Entry>) {
    this.#journal = journal;
    for (const entry of journal.entries) this.#apply(entry);
  }

  record(entry: Entry): void {
    if (this.#together) this.#together.push(entry);
    else this.#journal.append([entry]);
    this.#apply(entry);
  }

  /** What `change` records is remembered whole, or not at all by a process killed meanwhile: no change stays without its event. */
  together<T>(change: () => T): T {
    const entries: Entry[] = [];
    this.#together = entries;
    try {
      return change();
    } finally {
      this.#together = null;
      if (entries.length > 0) this.#journal.append(entries);
    }
  }

  /** Front's ids: a prefix and a base-36 number. */
  newId(prefix: string): string {
    this.#lastSerial += 1;
    return `${prefix}_${(1_000_000 + this.#lastSerial).toString(36)}`;
  }

  accountOfToken(token: string): Account | undefined {
    return [...this.accounts.values()].find((account) => account.token === token);
  }

  /** What a read at `atMs` shows. */
  read(account: string, kind: FrontKind, id: string, atMs: number): Body | null {
    const versions = this.#versions(account, kind).get(id);
    return versions?.findLast((version) => version.atMs <= atMs)?.body ?? null;
  }

  latest(account: string, kind: FrontKind, id: string): Body | null {
    return this.read(account, kind, id, Number.MAX_SAFE_INTEGER);
  }

  /** The last state that was not "gone". */
  lastShown(account: string, kind: FrontKind, id: string): Body | null {
    return (
      this.#versions(account, kind)
        .get(id)
        ?.findLast(({ body }) => body !== null)?.body ?? null
    );
  }

  /** Everything that happened to an account, in order. */
  journal(account: string): Entry[] {
    return this.#journal.entries.filter((entry) => 'account' in entry && entry.account === account);
  }

  /** The truth at the end: each object of a kind with its last body, null for those that are gone. */
  ledger(account: string, kind: FrontKind): { readonly id: string; readonly body: Body | null }[] {
    return this.ids(account, kind).map((id) => ({ id, body: this.latest(account, kind, id) }));
  }

  ids(account: string, kind: FrontKind): string[] {
    return [...this.#versions(account, kind).keys()];
  }

  count(account: string, kind: FrontKind): number {
    return this.#versions(account, kind).size;
  }

  #apply(entry: Entry): void {
    switch (entry.type) {
      case 'account':
        this.accounts.set(entry.account.id, entry.account);
        return;
      case 'change':
        return this.#applyChange(entry);
      case 'event':
        this.#lastSerial = Math.max(this.#lastSerial, serialOf(entry.event.payload.id));
        this.waiting.set(entry.event.payload.id, entry);
        return;
      case 'taken':
        return;
      case 'closed':
        this.waiting.delete(entry.event);
        return;
    }
  }

  #applyChange({ account, kind, id, version }: Extract<Entry, { type: 'change' }>): void {
    this.#lastSerial = Math.max(this.#lastSerial, serialOf(id));
    const objects = this.#versions(account, kind);
    objects.set(id, [...(objects.get(id) ?? []), version]);
  }

  #versions(account: string, kind: FrontKind): Map<string, Version[]> {
    const place = `${account}/${kind}`;
    const versions = this.#objects.get(place) ?? new Map<string, Version[]>();
    this.#objects.set(place, versions);
    return versions;
  }
}

function serialOf(id: string): number {
  return Number.parseInt(id.split('_')[1] ?? '', 36) - 1_000_000 || 0;
}
