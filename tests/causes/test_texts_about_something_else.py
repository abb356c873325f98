"""Texts that are not about a failing session, by the rule that keeps `explain` silent; shortened."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.ranking import match_paste

CAUSES = tuple(catalogue().values())

IN_A_LIST = {
    # ansible-collections/community.aws, CHANGELOG.rst
    "each change has its own subject": """- aws_ssm - fix copying an empty file with older curl versions.
- eks_cluster - adding tags to eks cluster creation.
- sns_topic - avoid fetching attributes from subscribers when not setting them, this can cause permissions issues.""",
    # aws/aws-cli, .changes
    "JSON": '''"category": "``ssm``",
"description": "Changes to OpsCenter APIs.",
"category": "``mgn``",
"description": "Bug fix: remove the EBS encryption type NONE, which an instance does not support."''',
    # eksctl, README.md
    "table": """| EC2 Auto Scaling | **Limited:** List, Write |
| EKS | Full Access, none denied |
| Systems Manager | **Limited:** List, Read |""",
    # a file of an index about a cockpit
    "names of files": """- **SSM orchestrator**: `launch-ssm.sh` - Full SSM deployment in phases
- **Bootstrap**: `user-data-minimal.sh` - Network readiness and SSM agent setup (40 lines)
- **Instance management**: `legacy/manage-instances.sh` - Operations""",
}
WITHOUT_A_WORD_OF_FAILURE = {
    # cloud-custodian, docs/source/aws/topics/ssm.rst
    "another account": "The project maintains a tool for enabling cross account, and cross cloud provider systems "
    "manager setups using the hybrid mode support of SSM. It provides secure introduction and automated discovery.",
    # awslabs/landing-zone-accelerator-on-aws, sample configurations
    "maximum duration": "The user invokes an SSM document, and SSM starts an ECS task in a private subnet. SSM waits "
    "for its completion (up to 12 hours) and returns its status and the location of its log.",
    # a thread about a document for session preferences
    "limited": "We use SSM sessions for the servers which have restricted network environments, and the shell of such "
    "a session reads the same files as the shell of a login does.",
    # github-aws-runners/terraform-aws-github-runner, the page about rate limits
    "rate": "The work of each runner (SSM writes, the configuration, the queue) stays the same in total. The peak TPS "
    "of SSM is lower with larger batches because writes are serialized within each function.",
    # nimblehq/infrastructure-templates, pull request 331
    "slow": "Session Manager tunnels traffic through AWS APIs, which may introduce slight lag compared to direct SSH "
    "connections. While SSM is free, storing session logs in CloudWatch or S3 incurs costs.",
}
FAR_FROM_THE_SESSION = {
    # aws-samples and others: the Session Manager is the way to a place where something else fails
    "another paragraph": """Connect to the machine with Session Manager.
