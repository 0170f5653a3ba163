import { jest } from '@jest/globals';

// A project's own testTimeout does not reach its hooks.
jest.setTimeout(300_000);
