"""Descriptions in a person's words: the same symptom in several languages, and sentences about something else."""

from __future__ import annotations

import time

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.descriptions import NO_SYMPTOMS, match_description
from ssmtui.causes.matching import Match, match_text
from ssmtui.causes.ranking import match_paste
from ssmtui.causes.vocabulary import FILLERS, SMALL_WORDS, languages
from ssmtui.language import Language

CAUSES = tuple(catalogue().values())

SYMPTOMS = {
    "slow-tunnel": {
        "en": "port forwarding through ssm is very slow",
        "fr": "la redirection de port par SSM est très lente",
        "de": "die Portweiterleitung über SSM ist sehr langsam",
        "es": "el reenvío de puertos por SSM es muy lento",
        "pt": "o encaminhamento de porta pelo SSM é muito lento",
        "ja": "SSM のポートフォワードが遅い",
    },
    "root-volume-full": {
        "en": "hangs when the root partition is full",
        "fr": "la session se bloque quand la partition racine est pleine",
        "de": "hängt, wenn die Root-Partition voll ist",
        "es": "se queda colgada cuando el disco está lleno",
        "pt": "fica travado quando a partição raiz está cheia",
        "ja": "ルートパーティションがいっぱいになるとセッションが固まる",
    },
    "session-resume-denied": {
        "en": "403 after 60 minutes",
        "fr": "erreur 403 après une heure",
        "de": "403 nach 60 Minuten",
        "es": "error 403 después de 60 minutos",
        "pt": "erro 403 após uma hora",
        "ja": "60 分後に 403 になる",
    },
    "plugin-missing": {
        "en": "plugin is not installed",
        "fr": "le plugin n'est pas installé",
        "de": "das Plugin ist nicht installiert",
        "es": "el complemento no está instalado",
        "pt": "o plugin não está instalado",
        "ja": "プラグインがインストールされていません",
    },
    "log-endpoint-missing": {
        "en": "several minutes to get a prompt",
        "fr": "il faut plusieurs minutes pour avoir l'invite",
        "de": "es dauert mehrere Minuten bis zur Eingabeaufforderung",
        "es": "tarda varios minutos en conectar",
        "pt": "demora vários minutos para conectar",
        "ja": "プロンプトが出るまでに数分かかる",
    },
    "agent-hibernating": {
        "en": "SSM agent is forever hibernating",
        "fr": "l'agent SSM reste toujours en hibernation",
        "de": "der SSM-Agent ist ewig im Ruhezustand",
        "es": "el agente SSM siempre está en hibernación",
        "pt": "o agente SSM está sempre em hibernação",
        "ja": "SSMエージェントが休止状態のままです",
    },
    "agent-absent": {
        "en": "The SSM agent is missing on the server.",
        "fr": "L'agent SSM n'est pas installé sur le serveur.",
        "de": "Der SSM-Agent fehlt auf dem Server.",
        "es": "El agente SSM no está instalado en el servidor.",
        "pt": "O agente SSM não está instalado no servidor.",
        "ja": "サーバーに SSM エージェントがインストールされていない",
    },
    "credentials-expired": {
        "en": "ssm: my SSO token has expired",
        "fr": "mes identifiants ont expiré",
        "de": "meine Anmeldeinformationen sind abgelaufen",
        "es": "mis credenciales han caducado",
        "pt": "minhas credenciais expiraram (Session Manager)",
        "ja": "認証情報の有効期限が切れた",
    },
    "local-port-taken": {
        "en": "start-session: the local port is already in use",
        "fr": "le port local est déjà utilisé",
        "de": "der lokale Port ist bereits belegt",
        "es": "el puerto local ya está en uso",
        "pt": "a porta local já está em uso",
        "ja": "ローカルポートが使用中",
    },
    "instance-profile-missing": {
        "en": "there is no instance profile",
        "fr": "aucun profil d'instance",
        "de": "die Instanz hat kein Instanzprofil",
        "es": "la instancia no tiene perfil de instancia",
        "pt": "a instância não tem perfil de instância",
        "ja": "インスタンスプロファイルがアタッチされていません",
    },
    "session-idle-timeout": {
        "en": "Session Manager disconnects after some idle time",
        "fr": "Session Manager : la session est coupée après une période d'inactivité",
        "de": "Session Manager trennt die Sitzung bei Inaktivität",
        "es": "Session Manager desconecta la sesión por inactividad",
        "pt": "o Session Manager desconecta a sessão por inatividade",
        "ja": "アイドル状態が続くとセッションが切断される",
    },
    "port-refused": {
        "en": "ssm port forwarding: nothing listens on the port",
        "fr": "redirection de port SSM : rien n'écoute sur le port",
        "de": "SSM-Portweiterleitung: auf dem Port lauscht nichts, Port ist zu",
        "es": "SSM: nadie escucha en el puerto",
        "pt": "SSM: ninguém escuta na porta",
        "ja": "SSM: ポートがリッスンしていない",
    },
    "endpoint-missing": {
        "en": "The VPC has no endpoint for ssmmessages",
        "fr": "SSM : il manque un point de terminaison dans le VPC",
        "de": "SSM: im VPC fehlt ein Endpunkt",
        "es": "SSM: falta un punto de enlace en la VPC",
        "pt": "SSM: falta um endpoint na VPC",
        "ja": "SSM: VPC にエンドポイントがありません",
    },
    "run-as-user-absent": {
        "en": "Session Manager: the Run As user does not exist",
        "fr": "Session Manager : l'utilisateur Run As n'existe pas",
        "de": "Session Manager: der Run-As-Benutzer existiert nicht",
        "es": "Session Manager: el usuario de Run As no existe",
        "pt": "Session Manager: o usuário de Run As não existe",
        "ja": "セッションマネージャー: Run As のユーザーが存在しません",
    },
    "activation-expired": {
        "en": "the hybrid activation of SSM has expired",
        "fr": "l'activation SSM a expiré",
        "de": "die SSM-Aktivierung ist abgelaufen",
        "es": "la activación de SSM ha caducado",
        "pt": "a ativação do SSM expirou",
        "ja": "SSM のアクティベーションの期限が切れた",
    },
    "wrong-region-or-account": {
        "en": "session manager: I used the wrong region",
        "fr": "session manager : mauvaise région",
        "de": "Session Manager: falsche Region",
        "es": "session manager: región equivocada",
        "pt": "session manager: região errada",
        "ja": "session manager: リージョンが間違っていた",
    },
}
"""The symptoms by their first cause and language."""

