/**
 * The one catalogue of Chinese terms people see: roles, states, actions, event types, kinds. Each subject keeps its
 * rows in its own file beside this one. Terms follow the glossary of the trade (督办, 回访, 受理, 补正 …).
 */
export type TermTable = Readonly<Record<string, string>>

/** Finds a term; an unknown key reads as itself, so that a missing row is seen and not hidden. */
export const term = (table: TermTable, key: string): string => table[key] ?? key
