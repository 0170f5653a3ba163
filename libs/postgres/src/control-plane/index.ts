export * from './control-plane.ts';
export * from './entities.ts';
