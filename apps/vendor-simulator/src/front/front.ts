import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openJournal } from '../journal.ts';
import type { SimulatedVendor, VendorAnswer, VendorRequest } from '../vendor.ts';
import { createFrontApi, type FrontApi } from './api.ts';
import { ACTIONS, Changes, RESOURCES, type Action, type Resource } from './changes.ts';
import { Deliveries } from './deliveries.ts';
import { follow, type ScriptedChange } from './script.ts';
import { World, type Account, type AccountSettings, type Entry, type FrontKind } from './world.ts';

/** No test of ours waits for a vendor's limit unless it sets one. */
const GENEROUS: AccountSettings = { perMinute: 60_000, readLagMs: 0, repeatUntilTaken: false };
const LEDGER_KINDS: readonly FrontKind[] = ['conversation', 'message', 'contact'];
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** A whole simulated Front: its companies, its API and its webhooks. */
export class Front implements SimulatedVendor {
  readonly vendor = 'front';
  readonly resources = RESOURCES;
  readonly actions = ACTIONS;
  readonly #world: World;
  readonly #now: () => number;
  readonly #deliveries: Deliveries;
  readonly #changes: Changes;
  readonly #api: FrontApi;

  constructor(dataFolder: string, now: () => number) {
    this.#now = now;
    this.#world = new World(openJournal<Entry>(join(dataFolder, 'front.jsonl')));
    this.#deliveries = new Deliveries(this.#world, (attempt) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * attempt));
    this.#changes = new Changes(this.#world, now, () => this.#deliveries.wake());
    this.#api = createFrontApi(this.#world, now);
  }

  start(): void {
    this.#deliveries.wake();
  }

  stop(): void {
    this.#deliveries.stop();
  }

  answer(request: VendorRequest): VendorAnswer {
    return this.#api.answer(request);
  }

  ensureAccount(name: string, settings: Partial<AccountSettings>) {
    const known = this.#account(name) ?? newAccount(companyId(name));
    const account = this.#save({ ...known, settings: { ...known.settings, ...settings } });
    return { id: account.id, credentials: { token: account.token, signing_key: account.signingKey } };
  }

  async setWebhook(name: string, url: string): Promise<boolean> {
    const known = this.#account(name);
    if (!known) return false;
    const account = { ...known, webhookUrl: url };
    if (!(await this.#deliveries.challenge(account))) return false;
    this.#save(account);
    this.#deliveries.wake();
    return true;
  }

  change(name: string, resource: string, action: string): string | null {
    return this.#changes.make(companyId(name), resource as Resource, action as Action);
  }

  follow(name: string, changes: readonly unknown[]): (string | null)[] {
    const ports = { world: this.#world, now: this.#now, onEvent: () => this.#deliveries.wake() };
    return changes.map((change) => follow(companyId(name), change as ScriptedChange, ports));
  }

  journal(name: string) {
    return this.#world.journal(companyId(name));
  }

  ledger(name: string) {
    return Object.fromEntries(LEDGER_KINDS.map((kind) => [kind, this.#world.ledger(companyId(name), kind)]));
  }

  statistics() {
    return { deliveries: this.#deliveries.statistics(), calls: Object.fromEntries(this.#api.calls) };
  }

  #account(name: string): Account | undefined {
    return this.#world.accounts.get(companyId(name));
  }

  #save(account: Account): Account {
    this.#world.record({ type: 'account', account });
    return account;
  }
}

const companyId = (name: string): string => `cmp_${name}`;

function newAccount(id: string): Account {
  const secret = (prefix: string) => `${prefix}_${randomBytes(24).toString('base64url')}`;
  return { id, token: secret('token'), signingKey: secret('key'), webhookUrl: null, settings: GENEROUS };
}
