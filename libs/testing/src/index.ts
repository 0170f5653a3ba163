export { acme } from './acme/connector.ts';
export { eventually, type Patience } from './eventually.ts';
export { ownStack, useStack, type OwnStack, type PartName, type TestDatabase, type TestStack } from './stack.ts';
export { commandOf, ORGANIZATION, rawEventOf } from './factories.ts';
export { OnBroker } from './on-broker.ts';
export { twoOrganizations, type TwoOrganizations } from './two-organizations.ts';
