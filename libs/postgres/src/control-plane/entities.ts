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

export const ENTITIES = [OrganizationEntity, ConnectionEntity, DataKeyEntity, CredentialEntity];
