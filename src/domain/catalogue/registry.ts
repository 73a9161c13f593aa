import type { ErrorTable } from './errors.ts'
import type { TermTable } from './terms.ts'

/** Refusals of the registry: organisations, offices, workers, persons, numbers, and of rights on cases. */
export const registryErrors = {
  'division-invalid': { status: 422, title: '行政区划代码无效', help: '请填写 6、9 或 12 位数字的行政区划代码。' },
  'organisation-code-taken': { status: 409, title: '机构代码已被使用', help: '同一代码只能登记一个机构，请核对代码。' },
  'organisation-unknown': { status: 422, title: '没有这个机构', help: '请从机构名录中选择。' },
  'organisation-dissolved': { status: 409, title: '机构已撤销', help: '请改用承接其职责的机构。' },
  'organisation-own-successor': { status: 422, title: '机构不能由自己承接', help: '请填写另一个机构。' },
  'office-unknown': { status: 422, title: '没有这个法律服务机构', help: '请从名录中选择。' },
  'office-deregistered': {
    status: 409,
    title: '该所已注销',
    help: '注销后不能再办理变更；注销有误的，请更正该条记录。',
  },
  'office-suspended': { status: 409, title: '该所已停业', help: '请先恢复执业。' },
  'office-not-suspended': { status: 409, title: '该所并未停业', help: '只有停业的所才能恢复执业。' },
  'worker-unknown': { status: 422, title: '没有这名执业人员', help: '请从名录中选择。' },
  'worker-not-employed': { status: 409, title: '该人员当时不在任何所执业', help: '请核对日期与执业经历。' },
  'worker-licence-ended': {
    status: 409,
    title: '该人员的执业证已注销或吊销',
    help: '之后不能再登记执业变动；有误的，请更正该条记录。',
  },
  'registry-already-registered': { status: 409, title: '已经登记', help: '请查看已有的登记。' },
  'registry-not-registered': { status: 409, title: '尚未登记', help: '请先登记。' },
  'registry-before-registration': {
    status: 422,
    title: '发生日期早于登记日期',
    help: '请核对日期；登记日期有误的，请先更正登记。',
  },
  'registry-later-fact-stands': { status: 409, title: '其后已有登记的变动', help: '请先更正其后的变动，再登记此项。' },
  'person-unknown': { status: 422, title: '没有这名人员', help: '请从人员名录中选择。' },
  'person-disabled': { status: 409, title: '该人员已停用', help: '停用后不能授予角色或签发令牌。' },
  'role-granted-to-oneself': { status: 403, title: '不能给自己授予角色', help: '请由另一名管理员办理。' },
  'role-not-held': { status: 409, title: '该人员没有这个角色', help: '请查看其现有角色。' },
  'role-incompatible': {
    status: 409,
    title: '该角色不能与已有角色兼任',
    help: '管理员、审计员与所内账号不得兼任其他角色。',
  },
  'role-needs-office': { status: 422, title: '所内账号须指明法律服务机构', help: '其他角色不填机构编号。' },
  'token-unknown': { status: 404, title: '没有这个令牌', help: '请查看该人员的令牌清单。' },
  'token-expiry-past': { status: 422, title: '令牌的有效期已过', help: '请填写今天或以后的日期。' },
  'number-already-allocated': { status: 409, title: '该案已有编号', help: '一案一号，请查看已有编号。' },
  'subjects-same': { status: 422, title: '两者是同一个人', help: '请选择两个不同的当事人记录。' },
  'subjects-not-linked': { status: 409, title: '两者并未关联', help: '请查看当事人的关联情况。' },
  'erasure-not-requested': { status: 409, title: '没有待办理的删除申请', help: '请先登记删除申请。' },
  'erasure-completed': { status: 409, title: '删除已经完成', help: '密钥已销毁，不能再办理。' },
  'erasure-keys-remain': { status: 409, title: '尚有密钥未销毁', help: '所有关联当事人的密钥销毁后才能办结。' },
  'archive-purpose-required': {
    status: 403,
    title: '查阅已归档案件须登记目的',
    help: '请先办理“查阅归档案卷”（open-archived）登记目的；登记后一日内可以查阅。',
  },
} as const satisfies ErrorTable

