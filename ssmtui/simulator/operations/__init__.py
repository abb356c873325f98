"""The operations that moto lacks, or that differ from AWS in moto. Importing this package registers them."""

from ssmtui.simulator.call import handlers
from ssmtui.simulator.operations import identity, resources, ssm_documents, ssm_nodes, ssm_sessions

__all__ = ["handlers", "identity", "resources", "ssm_documents", "ssm_nodes", "ssm_sessions"]