Install the packages.
Then clone the repository.
Change to its folder.
Set the variables.
Start the build.
Open the page in a browser.
The page stays empty, because the build failed and its artifacts were lost.""",
}
REFUSED = "User: arn:aws:sts::123456789012:assumed-role/{} is not authorized to perform: {}"
OF_ANY_PROGRAM = {
    # a file of an index about ECS tasks
    "logs of a container": "ResourceInitializationError: failed to validate logger args: AccessDeniedException: "
    + REFUSED.format("ecsTaskExecutionRole/d7795e52a4434edf", "logs:CreateLogStream on resource: arn:aws:logs:…"),
    # a file of an index about Terraform
    "logs of a build": "The build fails in its first phase with 'not authorized to perform: logs:CreateLogStream', "
    "because the role cannot create its own log stream.",
    # CloudTrail's event of a stream
    "key of a stream": '"errorCode": "AccessDenied", "errorMessage": "'
    + REFUSED.format("role-kinesis/0123456789abcdef", "kms:GenerateDataKey on resource: arn:aws:kms:…"),
    "key of a function": "An error occurred (AccessDeniedException): "
    + REFUSED.format("orders/orders-handler", "kms:Decrypt on resource: arn:aws:kms:…"),
    # aws/amazon-cloudwatch-agent, issue 1435
    "metadata": "D! should retry true for imds error : EC2MetadataError: failed to make EC2Metadata request",
    # a file of an index about an agent of another product
    "profile": "Durante a inicialização: EC2RoleRequestError: no EC2 instance role found. O agente funciona.",
    # aws/aws-cdk, issue 4498
    "secret of a task": "Fetching secret data from SSM Parameter Store in eu-central-1: AccessDeniedException: The "
    "ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not "
    "allowed to access.",
    # dagster-io/dagster, issue 2926
    # files of an index about a first server
    "credentials of another command": "ec2 ~$ aws s3 ls\nUnable to locate credentials. You can configure credentials "
    'by running "aws configure".',
    # files of an index about a Lambda function and about a server that reads its settings
    "timeout of a function": "The command from the VPC's Lambda fails after 87 seconds:\n[ERROR] ConnectTimeoutError: "
    'Connect timeout on endpoint URL: "https://ssm.eu-west-3.amazonaws.com/"',
    "timeout of a parameter": 'Connect timeout on endpoint URL: "https://ssm.eu-west-3.amazonaws.com/"\n'
    "Waiting for SSM parameter access...",
    "credentials of a script": "An exception occurred during task execution. The error was: "
    "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
}
NAMES = {
    # blinkist/terraform-aws-airship-ecs-service, issue 14
    "a variable": "We already pass in ssm_paths and give the role of the module access to them. However, there's a "
    "missing link here between the module of the key and this one.",
    # masterpointio/terraform-aws-ssm-agent, pull request 85
    "an option": "`aws ssm start-session --target` without `--document-name` falls back to the account's "
    "default `SSM-SessionManagerRunShell` document.",
    # a file of an index about an assistant
    "an assistant's session manager": "- Clear warning: explains that the action cannot be undone\n"
    "- Access: gets the memory of the current agent via session manager",
    # ansible-collections/amazon.aws, issue 2633
    "a wish for a plugin": "The aws_ssm connection plugin does not support assume_role_arn. This means SSM connections "
    "fail unless I configure a separate profile for each target account.",
}
STARTED = "Starting session with SessionId: jane-0a1b2c3d4e5f67890"
NO_CREDENTIALS = "Unable to locate credentials. You can configure credentials by running"
IN_A_WORKING_SESSION = {
    # a thread about the package of SSM Agent
    "file": f"$ aws ssm start-session\n\n{STARTED}\n$ echo a > b\nsh: cannot create b: Permission denied",
    "credentials": f"{STARTED}\nsh-4.2$ aws s3 ls\n{NO_CREDENTIALS}",
    "Windows": f"{STARTED}\nPS C:\\Windows\\system32> aws s3 ls\n{NO_CREDENTIALS}",
}
IN_A_HOW_TO = {
    # a file of an index about a lab
    "after steps": """3. **Connect via Session Manager:**
   - Choose **Session Manager**.
   - Click **Connect** to open a terminal.
### Troubleshooting
If **Connect** is unavailable, wait a few minutes and retry.
Ensure the **Command Host** instance is running.""",
    # a file of an index about a private instance
    "a remark on a step": """3. Connect to the private EC2 via SSM Session Manager (no bastion needed):
4. Inside the private EC2, test outbound connectivity (ICMP may be blocked on some OS images — prefer a TCP test):""",
    # a file of an index about a deployment
    "Access": """| Access | AWS SSM Session Manager (no SSH, no port 22) |
| Security Group | Inbound TCP 80 + 443 only |
| DNS | Route 53 A record → Elastic IP |""",
    # files of an index about a container, and in the same words
    "Korean condition": "이 권한이 없으면 SSM 접속이 안 된다",
    "Japanese condition": "このロールがなければ SSM で接続できない",
    # a file of an index about a bot
    "Korean": "접속은 SSM Session Manager 권장 (IAM 에 SSM 권한 필요 시 AmazonSSMManagedInstanceCore 부착 검토)\n"
    "실패 시 트러블슈팅 → 부록 참고.",
    # a file of an index about the registration of nodes
    "Japanese": "DHMC はリージョン単位で管理対象を自動登録する方式で、併用は必須ではない。"
    "DHMC も IMDSv2 と Agent を必要とする。",
}
ABOUT_PARAMETERS = {
    # KensioSoftware/yulin, issue 1156
    "SSM": "A `SecureString` under the default `aws/ssm` key is readable with `ssm:GetParameter` alone. SSM "
    "refuses that read and asks for `kms:Decrypt` as well, so a role that works in an account fails here.",
    # files of an index about Bedrock and about the image of an instance
    "a credential": "# Optional credentials for Bedrock. When set (e.g. a key resolved from SSM in Lambda), "
    "the client uses them instead of the ambient role; when absent, boto3's default credential chain applies.",
    "an image": "| `AMI` | `/aws/service/ami-amazon-linux-latest/al2023` "
    "| Amazon Linux 2023 (resolved dynamically via SSM) |\n> NAT Gateways and EIPs are automatically removed.",
}
IN_ANOTHER_PART = {
    # a file of an index about a pipeline
    "before a heading": """- If it continues failing, the **Circuit Breaker** triggers.
- ECS aborts the deployment and rolls back to the previous working version automatically.

## 3. ECS Exec (Terminal Access)
1. Ensure you have the `session-manager-plugin` installed on your local machine.""",
    # files of an index about a cluster and about a bastion
    "tree": """├── AmazonEC2ContainerRegistryReadOnly  ← ECR 이미지 풀
