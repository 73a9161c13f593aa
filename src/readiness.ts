/** Whether the service can do its work now: what `/readyz` answers. */
import type { Backend } from './backend.ts'
import type { Disk } from './commands/disk.ts'
import type { Projections } from './projections/runner.ts'
import type { ClampedClock } from './store/clock.ts'
import type { EventLog } from './store/port.ts'
import type { Vault } from './trust/ports.ts'

export interface Ready {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

export interface ReadinessPorts {
  readonly log: EventLog
  readonly backend: Backend
  readonly vault: Vault
  readonly disk: Disk
  readonly clock: ClampedClock
  readonly projections: Projections
  /** Reads beside the process that owns the directory. */
  readonly beside: boolean
  /** Whether the read models have held, once, all that there was when this node started. */
  readonly isWhole: () => boolean
}

/** Events that the read models may be behind before the service counts as not ready. */
const LAG_LIMIT = 10_000

/** Looks at everything a command and a read depend on. */
export function readinessOf({ log, backend, vault, disk, clock, projections, beside, isWhole }: ReadinessPorts) {
  return async (): Promise<Ready> => {
    const sealing = await vault.ready()
    const status = projections.status()
    const halted = status.find((each) => each.halted)
    const lag = Math.max(0, ...status.map((each) => each.lag))
    const refusal = beside ? 'reads beside the process that owns the directory' : backend.refusal()?.code
    const unwritable = refusal ?? disk.writable()
    const free = disk.free()
    const parked = status.reduce((sum, each) => sum + each.parked.length, 0)
    const checks = [
      { name: 'store', ok: unwritable === undefined, detail: unwritable ?? `${log.size()} events` },
      { name: 'log', ...backend.state() },
      {
        name: 'disk',
        ok: disk.hasRoom,
        detail: disk.hasRoom ? 'ok' : `${free} bytes free, ${disk.reserve} are kept in reserve`,
      },
      { name: 'vault', ...sealing },
      {
        name: 'clock',
        ok: !clock.state.refusing,
        detail: clock.state.refusing ? `stepped back ${clock.state.behindMs} ms: confirm it` : 'ok',
      },
      {
        name: 'read models',
        // A node that begins has to hold everything once; from then on it may lag a little.
        ok: halted === undefined && isWhole() && lag < LAG_LIMIT,
        detail: halted?.halted
          ? halted.halted.reason
          : `${isWhole() ? '' : 'being built, '}lag ${lag}, ${parked} parked`,
      },
    ]
    return { ok: checks.every((check) => check.ok), checks }
  }
}
