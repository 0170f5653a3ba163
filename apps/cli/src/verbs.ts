import { DEAD_LETTER_VERBS } from './dead-letters.ts';
import { down } from './down.ts';
import { doctor } from './doctor.ts';
import { logs } from './logs.ts';
import { printConfig } from './config.ts';
import { reset } from './reset.ts';
import { simulate } from './simulate.ts';
import { status } from './status.ts';
import { sync } from './sync.ts';
import { topics } from './topics.ts';
import { up } from './up.ts';
import type { Verb } from './verb.ts';

export const VERBS: Readonly<Record<string, Verb>> = {
  up,
  status,
  logs,
  down,
  reset,
  doctor,
  topics,
  simulate,
  sync,
  ...DEAD_LETTER_VERBS,
  'config print': printConfig,
};
