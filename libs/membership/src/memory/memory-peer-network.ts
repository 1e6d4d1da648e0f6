import type { PeerFrame } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import type { LinkEnd, LinkEvents, PeerLink, PeerTransport } from '../peers/peer-transport.ts';

/** What goes wrong between processes of a network in memory. */
export interface MemoryPeerFaults {
  /** Nothing comes through between the two hosts, and nobody is told. */
  isCut(from: string, to: string): boolean;
  delayMs(): number;
}

/** A process that is started again on its machine is found where the one before it was. */
const PORT = 1;
const noFaults: MemoryPeerFaults = { isCut: () => false, delayMs: () => 0 };

interface Listener {
  readonly transport: MemoryPeers;
  readonly accept: (link: PeerLink) => LinkEvents;
}

/** Carries the links between processes that are all in this one. */
export class MemoryPeerNetwork {
  readonly clock: Clock;
  readonly faults: MemoryPeerFaults;
  readonly listeners = new Map<string, Listener>();

  constructor({ clock, faults = noFaults }: { readonly clock: Clock; readonly faults?: MemoryPeerFaults }) {
    this.clock = clock;
    this.faults = faults;
  }

  /** The way of one process; its name stands for the machine it runs on. */
  transport(host: string): PeerTransport {
    return new MemoryPeers(this, host);
  }
}

class MemoryPeers implements PeerTransport {
  readonly host: string;
  readonly #network: MemoryPeerNetwork;
  readonly #ends = new Set<End>();
  readonly #address: string;

  constructor(network: MemoryPeerNetwork, host: string) {
    this.#network = network;
    this.host = host;
    this.#address = `${host}:${PORT}`;
  }

  async listen(accept: (link: PeerLink) => LinkEvents): Promise<number> {
    this.#network.listeners.set(this.#address, { transport: this, accept });
    return PORT;
  }

  connect(address: string, events: LinkEvents): PeerLink {
    const host = address.slice(0, address.lastIndexOf(':'));
    const near = this.end(host, events);
    this.travel(host, () => {
      const listener = this.#network.listeners.get(address);
      if (listener === undefined) return this.back(host, () => near.end('refused'));
      listener.transport.answer(near);
    });
    return near;
  }

  /** Somebody connects. */
  answer(caller: End): void {
    const listener = this.#network.listeners.get(this.#address);
    if (listener === undefined) return;
    const far = this.end(caller.transport.host, undefined);
    far.other = caller;
    far.events = listener.accept(far);
    this.travel(caller.transport.host, () => caller.open(far));
  }

  async close(): Promise<void> {
    if (this.#network.listeners.get(this.#address)?.transport === this) this.#network.listeners.delete(this.#address);
    for (const end of this.#ends) end.close();
  }

  end(remote: string, events: LinkEvents | undefined): End {
    const end = new End(this, remote, events);
    this.#ends.add(end);
    return end;
  }

  forget(end: End): void {
    this.#ends.delete(end);
  }

  /** False when it is lost on its way. */
  travel(to: string, arrive: () => void): boolean {
    const { clock, faults } = this.#network;
    if (faults.isCut(this.host, to)) return false;
    clock.schedule(faults.delayMs(), arrive);
    return true;
  }

  back(from: string, arrive: () => void): void {
    const { clock, faults } = this.#network;
    if (!faults.isCut(from, this.host)) clock.schedule(faults.delayMs(), arrive);
  }
}

class End implements PeerLink {
  readonly transport: MemoryPeers;
  readonly remote: string;
  events: LinkEvents | undefined;
  other: End | undefined;
  #isOver = false;
  /** A frame was lost: what is sent after it would come out of order, so nothing comes any more. */
  #isStuck = false;
  /** Frames arrive in the order they were sent, whatever time each takes. */
  #sent = 0;
  #arrived = 0;
  readonly #early = new Map<number, () => void>();

  constructor(transport: MemoryPeers, remote: string, events: LinkEvents | undefined) {
    this.transport = transport;
    this.remote = remote;
    this.events = events;
  }

  open(other: End): void {
    if (this.#isOver) return;
    this.other = other;
    this.events?.onOpen?.();
  }

  send(frame: PeerFrame): void {
    this.#deliver((other) => other.events?.onFrame(frame));
  }

  close(): void {
    if (this.#isOver) return;
    this.#deliver((other) => other.end('closed'));
    this.#isOver = true;
    this.transport.forget(this);
  }

  end(end: LinkEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.transport.forget(this);
    this.events?.onEnd(end);
  }

  #deliver(act: (other: End) => void): void {
    const { other } = this;
    if (this.#isOver || this.#isStuck || other === undefined) return;
    const at = this.#sent++;
    this.#isStuck = !this.transport.travel(this.remote, () => other.#arrive(at, () => act(other)));
  }

  #arrive(at: number, act: () => void): void {
    this.#early.set(at, act);
    for (let next = this.#early.get(this.#arrived); next; next = this.#early.get(this.#arrived)) {
      this.#early.delete(this.#arrived++);
      if (!this.#isOver) next();
    }
  }
}
