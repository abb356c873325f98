"""Console outputs: what a node printed while it started or fell ill."""

from __future__ import annotations

NO_SPACE_LEFT = """\
[    0.000000] Linux version 5.14.0-427.el9.x86_64 (mockbuild@x86-64) #1 SMP PREEMPT_DYNAMIC
[    5.812345] systemd[1]: Started System Logging Service.
[   12.104312] cloud-init[1021]: Cloud-init v. 23.4 finished. Datasource DataSourceEc2Local. Up 12.10 seconds
[1843920.118201] systemd-journald[612]: Failed to open system journal: No space left on device
[1843920.118677] amazon-ssm-agent[1187]: Failed to write instance registration: write /var/lib/amazon/ssm/ipc/health: no space left on device
[1843921.551003] rsyslogd[801]: file '/var/log/messages'[9] write error - see https://www.rsyslog.com/solving-rsyslog-write-errors/ for help OS error: No space left on device
"""  # noqa: E501 - lines as a console shows them

PANICKED = """\
[    0.000000] Linux version 6.1.102-111.182.amzn2023.x86_64 (mockbuild@build) #1 SMP PREEMPT_DYNAMIC
[    1.874110] List of all partitions:
[    1.874342] No filesystem could mount root, tried:
[    1.874511] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)
"""

HIBERNATING = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   35.110023] amazon-ssm-agent[1630]: Entering SSM Agent hibernate - RequestError: send request failed
"""

WITHOUT_USER = f"""{HIBERNATING}\
[   38.200114] amazon-ssm-agent[1630]: Failed to create ssm-user: exit status 9
"""

CLOCK_SKEWED = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   12.402210] amazon-ssm-agent[1630]: InvalidSignatureException: Signature expired: 20261001T080000Z is now earlier than 20261125T095500Z
"""  # noqa: E501 - lines as a console shows them

DISTRUSTING = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[    9.301442] amazon-ssm-agent[1630]: Error getting EC2 credentials: RequestError: send request failed
[    9.301457] amazon-ssm-agent[1630]: caused by: Post "https://ssm.eu-west-3.amazonaws.com/": x509: certificate signed by unknown authority
"""  # noqa: E501 - lines as a console shows them

STARTED = """\
[    0.000000] Linux version 6.1.102-111.182.amzn2023.x86_64 (mockbuild@build) #1 SMP PREEMPT_DYNAMIC
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v{version} is running
[    9.993120] cloud-init[1544]: Cloud-init v. 22.2.2 finished. Datasource DataSourceEc2. Up 9.99 seconds
"""

WITHOUT_AGENT = """\
[    0.000000] Linux version 5.14.0-427.el9.x86_64 (mockbuild@x86-64) #1 SMP PREEMPT_DYNAMIC
[    5.812345] systemd[1]: Started System Logging Service.
[   11.402317] systemd[1]: Reached target Multi-User System.
[   12.104312] cloud-init[1021]: Cloud-init v. 23.4 finished. Datasource DataSourceEc2Local. Up 12.10 seconds
rhel login:
"""

OUT_OF_WATCHES = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[84211.334051] amazon-ssm-agent[1630]: ERROR failed to create channel: too many open files
"""

REFUSED_CHANNEL = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   35.110023] amazon-ssm-agent[1630]: CreateControlChannel failed with error: createControlChannel request failed: unexpected response from the service <AccessDeniedException><Message>User is not authorized to perform: ssmmessages:CreateControlChannel</Message></AccessDeniedException>
"""  # noqa: E501 - lines as a console shows them

REFUSED_REPORT = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   35.110023] amazon-ssm-agent[1630]: Entering SSM Agent hibernate - AccessDeniedException: User is not authorized to perform: ssm:UpdateInstanceInformation
"""  # noqa: E501 - lines as a console shows them
