"""The texts that people paste (docs/facts/failure-texts.md §2, §3, §4, §5; AWS's article), and their causes."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A text with its holes filled. One of the causes must come out as the likeliest; the others may be any."""

    text: str
    causes: frozenset[str]


def told(text: str, *causes: str) -> Text:
    """A text and the causes, one of which must be the likeliest."""
    return Text(text, frozenset(causes))


SESSION = "jane-0a1b2c3d4e5f67890"
NODE = "i-0123456789abcdef0"
ROLE = "arn:aws:sts::123456789012:assumed-role/web/i-0123456789abcdef0"
CALLER = "arn:aws:sts::123456789012:assumed-role/Operator/jane"
NODE_ARN = f"arn:aws:ec2:eu-west-3:123456789012:instance/{NODE}"
KEY_ARN = "arn:aws:kms:eu-west-3:123456789012:key/1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f"
SESSION_ARN = f"arn:aws:ssm:eu-west-3:123456789012:session/{SESSION}"
CONSOLE = "Your session has been terminated for the following reasons: "
ERROR = "----------ERROR-------\n"
CHANNEL = f"{ERROR}Setting up data channel with id {SESSION} failed: "
SOCKET = f"{CHANNEL}failed to create websocket for datachannel with error: "
CREATE = f"{SOCKET}createDataChannel request failed: "
ANSWER = f"{CREATE}unexpected response from the service "
HANDSHAKE = f"{ERROR}Encountered error while initiating handshake. "
CLIENT = f"{HANDSHAKE}KMSEncryption failed on client with status 2 error: "
DATA_KEY = f"{CLIENT}Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: "
DECRYPT = f"{HANDSHAKE}Fetching data key failed: Unable to retrieve data key, Error when decrypting data key "
REFUSED = "not exist, does not exist in this region, or you are not allowed to access."
REQUEST = "\n\tstatus code: 400, request id: 3a1b9d4e-0c5f-4f6a-9d55-8a1c2f0e7b11"
COMMAND = f"{ERROR}Unable to start command: "
DOCUMENT = "document process failed unexpectedly: "
CHECK_LOG = " , check [ssm-document-worker]/[ssm-session-worker] log for crash reason"


def refused(code: str, operation: str, text: str = "") -> str:
    """An error as the AWS CLI prints it."""
    return f"\nAn error occurred ({code}) when calling the {operation} operation: {text}"


