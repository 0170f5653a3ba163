import { jest } from '@jest/globals';

// One stack serves all suites: a first answer may wait for a topic's leader or a template database. (A project's own testTimeout does not reach hooks.)
jest.setTimeout(60_000);
