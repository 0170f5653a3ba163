import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Link } from './proxy-link.ts';

const HOST = '127.0.0.1';

/** A TCP link that can be made bad. Whoever should suffer connects to `port`; the others go to the target directly. */
export class Proxy {
  readonly #links = new Set<Link>();
  readonly #target: number;
  readonly #server: Server;
  #state: 'whole' | 'cut' | 'half-open' = 'whole';
  #holdMs = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** `port` 0: any that is free. */
  static async open(port: number, target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen(port, HOST);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  /** Every connection is reset, and every new one. */
  cut(): void {
    this.#state = 'cut';
    for (const link of this.#links) link.reset();
  }

  /** Old and new connections stay open and nothing passes, in neither direction, until healing resets them. */
  halfOpen(): void {
    this.#state = 'half-open';
    for (const link of this.#links) link.forget();
  }

  /** Every chunk is held for so long. */
  delay(ms: number): void {
    this.#holdMs = ms;
  }

  heal(): void {
    this.#state = 'whole';
    this.#holdMs = 0;
    for (const link of this.#links) if (link.isForgotten) link.reset();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#state === 'cut') return void client.on('error', () => undefined).resetAndDestroy();
    const server = connect({ host: HOST, port: this.#target, allowHalfOpen: true });
    const link = new Link(
      client,
      server,
      () => this.#holdMs,
      () => this.#links.delete(link),
    );
    this.#links.add(link);
    if (this.#state === 'half-open') link.forget();
  }
}
