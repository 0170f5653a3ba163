export * from './control-plane.ts';
export * from './dead-letters.ts';
export * from './entities.ts';
