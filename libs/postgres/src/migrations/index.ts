import { roles } from './0001-roles.ts';
import { controlPlane } from './0002-control-plane.ts';
import { work } from './0003-work.ts';
import { records } from './0004-records.ts';
import { views } from './0005-views.ts';
import { deadLetters } from './0006-dead-letters.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order; the version is the place in this list. A released migration never changes: expand first, contract later. */
export const MIGRATIONS: readonly Migration[] = [roles, controlPlane, work, records, views, deadLetters];
