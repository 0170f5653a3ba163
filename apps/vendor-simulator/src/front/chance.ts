import { createHash } from 'node:crypto';

/** Between 0 and 1, and the same for the same words: what a history does can be repeated. */
export const chance = (of: string): number => createHash('sha256').update(of).digest().readUInt32BE(0) / 2 ** 32;
