/** 投诉: a complaint about a legal service office or worker, from registration to the archive (S1-7.4). */
import type { Decider } from '../decider.ts'
import { complaintActions } from './actions.ts'
import { type ComplaintEvents, complaintEvents } from './events.ts'
import { evolve } from './evolve.ts'
import { guard } from './guard.ts'
import { type ComplaintState, initialComplaint } from './state.ts'

export const complaintDecider: Decider<ComplaintState, ComplaintEvents> = {
  category: 'complaint',
  events: complaintEvents,
  initial: initialComplaint,
  evolve,
  guard,
  actions: complaintActions,
}

export type { ComplaintActionName } from './actions.ts'
export { type ComplaintClockKind, clocks as complaintClocks, complaintClockKinds } from './clocks.ts'
export type { ComplaintEvent, ComplaintEvents, ComplaintEventType, ComplaintStep } from './events.ts'
export { type ComplaintState, type ComplaintStatus, complaintStatuses } from './state.ts'
