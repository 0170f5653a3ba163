import type { RecordKind } from '@tributary/contracts';
import type { Mapped } from './mapped.ts';

/** What the webhook door knows of a request before anything is believed. Header names are lower-case. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly nowMs: number;
}

export type Verdict = 'valid' | 'invalid' | 'expired';

export interface Signature {
  verify(request: WebhookRequest, secrets: readonly Buffer[]): Verdict;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface WebhookDescription {
  readonly maxBodyBytes: number;
  readonly signature: Signature;
  /** Asked only after a valid signature; null: not a challenge. */
  challenge?(request: WebhookRequest): Answer | null;
  /** Known without trusting the body: a header, or a digest of the bytes. */
  deliveryId(request: WebhookRequest): string;
  /** Lower-case names of the headers that `map` needs. */
  readonly keptHeaders: readonly string[];
  map(payload: unknown, headers: Readonly<Record<string, string>>): Mapped;
}

/** How one kind is read by id and what the vendor's answers prove. */
export interface KindRead {
  path(externalId: string): string;
  /** Answers that prove deletion. */
  readonly deleted: readonly number[];
  /** Answers that may mean lost access. */
  readonly notVisible: readonly number[];
}

export interface KindDescription {
  /** The vendor's plural, as people write it on the command line. */
  readonly resource: string;
  /** With versions: a representation that lacks its version is incomplete. Without: reads are ordered by their stamp. */
  readonly versions: boolean;
  readonly mappingVersion: number;
  readonly read: KindRead;
  /** Pure and total: any JSON in; never a throw. */
  map(payload: unknown): Mapped;
}

export interface Connector {
  readonly vendor: string;
  readonly aliases: readonly string[];
  readonly api: {
    readonly baseUrl: string;
    /** Points the connector at the simulator or a proxy. */
    readonly baseUrlEnv: string;
    authorization(token: string): Readonly<Record<string, string>>;
  };
  /** Names of the credential fields that a connection keeps in the vault. */
  readonly credentials: { readonly token: string; readonly webhookSecrets: readonly string[] };
  readonly webhook: WebhookDescription;
  readonly kinds: Readonly<Partial<Record<RecordKind, KindDescription>>>;
}

/** Checks what the types cannot: a description that contradicts itself stops at load, naming itself. */
export function defineConnector(connector: Connector): Connector {
  const resources = Object.values(connector.kinds).map((kind) => kind.resource);
  if (new Set(resources).size !== resources.length) {
    throw new TypeError(`Connector ${connector.vendor} declares one resource for two kinds: ${resources.join(', ')}`);
  }
  return Object.freeze(connector);
}