PUBLISHED = {
    "SSM Agent pas en ligne": "not-registered",
    "Plugin Session Manager introuvable": "plugin-missing",
    "Plug-in Session Manager pas ajouté automatiquement au chemin de la ligne de commande": "plugin-not-on-path",
    "Je n'ai pas le droit de modifier les préférences de session": "caller-preferences-denied",
    "SSM Agent がオンラインになっていません": "not-registered",
    "Session Manager プラグインが見つからない": "plugin-missing",
    "Session Manager プラグインがコマンドラインパスに自動的に追加されませんでした (Windows)": "plugin-not-on-path",
    "セッションを開始するアクセス許可がありません": "caller-start-denied",
    "セッション設定を変更するためのアクセス許可がありません": "caller-preferences-denied",
    "セッション開始後に空白の画面が表示される": "root-volume-full",
    "長時間実行しているセッション中にマネージドノードが応答しなくなる": "connection-lost",
}
"""Titles of AWS's page *Troubleshooting Session Manager* in French and Japanese, with the first cause."""

UNRELATED = (
    "The download of the book is slow.",
    "scp between my two servers is slow",
    "Le téléchargement du film est lent.",
    "The printer is offline.",
    "Ansible: connection plugin 'aws_ssm' was not found",
    "Please add a way for the SSM agent to connect through a proxy.",
    "Feature request: let the agent of SSM forward to hosts behind a firewall",
    "The WordPress plugin is not installed.",
    "My driving licence has expired.",
    "Our web server hangs for several minutes because the database is slow.",
    "Jenkins: the plugin is outdated, and the agent is not running.",
    "I can't find the book about networks.",
    "L'imprimante est hors ligne.",
    "Mon abonnement au journal a expiré.",
    "Le train a plusieurs minutes de retard.",
    "Le disque de Django est introuvable chez le marchand.",
    "Der Drucker ist offline.",
    "Mein Reisepass ist abgelaufen.",
    "Der Zug kommt mehrere Minuten zu spät.",
    "Das Plugin für Firefox ist nicht installiert.",
    "La impresora está sin conexión.",
    "Mi pasaporte ha caducado.",
    "El complemento de Excel no está instalado.",
    "El teatro está lleno.",
    "A impressora está offline.",
    "Meu passaporte expirou.",
    "O plugin do Excel não está instalado.",
    "O estádio está cheio.",
    "プリンターがオフラインです。",
    "パスポートの有効期限が切れた。",
    "電車が数分遅れています。",
    "エクセルのプラグインがインストールされていません。",
)


def matches(text: str) -> tuple[Match, ...]:
    return match_paste(text, CAUSES)