/** Roles as people see them. */
export const roleTerms: TermTable = {
  reception: '窗口接待员',
  investigator: '调查人员',
  'centre-director': '公共法律服务中心主任',
  'bureau-leader': '分管局领导',
  'leading-group': '星级创建领导小组',
  'supervision-officer': '督办员',
  'grassroots-section': '基层科',
  'judicial-office': '司法所',
  'legal-reviewer': '法制审核人员',
  'hearing-chair': '听证主持人',
  'city-decider': '市局决定人',
  'disciplinary-committee': '惩戒委员会',
  'office-account': '所内账号',
  auditor: '审计员',
  'privacy-officer': '个人信息保护负责人',
  administrator: '系统管理员',
  operator: '终端操作员',
}

/** Kinds of organisations and of legal service bodies. */
export const registryKindTerms: TermTable = {
  ministry: '司法部',
  'province-department': '省（区、市）司法厅（局）',
  'city-bureau': '市级司法局',
  'county-bureau': '县（市、区）司法局',
  'judicial-office': '司法所',
  'public-legal-service-centre': '公共法律服务中心',
  'public-legal-service-station': '公共法律服务站',
  'disciplinary-committee': '惩戒委员会',
  association: '行业协会',
  other: '其他机构',
  'legal-service-office': '基层法律服务所',
  'law-firm': '律师事务所',
  'notary-office': '公证机构',
  'legal-aid-agency': '法律援助机构',
  'forensic-institution': '司法鉴定机构',
}

/** Events of the registry. */
export const registryEventTerms: TermTable = {
  OrganisationRegistered: '机构登记',
  OrganisationRenamed: '机构更名',
  OrganisationDissolved: '机构撤销',
  OfficeRegistered: '设立登记',
  OfficeRenamed: '名称变更',
  OfficeMoved: '住所变更',
  OfficeSuspended: '停业',
  OfficeResumed: '恢复执业',
  OfficeDeregistered: '注销',
  WorkerLicensed: '准予执业',
  WorkerTransferred: '转所',
  WorkerEmploymentEnded: '离所',
  WorkerLicenceRevoked: '执业证注销或吊销',
  PersonRegistered: '人员登记',
  RoleGranted: '授予角色',
  RoleWithdrawn: '撤销角色',
  TokenIssued: '签发令牌',
  TokenRevoked: '撤销令牌',
  PersonDisabled: '人员停用',
  NumberAllocated: '编号',
  SubjectsLinked: '当事人关联',
  SubjectsUnlinked: '解除当事人关联',
  ErasureRequested: '申请删除个人信息',
  SubjectKeysDestroyed: '销毁密钥',
  ErasureCompleted: '个人信息删除完成',
}

/** What can be done with entries of the registry, by category. */
export const registryActionTerms: Readonly<Record<string, TermTable>> = {
  organisation: { register: '登记单位', rename: '更名', dissolve: '撤销单位' },
  office: {
    register: '登记法律服务机构',
    rename: '变更名称',
    move: '变更住所',
    suspend: '停业',
    resume: '恢复执业',
    deregister: '注销',
  },
  worker: { license: '准予执业', transfer: '转所', endEmployment: '离所', revokeLicence: '注销或吊销执业证' },
  person: {
    register: '登记人员',
    grantRole: '授予角色',
    withdrawRole: '撤销角色',
    issueToken: '签发令牌',
    revokeToken: '撤销令牌',
    disable: '停用',
  },
}

/** What each permission's category is called. */
export const categoryTerms: TermTable = {
  organisation: '机构',
  office: '法律服务机构',
  worker: '执业人员',
  person: '人员',
  numbers: '编号',
  subjects: '当事人',
}

/** The word for each kind of case in its number. */
export const caseNumberKinds: TermTable = {
  complaint: '投',
  visit: '访',
  supervision: '督',
  returnvisit: '回',
  penalty: '罚',
  discipline: '惩',
}

/** A case number in the layout of official documents. */
export const caseNumberText = (abbreviation: string, year: number, kind: string, digits: string): string =>
  `${abbreviation}〔${year}〕${kind}字第${digits}号`
