export * from './errors.ts';
export * from './migrate.ts';
export * from './pool.ts';
export * from './positions.ts';
export * from './registry-rows.ts';
export * from './roles.ts';
export * from './until-available.ts';