@pytest.mark.parametrize(
    ("cause", "text"), [(cause, text) for cause, texts in SYMPTOMS.items() for text in texts.values()]
)
def test_a_symptom_names_the_same_cause_first_in_each_language(cause: str, text: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


IN_OWN_WORDS = {
    "activation-expired": (
        "We try to enroll a new on-premises server in Systems Manager, but the activation code is no longer accepted."
    ),
    "agent-absent": "Our golden image came without the SSM agent.",
    "agent-hibernating": "The agent log says that SSM went into hibernation.",
    "agent-needs-wmic": "On Windows Server 2025 the SSM agent does not start because WMIC was removed.",
    "agent-outdated": "SSM agent on this box is much older than on its neighbours.",
    "agent-service-disabled": (
        "After the last agent update, the amazon-ssm-agent service is disabled on half of our Windows servers."
    ),
    "agent-too-old": "The SSM agent on the bastion is from 2019 and far too old for port forwarding.",
    "agent-unit-removed": "Since zypper updated SLES, the SSM agent is gone from systemd.",
    "agent-update-failed": "The automatic update of the SSM agent broke halfway and was rolled back.",
    "agent-version-flawed": "Since version 3.3.1957 of the SSM agent nothing works any more.",
    "blackhole-route": "Session Manager died, the route table shows a blackhole for 0.0.0.0/0.",
    "caller-desktop-denied": "Fleet Manager's remote desktop tells me that I am not authorized.",
    "caller-document-denied": (
        "SSM port forwarding is forbidden for our developers; the policy lacks the session document."
    ),
    "caller-needs-access-request": "With just-in-time access I must get an approval before SSM lets me in.",
    "caller-open-channel-denied": "My user may start an SSM session, but opening the data channel is denied.",
    "caller-preferences-denied": "I am not permitted to edit the session preferences in Systems Manager.",
    "caller-resume-denied": "Resuming a session is denied by my IAM policy (ssm).",
    "caller-start-denied": "My SSO role isn't allowed to start a session on that instance.",
    "caller-terminate-denied": "Nobody in the team can end a session: ssm says access denied.",
    "cloudwatch-logs-lost": "Session logs never arrive in CloudWatch although SSM sessions run.",
    "connection-lost": "The node went silent: Fleet Manager says Connection lost since Tuesday.",
    "control-channel-down": "SSM says Online, but the agent's control channel cannot be opened.",
    "credentials-expire-soon": "My AWS credentials are about to expire while the SSM tunnel is open.",
    "credentials-expired": "aws ssm start-session tells me that my token is expired.",
    "credentials-missing": "On the CI runner, aws ssm start-session found no credentials.",
    "data-channel-denied": "The instance may not open its data channel, SSM says access denied.",
    "data-channel-unreachable": "The SSM agent on the node cannot reach the data channel.",
    "dhmc-agent-too-old": "Default Host Management doesn't pick up the node, its SSM agent is too old.",
    "dhmc-needs-imdsv2": (
        "Default Host Management Configuration ignores instances that still allow IMDSv1 instead of IMDSv2."
    ),
    "dhmc-off": "Default Host Management is switched off in this Region.",
    "dhmc-role-broken": "The role of Default Host Management was deleted.",
    "document-invalid": "Our own session document has a syntax error, SSM refuses it.",
    "document-wrong-type": "SSM says that our document is of the wrong type, it is a Command document.",
    "domain-controller": "SSM sessions fail on the domain controller only.",
    "duplicate-registration": "Two cloned servers share one registration in Systems Manager.",
    "ecs-exec-failed": "ECS Exec into my Fargate task fails.",
    "egress-blocked": "The SSM agent is cut off because the instance's security group allows no outbound HTTPS.",
    "encryption-challenge-failed": (
        "Encrypted SSM sessions break, the encryption context of client and agent does not match."
    ),
    "endpoint-certificate-untrusted": (
        "The SSM agent complains that the certificate is signed by an unknown authority, our firewall breaks TLS."
    ),
    "endpoint-missing": "In the isolated VPC nobody created the ssmmessages endpoint.",
    "endpoint-policy-denies": "The policy of the VPC endpoint denies our role, so SSM does not work.",
    "endpoint-private-dns-off": "Private DNS is disabled on the ssm endpoint.",
    "endpoint-security-group-closed": "The security group of the SSM endpoint does not let our instances in.",
    "handshake-timed-out": "The SSM session ends with a handshake that timed out.",
    "hybrid-tier-standard": "Session Manager wants the advanced tier for our on-premises servers.",
    "imds-disabled": "Somebody turned off the metadata service of the instance, and SSM lost it.",
    "instance-impaired": "SSM cannot connect, the instance fails one of its status checks.",
    "instance-not-running": "Of course SSM fails: the instance is stopped.",
    "instance-profile-empty": "The instance profile exists but has no role in it, so SSM does not see the instance.",
    "instance-profile-missing": "Somebody forgot the instance profile, so SSM does not list the machine.",
    "instance-starting": "Immediately after boot SSM refuses me, three minutes later it works.",
    "ipv6-only-subnet": "The instance lives in an IPv6-only subnet and SSM cannot reach it.",
    "kms-caller-denied": "My user lacks kms:GenerateDataKey, so the SSM session does not open.",
    "kms-key-disabled": "The KMS key of our SSM sessions is disabled.",
    "kms-key-missing": "The KMS key in the session preferences does not exist any more.",
    "kms-key-pending-deletion": "Our session key is pending deletion and SSM sessions fail.",
    "kms-key-wrong-region": "The session key lies in another region than the SSM nodes.",
    "kms-node-denied": "The instance's role has no kms:Decrypt, encrypted SSM sessions fail.",
    "local-port-taken": "The SSM tunnel cannot start: port 3306 on my laptop is in use.",
    "log-endpoint-missing": "It takes three minutes until the shell prompt of Session Manager appears.",
    "log-group-missing": "Session Manager: the CloudWatch log group was deleted.",
    "log-group-unencrypted": "SSM won't start sessions since the CloudWatch log group isn't encrypted.",
    "log-group-unreadable": "The instance's role may not call DescribeLogGroups, so SSM sessions hang.",
    "managed-node-quota": "We hit the quota of managed nodes in Systems Manager.",
    "messages-endpoint-unreachable": "From the company network, SSM hangs at Starting session; at home it works.",
    "network-acl-blocks": "The network ACL of the subnet drops the SSM agent's responses.",
    "no-route-to-endpoint": "The private subnet has no route to the internet, so SSM never sees the instance.",
    "no-terminal": "Started from cron without a terminal, start-session of SSM quits at once.",
    "node-clock-skewed": "The instance's clock is wrong by an hour, SSM rejects its signatures.",
    "node-region-mistyped": "The SSM agent was configured for a region that does not exist.",
    "not-registered": "My EC2 machine is nowhere to be found in Fleet Manager.",
    "plugin-known-bad": "After upgrading the session manager plugin to the newest version, our tunnels fail.",
    "plugin-missing": "I have no session-manager-plugin on this machine.",
    "plugin-not-on-path": "The session manager plugin is installed, but its folder is not in PATH.",
    "plugin-outdated": "My session manager plugin is too old.",
    "port-refused": "The SSM tunnel opens, but the application on the node does not listen on that port.",
    "preferences-malformed": "Our session preferences in SSM are malformed JSON.",
    "profile-attached-late": (
        "I attached the IAM role long after the launch, and the instance still does not appear in SSM."
    ),
    "role-channels-denied": "The instance role lacks ssmmessages permissions, so sessions do not open.",
    "role-core-denied": "The role of the instance has no AmazonSSMManagedInstanceCore.",
    "role-trust-wrong": "The trust policy of the instance's role names the wrong service, SSM stays offline.",
    "root-volume-full": "The disk of the server is full, and Session Manager only shows a blinking cursor.",
    "run-as-user-absent": "SSM Run As points to an account that does not exist on the Linux server.",
    "run-as-user-unset": "Run As is enabled in Session Manager, but no user is set.",
    "run-out-of-watches": "The SSM agent cannot start sessions, inotify watches are exhausted.",
    "s3-bucket-missing": "The S3 bucket for our session logs was deleted, SSM complains.",
    "s3-encryption-refused": "SSM requires encryption, but the S3 log bucket is not encrypted.",
    "s3-encryption-unreadable": (
        "The role may not read the encryption of the S3 log bucket, so SSM sessions do not start."
    ),
    "s3-logs-lost": "Session Manager: no logs are uploaded to S3.",
    "service-error": "Systems Manager answers with an internal server error.",
    "session-idle-timeout": "Session Manager throws me out whenever I do nothing for a while.",
    "session-maximum-duration": "SSM ends every session after the maximum duration.",
    "session-resume-denied": "After one hour the SSM tunnel gets a 403 and is gone.",
    "session-terminated": "Somebody else ended my SSM session from the console.",
    "sessions-left-open": "One user has dozens of SSM sessions left open on the node.",
    "shared-vpc": "The subnet belongs to another account, SSM does not work there.",
    "shell-profile-failed": "The shell profile in the session preferences fails.",
    "shell-start-failed": "Session Manager cannot start the shell, /bin/sh is not executable.",
    "slow-tunnel": "Copying files through the SSM tunnel runs at 500 KB/s.",
    "socket-path-too-long": "SSM: the path of the temporary socket is too long.",
    "ssm-user-refused": "The agent was not able to create the ssm-user.",
    "streaming-unsupported": "Session Manager: streaming logs from Windows fails.",
    "throttled": "SSM throttles us, too many requests.",
    "vpc-dns-off": "DNS resolution is disabled in our VPC, SSM does not come online.",
    "worker-crashed": "The SSM session worker crashed.",
    "workstation-clock-skewed": "The clock of my laptop is wrong, aws ssm is rejected.",
    "wrong-region-or-account": "I looked for the SSM node in the wrong region.",
    "session-unexplained": "Ctrl-C closes my SSM session instead of the command in it",
    "ssh-tail": "my ProxyCommand over SSM fails in the editor",
}
"""A symptom of each cause that people can describe, in words that no collection of pasted texts has."""

NOT_DESCRIBED = {
    "caller-credentials",
    "command-invalid",
    "custom-document-bypasses",
    "instance-service-managed",
    "kms-key-jit-tag-missing",
    "kms-key-unusable",
    "message-api-retiring",
    "node-plugin-missing",
    "port-forbidden",
    "port-unset",
    "preferences-absent",
    "preferences-drift",
    "role-protected",
    "target-invalid",
    "timeout-out-of-range",
    "wrong-principal",
}
"""Causes that only an error text or a setting shows, or that share the symptom of a likelier cause."""

SAID_OTHERWISE = {
    "slow tunnel": "slow-tunnel",
    "ssm: port forwarding hangs": "port-refused",
    "scp over Session Manager: only 600 KB/s": "slow-tunnel",
    "AWS SSM: the download through the port forwarding has a low throughput": "slow-tunnel",
    "le débit de scp par SSM est faible": "slow-tunnel",
    "start-session doesn't work in Git Bash on Windows": "no-terminal",
    "SSM sessions disconnect after 20 minutes, always": "session-idle-timeout",
    "Les sessions SSM sont coupées après 20 minutes": "session-idle-timeout",
    "Session Managerで接続できない。VPCの名前解決に問題がありました": "vpc-dns-off",
    "Session Manager failed: the name resolution of the VPC had DHCP options of our own": "vpc-dns-off",
    "the snap of the SSM agent must be updated for Default Host Management Configuration": "dhmc-agent-too-old",
    "many SSM agents are throttled at boot and hibernate": "throttled",
    "the nodes are not added to Fleet Manager": "not-registered",
    "no new instances in Fleet Manager": "not-registered",
    "terminating a session with SSM gives AccessDeniedException": "caller-terminate-denied",
    'behind a proxy the wss connection hangs at "Starting session with SessionId"': "messages-endpoint-unreachable",
    "Session Managerのセッションを放置すると切れる": "session-idle-timeout",
    "SSMに接続できない: エージェントはオンラインではありません": "not-registered",
    "Session Manager: the security group has no egress rules": "egress-blocked",
    "SSM: o grupo de segurança está sem regras de saída": "egress-blocked",
    "the node ran out of space and SSM stopped working": "root-volume-full",
}
"""Other words for the symptoms, after the first runs of the blind collections."""


@pytest.mark.parametrize(("cause", "text"), IN_OWN_WORDS.items())
def test_a_description_in_own_words_names_its_cause_first(cause: str, text: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


def test_each_cause_has_a_description_or_none_is_possible() -> None:
    assert {cause.slug for cause in CAUSES} == IN_OWN_WORDS.keys() | NOT_DESCRIBED


@pytest.mark.parametrize(
    "text",
    [
        "I cannot connect to my instance with Session Manager",
        "Session Manager doesn't work",
        "my instance is not in the list of Session Manager",
        "I can ssh into the server, but SSM cannot reach it",
        "the instance does not show up in Fleet Manager",
    ],
)
def test_a_bare_symptom_begins_with_a_node_that_is_not_registered(text: str) -> None:
    first, *others = matches(text)
    assert first.cause == "not-registered"
    assert "instance-profile-missing" in {match.cause for match in others}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Session Manager fails. The agent is installed, the disk is full.", "root-volume-full"),
        ("SSM: the role is attached correctly, but the security group allows no outbound traffic", "egress-blocked"),
    ],
)
def test_a_part_that_a_description_calls_correct_is_not_the_cause(text: str, cause: str) -> None:
    best, *_ = matches(text)
    assert best.cause == cause