└── AmazonSSMManagedInstanceCore        ← SSM Session Manager 접속
[2] kube-scheduler 스케줄 시도
    "이 Pod를 배치할 Node가 없음\"""",
    "status": "[INFO] Bastion Host:\n    State: stopped\n[INFO] Port Forwarding Session:\n  停止中",
}
IN_SOURCE_CODE = {
    # files of an index about secrets, the start of instances and a user interface
    "shell": """echo "Troubleshooting:"
    echo "   If SSM access fails, check:"
    echo "   - AWS_REGION matches the region of the node"
""",
    "docstring": "    Raises:\n        Exception: If SSM access fails or parameters can't be retrieved",
    "help": """        help="Pin a specific AMI (e.g. a private image) instead of the public "
        "DLAMI resolved from SSM. Use to validate an SDK version before AWS publishes its DLAMI.",""",
    "text of a case": 'case .up: "Your SSM tunnel is up."\ncase .signInRequired: "Your AWS SSO session expired."',
    "exception": "throw new ExitError(\n  `Tunnel did not become ready.`,\n  'Ensure the SSM plugin is installed.',",
    "message": """if instance_id is None:
        raise ValueError(f"No instance could be found for name: {instance}")""",
    "comment": """# Starts the advisor with an SSM tunnel to
# the monitoring host. Use this instead of `python3 app.py`
# when the monitoring host's 9090 isn't directly reachable (corp egress filtering)""",
}


@pytest.mark.parametrize(
    "text",
    [
        text
        for texts in (
            IN_A_LIST,
            OF_ANY_PROGRAM,
            IN_A_WORKING_SESSION,
            NAMES,
            WITHOUT_A_WORD_OF_FAILURE,
            FAR_FROM_THE_SESSION,
            IN_A_HOW_TO,
            ABOUT_PARAMETERS,
            IN_ANOTHER_PART,
            IN_SOURCE_CODE,
        )
        for text in texts.values()
    ],
)
def test_a_text_about_something_else_gets_no_answer(text: str) -> None:
    assert not match_paste(text, CAUSES)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            'File "ssm.py", line 7, in main\n    raise ValueError(f"No instance could be found for name: {name}")\n'
            "ValueError: No instance could be found for name: web",
            "target-invalid",
        ),
        ("GetParameter works on the box. Session Manager: the agent is not installed.", "agent-absent"),
        ("SSM sessions fail.\n## Session Manager\nThe agent is not installed.", "agent-absent"),
        ("- Session Manager: the agent is not installed on the box\n- S3: works\n- RDS: works", "agent-absent"),
        ("1. Opened the console.\n2. Session Manager: the agent is not installed.\n3. Gave up.", "agent-absent"),
        ("The instance is in another account than my SSM session.", "wrong-region-or-account"),
        (
            "We run three servers for the shop and a fourth one for the reports of the finance department in Berlin. "
            "Fleet Manager shows 0 nodes.",
            "not-registered",
        ),
    ],
)
def test_a_failure_of_a_session_is_found_next_to_its_name(text: str, cause: str) -> None:
    assert match_paste(text, CAUSES)[0].cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("SSM: " + REFUSED.format("web/0123456789abcdef", "logs:PutLogEvents"), "cloudwatch-logs-lost"),
        (REFUSED.format("web/i-0123456789abcdef0", "kms:Decrypt"), "kms-node-denied"),
        (REFUSED.format("Dev/jane@example.org", "kms:GenerateDataKey"), "kms-caller-denied"),
        ("not authorized to perform: kms:GenerateDataKey", "kms-caller-denied"),
        ("Health ping failed with error - EC2RoleRequestError: no EC2 instance role found", "instance-profile-missing"),
        ("EC2RoleRequestError: no EC2 instance role found", "instance-profile-missing"),
        ("$ aws ssm start-session\nUnable to locate credentials", "credentials-missing"),
        ("Unable to locate credentials. You can configure credentials by running", "credentials-missing"),
        ('Connect timeout on endpoint URL: "https://ssm.eu-west-3.amazonaws.com/"', "messages-endpoint-unreachable"),
        ("The log of the ssm agent\n\n> x: EC2MetadataError: failed to make EC2Metadata request", "imds-disabled"),
    ],
)
def test_an_error_of_any_program_counts_with_the_name_of_a_session(text: str, cause: str) -> None:
    assert match_paste(text, CAUSES)[0].cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f"{STARTED}\n$ ls\na\nsh-4.2$ Cannot perform start session: EOF", "no-terminal"),
        (f"{STARTED}\n[root@ip-10-0-0-1 ~]# ls\na\n\nThe session ends after 20 idle minutes.", "session-idle-timeout"),
        (f"{STARTED}\nWaiting for connections...\nConnection to destination port failed", "port-refused"),
    ],
)
def test_the_plugin_and_a_person_speak_after_the_output_of_a_shell(text: str, cause: str) -> None:
    assert match_paste(text, CAUSES)[0].cause == cause
