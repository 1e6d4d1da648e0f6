import { once } from 'node:events';
import net from 'node:net';
import type { PeerFrame } from '@duramesh/proto';
import type { LinkEnd, LinkEvents, PeerLink, PeerTransport } from '../peers/peer-transport.ts';
import { framed, FrameReader } from './frame-reader.ts';

/** What may wait to be sent to somebody who does not read. */
const MAX_UNSENT_BYTES = 64 * 1024;

export interface TcpPeersOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
}

/** Links between members as TCP connections. */
export class TcpPeers implements PeerTransport {
  readonly #options: TcpPeersOptions;
  readonly #links = new Set<TcpLink>();
  #server: net.Server | undefined;

  constructor(options: TcpPeersOptions) {
    this.#options = options;
  }

  /** @throws what `listen` fails with, such as EADDRINUSE */
  async listen(accept: (link: PeerLink) => LinkEvents): Promise<number> {
    const server = net.createServer({ noDelay: true }, (socket) => {
      const link = this.#link(socket);
      link.attach(accept(link));
    });
    server.listen(this.#options.port, this.#options.host);
    await once(server, 'listening');
    // A connection that cannot be accepted is the trouble of who makes it.
    server.on('error', () => undefined);
    this.#server = server;
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  connect(address: string, events: LinkEvents): PeerLink {
    const ends = address.lastIndexOf(':');
    const host = address.slice(0, ends).replace(/^\[|\]$/g, '');
    const link = this.#link(net.connect({ host, port: Number(address.slice(ends + 1)), noDelay: true }), address);
    link.attach(events);
    return link;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server && new Promise((resolve) => server.close(resolve));
    for (const link of this.#links) link.close();
    await closed;
  }

  #link(socket: net.Socket, remote = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`): TcpLink {
    const link = new TcpLink(socket, remote);
    this.#links.add(link);
    socket.once('close', () => this.#links.delete(link));
    return link;
  }
}

class TcpLink implements PeerLink {
  readonly remote: string;
  readonly #socket: net.Socket;
  readonly #reader = new FrameReader();
  #events: LinkEvents | undefined;
  #end: LinkEnd | undefined;

  constructor(socket: net.Socket, remote: string) {
    this.remote = remote;
    this.#socket = socket;
  }

  attach(events: LinkEvents): void {
    if (this.#end !== undefined) return;
    this.#events = events;
    const socket = this.#socket;
    socket.on('connect', () => this.#events?.onOpen?.());
    socket.on('data', (piece: Buffer) => this.#read(piece));
    socket.on('end', () => this.#over(this.#reader.isAmidst ? 'truncated' : 'closed'));
    socket.on('error', (error) => this.#over(endOf(error)));
    socket.on('close', () => this.#over('closed'));
  }

  send(frame: PeerFrame): void {
    const socket = this.#socket;
    if (this.#end !== undefined || !socket.writable || socket.connecting) return;
    if (socket.writableLength > MAX_UNSENT_BYTES) return this.#over('stuck');
    socket.write(framed(frame));
  }

  close(): void {
    if (this.#end !== undefined) return;
    this.#end = 'closed';
    this.#events = undefined;
    // An error of a socket that nobody cares for any more.
    this.#socket.on('error', () => undefined);
    this.#socket.destroySoon();
  }

  #read(piece: Buffer): void {
    const fault = this.#reader.read(piece, (frame) => this.#events?.onFrame(frame));
    if (fault !== undefined) this.#over(fault);
  }

  #over(end: LinkEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const events = this.#events;
    this.#events = undefined;
    this.#socket.destroy();
    events?.onEnd(end);
  }
}

function endOf(error: Error): LinkEnd {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed';
  return 'unreachable';
}