def test_the_words_around_an_error_text_with_several_causes_decide_their_order() -> None:
    error = "start-session returns TargetNotConnected"
    assert matches(error)[0].cause == "wrong-region-or-account"
    best, *_ = matches(f"{error}: of course, the instance was stopped over the weekend")
    assert best.cause == "instance-not-running"


def test_the_words_around_an_open_error_name_a_cause_that_it_does_not_name() -> None:
    error = "An error occurred (TargetNotConnected) when calling the StartSession operation"
    said = matches(f"{error}: i-0123456789abcdef0 is not connected.\nThe disk of the node is full.")
    assert said[0].cause == "root-volume-full"
    assert said[0].likelihood == matches(error)[0].likelihood


NO_FAILURE_OBSERVED = {
    "a question of how to do it": [
        "How do I increase the idle timeout of Session Manager beyond 60 minutes?",
        "What permissions does my user need to start a session with AWS-StartPortForwardingSessionToRemoteHost?",
        "Does Session Manager work without an internet gateway?",
        "How do I find out which of my instances are not managed by SSM, with the CLI?",
        "Wie kann ich den Session Manager ohne Internetzugang nutzen?",
        "Como instalar o plugin do Session Manager no Ubuntu?",
        "Session Managerのアイドルタイムアウトを変更する方法を教えてください",
    ],
    "advice": [
        "Make sure that the security group allows outbound HTTPS; inbound rules are not needed for SSM.",
        "Don't forget to install the Session Manager plugin before running `make connect`.",
        "Before you begin: verify that the SSM Agent is installed, and that the role has AmazonSSMManagedInstanceCore.",
        "Session Manager lets you reach instances without opening inbound ports, bastion hosts or SSH keys.",
        "Il faut attacher la politique AmazonSSMManagedInstanceCore au rôle de l'instance, puis attendre.",
        "Session Managerで接続するには、SSMエージェントのインストールとIAMロールの設定が必要です。",
    ],
    "a wish": [
        "Can you support SSM sessions in the web terminal? Right now we can't connect to private instances.",
        "Currently there is no way to set the idle timeout per user in Session Manager.",
        "It'd be handy to pass --profile to the session-manager-plugin when the default credentials are missing.",
    ],
    "a change of a program": [
        "fix(ssm): don't crash if describe-instance-information returns nothing",
        "v3.4.0: SSM agent: fix agent hibernating forever after credentials expired",
        "2.3.235.0\n=========\n- Bug fix for update SSM agent failing due to the service stuck in starting state",
        "### Bug Fixes\n* **bastion:** wait for the SSM agent\n* **ecs:** exec fails if the plugin is not installed",
    ],
    "source code": [
        "// wait until the SSM agent is online, it takes up to 5 minutes after boot; gives up afterwards",
        'if ! command -v session-manager-plugin; then echo "Please install the session-manager-plugin"; exit 1; fi',
        "it('throws if no instance is online in SSM', async () => { await expect(connect()).rejects.toThrow() })",
        "Error: query returned no results.\n  with module.ssm.aws_route_table.x,\n  on vpce.tf line 11, in data",
    ],
    "another program, on the other side of a session that works": [
        "The site was down. I got on the box with Session Manager: nginx was dead and the root disk was full of logs.",
        "I can log in to the instance with SSM but SSH to port 22 hangs: ssh: connect to host 54.1.2.3 port 22",
        "docker compose up fails on the EC2 host (connected over SSM): no space left on device while pulling layers",
        "kubectl through the SSM tunnel: error: You must be logged in to the server (Unauthorized)",
    ],
    "another way in that is closed": [
        "SSH is disabled on our hosts, so we connect with Session Manager and forward the port.",
        "Inbound SSH is blocked by policy; access is through SSM only.",
        "Port 22 is closed on purpose. Use Session Manager.",
        "The module creates VPC endpoints for ssm, ssmmessages and ec2messages so no NAT gateway is needed.",
    ],
    "keys and the screen, in a session that works": [
        "When I use aws ssm start-session the backspace key deletes two characters.",
        "Copy and paste doesn't work in my Session Manager terminal on Windows.",
        "vim colours are broken in Session Manager.",
        "Long lines wrap over themselves in the SSM shell.",
    ],
    "parameters that a program reads": [
        "If SSM is unreachable or the parameter is missing, every cold start issues a new secret.",
        "App crashes at startup if SSM is unreachable since the settings are read from parameters.",
        "SSM 파라미터 스토어에서 값을 못 읽어서 람다가 실패합니다",
    ],
    "what was before sessions": [
        "Our old bastion was always overloaded, hence the move to Session Manager.",
        "The VPN kept dropping, so we switched to SSM.",
        "Session Manager supports tunneling SSH, so the security group can stay closed.",
    ],
    "another system's role": [
        "The GitHub action can't assume the role; OIDC trust policy mismatch. (Deploys use SSM.)",
        "Error acquiring the state lock. The role lacks dynamodb:PutItem. We run in a box reached by SSM",
    ],
    "an option of a module": [
        "`enable_ecs_exec` (default false) enables ECS Exec and grants the task role ssmmessages.",
        "`enable_ssm` (default: false) — attaches the SSM policy to the role.",
    ],
    "Chinese and Korean advice": [
        "使用 Session Manager 无需开放 22 端口，也不需要堡垒机。",
        "如何在 Session Manager 中设置空闲超时？",
        "請先安裝 Session Manager 外掛再連線",
        "Session Manager를 사용하면 SSH 키 없이 접속할 수 있습니다.",
        "먼저 session-manager-plugin을 설치하세요.",
        "세션 매니저 유휴 시간은 어떻게 변경하나요?",
    ],
    "an answer of the SSH server behind a session": [
        "Packer fails over Session Manager: ssh: unable to authenticate, attempted methods [none publickey]",
        "SSH over Session Manager fails: ec2-user@i-0123456789abcdef0: Permission denied (publickey,gssapi-with-mic).",
        "SSH over SSM hangs for a minute, then it ends: Host key verification failed.",
    ],
    "lines of Ansible": [
        "<i-0abc12345678> PUT /tmp/a TO /tmp/b\n<i-0abc12345678> CLOSING SSM CONNECTION TO: i-0abc12345678",
        "^C<10.0.0.4> the session is closed",
    ],
    "the tests and the bucket of a program that uses sessions": [
        "Our ssm tests are unstable. The tests fail at random.",
        "We use an S3 bucket to transfer files with SSM. It is in another region, and the wrong endpoint is selected.",
    ],
    "another agent, or pods": [
        "Agent `buildkite-agent` went offline on the EC2 host, we restarted it through Session Manager.",
        "The zabbix agent on the node is dead. I could restart it via SSM, the instance works.",
        "Kubernetes pods on the node cannot reach the internet. I checked through SSM: the node itself can.",
    ],
    "a plain statement, or another function": [
        "The default behaviour of the SSM agent: the default behavior is to not use FIPS endpoints.",
        "GitHub Actions: aws ssm wait command-executed fails with Waiter CommandExecuted failed: Max attempts exceeded",
        "Our CodePipeline runs an SSM document on the hosts, and fails because the artifact is not found in S3.",
        "The module doesn't support the KMS key for Session Manager logs.",
    ],
    "an editor": ["We use SSH over SSM. To edit the config file says: Can't open file for writing"],
    "the session manager of another program": [
        "Cisco AnyConnect: the session manager dropped the VPN connection due to idle timeout",
        "the old session manager lost connection, the window manager restarts",
        "removed folds because session manager doesn't work well with it in neovim",
    ],
}
"""Texts about sessions in which nobody says that something fails, by kind."""

