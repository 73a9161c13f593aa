import type { ErrorTable } from './errors.ts'

/** Errors of running on an EventStoreDB cluster: what a start or a mirror stops with, each naming one cause. */
export const clusterErrors = {
  'cluster-url-invalid': {
    status: 500,
    title: 'EVENTSTORE_URL 的写法无效',
    help: '应为 esdb://用户:口令@主机:端口 或 esdb+discover://…，多个主机以逗号分隔；参数见运维手册。',
  },
  'cluster-credentials-without-tls': {
    status: 500,
    title: '未启用 TLS，却给出了用户名和口令',
    help: '客户端不会在明文连接上发送口令。请启用 TLS，或删去口令。',
  },
  'cluster-credentials-missing': {
    status: 500,
    title: '启用了 TLS，但没有给出用户名和口令',
    help: '请在 EVENTSTORE_URL 中写明用户名和口令。',
  },
  'cluster-unreachable': {
    status: 503,
    title: '连接不上事件存储集群',
    help: '请检查主机名、端口、防火墙，以及集群是否在运行。',
  },
  'cluster-no-leader': {
    status: 503,
    title: '事件存储集群目前没有主节点',
    help: '多数节点在线并完成选举后会自动恢复；请检查各节点是否在运行。',
  },
  'cluster-tls-mismatch': {
    status: 503,
    title: '一端使用 TLS，另一端没有使用',
    help: '服务器启用 TLS 时不要写 tls=false；服务器未启用 TLS 时须写 tls=false。',
  },
  'cluster-certificate-refused': {
    status: 503,
    title: '服务器证书未通过验证',
    help: '请用 tlsCAFile 指定签发证书的根证书，并核对证书中的主机名和有效期。',
  },
  'cluster-credentials-refused': {
    status: 503,
    title: '事件存储集群不接受此用户名或口令',
    help: '请核对 EVENTSTORE_URL 中的用户名和口令。',
  },
  'cluster-access-denied': {
    status: 503,
    title: '此用户无权读取 $all',
    help: '请将此用户加入 $admins，或在默认访问控制中授予读取 $all 的权限。',
  },
  'cluster-server-too-old': {
    status: 503,
    title: '事件存储服务器版本过低',
    help: '需要 EventStoreDB 23.10 或更高版本。',
  },
  'cluster-not-empty': {
    status: 409,
    title: '集群中已有记录',
    help: '演示数据只写入空的集群；要在已有记录的集群上再开一个节点，请用 duban serve。',
  },
  'mirror-diverged': {
    status: 503,
    title: '本机镜像与集群中的记录不一致，已停止',
    help: '镜像可能来自另一个集群，或集群恢复自较旧的备份。查明原因后，可删除镜像目录，由集群重建。',
  },
  'mirror-failed': {
    status: 503,
    title: '本机镜像无法写入，已停止',
    help: '请检查磁盘与文件权限后重新启动；必要时可删除镜像目录，由集群重建。',
  },
} as const satisfies ErrorTable
