import type { DeadClass } from '@tributary/contracts';
import { EntitySchema } from 'typeorm';

/** Tables and policies are made by the migrations; these say how programs of the control plane see them. */
const SCHEMA = 'tributary';

export interface Organization {
  readonly id: string;
  readonly name: string;
}

export const OrganizationEntity = new EntitySchema<Organization>({
  name: 'organization',
  schema: SCHEMA,
  columns: { id: { type: 'uuid', primary: true }, name: { type: 'text' } },
});

export type ConnectionStatus = 'draft' | 'active' | 'paused' | 'needs_reauthorization' | 'disabled';

export interface Connection {
  readonly id: string;
  readonly organizationId: string;
  readonly vendor: string;
  readonly account: string;
  readonly name: string;
  readonly status: ConnectionStatus;
}

export const ConnectionEntity = new EntitySchema<Connection>({
  name: 'connection',
  schema: SCHEMA,
  columns: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid', name: 'organization_id' },
    vendor: { type: 'text' },
    account: { type: 'text' },
    name: { type: 'text' },
    status: { type: 'text' },
  },
});

export type Purpose = 'grants' | 'webhooks';

export interface DataKeyRow {
  readonly organizationId: string;
  readonly purpose: Purpose;
  readonly version: number;
  readonly kekId: string;
  readonly wrapped: string;
}

export const DataKeyEntity = new EntitySchema<DataKeyRow>({
  name: 'data_key',
  schema: SCHEMA,
  columns: {
    organizationId: { type: 'uuid', name: 'organization_id', primary: true },
    purpose: { type: 'text', primary: true },
    version: { type: 'int', primary: true },
    kekId: { type: 'text', name: 'kek_id' },
    wrapped: { type: 'text' },
  },
});

export interface Credential {
  readonly connectionId: string;
  readonly organizationId: string;
  readonly purpose: Purpose;
  readonly field: string;
  readonly version: number;
  readonly ciphertext: string;
}

export const CredentialEntity = new EntitySchema<Credential>({
  name: 'credential',
  schema: SCHEMA,
  columns: {
    connectionId: { type: 'uuid', name: 'connection_id', primary: true },
    organizationId: { type: 'uuid', name: 'organization_id' },
    purpose: { type: 'text', primary: true },
    field: { type: 'text', primary: true },
    version: { type: 'int', primary: true },
    ciphertext: { type: 'text' },
  },
});

export type LetterState = 'open' | 'replaying' | 'replayed' | 'discarded';

/** A failure as it is indexed; its bytes lie at `letter…` on Kafka. */
export interface DeadLetter {
  readonly id: string;
  readonly organizationId: string;
  readonly stage: string;
  readonly class: DeadClass;
  readonly reason: string;
  /** The reason without what is particular to one record: letters of one cause are one group. */
  readonly cause: string;
  readonly originTopic: string;
  readonly originPartition: number;
  readonly originOffset: number;
  readonly letterTopic: string;
  readonly letterPartition: number;
  readonly letterOffset: number;
  readonly key: string | null;
  readonly attempt: number;
  readonly app: string;
  readonly version: string;
  readonly state: LetterState;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly nextTryAt: Date | null;
  readonly decidedBy: string | null;
  readonly discardReason: string | null;
}

/** Offsets stay below 2^53. */
const offset = { type: 'bigint', transformer: { from: Number, to: (value: number) => value } } as const;

export const DeadLetterEntity = new EntitySchema<DeadLetter>({
  name: 'dead_letter',
  schema: SCHEMA,
  columns: {
    id: { type: 'uuid', primary: true },
    organizationId: { type: 'uuid', name: 'organization_id' },
    stage: { type: 'text' },
    class: { type: 'text' },
    reason: { type: 'text' },
    cause: { type: 'text' },
    originTopic: { type: 'text', name: 'origin_topic' },
    originPartition: { type: 'int', name: 'origin_partition' },
    originOffset: { ...offset, name: 'origin_offset' },
    letterTopic: { type: 'text', name: 'letter_topic' },
    letterPartition: { type: 'int', name: 'letter_partition' },
    letterOffset: { ...offset, name: 'letter_offset' },
    key: { type: 'text', nullable: true },
    attempt: { type: 'int' },
    app: { type: 'text' },
    version: { type: 'text' },
    state: { type: 'text' },
    firstAt: { type: 'timestamptz', name: 'first_at' },
    lastAt: { type: 'timestamptz', name: 'last_at' },
    nextTryAt: { type: 'timestamptz', name: 'next_try_at', nullable: true },
    decidedBy: { type: 'text', name: 'decided_by', nullable: true },
    discardReason: { type: 'text', name: 'discard_reason', nullable: true },
  },
});

export const ENTITIES = [OrganizationEntity, ConnectionEntity, DataKeyEntity, CredentialEntity, DeadLetterEntity];
