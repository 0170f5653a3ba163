export interface VendorRequest {
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface VendorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** How long the answer is on its way; what it shows was read before. */
  readonly afterMs?: number;
}

export interface LedgerEntry {
  readonly id: string;
  /** As the vendor's API shows it; null once it is gone. */
  readonly body: unknown;
}

/** What the control address asks of a fake vendor; each vendor is one folder. */
export interface SimulatedVendor {
  readonly vendor: string;
  readonly resources: readonly string[];
  readonly actions: readonly string[];
  start(): void;
  stop(): void;
  answer(request: VendorRequest): VendorAnswer;
  /** Makes the account, or changes its settings; the credentials stay. */
  ensureAccount(
    name: string,
    settings: Readonly<Record<string, unknown>>,
  ): {
    readonly id: string;
    readonly credentials: Readonly<Record<string, string>>;
  };
  /** False when the receiver does not answer the vendor's challenge. */
  setWebhook(name: string, url: string): Promise<boolean>;
  change(name: string, resource: string, action: string): string | null;
  /** Changes in the vendor's own words, one after the other; the id of each object, or null where a change makes no sense. */
  follow(name: string, changes: readonly unknown[]): (string | null)[];
  /** Everything that happened to the account, append-only: each version of each object, each event, each delivery that was taken. */
  journal(name: string): readonly unknown[];
  /** The truth by kind, for whoever compares. */
  ledger(name: string): Readonly<Record<string, readonly LedgerEntry[]>>;
  statistics(): Readonly<Record<string, unknown>>;
}

export interface Simulation {
  readonly vendors: ReadonlyMap<string, SimulatedVendor>;
  /** Whoever has it may steer. */
  readonly token: string;
}
