/** The registers of the reception centre by name. */
import type { RegisterName } from '../../domain/catalogue/registers.ts'
import type { Answer } from '../reading.ts'
import { caseCatalogue } from './catalogue.ts'
import { dailyRegister } from './daily.ts'
import type { Register, RegisterPorts, RegisterQuestion } from './register.ts'
import { weeklyRegister } from './weekly.ts'

export { type Register, type RegisterQuestion, registerFileColumns, registerRows } from './register.ts'

export const registers: Readonly<
  Record<RegisterName, (ports: RegisterPorts, question: RegisterQuestion) => Promise<Answer<Register>>>
> = { daily: dailyRegister, weekly: weeklyRegister, catalogue: caseCatalogue }
