"""`steps-free-disk`: room is made on a root volume that is full, or the volume is made bigger."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.node import Instance, Node, PlatformFamily
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-free-disk"

_LOOK = marked("Look at what fills the disk, if there is still a way in (SSH, RDP, the EC2 serial console).")
_FREE = marked(
    "Free some room. Leave the agent's own folder alone: it holds the registration of the node (/var/lib/amazon/ssm, "
    "on Windows %PROGRAMDATA%\\Amazon\\SSM)."
)
_FIND = marked("Where nothing can be removed, or nobody gets in, make the volume bigger. Find it first.")
_GROW = marked("Make it bigger: EBS volumes grow and never shrink, and a bigger one costs more.")
_EXTEND = marked("Extend the file system; many images do so by themselves at the next boot.")
_REBOOT = marked("Restart SSM Agent, or reboot the node.")

_LINUX_LOOK = "df -h / && sudo du -xh / --max-depth=2 | sort -h | tail -20"
_LINUX_FREE = "sudo journalctl --vacuum-size=200M\nsudo dnf clean all 2>/dev/null || sudo apt-get clean"
_LINUX_EXTEND = "lsblk\nsudo growpart DEVICE 1\nsudo xfs_growfs -d / || sudo resize2fs PARTITION"
_WINDOWS_LOOK = "Get-PSDrive C | Select-Object Used, Free"
_WINDOWS_FREE = "Dism.exe /Online /Cleanup-Image /StartComponentCleanup"
_WINDOWS_EXTEND = (
    "$Size = (Get-PartitionSupportedSize -DriveLetter C).SizeMax\nResize-Partition -DriveLetter C -Size $Size"
)


@by_hand(_SLUG)
def free_disk(scope: Scope, node: Node) -> Steps | NotApplicable:
    """Look, free, grow."""
    windows = node.platform_family is PlatformFamily.WINDOWS
    form = Form.POWERSHELL if windows else Form.SHELL
    steps = [
        Step(say(_LOOK), _WINDOWS_LOOK if windows else _LINUX_LOOK, form),
        Step(say(_FREE), _WINDOWS_FREE if windows else _LINUX_FREE, form),
    ]
    if isinstance(node.instance, Instance):
        region = word(scope.region, "REGION")
        find = (
            f"aws ec2 describe-volumes --region {region} \\\n"
            f"  --filters Name=attachment.instance-id,Values={word(node.id, 'INSTANCE_ID')} \\\n"
            "  --query 'Volumes[].[VolumeId,Size,Attachments[0].Device]' --output table"
        )
        grow = f"aws ec2 modify-volume --region {region} --volume-id VOLUME_ID --size GIBIBYTES"
        extend = _WINDOWS_EXTEND if windows else _LINUX_EXTEND
        steps += [Step(say(_FIND), find), Step(say(_GROW), grow), Step(say(_EXTEND), extend, form)]
    steps.append(Step(say(_REBOOT)))
    return Steps(_SLUG, say("Make room on the root volume of {node}", node=node.name), tuple(steps))
