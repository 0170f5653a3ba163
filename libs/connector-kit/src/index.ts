export * from './connector.ts';
export * from './hmac-signature.ts';
export * from './mapped.ts';
export * from './reader.ts';
