import type { VendorAnswer, VendorRequest } from '../vendor.ts';
import { chance } from './chance.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { Account, FrontKind, World } from './world.ts';

export interface FrontApi {
  answer(request: VendorRequest): VendorAnswer;
  /** Requests answered so far, by account and status. */
  readonly calls: ReadonlyMap<string, number>;
}

const readable: Readonly<Record<string, FrontKind>> = {
  conversations: 'conversation',
  messages: 'message',
  contacts: 'contact',
};

/** The part of Front's core API that reads by id. */
export function createFrontApi(world: World, now: () => number): FrontApi {
  const limits = new Map<string, RateLimit>();
  const calls = new Map<string, number>();
  let answered = 0;

  const respond = (account: Account, path: string): VendorAnswer => {
    const limit = limits.get(account.id) ?? createRateLimit(now);
    limits.set(account.id, limit);
    const { allowed, headers } = limit.take(account.settings.perMinute);
    if (!allowed) return refusal(429, 'Rate limit exceeded', headers);
    const { status, body } = lookUp(world, account, path, now());
    const { answerMs = 0 } = account.settings;
    answered += 1;
    return { status, body, headers, afterMs: Math.round(chance(`answer ${answered}`) * answerMs) };
  };

  return {
    calls,
    answer({ path, authorization }) {
      const account = world.accountOfToken(authorization?.replace(/^Bearer /, '') ?? '');
      if (!account) return refusal(401, 'Unauthenticated', {});
      const answer = respond(account, path);
      const place = `${account.id} ${answer.status}`;
      calls.set(place, (calls.get(place) ?? 0) + 1);
      return answer;
    },
  };
}

function lookUp(world: World, account: Account, path: string, nowMs: number): { status: number; body: unknown } {
  const [resource = '', id = ''] = path.slice(1).split('/').map(decodeURIComponent);
  if (resource === 'me') {
    return {
      status: 200,
      body: { _links: { self: 'https://api2.frontapp.com/me' }, id: account.id, name: account.id },
    };
  }
  const kind = readable[resource];
  const body = kind && world.read(account.id, kind, id, nowMs - account.settings.readLagMs);
  return body ? { status: 200, body } : { status: 404, body: errorBody(404, `No ${resource} with id ${id}`) };
}

function refusal(status: number, message: string, headers: Readonly<Record<string, string>>): VendorAnswer {
  return { status, headers, body: errorBody(status, message) };
}

const errorBody = (status: number, message: string) => ({ _error: { status, title: message, message } });