def unauthorized(action: str, resource: str, caller: str = CALLER) -> str:
    """The text of an IAM denial."""
    return (
        f"User: {caller} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


DATA_CHANNEL = (
    told(f"{CHANNEL}failed to get region with error: unavailable", "imds-disabled"),
    told(f"{SOCKET}failed to get MessageGatewayService endpoint with error: none", "data-channel-unreachable"),
    told(f"{SOCKET}no MGS endpoint found in region eu-west-3", "data-channel-unreachable"),
    told(f"{SOCKET}no MGS endpoint found", "data-channel-unreachable"),
    told(f"{CHANNEL}no instanceID provided, unavailable", "imds-disabled"),
    told(f"{SOCKET}something new", "data-channel-denied", "data-channel-unreachable"),
    told(f"{CHANNEL}something new", "data-channel-denied", "data-channel-unreachable"),
    told(f"{SOCKET}CreateDataChannel failed with no output or error: ", "data-channel-unreachable"),
    told(f"{ANSWER}<html>", "data-channel-denied", "data-channel-unreachable"),
    told(
        f"{ANSWER}<AccessDeniedException>\n  <Message>User: {ROLE} is not authorized to perform: "
        "ssmmessages:CreateDataChannel on resource: arn:aws:ssmmessages:eu-west-3:123456789012:* with an explicit "
        "deny in a service control policy</Message>\n</AccessDeniedException>",
        "data-channel-denied",
    ),
    told(
        f"{ANSWER}<AccessDeniedException>\n  <Message>User: {ROLE} is not authorized to perform: "
        "ssmmessages:OpenDataChannel on resource: arn:aws:ssmmessages:eu-west-3:123456789012:* because no VPC endpoint "
        "policy allows the ssmmessages:OpenDataChannel action</Message>\n</AccessDeniedException>",
        "endpoint-policy-denies",
    ),
    told(
        f'{ANSWER}<BadRequest xmlns=""><message>x: Request is not authenticated.</message></BadRequest>',
        "data-channel-denied",
    ),
    told(
        f'{ANSWER}{{"Output":{{"__type":"com.amazon.coral.service#UnknownOperationException"}},"Version":"1.0"}}',
        "data-channel-unreachable",
    ),
    told(f"{ANSWER}<message>Session is already terminated</message>", "session-terminated"),
    told(
        f"{CREATE}failed to sign the request: shared credentials are already expired, they were retrieved at "
        "2026-11-24T01:00:00Z and expired at 2026-11-24T02:00:00Z",
        "data-channel-denied",
    ),
    told(
        f'{CREATE}failed to make http client call: Post "https://ssmmessages.eu-west-3.amazonaws.com/v1/data-channel": '
        "dial tcp 10.0.0.9:443: i/o timeout",
        "data-channel-unreachable",
    ),
    told(f"{CREATE}failed to read bytes from http response: EOF", "data-channel-unreachable"),
    told(f"{CREATE}failed to create http request: net/http", "data-channel-unreachable"),
    told(f"{CREATE}failed to unmarshal createDataChannel response: invalid character", "data-channel-unreachable"),
    told(f"{CREATE}failed to get the mgs base url with error: none", "data-channel-unreachable"),
    told(f"{CREATE}MGS service signer is nil", "data-channel-unreachable"),
    told(
        f"{CHANNEL}failed to open datachannel with error: failed to connect data channel with error: bad handshake",
        "data-channel-denied",
        "data-channel-unreachable",
    ),
    told("failed to reconnect datachannel with error: EOF", "data-channel-unreachable"),
)

ENCRYPTION = (
    told(f"{HANDSHAKE}something new", "kms-node-denied"),
    told(f"{CLIENT}something new", "kms-caller-denied"),
    told(f"{DATA_KEY}something new", "kms-caller-denied"),
    told(f"{DATA_KEY}AccessDeniedException: User: {CALLER} is not authorized{REQUEST}", "kms-caller-denied"),
    told(f"{DATA_KEY}NotFoundException: Alias arn:aws:kms:… is not found.{REQUEST}", "kms-key-missing"),
    told(f"{DATA_KEY}DisabledException: arn:aws:kms:… is disabled.{REQUEST}", "kms-key-disabled"),
    told(f"{DATA_KEY}KMSInvalidStateException: … is pending deletion.{REQUEST}", "kms-key-pending-deletion"),
    told(f"{DATA_KEY}DisabledException: arn:aws:kms:… is pending deletion.{REQUEST}", "kms-key-pending-deletion"),
    told(f"{DATA_KEY}KMSInvalidStateException: arn:aws:kms:… is unavailable.{REQUEST}", "kms-key-unusable"),
    told(f"{DATA_KEY}KMSInvalidStateException: arn:aws:kms:… is creating.{REQUEST}", "kms-key-unusable"),
    told(f"{DATA_KEY}ValidationException: Invalid EncryptionContext{REQUEST}", "encryption-challenge-failed"),
    told(
        f'{DATA_KEY}RequestError: send request failed\ncaused by: Post "https://kms.eu-west-3.amazonaws.com/": '
        "dial tcp: lookup kms.eu-west-3.amazonaws.com: no such host",
        "handshake-timed-out",
    ),
    told(
        f"{CLIENT}Failed to process action KMSEncryption: Installed version of CLI does not support Session Manager "
        "encryption feature. Please upgrade to the latest version of your CLI (e.g., AWS CLI).",
        "plugin-outdated",
    ),
    told(
        f"{HANDSHAKE}SessionType failed on client with status 2 error: Failed to process action SessionType: Unknown "
        "session type InteractiveCommands",
        "plugin-outdated",
    ),
    told(
        f"{DECRYPT}AccessDeniedException: The ciphertext refers to a customer master key that does {REFUSED}{REQUEST}",
        "kms-node-denied",
    ),
    told(
        f"{DECRYPT}AccessDeniedException: The ciphertext refers to a AWS KMS key that does {REFUSED}{REQUEST}",
        "kms-node-denied",
    ),
    told(
        f"{DECRYPT}AccessDeniedException: " + unauthorized("kms:Decrypt", KEY_ARN, ROLE) + REQUEST,
        "kms-node-denied",
    ),
    told(f"{DECRYPT}InvalidCiphertextException: {REQUEST}", "encryption-challenge-failed"),
    told(
        f'{DECRYPT}RequestError: send request failed\ncaused by: Post "https://kms.eu-west-3.amazonaws.com/": dial tcp '
        "52.1.1.1:443: i/o timeout",
        "log-endpoint-missing",
    ),
    told(f"{HANDSHAKE}Fetching data key failed: Error creating NewCipher, size", "encryption-challenge-failed"),
    told(f"{HANDSHAKE}Fetching data key failed: Error creating NewGCM, size", "encryption-challenge-failed"),
    told(
        f"{HANDSHAKE}Initializing BlockCipher failed: Unable to get new KMSService, Error creating new aws sdk "
        "session: none",
        "service-error",
    ),
    told(
        f"{HANDSHAKE}Initializing BlockCipher failed: Error generating random challenge for encryption context, none",
        "service-error",
    ),
    told(f"{HANDSHAKE}Error when generating initial nonce for encryption, none", "service-error"),
    told(
        f"{HANDSHAKE}client does not support required encryption context random challenge",
        "encryption-challenge-failed",
    ),
    told(
        f"{HANDSHAKE}Handshake timed out. Please ensure that you have the latest version of the session manager "
        "plugin.",
        "handshake-timed-out",
    ),
    told(f"{HANDSHAKE}Timed out waiting for encryption challenge.", "encryption-challenge-failed"),
    told("ERROR Encryption challenge does not match!", "encryption-challenge-failed"),
    told("ERROR Error decrypting encrypted text, cipher: message authentication failed", "encryption-challenge-failed"),
    told(f"{HANDSHAKE}Could not serialize HandshakeRequest message x, err: y", "service-error"),
    told(f"{HANDSHAKE}Failed sending of HandshakeRequest message, err: y", "service-error"),
    told(f"{HANDSHAKE}Could not serialize HandshakeComplete message x, err: y", "service-error"),
    told(f"{HANDSHAKE}Unmarshalling of HandshakeResponse message failed, y", "service-error"),
    told(f"{HANDSHAKE}Unmarshalling of EncryptionChallengeResponse message failed, y AND x", "service-error"),
    told(f"{HANDSHAKE}processing of HandshakeResponse message failed, y", "service-error"),
    told(f"{HANDSHAKE}processing of EncryptionChallengeReponse message failed, y", "service-error"),
    told("Fail to remarshal shell properties: x", "document-invalid"),
    told("Fail to get separateOutPutStream property: x", "document-invalid"),
    told(
        "Please update session manager plugin version (minimum required version 1.2.312.0) for fully support of "
        "separate StdOut/StdErr output.",
        "plugin-outdated",
    ),
)

S3 = "ouldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: "
S3_TAIL = "\n\tstatus code: 403, request id: 4Z9K2A7D1QWERTY0, host id: abc/def="
LOGGING = (
    told(f"C{S3}AccessDenied: Access Denied{S3_TAIL}", "s3-encryption-unreadable"),
    told(f"We c{S3}AccessDenied: Access Denied status code: 403", "s3-encryption-unreadable"),
    told(f"C{S3}NoSuchBucket: The specified bucket does not exist\n\tstatus code: 404", "s3-bucket-missing"),
    told(f"C{S3}ServerSideEncryptionConfigurationNotFoundError: none\n\tstatus code: 404", "s3-encryption-refused"),
    told(f"C{S3}RequestError: send request failed\ncaused by: Get x: i/o timeout", "log-endpoint-missing"),
    told(f"C{S3}BucketRegionError: incorrect region\n\tstatus code: 301", "s3-bucket-missing"),
    told(f"C{S3}something new", "s3-encryption-unreadable"),
    told(
        "We couldn't start the session because encryption is not set up on the selected Amazon S3 bucket. Either "
        "encrypt the bucket or choose an option to enable logging without encryption.",
        "s3-encryption-refused",
    ),
    told(
        "Couldn't start the session because we are unable to validate encryption on CloudWatch Logs log group. "
        "Error: x",
        "log-group-unreadable",
    ),
    told(
        "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
        "Either encrypt the log group or choose an option to enable logging without encryption.",
        "log-group-unencrypted",
    ),
    told(
        "The PowerShell version installed on the instance doesn’t support streaming logs to CloudWatch. Updated "
        "PowerShell to version 5.1 or later to stream session data to CloudWatch.",
        "streaming-unsupported",
    ),
    told(
        "The PowerShell Transcription policy setting is configured on the instance. Update PowerShell Transcription "
        "policy setting to 'Not Configured' to stream session data to CloudWatch.",
        "streaming-unsupported",
    ),
    told(
        "PowerShell version can't be verified on the instance. No logs will be streamed to CloudWatch. The error is: x",
        "streaming-unsupported",
    ),
    told(
        "The CloudWatch log group specified in session preferences either does not exist or unable to validate its "
        "existence. This might result in no logging of session data to CloudWatch.",
        "log-group-missing",
    ),
    told("unable to generate log data: exit status 1", "root-volume-full"),
    told("Failed to generate transcript with the following errors:\nx: y\nz:w", "shell-start-failed"),
)

SHELL = (
    told(f"{COMMAND}something new", "shell-start-failed"),
    told(f"{ERROR}Unable to start shell: something new", "shell-start-failed"),
    told(f"{COMMAND}please set the RunAs default user", "run-as-user-unset"),
    told(f"{COMMAND}the agent must run as root to use RunAs", "shell-start-failed"),
    told(f"{COMMAND}failed to start pty since RunAs user jane does not exist", "run-as-user-absent"),
    told(f"{COMMAND}exit status 1", "ssm-user-refused"),
    told(f"{COMMAND}exit status 127", "ssm-user-refused"),
    told(f"{COMMAND}invalid uid and gid", "run-as-user-absent"),
    told(f"{COMMAND}invalid group", "ssm-user-refused"),
    told(f'{COMMAND}strconv.Atoi: parsing "": invalid syntax', "ssm-user-refused"),
    told(f"{COMMAND}Failed to start pty: fork/exec /bin/sh: operation not permitted\n", "shell-start-failed"),
    told(f"{ERROR}Unable to start shell: Failed to start pty: open /dev/ptmx: no such file", "shell-start-failed"),
    told(f"{COMMAND}Failed to parse commands input: EOF found when expecting closing quote", "command-invalid"),
    told(f"{COMMAND}Failed to create command output pipe, error: none\n", "root-volume-full"),
    told(f"{COMMAND}Failed to create command err pipe, error: none\n", "root-volume-full"),
    told(f"{COMMAND}Failed to open file for writing command output. error: none\n", "root-volume-full"),
    told(f"{COMMAND}Failed to read command output from file x. error: none\n", "root-volume-full"),
    told(
        f"{COMMAND}Failed to create user ssm-user: Instance is running active directory domain controller service. "
        "Disable the service to continue to use session manager.",
        "domain-controller",
    ),
    told(
        f"{COMMAND}Failed to create user ssm-user: Failed to create ssm-user: NetUserAdd call failed. Error Code: 2245",
        "ssm-user-refused",
    ),
    told(
        f"{COMMAND}Failed to create user ssm-user: Failed to add ssm-user to local admin group: "
        "NetLocalGroupAddMembers call failed. Error Code: 5",
        "ssm-user-refused",
    ),
    told(f"{COMMAND}Failed to enable user ssm-user: NetUserSetInfo call failed. 2221", "ssm-user-refused"),
    told(f"{COMMAND}NetUserSetInfo call failed when trying to set flags. 5", "ssm-user-refused"),
    told(f"{COMMAND}Max password length should be greater than Min password length", "ssm-user-refused"),
    told(
        f"{COMMAND}Missing C:\\Program Files\\Amazon\\SSM\\SessionManagerShell\\winpty.dll file.", "shell-start-failed"
    ),
    told(f"{COMMAND}Unable to create process. x", "shell-start-failed"),
    told(
        f"{COMMAND}Unable to spawn process. Error returned by syscall: x Error returned by winpty: y",
        "shell-start-failed",
    ),
    told(f"{COMMAND}Unable to get conin name/handle. x", "shell-start-failed"),
    told(f"{COMMAND}Unable to get conout name/handle. x", "shell-start-failed"),
    told(f"{COMMAND}Failed to convert cmd to pointer. x", "shell-start-failed"),
    told(f"{COMMAND}Invalid window console size. Cannot set cols 0 and rows 0", "shell-start-failed"),
    told(f"{COMMAND}error loading user profile: x", "shell-start-failed"),
    told(f"{COMMAND}error fetching user profile directory: x", "shell-start-failed"),
    told(f"{COMMAND}error enabling powershell transcription: x", "shell-start-failed"),
    told(f"{COMMAND}error impersonating: x", "shell-start-failed"),
    told(
        f"{ERROR}encountered an error while creating file /var/lib/amazon/ssm/{NODE}/session/orchestration/{SESSION}"
        "/Standard_Stream/ipcTempFile.log: write: no space left on device",
        "root-volume-full",
    ),
    told(
        f"{ERROR}encountered an error while creating file /var/lib/amazon/ssm/ipcTempFile.log: permission denied",
        "root-volume-full",
    ),
    told(f"{ERROR}Encountered an error while executing shell profile: x", "shell-profile-failed"),
    told(f"{ERROR}Error occurred starting the command: exec: not found\n", "command-invalid"),
    told("invalid stdoutSeparatorPrefix 1", "document-invalid"),
    told("invalid stderrSeparatorPrefix 1", "document-invalid"),
    told("unable to convert separateOutPutStream: x", "document-invalid"),
    told("Invalid format in session properties map[];\nerror x", "document-invalid"),
    told("Commands cannot be empty for session type InteractiveCommands", "command-invalid"),
)

PORT = (
    told("Port number is empty in session properties. map[]", "port-unset"),
    told("Unable to remarshal session properties. x", "document-invalid"),
    told("Forwarding to IP address 169.254.169.254 is forbidden.", "port-forbidden"),
    told("Unable to connect to specified port: dial tcp :22: connect: connection refused", "port-refused"),
    told("Unable to dial connection to server: dial tcp 10.0.0.5:5432: i/o timeout", "port-refused"),
    told("\nConnection to destination port failed, check SSM Agent logs.\n", "port-refused"),
)

PROCESSOR = (
    told(f"{DOCUMENT}document worker timed out{CHECK_LOG}", "run-out-of-watches", "worker-crashed"),
    told(f"{DOCUMENT}ipc messaging received timeout signal{CHECK_LOG}", "worker-crashed"),
    told(f"{DOCUMENT}unsupported message type{CHECK_LOG}", "worker-crashed"),
    told(f"{DOCUMENT}write /var/lib/amazon/ssm/i-1/x: no space left on device {CHECK_LOG}", "root-volume-full"),
    told(f"{DOCUMENT}failed to create channel: too many open files {CHECK_LOG}", "run-out-of-watches"),
    told("failed to create channel: too many open files", "run-out-of-watches"),
    told("Plugin with name Standard_Stream not found. Step name: Standard_Stream", "node-plugin-missing"),
    told(
        "Plugin with name Standard_Stream is not supported by this version of ssm agent, please update to latest "
        "version. Step name: Standard_Stream",
        "agent-too-old",
    ),
    told(
        "Plugin with name Standard_Stream is not supported in current platform. Step name: Standard_Stream",
        "document-invalid",
    ),
    told("Plugin crashed with message runtime error!", "worker-crashed"),
    told("failed to create plugin Standard_Stream", "worker-crashed"),
    told("Invalid format in plugin properties map[];\nerror x", "document-invalid"),
    told("Unknown error, Operation: x, Plugin name: Port", "worker-crashed"),
    told(
        "Document with schema version 2.2 is not supported by this version of ssm agent, please update to latest "
        "version",
        "document-invalid",
    ),
    told("all errors during param validation errors: x", "document-invalid", "preferences-malformed"),
    told("error thrown in 'x' while validating parameter /y/: z", "document-invalid"),
    told("Input contains invalid parameters [x]", "document-invalid"),
    told("Parameters x of type y are not supported", "document-invalid"),
    told("Parameter x of type y cannot be used as a z", "document-invalid"),
    told("Encountered error while parsing input - internal error", "document-invalid"),
    told("encountered error while parsing input - internal error x", "document-invalid"),
    told("error initialing document state: x", "document-invalid"),
    told("Blank screen displays after starting a session", "root-volume-full"),
)

CLI = (
    told(
        "\nSessionManagerPlugin is not found. Please refer to SessionManager Documentation here: "
        "http://docs.aws.amazon.com/console/systems-manager/session-manager-plugin-not-found",
        "plugin-missing",
    ),
    told(
        refused("AccessDeniedException", "TerminateSession", unauthorized("ssm:TerminateSession", SESSION_ARN)),
        "plugin-missing",
    ),
    told("kex_exchange_identification: Connection closed by remote host", "ssh-tail"),
    told("Connection closed by UNKNOWN port 65535", "ssh-tail"),
    told("banner exchange: Connection to UNKNOWN port 65535: invalid format", "ssh-tail"),
)

STARTED = f"\nStarting session with SessionId: {SESSION}\n"
PLUGIN = (
    told(f"{STARTED}Cannot perform start session: EOF\n", "no-terminal"),
    told(f"{STARTED}Cannot perform start session: read /dev/stdin: input/output error", "no-terminal"),
    told("Cannot perform start session: unexpected end of JSON input", "plugin-outdated"),
    told("Cannot perform start session: invalid character 'x' looking for beginning of value", "plugin-outdated"),
    told("Cannot perform start session: unable to determine SessionType", "plugin-outdated"),
    told(
        f"{STARTED}Cannot perform start session: listen tcp 127.0.0.1:5432: bind: address already in use",
        "local-port-taken",
    ),
    told("Cannot perform start session: listen tcp 127.0.0.1:80: bind: permission denied", "local-port-taken"),
    told("\nUnknown operation x. \nUse session-manager-plugin --version to check the version.\n\n", "plugin-outdated"),
    told(f"Session: {SESSION} timed out.", "session-idle-timeout"),
    told("\nError getting the output. The handle is invalid.\n", "no-terminal"),
    told(
        f"Retrying connection for data channel id: {SESSION} failed with error: something new",
        "messages-endpoint-unreachable",
    ),
    told(
        f"Retrying connection for data channel id: {SESSION} failed with error: failed to open data channel "
        "with error: Failed to dial websocket: dial tcp: i/o timeout",
        "messages-endpoint-unreachable",
    ),
    told(
        f"failed to reconnect data channel wss://ssmmessages.eu-west-3.amazonaws.com/v1/data-channel/{SESSION} with "
        "error: bad handshake",
        "messages-endpoint-unreachable",
    ),
    told("Failed to dial websocket, status: 403 Forbidden, err: bad handshake", "caller-open-channel-denied"),
    told("Resume Session failed: something new", "session-resume-denied"),
    told(
        "Failed to get token: AccessDeniedException: " + unauthorized("ssm:ResumeSession", SESSION_ARN),
        "caller-resume-denied",
    ),
    told("Reach the retry limit 5 for receive messages.", "messages-endpoint-unreachable", "session-resume-denied"),
    told(
        f"Terminating session {SESSION} as the stream data was not processed before timeout.",
        "messages-endpoint-unreachable",
    ),
    told("Failed to sign websocket, no credentials", "caller-credentials"),
    told("Failed to get credential to create aws session", "caller-credentials"),
    told('Failed to connect to proxy URL: "http://proxy.example:3128"', "messages-endpoint-unreachable"),
    told(
        "Cannot perform start session: tls: failed to verify certificate: x509: certificate signed by unknown "
        "authority",
        "messages-endpoint-unreachable",
    ),
)

SERVICE = (
    told(
        refused("TargetNotConnected", "StartSession", f"{NODE} is not connected."),
        "wrong-region-or-account",
        "instance-not-running",
    ),
    told(
        refused("AccessDeniedException", "StartSession", unauthorized("ssm:StartSession", NODE_ARN)),
        "caller-start-denied",
    ),
    told(
        refused(
            "AccessDeniedException",
            "StartSession",
            f"User: {CALLER} is not authorized to perform: ssm:StartSession on resource: "
            "arn:aws:ssm:eu-west-3:123456789012:managed-instance/mi-0123456789abcdef0 with an explicit deny in a "
            "service control policy",
        ),
        "caller-start-denied",
    ),
    told(
        refused(
            "AccessDeniedException",
            "StartSession",
            unauthorized("ssm:StartSession", "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"),
        ),
        "caller-document-denied",
    ),
    told(
        refused("AccessDeniedException", "ResumeSession", unauthorized("ssm:ResumeSession", SESSION_ARN)),
        "caller-resume-denied",
    ),
    told(
        refused("AccessDeniedException", "StartConnection", unauthorized("ssm-guiconnect:StartConnection", "*")),
        "caller-desktop-denied",
    ),
    told(
        refused("AccessDeniedException", "x", unauthorized("ssmmessages:OpenDataChannel", SESSION_ARN)),
        "data-channel-denied",
        "caller-open-channel-denied",
    ),
    told(
        refused("InvalidDocument", "StartSession", "Document with name SSM-SessionManagerRunShell does not exist."),
        "document-invalid",
    ),
    told(
        refused(
            "InvalidDocument",
            "StartSession",
            "Document type: 'Command' is not supported. Only type: 'Session' is supported for Session Manager.",
        ),
        "document-wrong-type",
    ),
    told(
        refused(
            "BadRequest",
            "StartSession",
            "Enable advanced-instances tier to use Session Manager with your on-premises instances",
        ),
        "hybrid-tier-standard",
    ),
    told(refused("BadRequest", "StartSession"), "hybrid-tier-standard"),
    told(
        refused("BadRequest", "StartSession", "Currently, port forwarding sessions to remote hosts are not supported."),
        "agent-too-old",
    ),
    told(refused("InvalidTarget", "StartSession", "x"), "target-invalid"),
    told(refused("ValidationException", "StartSession", "x"), "target-invalid"),
    told(refused("InvalidDocumentVersion", "StartSession", "x"), "document-invalid"),
    told(refused("InternalServerError", "StartSession", "x"), "service-error"),
    told(
        "An error occurred (ThrottlingException) when calling the StartSession operation (reached max retries: 4): "
        "Rate exceeded",
        "throttled",
    ),
    told(
        refused("ExpiredTokenException", "StartSession", "The security token included is expired"),
        "credentials-expired",
    ),
    told(refused("UnrecognizedClientException", "StartSession", "The token is invalid."), "caller-credentials"),
    told(refused("InvalidSignatureException", "StartSession", "Signature expired"), "workstation-clock-skewed"),
    told(refused("InvalidSignatureException", "StartSession", "The signature does not match"), "caller-credentials"),
    told(
        refused("SignatureDoesNotMatch", "GetCallerIdentity", "Signature not yet current: 20261125T121000Z is still"),
        "workstation-clock-skewed",
    ),
    told('Unable to locate credentials. You can configure credentials by running "aws login".', "credentials-missing"),
    told('Could not connect to the endpoint URL: "https://ssm.eu-west-9.amazonaws.com/"', "caller-credentials"),
    told("The config profile (prod) could not be found", "caller-credentials"),
    told("You must specify a region. You can also configure your region by running", "caller-credentials"),
    told("Error loading SSO Token: Token for x does not exist", "credentials-expired"),
    told("The SSO session associated with this profile has expired or is otherwise invalid.", "credentials-expired"),
    told("Error when retrieving token from sso: Token has expired and refresh failed", "credentials-expired"),
    told(
        "Cannot perform start session: listen unix /var/folders/zz/nix-shell.x/2166136261_session_manager_plugin_mux"
        ".sock: bind: invalid argument",
        "socket-path-too-long",
    ),
    told(
        f"\n\nSessionId: {SESSION} : Your session timed out due to inactivity and has been terminated.\n\n",
        "session-idle-timeout",
    ),
    told("Your session has reached its maximum session duration and was ended.", "session-maximum-duration"),
    told("websocket: close 1000 (normal): Bye", "session-terminated", "session-resume-denied"),
    told(
        "The instance you selected is not configured to use Session Manager.",
        "role-channels-denied",
        "control-channel-down",
    ),
    told(
        "SSM Agent is not online. The SSM Agent was unable to connect to a Systems Manager endpoint to register itself "
        "with the service.",
        "no-route-to-endpoint",
    ),
)

NODE_LOG = (
    told(
        "EC2RoleProvider Failed to connect to Systems Manager with instance profile role credentials. Err: retrieved "
        "credentials failed to report to ssm. RequestId: x Error: EC2RoleRequestError: no EC2 instance role found",
        "instance-profile-missing",
    ),
    told("EC2MetadataError: failed to make EC2Metadata request", "imds-disabled"),
    told("Failed to query IMDS: context deadline exceeded", "imds-disabled"),
    told(
        "Invoke-WebRequest : Unable to connect to the remote server\nAt line:1 char:1\n"
        "+ Invoke-WebRequest -Uri http://169.254.169.254/latest/meta-data/instan ...",
        "imds-disabled",
    ),
    told("ERROR IMDS request timeout", "imds-disabled"),
    told(
        "error calling RequestManagedInstanceRoleToken: AccessDeniedException: Systems Manager's instance management "
        "role is not configured for account: 123456789012",
        "dhmc-off",
    ),
    told(
        "Entering SSM Agent hibernate - AccessDeniedException: "
        + unauthorized("ssm:UpdateInstanceInformation", NODE_ARN, ROLE),
        "role-core-denied",
    ),
    told(
        "CreateControlChannel failed with error: createControlChannel request failed: unexpected response from the "
        "service <AccessDeniedException><Message>no</Message></AccessDeniedException>",
        "role-channels-denied",
    ),
    told("failed to connect controlchannel with error: bad handshake", "control-channel-down"),
    told("failed to get identity: failed to find agent identity", "imds-disabled", "not-registered"),
    told("Failed to create ssm-user: exit status 9", "ssm-user-refused"),
    told("Agent is installed as a systemctl service but is not running", "not-registered"),
    told("Unable to find ssm agent on this instance", "agent-absent"),
    told("Agent service is running but agent is running as ubuntu instead of expected user root", "shell-start-failed"),
    told(
        "Instance has hybrid registration with instance id mi-0123456789abcdef0 in region eu-west-3",
        "duplicate-registration",
    ),
    told("Windows image state should be IMAGE_STATE_COMPLETE but it is IMAGE_STATE_UNDEPLOYABLE", "not-registered"),
    told(
        'RequestError: send request failed\ncaused by: Post "https://ssm.eu-west-3.amazonaws.com/": tls: failed to '
        "verify certificate: x509: certificate signed by unknown authority",
        "endpoint-certificate-untrusted",
    ),
    told(
        'caused by: Post "https://ssmmessages.eu-west-3.amazonaws.com/v1/control-channel/i-0123456789abcdef0": x509: '
        "certificate is valid for proxy.example, not ssmmessages.eu-west-3.amazonaws.com",
        "endpoint-certificate-untrusted",
    ),
    told(
        "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key RequestError: send "
        'request failed\ncaused by: Post "https://kms.eu-west-3.amazonaws.com/": tls: failed to verify certificate: '
        "x509: certificate signed by unknown authority",
        "endpoint-certificate-untrusted",
    ),
    told(
        "unable to validate encryption on Amazon S3 bucket. Error: RequestError: send request failed\ncaused by: Get "
        '"https://logs.s3.eu-west-3.amazonaws.com/?encryption=": x509: certificate signed by unknown authority',
        "endpoint-certificate-untrusted",
    ),
)

AGENT_LOG = (
    told("filewatcher listener encountered error when add watch: no space left on device", "run-out-of-watches"),
    told("failed to create ipc channel: too many open files", "run-out-of-watches"),
    told(
        f"Failed to upload /var/lib/amazon/ssm/{NODE}/session/orchestration/{SESSION}/Standard_Stream/{SESSION}.log to "
        f"s3://logs/{SESSION}.log err:AccessDenied: Access Denied",
        "s3-logs-lost",
    ),
    told(
        f"Failed uploading /var/lib/amazon/ssm/{NODE}/session/orchestration/{SESSION}/Standard_Stream/{SESSION}.log to "
        f"s3://logs/{SESSION}.log err:NoSuchBucket: The specified bucket does not exist - retrying",
        "s3-bucket-missing",
    ),
    told("Encountered an error while calling S3 API GetBucketEncryption AccessDenied: no", "s3-encryption-unreadable"),
    told(
        "Error in PutLogEvents:AccessDeniedException: " + unauthorized("logs:PutLogEvents", "*", ROLE),
        "cloudwatch-logs-lost",
    ),
    told("Error Calling CreateLogStream:AccessDeniedException: no", "cloudwatch-logs-lost"),
    told(
        "Error Calling DescribeLogGroups:AccessDeniedException: " + unauthorized("logs:DescribeLogGroups", "*", ROLE),
        "log-group-unreadable",
    ),
    told("Failed to get instance info from IMDS. Err: failed to get identity instance id", "imds-disabled"),
    told(
        "failed to register identity: error calling RegisterManagedInstance API: RequestError: send request failed",
        "no-route-to-endpoint",
    ),
    told(
        "Failed to get controlchannel token, error: CreateControlChannel failed with error: createControlChannel "
        'request failed: unexpected response from the service <BadRequest xmlns=""><message>Unauthorized request.'
        "</message></BadRequest>",
        "role-channels-denied",
    ),
    told(
        "Registration failed due to error registering the instance with AWS SSM. ActivationExpired:",
        "activation-expired",
    ),
    told("Entering SSM Agent hibernate - ThrottlingException: Rate exceeded", "throttled"),
    told("amazon-ssm-agent.service: Main process exited, code=exited, status=1/FAILURE", "connection-lost"),
    told("amazon-ssm-agent.service: Failed with result 'exit-code'.", "connection-lost"),
    told("amazon-ssm-agent.service: Start request repeated too quickly.", "connection-lost"),
    told("amazon-ssm-agent.service: A process of this unit has been killed by the OOM killer.", "connection-lost"),
    told("amazon-ssm-agent.service: Failed at step EXEC spawning /usr/bin/amazon-ssm-agent", "agent-absent"),
    told("Error: Unable to find a match: amazon-ssm-agent\nNo match for argument: amazon-ssm-agent", "agent-absent"),
    told("No package amazon-ssm-agent available.", "agent-absent"),
    told("E: Unable to locate package amazon-ssm-agent", "agent-absent"),
    told("operation error ECS: ExecuteCommand, https response error StatusCode: 400", "ecs-exec-failed"),
    told("Failed to restart amazon-ssm-agent.service: Unit not found.", "agent-absent"),
    told("Failed to start amazon-ssm-agent.service: Unit amazon-ssm-agent.service is masked.", "not-registered"),
    told("Unit snap.amazon-ssm-agent.amazon-ssm-agent.service not found.", "agent-absent"),
    told('error: snap "amazon-ssm-agent" is not installed', "agent-absent"),
    told("initctl: Unknown job: amazon-ssm-agent", "agent-absent"),
    told("Windows could not start the Amazon SSM Agent service on Local Computer.", "connection-lost"),
)

# Windows' service control manager about the agent's service (Microsoft's pages; docs/facts/failure-texts.md §5).
WINDOWS = (
    told(
        "The AmazonSSMAgent service failed to start due to the following error: \n"
        "The service did not respond to the start or control request in a timely fashion.",
        "connection-lost",
    ),
    told(
        "A timeout was reached (30000 milliseconds) while waiting for the Amazon SSM Agent service to connect.",
        "connection-lost",
    ),
    told("The Amazon SSM Agent service terminated unexpectedly.  It has done this 3 time(s).", "connection-lost"),
    told(
        "The AmazonSSMAgent service terminated with the following error: \nThe system cannot find the path specified.",
        "connection-lost",
    ),
    told("The Amazon SSM Agent service hung on starting.", "connection-lost"),
    told(
        "The start type of the Amazon SSM Agent service was changed from auto start to disabled.",
        "agent-service-disabled",
    ),
    told("Start-Service : Failed to start service 'Amazon SSM Agent (AmazonSSMAgent)'.", "connection-lost"),
    told(
        "C:\\> net start AmazonSSMAgent\nThe service name is invalid.\n\n"
        "More help is available by typing NET HELPMSG 2185.",
        "agent-absent",
    ),
    told("The Amazon SSM Agent service could not be started.", "connection-lost"),
    told("The Amazon SSM Agent service on Local Computer started and then stopped.", "connection-lost"),
)
# What sc prints in a console. It is never in a log.
CONSOLE_OF_WINDOWS = (
    told(
        "C:\\> sc start AmazonSSMAgent\n[SC] StartService FAILED 1053:\n\n"
        "The service did not respond to the start or control request in a timely fashion.",
        "connection-lost",
    ),
    told(
        "C:\\> sc start AmazonSSMAgent\n[SC] StartService FAILED 1058:\n\nThe service cannot be started, either "
        "because it is disabled or because it has no enabled devices associated with it.",
        "agent-service-disabled",
    ),
    told(
        "C:\\> sc query AmazonSSMAgent\n[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\n"
        "The specified service does not exist as an installed service.",
        "agent-absent",
    ),
)
# systemd 219, which Amazon Linux 2 and RHEL 7 have, says the same in other words than a new one (its table).
SYSTEMD = (
    told("amazon-ssm-agent.service: main process exited, code=exited, status=1/FAILURE", "connection-lost"),
    told("Unit amazon-ssm-agent.service entered failed state.", "connection-lost"),
    told("start request repeated too quickly for amazon-ssm-agent.service", "connection-lost"),
    told("amazon-ssm-agent.service holdoff time over, scheduling restart.", "connection-lost"),
    told("amazon-ssm-agent.service: Main process exited, code=exited, status=203/EXEC", "agent-absent"),
    told(
        "amazon-ssm-agent.service: Failed to locate executable /usr/bin/amazon-ssm-agent: No such file", "agent-absent"
    ),
    told("amazon-ssm-agent.service: Failed with result 'start-limit-hit'.", "connection-lost"),
    told("Failed to enable unit: Unit file amazon-ssm-agent.service does not exist.", "agent-absent"),
    told("Failed to start Service for snap application amazon-ssm-agent.amazon-ssm-agent.", "connection-lost"),
    told("Job for snap.amazon-ssm-agent.amazon-ssm-agent.service failed.", "connection-lost"),
)
# Of programs whose source is too large to be at hand, or not public (docs/facts/failure-texts.md §6).
OTHER_PROGRAMS = (
    told(
        "Error: creating SSM Activation (web): operation error SSM: CreateActivation, https response error: "
        "ValidationException: Nonexistent role or missing ssm service principal in trust policy: "
        "arn:aws:iam::123456789012:role/ssm",
        "role-trust-wrong",
    ),
    told(
        "An error occurred (ValidationException) when calling the CreateActivation operation: Nonexistent role or "
        "missing ssm service principal in trust policy: arn:aws:iam::123456789012:role/ssm",
        "role-trust-wrong",
    ),
    told("Error: creating SSM Activation (web): operation error SSM: CreateActivation, timeout", "not-registered"),
    told(
        "Start-SSMSession : No credentials specified or obtained from persisted/shell defaults.", "credentials-missing"
    ),
    told("Start-SSMSession : No region specified or obtained from persisted/shell defaults.", "caller-credentials"),
    told(
        "operation error SSM: StartSession, get identity: get credentials: failed to refresh cached credentials, "
        "no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled",
        "credentials-missing",
    ),
    told(
        "CredentialsProviderError: The SSO session token associated with profile=dev was not found or is invalid. "
        "To refresh this SSO session run 'aws sso login' with the corresponding profile.",
        "credentials-expired",
    ),
    told(
        "cc_package_update_upgrade_install.py[WARNING]: Failed to install packages: ['amazon-ssm-agent']",
        "agent-absent",
    ),
)

TEXTS = (
    *DATA_CHANNEL,
    *ENCRYPTION,
    *LOGGING,
    *SHELL,
    *PORT,
    *PROCESSOR,
    *CLI,
    *PLUGIN,
    *SERVICE,
    *NODE_LOG,
    *AGENT_LOG,
    *WINDOWS,
    *SYSTEMD,
    *OTHER_PROGRAMS,
)

SEED = (
    told(
        '"Your session has been terminated for the following reasons: ----------ERROR------- Encountered error while '
        "initiating handshake. La récupération de la clé de données a échoué : Impossible de récupérer la clé de "
        "données. Erreur lors du déchiffrement de la clé de données AccessDeniedException : The ciphertext refers to a "
        "AWS KMS key that does not exist, does not exist in this region, or you are not allowed to access. status "
        'code: 400, request id: nnnnnnnnnnnn"',
        "kms-node-denied",
    ),
    told(
        '"Error - Fleet Manager is unable to start the session because the WebSocket connection closed unexpectedly '
        "during the handshake. Verify that your instance profile has sufficient Sessions Manager and AWS KMS "
        'permissions. For a more detailed message, visit the Session Manager console"',
        "kms-node-denied",
    ),
    told(
        '"Your session has been terminated for the following reasons: impossible de démarrer la session, car nous ne '
        "sommes pas en mesure de valider le chiffrement sur le compartiment Amazon S3. Erreur : Accès refusé : code "
        "d’état d’accès refusé : 403 »",
        "s3-encryption-unreadable",
    ),
    told(
        "\"Your session has been terminated for the following reasons: We couldn't start the session because "
        "encryption is not set up on the selected CloudWatch Logs log group. Either encrypt the log group or choose "
        'an option to enable logging without encryption"',
        "log-group-unencrypted",
    ),
    told(
        '"Your session has been terminated for the following reasons: ----------ERROR------- Unable to start command: '
        "Failed to create user ssm-user: Instance is running active directory domain controller service. Disable the "
        'service to continue to use session manager"',
        "domain-controller",
    ),
    told("Le système envoie une erreur TargetNotConnected.", "wrong-region-or-account", "instance-not-running"),
    told("Session Manager affiche un écran vide lorsque vous démarrez une session.", "root-volume-full"),
)
"""The messages of the AWS article, verbatim, with its machine-translated halves."""

NORMAL_ENDS = (
    f"\n\nExiting session with sessionId: {SESSION}.\n\n",
    f"{STARTED}sh-5.2$ exit\nexit\n\n\nExiting session with sessionId: {SESSION}.\n\n",
)
"""What the plugin prints at the end of a session that ended normally."""

UNRELATED = (
    # Another service after the agent's.
    "PS C:\\> Get-Service AmazonSSMAgent\nRunning  AmazonSSMAgent  Amazon SSM Agent\nPS C:\\> sc.exe query foo\n[SC] "
    "EnumQueryServicesStatus:OpenService FAILED 1060:\nThe specified service does not exist as an installed service.",
    "Nov 24 14:41:15 host systemd[1]: amazon-ssm-agent.service: Deactivated successfully.\n"
    "Nov 24 14:41:15 host systemd[1]: nginx.service: Main process exited, code=exited, status=1/FAILURE",
    "Nov 24 14:41:15 host systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.\n"
    "Nov 24 14:41:15 host systemd[1]: Failed to start nginx.service - A high performance web server.",
    # A name alone is no beginning of a text.
    "sudo systemctl restart amazon-ssm-agent.service",
    "brew install --cask session-manager-plugin",
    # Errors of SDKs that name no session: any program can print them.
    "SdkClientException: Unable to load credentials from any of the providers in the chain",
    "CredentialsProviderError: Could not load credentials from any providers",
    "Error: No valid credential sources found\nError: failed to refresh cached credentials, no EC2 IMDS role found",
    "CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1",
    "nginx.service: Failed with result 'exit-code'.",
    "The Windows Update service terminated unexpectedly.  It has done this 1 time(s).",
    "util.py[WARNING]: Failed to install packages: ['nginx']",
    "",
    " \n\t",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore.",
    'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\n    open("x")\n'
    "FileNotFoundError: [Errno 2] No such file or directory: 'x'",
    "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
    "An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist",
    refused("AccessDeniedException", "RunInstances", unauthorized("ec2:RunInstances", "*")),
    refused("ExpiredToken", "ListBuckets", "The provided token has expired."),
    refused("ThrottlingException", "DescribeInstances", "Rate exceeded"),
    refused("InvalidDocument", "SendCommand", "Document with name MyDocument does not exist."),
    "RequestError: send request failed caused by: Get https://example.com: dial tcp: i/o timeout",
    "write /var/log/syslog: no space left on device",
    "error: socket is not connected",
    "Session: the request to the database timed out.",
    "exit status 1",
    "Unable to start command: npm",
    "My laptop shows a blank screen",
    "This session is encrypted using AWS KMS.",
    f"{STARTED}sh-5.2$ ",
    f"Port 15432 opened for sessionId {SESSION}.\nWaiting for connections...\nConnection accepted for session "
    f"[{SESSION}]",
    "Terminate signal received, exiting.",
    "\nThe Session Manager plugin was installed successfully. Use the AWS CLI to start a session.\n\n",
    "Amazon SSM Agent v3.3.4624.0 is running",
    "Invalid Operation",
)
"""What is no error of Session Manager, is no error at all, or says too little to mean anything."""
