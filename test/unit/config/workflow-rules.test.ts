import { expect, test } from 'vitest';
import { refusedArgument, refusedVariable } from '#domain/workflow-rules.ts';

test.each([
  ...['TF_CLI_ARGS_plan', 'TF_LOG_PATH', 'TF_WORKSPACE', 'TF_DATA_DIR', 'TF_VAR_size', 'TF_CLI_CONFIG_FILE'],
  ...['GIT_SSH_COMMAND', 'GIT_CONFIG_COUNT', 'SSH_ASKPASS', 'XDG_CONFIG_HOME', 'HOME', 'PATH'],
  ...['LD_PRELOAD', 'GLIBC_TUNABLES', 'HOSTALIASES', 'HTTPS_PROXY', 'https_proxy', 'SSL_CERT_FILE'],
  ...['COUNTERSIGN_PHASE', 'a-b', '', 'A=B', 'A\nB'],
])('a workflow does not set %j', (name) => {
  expect(refusedVariable(name)).toBeDefined();
});

test.each(['AWS_REGION', 'APP_MODE', 'tf_log'])('it sets %s', (name) => {
  expect(refusedVariable(name)).toBeUndefined();
});

test.each([
  ...[
    '-target=aws_vpc.main',
    '-var-file=/etc/passwd',
    '--var-file=x',
    '-var',
    '-var=a=b',
    '-out=x',
    '-destroy',
  ],
  ...[
    '-parallelism=4 -destroy',
    '-parallelism=4\n-destroy',
    '-refresh=false=',
    '-lock=false',
    '-chdir=/',
    '-',
  ],
])('it adds no %j to a plan', (argument) => {
  expect(refusedArgument('plan', argument)).toBeDefined();
});

test.each([
  '-backend-config=../x',
  '-backend-config=/etc/x',
  '-backend-config=a=b',
  '-backend-config=.x',
  '-upgrade',
])('it adds no %s to an init', (argument) => {
  expect(refusedArgument('init', argument)).toBeDefined();
});
