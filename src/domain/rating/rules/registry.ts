/** The derived rules that schemes may name. */
import { assessmentsPassed } from './assessments.ts'
import { cooperation, faultComplaints } from './complaints.ts'
import { monthlyStudy, monthlySubmissions } from './monthly.ts'
import { supervisionNotices } from './notices.ts'
import { onTimeRate } from './on-time.ts'
import { aidCases, publicServiceHours, trainingHours } from './per-head.ts'
import type { AnyRule } from './rule.ts'
import { noCriminalLiability, noSanction } from './sanctions.ts'
import { satisfaction } from './satisfaction.ts'
import { staffing } from './staffing.ts'

const all: readonly AnyRule[] = [
  noSanction,
  noCriminalLiability,
  satisfaction,
  assessmentsPassed,
  onTimeRate,
  cooperation,
  faultComplaints,
  publicServiceHours,
  aidCases,
  trainingHours,
  monthlyStudy,
  monthlySubmissions,
  staffing,
  supervisionNotices,
]

/** By name. A rule never changes its meaning: a different one gets another name, so that old ratings replay. */
export const rules: ReadonlyMap<string, AnyRule> = new Map(all.map((rule) => [rule.name, rule]))