OBSERVED = {
    "How do I keep my ssm shell alive, it is terminated after 20 min without input": "session-idle-timeout",
    "Why does Session Manager not work? The instance has no instance profile.": "instance-profile-missing",
    "Fixed it: our security group allowed no egress, so the agent couldn't reach Systems Manager.": "egress-blocked",
    "If Session Manager cannot connect, check that the instance profile is not missing": "instance-profile-missing",
    "In my case the role was missing AmazonSSMManagedInstanceCore; now the node is online.": "role-core-denied",
    "kubectl works. The SSM agent is not installed on the node.": "agent-absent",
    "My session manager session gets terminated after 20 minutes of inactivity": "session-idle-timeout",
    "SSH over SSM: Connection to <bastion.example.com> fails, the SSM agent is not installed": "agent-absent",
    "SSH says Permission denied (publickey). Session Manager fails, the SSM agent is not installed.": "agent-absent",
    "The SSM agent went offline after we installed the wazuh agent.": "connection-lost",
    "Session Manager on our EKS nodes fails. The pods use all disk space, the root volume is full.": "root-volume-full",
    "I tried to reach it via SSM but the instance is not in the list.": "not-registered",
    "The pods run fine, but Session Manager cannot connect: no instance profile.": "instance-profile-missing",
    "Session Manager closes the session after 20 minutes idle. It should support longer ones.": "session-idle-timeout",
    "The SSM agent fails after the test box rebooted: the root disk is full.": "root-volume-full",
    "SSM sessions cannot write logs to CloudWatch, the role is denied. Files transfer fine.": "cloudwatch-logs-lost",
    "The developer role does not include permissions for SSM sessions": "caller-start-denied",
    "Our users can't connect because the instance role lacks permissions for SSM.": "role-core-denied",
    "Unsere Entwicklerrolle hat keine Berechtigung für SSM-Sitzungen": "caller-start-denied",
    "Session Manager can't connect until user data finishes": "instance-starting",
    "The node is not in Fleet Manager: SSM has no record of it.": "not-registered",
    "ECS Exec fails: the service was created without enableExecuteCommand.": "ecs-exec-failed",
    "ssmmessages resolves to public addresses instead of the endpoint in our VPC": "endpoint-private-dns-off",
    "노드가 부팅 후 바로 SSM에 안 보입니다": "instance-starting",
    "SSM セッションが開始できない。IAM ロールに AmazonSSMManagedInstanceCore が付いていない。": "role-core-denied",
    "SSM で接続できない。ロールも付いている。エージェントがインストールされていない": "agent-absent",
}
"""Sentences that look like those above, but observe a failure."""


