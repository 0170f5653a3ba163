/** The ways in which a secret may stand in a text: as it is, as base64 at any alignment, URL-encoded, hexadecimal. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
    const text = whole.toString('base64').replaceAll('=', '');
    // The first and the last character may mix with what stands beside the secret.
    const inner = text.slice(shift === 0 ? 0 : shift + 1, whole.length % 3 === 0 ? undefined : -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  return [...new Set([secret, encodeURIComponent(secret), hex, hex.toUpperCase(), ...aligned])];
}

export interface Search {
  has(bytes: Buffer | string): boolean;
}

export function searchFor(secrets: readonly string[]): Search {
  const needles = secrets.flatMap(spellings);
  return {
    has(bytes) {
      const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
      return needles.some((needle) => text.includes(needle));
    },
  };
}

/** A search that finds nothing proves nothing unless it finds what was put there. */
export function assertSearchWorks(search: Search, secret: string): void {
  const hidden = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex')];
  for (const before of ['', 'x', 'xy']) hidden.push(Buffer.from(`${before}${secret}z`).toString('base64'));
  for (const text of hidden)
    if (!search.has(`…${text}…`)) throw new Error('the search for secrets does not find a planted one');
}
