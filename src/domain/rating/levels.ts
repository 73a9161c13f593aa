/** The star ladder: what special inspections do to a level (S0-4.6; domain.md "Star ladder"). */

/** What one special inspection ended in. */
export const inspectionOutcomes = ['OK', 'WARNING', 'DOWNGRADE', 'VETO', 'OTHER'] as const
export type InspectionOutcome = (typeof inspectionOutcomes)[number]

export interface LadderState {
  /** 0 to the scheme's highest. */
  readonly level: number
  /** Successive warnings. */
  readonly streak: number
  readonly plaque: boolean
}

export interface LadderRules {
  /** Successive warnings that downgrade (S0-4.6d). */
  readonly warningsToDowngrade: number
  /** Levels a downgrade takes (Q6). */
  readonly downgradeBy: number
  /** Lowest level with a plaque (Q4). */
  readonly plaqueFrom: number
}

/** The ladder of seed 000. */
export const defaultLadder: LadderRules = { warningsToDowngrade: 2, downgradeBy: 1, plaqueFrom: 1 }

/** What follows from an outcome besides the state. */
export type LadderConsequence = 'none' | 'downgraded-for-warnings' | 'downgraded' | 'vetoed'

/**
 * One step of the ladder. A clean inspection resets the streak (Q2), so does a downgrade; so many successive warnings downgrade; at a level
 * below the lowest plaque, and on a veto, the plaque goes back. Other measures touch neither level nor streak.
 */
export function climb(
  state: LadderState,
  outcome: InspectionOutcome,
  rules: LadderRules = defaultLadder,
): { readonly state: LadderState; readonly consequence: LadderConsequence } {
  const down = (): LadderState => {
    const level = Math.max(0, state.level - rules.downgradeBy)
    return { level, streak: 0, plaque: state.plaque && level >= rules.plaqueFrom }
  }
  switch (outcome) {
    case 'OK':
      return { state: { ...state, streak: 0 }, consequence: 'none' }
    case 'WARNING': {
      const streak = state.streak + 1
      if (streak < rules.warningsToDowngrade) return { state: { ...state, streak }, consequence: 'none' }
      return { state: down(), consequence: 'downgraded-for-warnings' }
    }
    case 'DOWNGRADE':
      return { state: down(), consequence: 'downgraded' }
    case 'VETO':
      return { state: { level: 0, streak: 0, plaque: false }, consequence: 'vetoed' }
    case 'OTHER':
      return { state, consequence: 'none' }
  }
}