@pytest.mark.parametrize("text", [text for texts in NO_FAILURE_OBSERVED.values() for text in texts])
def test_a_text_that_observes_no_failure_gets_no_answer(text: str) -> None:
    assert matches(text) == ()


@pytest.mark.parametrize(("text", "cause"), OBSERVED.items())
def test_an_observed_failure_has_an_answer_whatever_is_around_it(text: str, cause: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


NOT_CONNECTED = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0123456789abcdef0"

WITH_OTHER_WORDS = {
    "SSM never lists the node despite: a correct role, outbound access by a NAT, and an open security group": (
        "not-registered"
    ),
    "Although the security group allows all outbound traffic, the SSM agent is not installed": "agent-absent",
    "l'agent SSM n'est pas installé alors que le rôle est correct": "agent-absent",
    "`deploy` says that the SSM agent is not installed": "agent-absent",
    "The instance cannot be reached with Session Manager: it is in a subnet that is\nprivate and has no NAT gateway": (
        "no-route-to-endpoint"
    ),
    "ECS Exec: access denied on ssmmessages for the task role": "ecs-exec-failed",
    "We can't exec into the task: the task role has no ssmmessages permissions": "ecs-exec-failed",
    '`ssm start-session` prints "not connected". Root cause: the instance was replaced': "instance-not-running",
    "Prod bastion unreachable via SSM. Root cause was the /var partition at 100%.": "root-volume-full",
    "SSM Fleet Manager shows 0 nodes": "not-registered",
    "通过 Session Manager 连接失败，原因是实例没有附加 IAM 角色": "instance-profile-missing",
    "| SSM 连接失败 | Instance Profile 未附加 | 检查 IAM Role |": "instance-profile-missing",
    "会话管理器空闲一段时间后自动断开": "session-idle-timeout",
    "SSM 无法连接，根分区磁盘已经写满": "root-volume-full",
    "私有子网的实例在 Session Manager 列表中看不到，没有配置 VPC 终端节点": "endpoint-missing",
    "session-manager-plugin 未安装，aws ssm start-session 报错": "plugin-missing",
    "無法透過 Session Manager 連線到執行個體，因為沒有附加 IAM 角色": "instance-profile-missing",
    "安全群組沒有開放對外 443，SSM Agent 離線": "egress-blocked",
    "使用 SSM 隧道时端口已被占用": "local-port-taken",
    "session logging to CloudWatch is on, but the log group isn't encrypted": "log-group-unencrypted",
    "My EC2 doesn't come up in the Session Manager list": "not-registered",
    "SSM 端口转发很慢，下载文件只有几百 KB": "slow-tunnel",
    "SSM 접속이 안 됩니다. 인스턴스 프로파일이 연결되어 있지 않았습니다.": "instance-profile-missing",
    "Session Manager로 접속하면 20분 정도 가만히 두면 세션이 끊깁니다": "session-idle-timeout",
    "SSM 에이전트가 설치되어 있지 않아 Session Manager로 접속할 수 없습니다": "agent-absent",
    "원인: 보안 그룹 아웃바운드 443이 차단되어 SSM 연결 실패": "egress-blocked",
    "`aws ssm start-session` times out and returns an error": "not-registered",
    "After the update, scp over SSM stops with bad packet length": "plugin-known-bad",
    "SSM 연결이 잘되지도 않고 콘솔로 접속했다": "not-registered",
    "Session Manager not working?\n│\n├─ Instance registered? → Check the role": "role-core-denied",
    "ERROR: SSM agent never came online": "not-registered",
    "ERROR: i-0123456789abcdef0 is not reachable via SSM": "connection-lost",
    "Without DNS support in the VPC, the SSM agent never registers": "vpc-dns-off",
    "`copilot svc exec` says that it found no running task": "ecs-exec-failed",
    "After the apply the instance ID changed and the SSM tunnel of the runbook stopped working": "instance-not-running",
    "My SSM session times out without regular output": "session-idle-timeout",
    "Error: SSM Agent is not connected on instance i-0123456789abcdef0": "connection-lost",
    "The session-manager-plugin failed 3 times after 3 attempts because the local port is taken": "local-port-taken",
    "2024-03-01 10:11:12,345 ERROR Instance i-0123456789abcdef0 never came online in SSM": "not-registered",
    "[10:11:12] ERROR: ECS Exec agent is not running in the task": "ecs-exec-failed",
    "TimeoutError: Instance i-0123456789abcdef0 did not become available in SSM after 300 seconds": "not-registered",
    "[ERROR] Timeout: SSM agent did not respond within 120 seconds on node i-0123456789abcdef0": "connection-lost",
    "Task does not have execute command enabled": "ecs-exec-failed",
    "Error: failed to exec into the container: no SSM agent (ExecuteCommandAgent) is RUNNING": "ecs-exec-failed",
    "Bastion is not running (state: stopped). SSM tunnel cannot be opened.": "instance-not-running",
    "Error: timeout waiting for SSM agent on i-0123456789abcdef0": "not-registered",
    "EcsExecError: ECS Exec failed: execute-command is not enabled, or the agent is not running": "ecs-exec-failed",
    "If you can't connect via Session Manager:\n1. Restart the agent": "not-registered",
    "Si Session Manager no se conecta:\n# Verificar la instancia": "not-registered",
    "Error: SSM session failed with exit code 255": "not-registered",
}
"""Symptoms in other sentences: with what did not help, names of programs, causes, tables, Chinese and Korean."""


@pytest.mark.parametrize(("text", "cause"), WITH_OTHER_WORDS.items())
def test_a_symptom_is_found_among_other_words(text: str, cause: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


DECISIVE_PART = {
    "| `Connection refused` on psql | SSM tunnel timed out (~20 min idle) | Open it again |": "session-idle-timeout",
    "| `connection refused` on localhost | **laptop suspended**: the SSM tunnel died with it |": "session-idle-timeout",
    "The database tool was disconnected suddenly.\n\n**Cause:** The SSM session timed out after 20 minutes.": (
        "session-idle-timeout"
    ),
    "EndpointがあるがSSM接続できなかった。原因はPrivate DNSが無効だったこと。": "endpoint-private-dns-off",
    f"`{NOT_CONNECTED} is not connected.`\n\nCause: no instance profile.": "instance-profile-missing",
    f"{NOT_CONNECTED} is not connected. -> I was in the wrong region": "wrong-region-or-account",
    f"실행하면 오류가 납니다.\n```\n{NOT_CONNECTED} is not connected.\n```\nNo VPC endpoint for ssmmessages.": (
        "endpoint-missing"
    ),
    "TargetNotConnected again. The box was just created by terraform 30 seconds ago.": "instance-starting",
    "If you see TargetNotConnected, the task was started before enable-execute-command was on": "ecs-exec-failed",
    "TargetNotConnected because I had eu-west-1 as default region": "wrong-region-or-account",
    "SSM 连接失败：TargetNotConnected\n\n实例可能还在启动中。等待 2-3 分钟后重试。": "instance-starting",
    "| `SessionManagerPlugin is not found` | plugin not installed | install it |": "plugin-missing",
    "| `Plugin with name Standard_Stream not found` | the root volume is full |": "root-volume-full",
    "ssm drops connections after being idle\n```\n2023-01-11 10:26:11 DEBUG Retried times: 1\n```": (
        "session-idle-timeout"
    ),
    "| SSM won't connect | Profile not attached | Wait 3 min after attaching it |": "instance-profile-missing",
}
"""Texts of which a part says what the rest only shows: the cell after a symptom, the cause, the words around output."""


@pytest.mark.parametrize(("text", "cause"), DECISIVE_PART.items())
def test_the_part_that_names_the_cause_comes_first(text: str, cause: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


@pytest.mark.parametrize(("text", "cause"), SAID_OTHERWISE.items())
def test_other_words_for_a_symptom_name_its_cause_first(text: str, cause: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


@pytest.mark.parametrize(("text", "cause"), PUBLISHED.items())
def test_titles_of_translated_pages_name_their_cause_first(text: str, cause: str) -> None:
    assert next((match.cause for match in matches(text)), "") == cause


@pytest.mark.parametrize(("language", "at_least"), [(Language.ENGLISH, 98), (Language.FRENCH, 80)])
def test_most_titles_of_causes_name_their_own_cause_first(language: Language, at_least: int) -> None:
    titles = {slug: f"Session Manager: {cause.title}" for slug, cause in catalogue(language).items()}
    own_first = [slug for slug, title in titles.items() if [m.cause for m in match_paste(title, CAUSES)][:1] == [slug]]
    assert len(own_first) >= at_least


@pytest.mark.parametrize("text", UNRELATED)
def test_a_sentence_about_something_else_names_no_cause(text: str) -> None:
    assert matches(text) == ()


def test_a_text_about_session_manager_may_have_words_that_no_language_knows() -> None:
    assert matches("the brave little toaster: session manager plugin is not installed")[0].cause == "plugin-missing"
    assert matches("the brave little toaster: plugin is not installed") == ()


@pytest.mark.parametrize("product", ["Jenkins", "WordPress", "GitLab"])
def test_a_node_may_run_any_product(product: str) -> None:
    best, *_ = matches(f"My {product} instance is not showing up in Session Manager")
    assert best.cause == "not-registered"


def test_a_sentence_about_keys_does_not_hide_the_symptom_in_another() -> None:
    best, *_ = matches("The instance has no SSH keys. Its disk is full, and Session Manager stopped working.")
    assert best.cause == "root-volume-full"
    assert matches("Session Manager: the disk for my SSH keys is full") == ()


@pytest.mark.parametrize(
    "wish",
    [
        "Feature request: Session Manager. The disk is full.",
        "Funktionswunsch: Session Manager. Die Festplatte ist voll.",
        "Demande de fonctionnalité : Session Manager. Le disque est plein.",
        "Solicitud de función: Session Manager. El disco está lleno.",
        "Pedido de funcionalidade: Session Manager. O disco está cheio.",
        "機能要望: セッションマネージャー。ディスクがいっぱい",
    ],
)
def test_a_wish_for_a_function_describes_no_symptom(wish: str) -> None:
    assert matches(wish) == ()
    best, *_ = matches(wish.split(":", 1)[1])
    assert best.cause == "root-volume-full"


def test_an_error_text_is_not_read_as_a_description() -> None:
    text = "2020-05-26 00:33:02 ERROR ssm: the disk of the printer is full"
    assert match_description(text, CAUSES) == ()
    assert matches("SessionManagerPlugin is not found: the disk is full") == match_text(
        "SessionManagerPlugin is not found: the disk is full", CAUSES
    )


@pytest.mark.parametrize(
    "text",
    [
        "ERROR: instance never registered with SSM (waited 5 minutes)",
        "Error: the instance is not in the list of Systems Manager",
    ],
)
def test_a_sentence_that_a_program_prints_as_an_error_is_read(text: str) -> None:
    assert matches(text)[0].cause == "not-registered"
    assert matches("ERROR: I cannot connect with ssm") == ()


def test_a_page_is_not_read_as_a_description() -> None:
    assert match_description("The plugin of Session Manager is not installed. " * 40, CAUSES) == ()


def test_values_in_a_description_are_fields() -> None:
    [first, *_] = matches("ssm: the disk of i-0123456789abcdef0 is full")
    assert first == Match("root-volume-full", 0.9, {"instance_id": "i-0123456789abcdef0"})


def test_each_language_has_words_for_each_idea_and_no_others() -> None:
    symptoms = {idea for cause in CAUSES for symptom in cause.described_by for idea in symptom.ideas}
    of_a_text = NO_SYMPTOMS | {SMALL_WORDS, FILLERS}
    for language, words in languages().items():
        assert words.keys() >= of_a_text | (set() if language in OF_FREQUENT_IDEAS else symptoms), language
        assert words.keys() <= of_a_text | symptoms, language
        assert all(words.values()), language


def test_a_sentence_without_any_word_is_none() -> None:
    session = "The session with i-0123456789abcdef0.... : \ncannot connect to Session Manager"
    assert matches(session) == matches("The session with i-0123456789abcdef0\ncannot connect to Session Manager") != ()


OF_FREQUENT_IDEAS = {"ko", "zh"}
"""Languages with words for the most frequent ideas only."""


def test_a_description_takes_no_longer_than_an_error_text() -> None:
    text = "I do not understand why the session manager of our company never lets me in on mondays. " * 9
    matches(text)
    least = float("inf")
    for _ in range(5):
        started = time.process_time()
        match_description(text, CAUSES)
        least = min(least, time.process_time() - started)
    assert least < LIMIT


LIMIT = 0.02
"""Ten times the time on a slow machine: a search that is not linear would take longer."""


def test_the_words_of_an_error_make_none_of_its_causes_surer() -> None:
    error = (
        "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
        "Either encrypt the log group or choose an option to enable logging without encryption."
    )
    alone, both = match_text(error, CAUSES), match_paste(error, CAUSES)
    assert both[0] == alone[0]
    assert {match.cause for match in both} == {match.cause for match in alone}
    assert max(match.likelihood for match in both) == alone[0].likelihood


def test_the_words_around_an_error_order_its_causes_and_make_none_surer() -> None:
    error = "TargetNotConnected: i-0123456789abcdef0 is not connected."
    said = f"{error} The instance is stopped, and Session Manager cannot connect."
    alone, both = match_text(error, CAUSES), match_paste(said, CAUSES)
    assert both[0].cause == "instance-not-running" != alone[0].cause
    assert both[0].likelihood == alone[0].likelihood
