/** The wire before a node: its port, and what happens to connections without the server having a say. */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Passes bytes between a port of its own and a server's, until told otherwise. */
export class Wire {
  readonly #target: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #frozen = false

  /** @param target port of the server behind it */
  constructor(target: number) {
    this.#target = target
  }

  /** Listens. @param port 0 for any @returns the port */
  async open(port: number): Promise<number> {
    const server = createServer((outside) => this.#join(outside))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  /** Breaks every connection, as the operating system does for a process that was killed. */
  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Breaks every connection and refuses new ones. */
  close(): void {
    this.#server?.close()
    this.#server = undefined
    this.drop()
  }

  /** Connections are taken and stay open, no byte passes any more: a process stopped by SIGSTOP. */
  freeze(): void {
    this.#frozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  thaw(): void {
    this.#frozen = false
    for (const socket of this.#sockets) socket.resume()
  }

  #join(outside: Socket): void {
    const inside = connect(this.#target, '127.0.0.1')
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause()
      })
      to.on('drain', () => {
        if (!this.#frozen) from.resume()
      })
      from.on('error', () => {})
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      if (this.#frozen) from.pause()
    }
  }
}
