export { allConnectors, allKinds, connectorOf } from './registry.ts';
