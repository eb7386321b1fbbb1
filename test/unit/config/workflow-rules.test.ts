import { expect, test } from 'vitest';
import { refusedArgument, refusedVariable } from '#domain/workflow-rules.ts';

const OF_TERRAFORM = ['TF_CLI_ARGS_plan', 'TF_LOG_PATH', 'TF_WORKSPACE', 'TF_DATA_DIR', 'TF_VAR_size'];
const OF_PROGRAMS = ['GIT_SSH_COMMAND', 'GIT_CONFIG_COUNT', 'SSH_ASKPASS', 'XDG_CONFIG_HOME', 'HOME', 'PATH'];
const OF_LIBRARIES = ['LD_PRELOAD', 'GLIBC_TUNABLES', 'HOSTALIASES', 'https_proxy', 'SSL_CERT_FILE'];
const NO_NAMES = ['a-b', '', 'A=B', 'A\nB'];

test.each([OF_TERRAFORM, OF_PROGRAMS, OF_LIBRARIES, NO_NAMES].flat())(
  'a workflow does not set %j',
  (name) => {
    expect(refusedVariable(name)).toBeDefined();
  },
);

test.each(['AWS_REGION', 'APP_MODE', 'tf_log'])('it sets %s', (name) => {
  expect(refusedVariable(name)).toBeUndefined();
});

const OF_PARTS = ['-target=aws_vpc.main', '-destroy', '-out=x', '-lock=false', '-chdir=/'];
const OF_VARIABLES = ['-var-file=/etc/passwd', '--var-file=x', '-var', '-var=a=b'];
const NO_ARGUMENTS = ['-parallelism=4 -destroy', '-parallelism=4\n-destroy', '-refresh=false=', '-'];

test.each([OF_PARTS, OF_VARIABLES, NO_ARGUMENTS].flat())('it adds no %j to a plan', (argument) => {
  expect(refusedArgument('plan', argument)).toBeDefined();
});

test.each(['../x', '/etc/x', 'a=b', '.x', ''])('it takes no settings of a backend from %j', (file) => {
  expect(refusedArgument('init', `-backend-config=${file}`)).toBeDefined();
});
