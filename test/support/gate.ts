/** A door in front of a server: open, shut, or open and mute. Sits between a client and its server on loopback. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Gate {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0
  /** Takes connections and everything sent on them, and passes nothing on. */
  mute = false

  private constructor(target: number) {
    this.#server = createServer((outside) => {
      const inside = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [outside, inside],
        [inside, outside],
      ] as const) {
        this.#sockets.add(from)
        from.on('error', () => {})
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
        from.on('data', (bytes) => {
          if (!this.mute) to.write(bytes)
        })
      }
    })
  }

  /** An open gate to a port. */
  static async to(port: number): Promise<Gate> {
    const gate = new Gate(port)
    await gate.open()
    return gate
  }

  get port(): number {
    return this.#port
  }

  /** The same address as the server's, through the gate. */
  through(url: string): string {
    const { port } = new URL(url)
    return url.replace(`:${port}`, `:${this.#port}`)
  }

  /** Lets connections in, on the same port as before. */
  async open(): Promise<void> {
    this.mute = false
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as { port: number }).port
  }

  /** Ends all connections and refuses new ones. */
  async shut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }
}
