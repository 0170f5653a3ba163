export { parseKeyRing, type KeyRing } from './key-ring.ts';
export { Secret } from './secret.ts';
export { createVault, type DataKey, type Sealed, type Vault } from './vault.ts';
